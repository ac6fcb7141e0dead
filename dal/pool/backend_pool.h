#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::milliseconds;

struct PoolLimits {
    std::uint32_t pool_size = 20;
    std::uint32_t min_pool_size = 0;
    std::uint32_t max_overflow =
        0;  // opened only while somebody waits, closed when released with nobody waiting
    Duration pool_timeout{2'000};
    Duration pool_recycle{3'600'000};  // each connection's own lifetime is jittered by up to 10 % below it
    Duration idle_timeout{600'000};
    std::uint32_t max_parallel_logins = 4;
    /// Each tenant has prepared statements of its own on a connection (MySQL: its id is in their texts).
    bool prefer_known_tenants = false;
};

struct TenantLimits {
    std::uint32_t weight = 1;                  // turns per round among waiting tenants
    std::uint32_t max_server_connections = 0;  // 0: none of its own
};

enum class TenantSlot : std::uint32_t {};
enum class DatabaseSlot : std::uint32_t {};
enum class ConnectionId : std::uint32_t {};
enum class Ticket : std::uint64_t {};

/// Where to keep what belongs to a connection: a small number that no other connection of the pool has at the
/// same time.
constexpr std::size_t place_of(ConnectionId connection) {
    return static_cast<std::uint32_t>(connection) & 0xFFFFu;
}

enum class AcquireFailure : std::uint8_t { timed_out, login_failed };

/// Whom a failed login concerns: everybody (refused connection, wrong password, server starting up), or only
/// this database ("does not exist", its own connection limit). One tenant's missing database must not send
/// the whole backend into backoff.
enum class FailureScope : std::uint8_t { backend, database };

/// What the caller has to do after a call, in this order. Filled by appending; reused between calls.
struct PoolActions {
    struct Grant {  // a waiting request got a connection
        Ticket ticket;
        std::uint64_t cookie;
        unsigned worker;  // of the request
        ConnectionId connection;
        unsigned from_worker;  // that holds the connection now; differs: it must be moved
        Duration waited;
        bool same_tenant;  // the connection last served this tenant
    };
    struct Connect {  // open a connection; answer with connected() or connect_failed()
        ConnectionId connection;
        DatabaseSlot database;
        unsigned worker;
    };
    struct Close {  // close it, it is already forgotten by the pool
        ConnectionId connection;
        unsigned worker;
    };
    struct Fail {  // a waiting request is given up
        Ticket ticket;
        std::uint64_t cookie;
        unsigned worker;
        AcquireFailure reason;
        std::string message;  // the last login error, for login_failed; or what the time-out was about
    };
    std::vector<Grant> grants;
    std::vector<Connect> connects;
    std::vector<Close> closes;
    std::vector<Fail> failures;

    bool empty() const { return grants.empty() && connects.empty() && closes.empty() && failures.empty(); }
    void clear() {
        grants.clear();
        connects.clear();
        closes.clear();
        failures.clear();
    }
};

struct PoolStats {
    std::uint32_t connecting = 0, idle = 0, lent = 0;
    std::uint32_t waiting = 0;
    Duration oldest_wait{0};
    std::uint64_t connect_attempts = 0, connect_failures = 0, grants = 0, timeouts = 0, recycled = 0,
                  evicted = 0;
};

/// All server connections of one backend, over all its databases, placements, tenants and workers: one
/// budget. I/O-free: it decides, the caller connects, lends and closes. Time is an argument. Not thread-safe:
/// the caller holds a lock around each call. Work per call is O(1) amortised, or O(due) in tick(); nothing
/// grows with the number of tenants that are known but not active.
///
/// Rules (docs/architecture.md, "Pooling"): FIFO within a tenant; waiting tenants take turns by weight; a
/// tenant at its cap waits without blocking others; a released connection goes straight to the next waiter
/// (with prefer_known_tenants: to one of the first few in turn whose tenant it served lately, within bounds);
/// an idle connection that last served the same tenant is preferred, then the same database on the same
/// worker, then the same database; if a waiter needs another database and the budget is spent, the idle
/// connection of the database with the most surplus is closed. Logins run in parallel up to a bound, with
/// exponential backoff for the backend after failures, during which waiters without any live connection fail
/// at once with the last error.
///
/// Stale numbers: ConnectionId and Ticket carry a generation. A call about a connection that is gone (closed
/// by the pool while another worker's call about it was on its way) is a race that happens, and is ignored in
/// every build; so is cancelling a ticket that was served. A call that contradicts the state of a connection
/// that does exist (release of one that is not lent, connected for one that is not connecting) is a defect of
/// the caller: assert in debug builds, ignored otherwise.
class BackendPool {
public:
    /// `seed` makes every random choice repeatable. pool_size is at least 1; with max_overflow at most 65,535
    /// together.
    BackendPool(PoolLimits limits, std::uint64_t seed);
    ~BackendPool();
    BackendPool(const BackendPool&) = delete;
    BackendPool& operator=(const BackendPool&) = delete;

    /// New limits after a reload; surplus connections are closed as they become idle. pool_timeout counts for
    /// requests that begin to wait from now on, pool_recycle for connections that open from now on.
    void set_limits(PoolLimits limits, TimePoint now, PoolActions& actions);

    /// A tenant becomes active (a client logged in); counted, each enter needs one leave. Limits of the last
    /// enter win; a raised cap wakes its waiters with the next call that takes actions.
    TenantSlot enter_tenant(std::string_view tenant, TenantLimits limits);
    void leave_tenant(TenantSlot tenant);
    /// Interned name of a database on the server; counted in the same way.
    DatabaseSlot enter_database(std::string_view database);
    void leave_database(DatabaseSlot database);
    std::string_view database_name(DatabaseSlot database) const;

    struct Acquired {
        std::optional<ConnectionId> connection;  // granted at once, or:
        Ticket ticket{};           // queued; a Grant or Fail with this ticket follows, unless cancelled
        unsigned from_worker = 0;  // holder of `connection`
        bool same_tenant = false;  // `connection` last served this tenant
    };
    Acquired acquire(TenantSlot tenant, DatabaseSlot database, unsigned worker, std::uint64_t cookie,
                     TimePoint now, PoolActions& actions);
    /// The waiter is gone. False when the ticket was already granted or failed.
    bool cancel(Ticket ticket);

    /// A lent connection comes back clean: handed to the next waiter, or idle, or closed (too old, surplus).
    void release(ConnectionId connection, TimePoint now, PoolActions& actions);
    /// A connection (lent or idle) is broken or unfit and is being closed by the caller.
    void discard(ConnectionId connection, TimePoint now, PoolActions& actions);
    /// The connection now lives on another worker.
    void moved(ConnectionId connection, unsigned worker);

    void connected(ConnectionId connection, TimePoint now, PoolActions& actions);
    void connect_failed(ConnectionId connection, std::string_view error, TimePoint now, PoolActions& actions,
                        FailureScope scope = FailureScope::backend);

    /// Keeps min_pool_size connections to this database open even without waiters; replaces the database of
    /// an earlier call. They are opened on worker 0, and only within pool_size.
    void keep_warm(DatabaseSlot database, TimePoint now, PoolActions& actions);
    /// Closes every idle connection and marks lent ones to be closed on release (backend address changed,
    /// RECONNECT).
    void recycle_all(TimePoint now, PoolActions& actions);
    /// Time-outs, recycling, idle closing, retry after backoff, min_pool_size. Call every 50 to 100 ms.
    void tick(TimePoint now, PoolActions& actions);

    PoolStats stats(TimePoint now) const;
    /// Waiting requests and lent connections of one tenant.
    std::uint32_t tenant_lent(TenantSlot tenant) const;
    std::uint32_t tenant_waiting(TenantSlot tenant) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::dal
