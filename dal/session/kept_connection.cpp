#include "dal/session/kept_connection.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal {
namespace {

constexpr std::uint32_t lock_wait_timeout = 1205;  // MySQL

bool fail(Diagnostics& failed, errc kind, std::string message, std::string hint) {
    failed.set(kind);
    failed.message = std::move(message);
    failed.hint = std::move(hint);
    return false;
}

}  // namespace

bool kept_connection::may_run(Diagnostics& failed) const {
    if (state_ == state::ended) {
        // A session's state went with its connection; a transaction that is over is the caller's mistake.
        if (!transaction_) return fail(failed, errc::connection, end_, "Open another session.");
        return fail(failed, errc::usage, end_, "Begin another transaction.");
    }
    if (state_ == state::failed) {
        failed.sqlstate = "25P02";
        return fail(failed, errc::transaction_state, "the transaction has failed",
                    "Only rollback(), or leaving the savepoint with an exception, is possible.");
    }
    if (streaming_)
        return fail(failed, errc::usage, "a stream is open on this connection",
                    "Read it to its end, or destroy it, before the next call.");
    if (unreadable_) {
        failed.rule = "sql-mode";
        return fail(failed, errc::refused, "a statement before this one has changed the session's sql_mode",
                    "Call procedures that do so outside of transactions and sessions.");
    }
    return true;
}

std::span<const std::string> kept_connection::openings(bool all) const {
    if (begun_ || begin_.empty()) return {};
    return std::span(begin_).first(begin_.size() - (all ? 0 : 1));
}

SessionContext kept_connection::context(std::string& value) const {
    if (in_context_) return {};
    return make_context(*home_, lease_.session(), value);
}

void kept_connection::ran(const Diagnostics& failed, bool with_context) {
    streaming_ = false;
    if (!lease_) return;  // it got none
    if (lease_.session().is_broken()) return end("the connection broke");
    if (transaction_) settle(failed, with_context);
}

void kept_connection::streams(bool with_context) {
    streaming_ = true;
    begun_ = transaction_;
    if (transaction_ && with_context) in_context_ = home_->engine() == config::Engine::postgres;
}

void kept_connection::settle(const Diagnostics& failed, bool with_context) {
    const TransactionStatus status = lease_.session().status();
    begun_ = true;
    // MySQL keeps its database from statement to statement, whatever is rolled back; asking for it again
    // costs nothing.
    if (with_context) in_context_ = home_->engine() == config::Engine::postgres;
    if (failed) {
        // On MySQL a deadlock ends the whole transaction, a lock wait does under some settings, and neither
        // is told from an open one: what came next would commit by itself.
        const bool rolled_back =
            failed.kind() == errc::serialization || failed.server_code == lock_wait_timeout;
        if (status != TransactionStatus::open || rolled_back) state_ = state::failed;
    } else if (status == TransactionStatus::failed) {
        state_ = state::failed;
    } else if (status != TransactionStatus::open) {
        end("the server has committed the transaction by itself, as it does with statements that define "
            "something");
    }
}

void kept_connection::interrupted() {
    streaming_ = false;
    if (lease_) lease_.mark_interrupted();
    end(transaction_ ? "the transaction was interrupted and is rolled back" : "a call was interrupted");
}

void kept_connection::end(std::string why) {
    state_ = state::ended;
    end_ = std::move(why);
    lease_.give_back();
}

std::string kept_connection::add_savepoint() {
    savepoints_.push_back({"fairlead_" + std::to_string(++savepoints_made_), in_context_});
    return savepoints_.back().name;
}

void kept_connection::back_to_savepoint(std::string_view name) {
    const auto at = std::find_if(savepoints_.begin(), savepoints_.end(),
                                 [&](const savepoint& each) { return each.name == name; });
    if (at == savepoints_.end()) return;
    // A context that was set behind the savepoint is gone with what was rolled back.
    in_context_ = at->in_context;
    if (state_ == state::failed) state_ = state::open;
}

void kept_connection::forget_savepoint(std::string_view name) {
    const auto at = std::find_if(savepoints_.begin(), savepoints_.end(),
                                 [&](const savepoint& each) { return each.name == name; });
    savepoints_.erase(at, savepoints_.end());
}

}  // namespace fairlead::dal
