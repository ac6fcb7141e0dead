#include "dal/async/call_origin.h"

#include <utility>

namespace fairlead::dal {

void call_origin::start(std::unique_ptr<async_work> work, async_call::Completion completion) const {
    async_call::start(*service, executor, std::move(work), std::move(completion), tenant->options().stop);
}

void call_origin::fail(async_call::Completion completion, Diagnostics failed) {
    fairlead::detail::async_outcome outcome;
    outcome.failed = std::make_unique<Diagnostics>(std::move(failed));
    succeed(std::move(completion), std::move(outcome));
}

void call_origin::succeed(async_call::Completion completion, fairlead::detail::async_outcome outcome) {
    completion.release()->complete(std::move(outcome), true);
}

Diagnostics another_call_runs() {
    Diagnostics failed;
    failed.set(errc::usage);
    failed.message = "another call of this transaction, session or stream is running";
    failed.hint = "Wait for one before the next.";
    return failed;
}

}  // namespace fairlead::dal
