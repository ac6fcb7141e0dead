#include "dal/library/transaction_impl.h"

#include "dal/session/command_operation.h"
#include "dal/session/run_blocking.h"

#include <utility>

namespace fairlead::detail {
namespace {

using dal::command_operation;
using dal::kept_connection;

// Locks are let go when rollback() returns; a server that does not answer does not hold the caller, and the
// connection is closed instead.
constexpr std::chrono::milliseconds rollback_patience{2'000};

}  // namespace

void transaction_impl::command(kept_connection& kept, std::vector<std::string> texts, Diagnostics& failed) {
    const CallOptions& options = calls_.tenant().options();
    command_operation call(kept, std::move(texts), options.timeout);
    dal::run_blocking(call, options.stop);
    failed = call.failed();
}

bool transaction_impl::may_commit(kept_connection& kept, Diagnostics& failed) {
    if (kept.is_streaming() || !kept.is_open()) return kept.may_run(failed);
    if (!kept.has_failed()) return true;
    rollback();
    failed.set(errc::transaction_state);
    failed.sqlstate = "25P02";
    failed.message = "the transaction had failed, and was rolled back instead of committed";
    return false;
}

void transaction_impl::commit(Diagnostics& failed) {
    const auto kept = calls_.connection(failed);
    if (kept == nullptr || !may_commit(*kept, failed)) return;
    if (kept->has_begun()) {
        const CallOptions& options = calls_.tenant().options();
        command_operation call(*kept, {"COMMIT"}, options.timeout, command_operation::Effect::commits);
        dal::run_blocking(call, options.stop);
        failed = call.failed();
    }
    kept->end(failed ? "the transaction could not be committed" : "the transaction has been committed");
}

void transaction_impl::rollback() noexcept {
    Diagnostics failed;
    const auto kept = calls_.connection(failed);
    if (kept == nullptr || !kept->is_open()) return;
    if (kept->is_streaming()) {
        kept->interrupted();
    } else if (kept->has_begun()) {
        command_operation call(*kept, {"ROLLBACK"}, rollback_patience);
        dal::run_blocking(call, {});
    }
    kept->end("the transaction has been rolled back");
}

bool transaction_impl::is_open() const noexcept {
    const auto& kept = calls_.known_connection();
    return kept == nullptr || kept->is_open();
}

std::string transaction_impl::open_savepoint(Diagnostics& failed) {
    const auto kept = calls_.connection(failed);
    if (kept == nullptr || !kept->may_run(failed)) return {};
    std::string name = kept->add_savepoint();
    command(*kept, {"SAVEPOINT " + name}, failed);
    return name;
}

void transaction_impl::undo_savepoint(const std::string& name) noexcept {
    const auto kept = calls_.known_connection();
    if (kept == nullptr || !kept->is_open()) return;
    if (kept->is_streaming()) return kept->interrupted();
    command_operation call(*kept, {"ROLLBACK TO SAVEPOINT " + name, "RELEASE SAVEPOINT " + name},
                           rollback_patience);
    dal::run_blocking(call, {});
    if (!call.failed()) kept->back_to_savepoint(name);
    kept->forget_savepoint(name);
}

void transaction_impl::release_savepoint(const std::string& name, Diagnostics& failed) {
    const auto kept = calls_.connection(failed);
    if (kept == nullptr || !kept->may_run(failed)) return;
    command(*kept, {"RELEASE SAVEPOINT " + name}, failed);
    kept->forget_savepoint(name);
}

}  // namespace fairlead::detail
