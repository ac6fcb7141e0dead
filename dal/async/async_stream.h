#pragma once

#include "dal/async/call_origin.h"
#include "fairlead/async.h"

#include <memory>

namespace fairlead::dal {

/// Opens a stream; the completion gets it when its first rows are there. `flag`: whose turn its calls take,
/// that of the transaction it belongs to, or one of its own; `place.turn` is the first.
void open_async_stream(const call_origin& origin, call_place place, call_turn::flag flag,
                       BoundStatement statement, async_call::Completion completion);

}  // namespace fairlead::dal
