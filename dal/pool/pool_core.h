#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/backoff.h"
#include "dal/pool/connection_table.h"
#include "dal/pool/demand.h"
#include "dal/pool/expiry_heap.h"
#include "dal/pool/fair_queue.h"
#include "dal/pool/idle_index.h"
#include "dal/pool/name_table.h"
#include "dal/pool/random.h"
#include "dal/pool/recent_tenants.h"

#include <vector>

namespace fairlead::dal {

/// What stands behind BackendPool: ties the parts together. Only here does a connection change its state.
///
/// Holds after every public call: connections in total <= pool_size + max_overflow (or falling towards it
/// after a shrink); no ready tenant's first request wants a database with an idle connection; the numbers in
/// `demands_` agree with connections and waiters.
struct BackendPool::Impl {
    Impl(PoolLimits limits, std::uint64_t seed);

    // Work of the public functions (backend_pool.cpp).
    Acquired acquire(std::uint32_t tenant, std::uint32_t database, unsigned worker, std::uint64_t cookie,
                     TimePoint now, PoolActions& actions);
    void set_limits(PoolLimits limits);
    void tick(TimePoint now, PoolActions& actions);

    // A connection's way (pool_connections.cpp).
    void open(std::uint32_t database, unsigned worker, TimePoint now, PoolActions& actions);
    void set_state(std::uint32_t at, connection_state state, TimePoint now);
    void set_tenant(std::uint32_t at, std::uint32_t tenant);
    void forget(std::uint32_t at);
    void close(std::uint32_t at, PoolActions& actions);
    void draw_lifetime(std::uint32_t at, TimePoint now);
    /// Unfit for another use: too old, of an old epoch, or beyond the budget after a shrink. Counts it.
    bool spent(std::uint32_t at, TimePoint now);
    void close_expired(TimePoint now, PoolActions& actions);
    void close_long_idle(TimePoint now, PoolActions& actions);

    // Who gets what (pool_serving.cpp).
    std::uint32_t next_for(std::uint32_t at);
    /// A connection that is nobody's (just opened, just released): to the next waiter, idle, or closed.
    void place(std::uint32_t at, bool may_convert, TimePoint now, PoolActions& actions);
    std::uint32_t conversion_target(std::uint32_t database, std::uint32_t tenant, TimePoint now);
    bool provided_for(std::uint32_t database) const;
    void grant(std::uint32_t at, std::uint32_t tenant, TimePoint now, PoolActions& actions);
    void serve_changed(TimePoint now, PoolActions& actions);
    struct open_hint {
        std::uint32_t database = no_index;
        unsigned worker = 0;
    };
    void open_for_demand(TimePoint now, PoolActions& actions, open_hint hint);
    bool make_room(std::uint32_t database, PoolActions& actions);
    void fill_warm(TimePoint now, PoolActions& actions);
    void settle(TimePoint now, PoolActions& actions, open_hint hint);
    void settle(TimePoint now, PoolActions& actions) { settle(now, actions, open_hint{}); }

    // Failures (pool_failures.cpp).
    bool may_login(TimePoint now) const;
    bool hopeless(std::uint32_t database, TimePoint now) const;
    void login_failed(std::uint32_t at, std::string_view error, FailureScope scope, TimePoint now,
                      PoolActions& actions);
    void login_succeeded(std::uint32_t database);
    void begin_rest(std::uint32_t database);
    void end_rests(TimePoint now);
    void fail_hopeless(TimePoint now, PoolActions& actions);
    void fail_hopeless(std::uint32_t database, TimePoint now, PoolActions& actions);
    void time_out(TimePoint now, PoolActions& actions);
    void fail(std::uint32_t waiting, AcquireFailure reason, std::string message, PoolActions& actions);
    void drop_waiter(std::uint32_t waiting);
    std::string time_out_message(Duration timeout) const;

    std::uint32_t hard_limit() const { return limits_.pool_size + limits_.max_overflow; }

    PoolLimits limits_;
    random_source random_;
    name_table tenants_, databases_;
    demand demands_;
    fair_queue queue_{demands_};
    connection_table connections_;
    idle_index idle_;
    recent_tenants recent_;
    expiry_heap expiries_;
    backoff backoff_;
    std::vector<backoff> database_backoffs_;
    std::vector<std::uint32_t> resting_;  // databases whose own backoff runs
    std::uint32_t warm_ = no_index;
    std::uint32_t epoch_ = 0;
    PoolStats counters_;  // the counting part only
};

}  // namespace fairlead::dal
