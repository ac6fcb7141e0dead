#include "dal/library/transaction_impl.h"

#include "dal/session/command_operation.h"
#include "dal/session/ending_operation.h"
#include "dal/session/run_blocking.h"

#include <utility>

namespace fairlead::detail {
namespace {

using dal::command_operation;
using dal::ending_operation;
using dal::kept_connection;

// A server that does not answer does not hold the caller; the connection is closed instead.
constexpr std::chrono::milliseconds undo_patience{2'000};

}  // namespace

void transaction_impl::command(kept_connection& kept, std::vector<std::string> texts, Diagnostics& failed) {
    const CallOptions& options = calls_.tenant().options();
    command_operation call(kept, std::move(texts), options.timeout);
    dal::run_blocking(call, options.stop);
    failed = call.failed();
}

void transaction_impl::commit(Diagnostics& failed) {
    auto kept = calls_.connection(failed);
    if (kept == nullptr) return;
    const CallOptions& options = calls_.tenant().options();
    ending_operation call(std::move(kept), ending_operation::How::commit, options.timeout);
    dal::run_blocking(call, options.stop);
    failed = call.failed();
}

void transaction_impl::rollback() noexcept {
    Diagnostics failed;
    auto kept = calls_.connection(failed);
    if (kept == nullptr) return;
    ending_operation call(std::move(kept), ending_operation::How::rollback, {});
    dal::run_blocking(call, {});
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
                           undo_patience);
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
