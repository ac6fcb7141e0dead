#include "dal/session/ending_operation.h"

namespace fairlead::dal {
namespace {

// Locks are let go when the rollback is over; a server that does not answer does not hold the caller, and the
// connection is closed instead.
constexpr std::chrono::milliseconds rollback_patience{2'000};

}  // namespace

void ending_operation::begin() {
    if (how_ == How::commit) {
        begin_commit();
    } else {
        begin_rollback();
    }
}

void ending_operation::begin_commit() {
    if (kept().is_streaming() || !kept().is_open()) {
        kept().may_run(failed_);
    } else if (kept().has_failed()) {
        failed_.set(errc::transaction_state);
        failed_.sqlstate = "25P02";
        failed_.message = "the transaction had failed, and was rolled back instead of committed";
        begin_rollback();
    } else if (kept().has_begun()) {
        send({"COMMIT"}, timeout_, command_operation::Effect::commits);
    } else {
        kept().end("the transaction has been committed");
    }
}

void ending_operation::begin_rollback() {
    if (!kept().is_open()) return;
    if (!kept().is_streaming() && kept().has_begun()) return send({"ROLLBACK"}, rollback_patience);
    if (kept().is_streaming()) kept().interrupted();
    kept().end("the transaction has been rolled back");
}

void ending_operation::settle(const Diagnostics& command) {
    if (how_ == How::rollback || failed_) return kept().end("the transaction has been rolled back");
    failed_ = command;
    kept().end(failed_ ? "the transaction could not be committed" : "the transaction has been committed");
}

void ending_operation::never_began(errc why) {
    if (how_ == How::rollback) return;
    failed_.set(why);
    failed_.message = "the commit was given up before it began, and the transaction is rolled back";
    kept().end("the transaction has been rolled back");
}

}  // namespace fairlead::dal
