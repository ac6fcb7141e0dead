#include "dal/session/ending_operation.h"

#include <string>
#include <utility>
#include <vector>

namespace fairlead::dal {
namespace {

// Locks are let go when the rollback is over; a server that does not answer does not hold the caller, and the
// connection is closed instead.
constexpr std::chrono::milliseconds rollback_patience{2'000};

}  // namespace

ending_operation::ending_operation(std::shared_ptr<kept_connection> kept, How how,
                                   std::chrono::milliseconds timeout)
    : kept_(std::move(kept)), how_(how), timeout_(timeout) {}

ending_operation::~ending_operation() = default;

Step ending_operation::advance(Wait ready) {
    if (!std::exchange(begun_, true)) begin();
    if (!command_ || over_) return Step::finished();
    const Step step = command_->advance(ready);
    if (step.kind == Step::Kind::done) settle();
    return step;
}

void ending_operation::begin() {
    if (how_ == How::commit) {
        begin_commit();
    } else {
        begin_rollback();
    }
}

void ending_operation::begin_commit() {
    if (kept_->is_streaming() || !kept_->is_open()) {
        kept_->may_run(failed_);
    } else if (kept_->has_failed()) {
        failed_.set(errc::transaction_state);
        failed_.sqlstate = "25P02";
        failed_.message = "the transaction had failed, and was rolled back instead of committed";
        begin_rollback();
    } else if (kept_->has_begun()) {
        send("COMMIT", timeout_, command_operation::Effect::commits);
    } else {
        kept_->end("the transaction has been committed");
    }
}

void ending_operation::begin_rollback() {
    if (!kept_->is_open()) return;
    if (!kept_->is_streaming() && kept_->has_begun()) {
        return send("ROLLBACK", rollback_patience, command_operation::Effect::none);
    }
    if (kept_->is_streaming()) kept_->interrupted();
    kept_->end("the transaction has been rolled back");
}

void ending_operation::send(const char* text, std::chrono::milliseconds timeout,
                            command_operation::Effect effect) {
    command_.emplace(*kept_, std::vector<std::string>{text}, timeout, effect);
    command_->on_wakeup(wakeup_);
}

void ending_operation::settle() {
    over_ = true;
    if (how_ == How::rollback || failed_) return kept_->end("the transaction has been rolled back");
    failed_ = command_->failed();
    kept_->end(failed_ ? "the transaction could not be committed" : "the transaction has been committed");
}

void ending_operation::interrupt(errc why) {
    if (!std::exchange(begun_, true) && how_ == How::commit) {
        failed_.set(why);
        failed_.message = "the commit was given up before it began, and the transaction is rolled back";
        over_ = true;
        return kept_->end("the transaction has been rolled back");
    }
    if (!command_ || over_) return;
    command_->interrupt(why);
    settle();
}

std::optional<TimePoint> ending_operation::deadline() const {
    return command_ ? command_->deadline() : std::nullopt;
}

}  // namespace fairlead::dal
