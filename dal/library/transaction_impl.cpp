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
    ending_operation call(std::move(kept), ending_operation::How::commit, calls_.tenant().options().timeout);
    calls_.tenant().run(call, failed);
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
    savepoint_operation call(kept, savepoint_operation::How::open, {}, calls_.tenant().options().timeout);
    calls_.tenant().run(call, failed);
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
    savepoint_operation call(kept, savepoint_operation::How::release, name,
                             calls_.tenant().options().timeout);
    calls_.tenant().run(call, failed);
}

}  // namespace fairlead::detail
