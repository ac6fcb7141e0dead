#include "dal/pool/pool_core.h"

namespace fairlead::dal {

namespace {

std::uint32_t demand::counts::*counter_of(connection_state state) {
    switch (state) {
        case connection_state::connecting:
            return &demand::counts::connecting;
        case connection_state::idle:
            return &demand::counts::idle;
        default:
            return &demand::counts::lent;
    }
}

}  // namespace

void BackendPool::Impl::open(std::uint32_t database, unsigned worker, TimePoint now, PoolActions& actions) {
    const std::uint32_t at = connections_.add(database, worker, epoch_, now);
    databases_.hold(database);
    const bool first = demands_.first_hungry() == database;
    demands_.change(database, &demand::counts::connecting, +1);
    if (first && demands_.hungry(database)) demands_.rotate();
    ++counters_.connect_attempts;
    actions.connects.push_back({connections_.id(at), DatabaseSlot{database}, worker});
}

void BackendPool::Impl::set_state(std::uint32_t at, connection_state state, TimePoint now) {
    const connection_record& changed = connections_[at];
    if (changed.state == state) return;
    if (changed.state == connection_state::idle) idle_.remove(at);
    demands_.move(changed.database, counter_of(changed.state), counter_of(state));
    connections_.set_state(at, state);
    if (state == connection_state::idle) idle_.add(at, changed.tenant, changed.database, changed.worker, now);
}

/// The connection keeps its tenant's number in use, so that the number never names another tenant while
/// affinity or `same_tenant` is decided by it.
void BackendPool::Impl::set_tenant(std::uint32_t at, std::uint32_t tenant) {
    const std::uint32_t before = connections_[at].tenant;
    if (before == tenant) return;
    if (limits_.prefer_known_tenants) recent_.note(at, tenant);
    tenants_.hold(tenant);
    connections_[at].tenant = tenant;
    if (before != no_index) tenants_.unhold(before);
}

void BackendPool::Impl::forget(std::uint32_t at) {
    const connection_record gone = connections_[at];
    if (gone.state == connection_state::idle) idle_.remove(at);
    expiries_.remove(at);
    recent_.forget(at);
    demands_.change(gone.database, counter_of(gone.state), -1);
    connections_.remove(at);
    databases_.unhold(gone.database);
    if (gone.tenant != no_index) tenants_.unhold(gone.tenant);
}

void BackendPool::Impl::close(std::uint32_t at, PoolActions& actions) {
    actions.closes.push_back({connections_.id(at), connections_[at].worker});
    forget(at);
}

/// In [0.9, 1.0] of pool_recycle, so that connections opened together do not all end together.
void BackendPool::Impl::draw_lifetime(std::uint32_t at, TimePoint now) {
    const double longest = static_cast<double>(limits_.pool_recycle.count());
    const auto life = static_cast<Duration::rep>(longest * (1.0 - 0.1 * random_.fraction()));
    connections_[at].expires = now + Duration(life);
    expiries_.add(at, connections_[at].expires);
}

bool BackendPool::Impl::spent(std::uint32_t at, TimePoint now) {
    const connection_record& record = connections_[at];
    if (connections_.total() > hard_limit()) return true;
    // While the server accepts no logins an old connection is better than none.
    const bool old = record.expires <= now && !backoff_.resting(now);
    if (!old && record.epoch == epoch_) return false;
    ++counters_.recycled;
    return true;
}

void BackendPool::Impl::close_expired(TimePoint now, PoolActions& actions) {
    if (backoff_.resting(now)) return;
    while (expiries_.any_due(now)) {
        const std::uint32_t at = expiries_.first();
        expiries_.remove(at);
        if (connections_[at].state != connection_state::idle) continue;  // release() will see its age
        ++counters_.recycled;
        close(at, actions);
    }
}

void BackendPool::Impl::close_long_idle(TimePoint now, PoolActions& actions) {
    for (;;) {
        const std::uint32_t at = idle_.oldest();
        if (at == no_index || idle_.idle_since(at) + limits_.idle_timeout > now) return;
        const std::uint32_t database = connections_[at].database;
        if (database == warm_ && demands_.of(database).total() <= limits_.min_pool_size) {
            idle_.touch(at, now);
            continue;
        }
        close(at, actions);
    }
}

}  // namespace fairlead::dal
