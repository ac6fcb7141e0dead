#pragma once

#include "dal/pool/backend_pool.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::dal::test {

/// A pool with a fake clock and a collector of actions, for tests.
struct pool_driver {
    explicit pool_driver(PoolLimits limits, std::uint64_t seed = 1) : pool(limits, seed) {}

    BackendPool pool;
    TimePoint now{std::chrono::hours(1)};
    PoolActions actions;

    TenantSlot tenant(const std::string& name, std::uint32_t cap = 0, std::uint32_t weight = 1) {
        return pool.enter_tenant(name, {weight, cap});
    }
    DatabaseSlot database(const std::string& name) { return pool.enter_database(name); }

    BackendPool::Acquired acquire(TenantSlot t, DatabaseSlot d, unsigned worker = 0,
                                  std::uint64_t cookie = 0) {
        return pool.acquire(t, d, worker, cookie, now, actions);
    }
    void release(ConnectionId c) { pool.release(c, now, actions); }
    void discard(ConnectionId c) { pool.discard(c, now, actions); }
    void connected(ConnectionId c) { pool.connected(c, now, actions); }
    void failed(ConnectionId c, FailureScope scope = FailureScope::backend) {
        pool.connect_failed(c, "no route", now, actions, scope);
    }
    void tick() { pool.tick(now, actions); }
    void after(Duration passed) {
        now += passed;
        tick();
    }
    PoolStats stats() const { return pool.stats(now); }

    PoolActions take() {
        PoolActions taken;
        std::swap(taken, actions);
        return taken;
    }
    /// Answers every pending Connect with success until none is left; the grants stay in `actions`.
    void connect_all() {
        while (!actions.connects.empty()) {
            std::vector<PoolActions::Connect> opening;
            opening.swap(actions.connects);
            for (const auto& c : opening) connected(c.connection);
        }
    }
    /// A connection for this tenant, opened if need be. Nobody else may be waiting.
    ConnectionId lend(TenantSlot t, DatabaseSlot d, unsigned worker = 0) {
        auto got = acquire(t, d, worker);
        if (got.connection) return *got.connection;
        connect_all();
        ConnectionId c = actions.grants.back().connection;
        actions.grants.pop_back();
        return c;
    }
};

/// Every grant is released at once; returns the cookies in the order of service, up to `most`.
inline std::vector<std::uint64_t> serve(pool_driver& p, ConnectionId first, std::size_t most) {
    std::vector<std::uint64_t> order;
    std::vector<ConnectionId> lent{first};
    std::size_t next = 0;
    while (order.size() < most && next < lent.size()) {
        p.release(lent[next++]);
        p.connect_all();
        for (const auto& g : std::exchange(p.actions.grants, {})) {
            order.push_back(g.cookie);
            lent.push_back(g.connection);
        }
    }
    return order;
}

inline PoolLimits limits(std::uint32_t pool_size, std::uint32_t overflow = 0) {
    PoolLimits l;
    l.pool_size = pool_size;
    l.max_overflow = overflow;
    return l;
}

}  // namespace fairlead::dal::test
