#include "fairlead/tenant.h"

#include "dal/library/blocking_stream.h"
#include "dal/library/load_sink.h"
#include "dal/library/session_impl.h"
#include "dal/library/tenant_impl.h"
#include "dal/library/transaction_impl.h"
#include "dal/session/batch_operation.h"
#include "dal/session/statement_operation.h"
#include "dal/session/transaction_batch.h"

#include <utility>

namespace fairlead {
namespace {

std::vector<ResultSet> run_in_transaction(const std::shared_ptr<const detail::tenant_impl>& tenant,
                                          const Batch& batch, Diagnostics& failed) {
    const TransactionOptions transaction;
    auto kept = detail::kept_calls(tenant, &transaction).connection(failed);
    if (kept == nullptr) return {};
    dal::transaction_batch call(tenant->services(), std::move(kept), detail::statements_of(batch),
                                tenant->options());
    tenant->run(call, failed);
    return failed ? std::vector<ResultSet>() : call.take_results();
}

const std::shared_ptr<const detail::tenant_impl>& checked(
    const std::shared_ptr<const detail::tenant_impl>& impl) {
    if (impl == nullptr) detail::fail_usage("the tenant is empty: it was not found, or never assigned to");
    return impl;
}

}  // namespace

Tenant::Tenant(std::shared_ptr<const detail::tenant_impl> impl) : impl_(std::move(impl)) {}

const std::string& Tenant::id() const {
    return checked(impl_)->id();
}

Tenant Tenant::with(CallOptions options) const {
    return Tenant(checked(impl_)->with(std::move(options)));
}

Transaction Tenant::begin(const TransactionOptions& options) const {
    return Transaction(std::make_unique<detail::transaction_impl>(checked(impl_), options));
}

Session Tenant::session() const {
    return Session(std::make_unique<detail::session_impl>(checked(impl_)));
}

BulkLoad Tenant::bulk_load(std::string_view table, std::span<const std::string_view> columns) const {
    Diagnostics failed;
    auto sink = detail::open_load(checked(impl_), table, columns, failed);
    if (failed) throw_error(std::move(failed));
    return BulkLoad(std::move(sink));
}

ResultSet Tenant::run(const Statement& statement, Diagnostics& failed) const {
    failed.clear();
    const auto home = checked(impl_)->home(failed);
    if (home == nullptr) return {};
    dal::statement_operation call(impl_->services(), *home, nullptr, statement, impl_->options());
    impl_->run(call, failed);
    return call.take_result();
}

RowStream Tenant::open_stream(const Statement& statement, Diagnostics& failed) const {
    failed.clear();
    auto home = checked(impl_)->home(failed);
    if (home == nullptr) return {};
    return detail::open_blocking_stream(impl_, std::move(home), nullptr, statement, failed);
}

std::vector<ResultSet> Tenant::run(const Batch& batch) const {
    Diagnostics failed;
    std::vector<ResultSet> results = run(batch, failed);
    if (failed) throw_error(std::move(failed));
    return results;
}

std::vector<ResultSet> Tenant::run(const Batch& batch, Diagnostics& failed) const {
    failed.clear();
    const auto home = checked(impl_)->home(failed);
    if (home == nullptr || batch.empty()) return {};
    if (home->engine() == config::Engine::mysql) return run_in_transaction(impl_, batch, failed);
    dal::batch_operation call(impl_->services(), *home, nullptr, detail::statements_of(batch),
                              impl_->options());
    impl_->run(call, failed);
    return call.take_results();
}

}  // namespace fairlead
