#include "dal/session/savepoint_operation.h"

namespace fairlead::dal {
namespace {

// A server that does not answer does not hold the caller; the connection is closed instead.
constexpr std::chrono::milliseconds undo_patience{2'000};

}  // namespace

void savepoint_operation::begin() {
    if (how_ == How::undo) return begin_undo();
    if (!kept().may_run(failed_)) return;
    if (how_ == How::open) name_ = kept().add_savepoint();
    send({(how_ == How::open ? "SAVEPOINT " : "RELEASE SAVEPOINT ") + name_}, timeout_);
}

void savepoint_operation::begin_undo() {
    if (!kept().is_open()) return;
    if (kept().is_streaming()) return kept().interrupted();
    send({"ROLLBACK TO SAVEPOINT " + name_, "RELEASE SAVEPOINT " + name_}, undo_patience);
}

void savepoint_operation::settle(const Diagnostics& command) {
    if (how_ == How::undo) {
        if (!command) kept().back_to_savepoint(name_);
    } else {
        failed_ = command;
    }
    if (how_ != How::open) kept().forget_savepoint(name_);
}

void savepoint_operation::never_began(errc why) {
    if (how_ == How::undo) {
        if (kept().is_streaming()) kept().interrupted();
        return kept().end("a savepoint was not undone in time, and all is rolled back");
    }
    failed_.set(why);
    failed_.message = "the call was given up before it began";
}

}  // namespace fairlead::dal
