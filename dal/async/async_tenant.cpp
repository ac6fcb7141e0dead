#include "dal/async/async_load.h"
#include "dal/async/async_session.h"
#include "dal/async/async_stream.h"
#include "dal/async/async_transaction.h"
#include "dal/async/call_work.h"
#include "dal/library/kept_calls.h"
#include "fairlead/async.h"

#include <utility>

namespace fairlead {
namespace {

using dal::call_origin;
using dal::call_place;
using detail::completion_ptr;

/// What is behind an AsyncTenant.
class tenant_target final : public detail::async_tenant_target {
public:
    explicit tenant_target(call_origin origin)
        : async_tenant_target(origin.executor), origin_(std::move(origin)) {}

    void execute(BoundStatement statement, completion_ptr completion) override {
        call_place place;
        if (!enter(place, completion)) return;
        origin_.start(dal::make_statement_work(std::move(place), std::move(statement)),
                      std::move(completion));
    }
    void stream(BoundStatement statement, completion_ptr completion) override;
    void run(Batch batch, completion_ptr completion) override;
    std::shared_ptr<detail::async_transaction_target> begin(const TransactionOptions& options) override {
        return dal::make_async_transaction(origin_, options);
    }
    std::shared_ptr<detail::async_target> session() override { return dal::make_async_session(origin_); }
    std::shared_ptr<detail::async_load> bulk_load(std::string_view table,
                                                  std::span<const std::string_view> columns,
                                                  Diagnostics& failed) override {
        const TransactionOptions options;
        return dal::open_async_load(std::make_shared<dal::kept_line>(origin_, &options), true, table, columns,
                                    failed);
    }

private:
    /// False: `completion` has got the failure.
    bool enter(call_place& place, completion_ptr& completion) const;

    const call_origin origin_;
};

bool tenant_target::enter(call_place& place, completion_ptr& completion) const {
    Diagnostics failed;
    place.home = origin_.tenant->home(failed);
    if (place.home == nullptr) {
        call_origin::fail(std::move(completion), std::move(failed));
        return false;
    }
    place.tenant = origin_.tenant;
    return true;
}

void tenant_target::stream(BoundStatement statement, completion_ptr completion) {
    call_place place;
    if (!enter(place, completion)) return;
    auto flag = dal::call_turn::make_flag();
    place.turn = dal::call_turn(flag);
    dal::open_async_stream(origin_, std::move(place), std::move(flag), std::move(statement),
                           std::move(completion));
}

void tenant_target::run(Batch batch, completion_ptr completion) {
    call_place place;
    if (!enter(place, completion)) return;
    if (batch.empty()) return call_origin::succeed(std::move(completion));
    // A pipeline of PostgreSQL is a transaction by itself.
    if (place.home->engine() == config::Engine::postgres) {
        return origin_.start(dal::make_batch_work(std::move(place), std::move(batch)), std::move(completion));
    }
    const TransactionOptions options;
    Diagnostics failed;
    place.kept = detail::kept_calls(origin_.tenant, &options).connection(failed);
    if (place.kept == nullptr) return call_origin::fail(std::move(completion), std::move(failed));
    place.home = place.kept->home();
    origin_.start(dal::make_transaction_batch_work(std::move(place), std::move(batch)),
                  std::move(completion));
}

}  // namespace

AsyncTenant::AsyncTenant(Tenant tenant, const executor_type& executor) : tenant_(std::move(tenant)) {
    if (tenant_.impl() == nullptr) detail::fail_usage("the tenant is empty: it was not found");
    target_ = std::make_shared<tenant_target>(call_origin(tenant_.impl(), executor));
}

AsyncTenant AsyncTenant::with(CallOptions options) const {
    return {tenant_.with(std::move(options)), get_executor()};
}

AsyncSession AsyncTenant::session() const {
    detail::check_handle(target_);
    return AsyncSession(target_->session());
}

AsyncTransaction AsyncTenant::begin(const TransactionOptions& options) const {
    detail::check_handle(target_);
    return AsyncTransaction(target_->begin(options));
}

}  // namespace fairlead
