#include "fairlead/transaction.h"

#include "dal/library/load_sink.h"
#include "dal/library/transaction_impl.h"

#include <utility>

namespace fairlead {
namespace {

// A moved-from handle.
detail::transaction_impl& checked(const std::unique_ptr<detail::transaction_impl>& impl) {
    if (impl == nullptr) detail::fail_usage("the transaction was moved from");
    return *impl;
}

}  // namespace

Transaction::Transaction(std::unique_ptr<detail::transaction_impl> impl) : impl_(std::move(impl)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

void Transaction::commit() {
    Diagnostics failed;
    commit(failed);
    if (failed) throw_error(std::move(failed));
}

void Transaction::commit(Diagnostics& failed) {
    checked(impl_).commit(failed);
}

void Transaction::rollback() noexcept {
    if (impl_ != nullptr) impl_->rollback();
}

bool Transaction::is_open() const noexcept {
    return impl_ != nullptr && impl_->is_open();
}

ResultSet Transaction::run(const Statement& statement, Diagnostics& failed) {
    return checked(impl_).calls().run(statement, failed);
}

RowStream Transaction::open_stream(const Statement& statement, Diagnostics& failed) {
    return checked(impl_).calls().open_stream(statement, failed);
}

std::vector<ResultSet> Transaction::run(const Batch& batch) {
    Diagnostics failed;
    std::vector<ResultSet> results = run(batch, failed);
    if (failed) throw_error(std::move(failed));
    return results;
}

std::vector<ResultSet> Transaction::run(const Batch& batch, Diagnostics& failed) {
    return checked(impl_).calls().run(batch, failed);
}

BulkLoad Transaction::bulk_load(std::string_view table, std::span<const std::string_view> columns) {
    Diagnostics failed;
    auto sink = detail::open_load(checked(impl_), table, columns, failed);
    if (failed) throw_error(std::move(failed));
    return BulkLoad(std::move(sink));
}

std::string Transaction::open_savepoint() {
    Diagnostics failed;
    std::string name = checked(impl_).open_savepoint(failed);
    if (failed) throw_error(std::move(failed));
    return name;
}

void Transaction::undo_savepoint(const std::string& name) noexcept {
    if (impl_ != nullptr) impl_->undo_savepoint(name);
}

void Transaction::release_savepoint(const std::string& name) {
    Diagnostics failed;
    checked(impl_).release_savepoint(name, failed);
    if (failed) throw_error(std::move(failed));
}

}  // namespace fairlead
