#pragma once

#include "dal/session/operation.h"

#include <stop_token>

namespace fairlead::dal {

/// Runs an operation to its end on the calling thread, waiting with poll(). Interrupts it when its deadline
/// passes or stop is requested. Without a stop token that can be stopped it makes no descriptor of its own,
/// and an operation that waits for nothing costs no system call. The operation's wakeup must not be called
/// once it is done (what LeaseRequest guarantees).
void run_blocking(Operation& operation, const std::stop_token& stop);

}  // namespace fairlead::dal
