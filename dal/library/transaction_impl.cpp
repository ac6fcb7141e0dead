#include "dal/library/transaction_impl.h"

#include "dal/session/ending_operation.h"
#include "dal/session/run_blocking.h"
#include "dal/session/savepoint_operation.h"

#include <utility>

namespace fairlead::detail {
namespace {

using dal::ending_operation;
using dal::savepoint_operation;

}  // namespace

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
    if (kept == nullptr) return {};
    const CallOptions& options = calls_.tenant().options();
    savepoint_operation call(kept, savepoint_operation::How::open, {}, options.timeout);
    dal::run_blocking(call, options.stop);
    failed = call.failed();
    return call.name();
}

void transaction_impl::undo_savepoint(const std::string& name) noexcept {
    const auto kept = calls_.known_connection();
    if (kept == nullptr) return;
    savepoint_operation call(kept, savepoint_operation::How::undo, name, {});
    dal::run_blocking(call, {});
}

void transaction_impl::release_savepoint(const std::string& name, Diagnostics& failed) {
    const auto kept = calls_.connection(failed);
    if (kept == nullptr) return;
    const CallOptions& options = calls_.tenant().options();
    savepoint_operation call(kept, savepoint_operation::How::release, name, options.timeout);
    dal::run_blocking(call, options.stop);
    failed = call.failed();
}

}  // namespace fairlead::detail
