#pragma once

#include "dal/async/call_origin.h"
#include "dal/session/ending_operation.h"
#include "fairlead/batch.h"
#include "fairlead/bound_statement.h"

#include <memory>

namespace fairlead::dal {

/// The calls whose result comes at once, as work for async_call. Each owns what it was given.
std::unique_ptr<async_work> make_statement_work(call_place place, BoundStatement statement);
/// Not empty.
std::unique_ptr<async_work> make_batch_work(call_place place, Batch batch);
/// A batch with its own transaction: `place.kept` is one that has not begun.
std::unique_ptr<async_work> make_transaction_batch_work(call_place place, Batch batch);
std::unique_ptr<async_work> make_ending_work(call_place place, ending_operation::How how);

}  // namespace fairlead::dal
