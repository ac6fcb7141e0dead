#include "dal/pool/pool_core.h"

namespace fairlead::dal {

namespace {
// A released connection goes to a waiter for its own database although another tenant's turn has come, as
// long as that other one was passed over fewer than this many times...
constexpr std::uint32_t max_skips = 16;
// ... and the receiver is not further ahead of it than this many rounds. Both bound the wait; their least
// bounds the cost: at most one login for each so many grants when databases compete. Below
// turn_order::window.
constexpr std::uint64_t max_lead = 4;
// Likewise for a waiter whose tenant's statements it has, among so many in turn. A tenant among them is
// served at the latest behind known_looks times (max_known_skips + 1) grants.
constexpr unsigned known_looks = 16;
constexpr std::uint32_t max_known_skips = 4;
}  // namespace

/// The tenant whose first request gets this connection; no_index: nobody wants its database.
std::uint32_t BackendPool::Impl::next_for(std::uint32_t at) {
    const std::uint32_t database = connections_[at].database;
    const std::uint32_t due = queue_.front(database);
    if (due == no_index || !limits_.prefer_known_tenants || queue_.skipped(due) >= max_known_skips)
        return due;
    const std::uint32_t known = queue_.find(database, known_looks, [&](std::uint32_t tenant) {
        return recent_.knows(at, tenant) && queue_.lead(tenant, due) <= max_lead;
    });
    if (known == no_index || known == due) return due;
    queue_.skip(due);
    return known;
}

void BackendPool::Impl::place(std::uint32_t at, bool may_convert, TimePoint now, PoolActions& actions) {
    if (spent(at, now)) return close(at, actions);
    const std::uint32_t database = connections_[at].database;
    const std::uint32_t tenant = next_for(at);
    if (tenant == no_index) {
        if (connections_.total() > limits_.pool_size) return close(at, actions);
        return set_state(at, connection_state::idle, now);
    }
    const std::uint32_t target = may_convert ? conversion_target(database, tenant, now) : no_index;
    if (target == no_index) return grant(at, tenant, now, actions);
    const unsigned worker = queue_[queue_.first_for(target)].worker;
    ++counters_.evicted;
    close(at, actions);
    open(target, worker, now, actions);
}

/// The database for which a connection to `database` should be closed although `tenant` waits for it;
/// no_index: none. Looks at the tenant whose turn it is, or, when its connection is being opened already, at
/// the longest hungry database, so that several logins can run side by side.
std::uint32_t BackendPool::Impl::conversion_target(std::uint32_t database, std::uint32_t tenant,
                                                   TimePoint now) {
    std::uint32_t due = queue_.front();  // also moves the round on, so it is asked even if it is `tenant`
    std::uint32_t target = queue_[queue_.head(due)].database;
    if (target == database || !may_login(now)) return no_index;
    if (!demands_.hungry(target) || provided_for(target)) {
        target = demands_.first_hungry();
        demands_.rotate();
        if (target == no_index || target == database || provided_for(target)) return no_index;
        due = queue_.front(target);
    }
    if (queue_.skipped(due) < max_skips && queue_.lead(tenant, due) <= max_lead) {
        queue_.skip(due);
        return no_index;
    }
    return target;
}

/// As many connections to it are being opened as tenants with a turn wait for it (also true when no tenant
/// does).
bool BackendPool::Impl::provided_for(std::uint32_t database) const {
    return demands_.of(database).connecting >= queue_.ready_tenants(database);
}

void BackendPool::Impl::grant(std::uint32_t at, std::uint32_t tenant, TimePoint now, PoolActions& actions) {
    const std::uint32_t head = queue_.head(tenant);
    const waiter served = queue_[head];
    const bool same_tenant = connections_[at].tenant == tenant;
    const auto waited = std::chrono::duration_cast<Duration>(now - served.since);
    actions.grants.push_back({queue_.ticket(head), served.cookie, served.worker, connections_.id(at),
                              connections_[at].worker, waited, same_tenant});
    ++counters_.grants;
    set_state(at, connection_state::lent, now);
    set_tenant(at, tenant);
    queue_.take(tenant);
    tenants_.unhold(tenant);  // the waiter's hold; the connection has its own
    databases_.unhold(served.database);
}

/// Tenants whose first request now wants another database than before, or that came back below their cap: an
/// idle connection may be there for them.
void BackendPool::Impl::serve_changed(TimePoint now, PoolActions& actions) {
    for (std::uint32_t tenant = queue_.next_changed(); tenant != no_index; tenant = queue_.next_changed()) {
        while (queue_.ready(tenant)) {
            const waiter& first = queue_[queue_.head(tenant)];
            const std::uint32_t at = idle_.pick(tenant, first.database, first.worker);
            if (at == no_index) break;
            grant(at, tenant, now, actions);
        }
    }
}

/// Makes the budget allow one more connection. Overflow comes last: only when nothing idle can be given up.
bool BackendPool::Impl::make_room(std::uint32_t database, PoolActions& actions) {
    if (connections_.total() < limits_.pool_size) return true;
    const std::uint32_t victim = idle_.surplus();
    if (victim != no_index && connections_[victim].database != database) {
        ++counters_.evicted;
        close(victim, actions);
    }
    return connections_.total() < hard_limit();
}

void BackendPool::Impl::open_for_demand(TimePoint now, PoolActions& actions, open_hint hint) {
    while (demands_.first_hungry() != no_index && may_login(now)) {
        const std::uint32_t database = demands_.first_hungry();
        if (!make_room(database, actions)) return;
        const unsigned worker =
            hint.database == database ? hint.worker : queue_[queue_.first_for(database)].worker;
        open(database, worker, now, actions);
    }
}

void BackendPool::Impl::fill_warm(TimePoint now, PoolActions& actions) {
    if (warm_ == no_index) return;
    while (demands_.of(warm_).total() < limits_.min_pool_size && connections_.total() < limits_.pool_size) {
        const demand::counts& warm = demands_.of(warm_);
        const bool barred = warm.logins == demand::login::resting ||
                            (warm.logins == demand::login::probing && warm.connecting != 0);
        if (barred || !may_login(now)) return;
        open(warm_, 0, now, actions);
    }
}

void BackendPool::Impl::settle(TimePoint now, PoolActions& actions, open_hint hint) {
    fail_hopeless(now, actions);
    serve_changed(now, actions);
    open_for_demand(now, actions, hint);
    fill_warm(now, actions);
}

}  // namespace fairlead::dal
