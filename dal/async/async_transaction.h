#pragma once

#include "dal/async/call_origin.h"
#include "fairlead/async.h"
#include "fairlead/options.h"

#include <memory>

namespace fairlead::dal {

/// What is behind an AsyncTransaction.
std::shared_ptr<fairlead::detail::async_transaction_target> make_async_transaction(
    const call_origin& origin, const TransactionOptions& options);

}  // namespace fairlead::dal
