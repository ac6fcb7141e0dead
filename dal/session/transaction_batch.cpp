#include "dal/session/transaction_batch.h"

#include <utility>

namespace fairlead::dal {

transaction_batch::transaction_batch(call_services& services, std::shared_ptr<kept_connection> kept,
                                     std::vector<Statement> statements, const CallOptions& options)
    : kept_(std::move(kept)), batch_(services, *kept_->home(), kept_.get(), std::move(statements), options) {}

transaction_batch::~transaction_batch() = default;

void transaction_batch::on_wakeup(std::function<void()> wakeup) {
    wakeup_ = wakeup;
    batch_.on_wakeup(std::move(wakeup));
}

Step transaction_batch::advance(Wait ready) {
    if (!ending_) {
        const Step step = batch_.advance(ready);
        if (step.kind != Step::Kind::done) return step;
        const auto how = batch_.failed() ? ending_operation::How::rollback : ending_operation::How::commit;
        // The time of the whole call is kept by deadline().
        ending_.emplace(kept_, how, std::chrono::milliseconds(0));
        ending_->on_wakeup(wakeup_);
        ready = Wait::nothing;
    }
    return ending_->advance(ready);
}

void transaction_batch::interrupt(errc why) {
    if (ending_) return ending_->interrupt(why);
    batch_.interrupt(why);
    kept_->end("the batch was interrupted");
}

const Diagnostics& transaction_batch::failed() const {
    return ending_ && !batch_.failed() ? ending_->failed() : batch_.failed();
}

}  // namespace fairlead::dal
