#include "dal/pool/backend_pool.h"

#include "dal/pool/pool_core.h"

#include <algorithm>
#include <cassert>

namespace fairlead::dal {

BackendPool::Impl::Impl(PoolLimits limits, std::uint64_t seed) : random_(seed) {
    set_limits(limits);
}

void BackendPool::Impl::set_limits(PoolLimits limits) {
    const std::uint32_t most = connection_table::capacity - 1;
    limits.pool_size = std::clamp(limits.pool_size, 1u, most);
    limits.max_overflow = std::min(limits.max_overflow, most - limits.pool_size);
    limits.max_parallel_logins = std::max(limits.max_parallel_logins, 1u);
    limits_ = limits;
    queue_.set_timeout(limits.pool_timeout);
}

BackendPool::Acquired BackendPool::Impl::acquire(std::uint32_t tenant, std::uint32_t database,
                                                 unsigned worker, std::uint64_t cookie, TimePoint now,
                                                 PoolActions& actions) {
    serve_changed(now, actions);  // after this, whoever still waits cannot use an idle connection: no barging
    if (queue_.may_lend_at_once(tenant)) {
        const std::uint32_t at = idle_.pick(tenant, database, worker);
        if (at != no_index) {
            const bool same_tenant = connections_[at].tenant == tenant;
            set_state(at, connection_state::lent, now);
            set_tenant(at, tenant);
            queue_.lend(tenant);
            ++counters_.grants;
            return {connections_.id(at), Ticket{}, connections_[at].worker, same_tenant};
        }
    }
    tenants_.hold(tenant);
    databases_.hold(database);
    if (demands_.of(database).logins == demand::login::resting) end_rests(now);
    const Ticket ticket = queue_.push(tenant, database, worker, cookie, now);
    fail_hopeless(database, now, actions);
    settle(now, actions, {database, worker});
    return {std::nullopt, ticket, 0, false};
}

void BackendPool::Impl::tick(TimePoint now, PoolActions& actions) {
    time_out(now, actions);
    end_rests(now);
    close_expired(now, actions);
    close_long_idle(now, actions);
    for (std::uint32_t database : resting_) fail_hopeless(database, now, actions);
    settle(now, actions);
}

BackendPool::BackendPool(PoolLimits limits, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(limits, seed)) {}
BackendPool::~BackendPool() = default;

void BackendPool::set_limits(PoolLimits limits, TimePoint now, PoolActions& actions) {
    Impl& pool = *impl_;
    pool.set_limits(limits);
    while (pool.connections_.total() > pool.limits_.pool_size && pool.idle_.count() != 0) {
        ++pool.counters_.evicted;
        pool.close(pool.idle_.surplus(), actions);
    }
    pool.settle(now, actions);
}

TenantSlot BackendPool::enter_tenant(std::string_view tenant, TenantLimits limits) {
    bool fresh = false;
    const std::uint32_t slot = impl_->tenants_.enter(tenant, fresh);
    if (fresh) impl_->queue_.reset_tenant(slot);
    impl_->queue_.set_limits(slot, limits);
    return TenantSlot{slot};
}

void BackendPool::leave_tenant(TenantSlot tenant) {
    impl_->tenants_.leave(static_cast<std::uint32_t>(tenant));
}

DatabaseSlot BackendPool::enter_database(std::string_view database) {
    bool fresh = false;
    const std::uint32_t slot = impl_->databases_.enter(database, fresh);
    if (fresh) {
        impl_->demands_.reset(slot);
        impl_->queue_.reset_database(slot);
        grow_to(impl_->database_backoffs_, slot);
        impl_->database_backoffs_[slot] = {};
    }
    return DatabaseSlot{slot};
}

void BackendPool::leave_database(DatabaseSlot database) {
    impl_->databases_.leave(static_cast<std::uint32_t>(database));
}

std::string_view BackendPool::database_name(DatabaseSlot database) const {
    return impl_->databases_.name(static_cast<std::uint32_t>(database));
}

BackendPool::Acquired BackendPool::acquire(TenantSlot tenant, DatabaseSlot database, unsigned worker,
                                           std::uint64_t cookie, TimePoint now, PoolActions& actions) {
    return impl_->acquire(static_cast<std::uint32_t>(tenant), static_cast<std::uint32_t>(database), worker,
                          cookie, now, actions);
}

bool BackendPool::cancel(Ticket ticket) {
    const std::uint32_t at = impl_->queue_.find(ticket);
    if (at == no_index) return false;
    impl_->drop_waiter(at);
    return true;
}

void BackendPool::release(ConnectionId connection, TimePoint now, PoolActions& actions) {
    const std::uint32_t at = impl_->connections_.find(connection);
    if (at == no_index) return;
    const bool lent = impl_->connections_[at].state == connection_state::lent;
    assert(lent);
    if (!lent) return;
    impl_->queue_.give_back(impl_->connections_[at].tenant);
    impl_->place(at, true, now, actions);
    impl_->settle(now, actions);
}

void BackendPool::discard(ConnectionId connection, TimePoint now, PoolActions& actions) {
    const std::uint32_t at = impl_->connections_.find(connection);
    if (at == no_index) return;
    const connection_state state = impl_->connections_[at].state;
    assert(state != connection_state::connecting);
    if (state == connection_state::connecting) return;
    if (state == connection_state::lent) impl_->queue_.give_back(impl_->connections_[at].tenant);
    const std::uint32_t database = impl_->connections_[at].database;
    impl_->forget(at);
    impl_->fail_hopeless(database, now, actions);
    impl_->settle(now, actions);
}

void BackendPool::moved(ConnectionId connection, unsigned worker) {
    const std::uint32_t at = impl_->connections_.find(connection);
    if (at == no_index) return;
    connection_record& record = impl_->connections_[at];
    record.worker = worker;
    if (record.state == connection_state::idle) impl_->idle_.set_worker(at, worker);
}

void BackendPool::connected(ConnectionId connection, TimePoint now, PoolActions& actions) {
    const std::uint32_t at = impl_->connections_.find(connection);
    if (at == no_index) return;
    const bool connecting = impl_->connections_[at].state == connection_state::connecting;
    assert(connecting);
    if (!connecting) return;
    impl_->login_succeeded(impl_->connections_[at].database);
    impl_->draw_lifetime(at, now);
    impl_->place(at, false, now, actions);
    impl_->settle(now, actions);
}

void BackendPool::connect_failed(ConnectionId connection, std::string_view error, TimePoint now,
                                 PoolActions& actions, FailureScope scope) {
    const std::uint32_t at = impl_->connections_.find(connection);
    if (at == no_index) return;
    const bool connecting = impl_->connections_[at].state == connection_state::connecting;
    assert(connecting);
    if (!connecting) return;
    impl_->login_failed(at, error, scope, now, actions);
    impl_->settle(now, actions);
}

void BackendPool::keep_warm(DatabaseSlot database, TimePoint now, PoolActions& actions) {
    const std::uint32_t before = impl_->warm_;
    impl_->warm_ = static_cast<std::uint32_t>(database);
    impl_->databases_.hold(impl_->warm_);
    if (before != no_index) impl_->databases_.unhold(before);
    impl_->settle(now, actions);
}

void BackendPool::recycle_all(TimePoint now, PoolActions& actions) {
    ++impl_->epoch_;
    while (impl_->idle_.count() != 0) {
        ++impl_->counters_.recycled;
        impl_->close(impl_->idle_.oldest(), actions);
    }
    impl_->settle(now, actions);
}

void BackendPool::tick(TimePoint now, PoolActions& actions) {
    impl_->tick(now, actions);
}

PoolStats BackendPool::stats(TimePoint now) const {
    PoolStats stats = impl_->counters_;
    stats.connecting = impl_->connections_.count(connection_state::connecting);
    stats.idle = impl_->connections_.count(connection_state::idle);
    stats.lent = impl_->connections_.count(connection_state::lent);
    stats.waiting = impl_->queue_.size();
    const std::uint32_t oldest = impl_->queue_.oldest();
    if (oldest != no_index) {
        stats.oldest_wait = std::chrono::duration_cast<Duration>(now - impl_->queue_[oldest].since);
    }
    return stats;
}

std::uint32_t BackendPool::tenant_lent(TenantSlot tenant) const {
    return impl_->queue_.lent(static_cast<std::uint32_t>(tenant));
}

std::uint32_t BackendPool::tenant_waiting(TenantSlot tenant) const {
    return impl_->queue_.waiting(static_cast<std::uint32_t>(tenant));
}

}  // namespace fairlead::dal
