#pragma once

#include "config/settings.h"
#include "dal/driver/wait.h"
#include "dal/pool/backend_pool.h"
#include "dal/session/backend_work.h"
#include "dal/session/lease.h"
#include "dal/session/waiting_calls.h"
#include "fairlead/data_source.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::dal {

/// One backend of an embedded data source: its pool and its connections. Thread-safe. The lock is held for
/// pool calls and bookkeeping, never across I/O: what has to be done on a connection is done by the caller
/// that has it, or by the keeper.
///
/// A connection is in one of three hands, and only those touch its session: the pool's (idle), a caller's
/// (lent), the keeper's (logging in, recovered, checked; the last two are lent in the eyes of the pool).
class BackendRuntime : public std::enable_shared_from_this<BackendRuntime> {
public:
    /// `bell` wakes the keeper.
    BackendRuntime(std::shared_ptr<const config::Backend> settings, std::shared_ptr<wake_signal> bell,
                   std::uint64_t seed);
    ~BackendRuntime();

    std::shared_ptr<const config::Backend> settings() const;
    PoolState state() const;

    // For callers, through lease.h (backend_lending.cpp).
    std::pair<TenantSlot, DatabaseSlot> enter(const std::string& tenant, TenantLimits limits,
                                              const std::string& database);
    void leave(TenantSlot tenant, DatabaseSlot database);
    /// Fills in `lent` when there is a connection at once, or else `waiter`. The waiter is told what becomes
    /// of it only when `waiting` is returned.
    LeaseRequest::State lend(TenantSlot tenant, DatabaseSlot database, std::function<void()>&& wakeup,
                             lent_connection& lent, std::shared_ptr<lease_waiter>& waiter);
    /// A connection if it was granted after all and has to be given back.
    lent_connection withdraw(lease_waiter& waiter);
    void give_back(const lent_connection& lent, bool dirty, bool interrupted);

    // For the keeper (backend_upkeep.cpp).
    void tick();
    /// False: nothing to do.
    bool take_work(backend_work& work);
    void logged_in(ConnectionId connection, std::unique_ptr<ServerSession> session, connection_origin origin);
    void login_failed(ConnectionId connection, const Diagnostics& why);
    /// It is clean again.
    void recovered(ConnectionId connection);
    /// It is not to be used again.
    void lost(ConnectionId connection);
    void checked(const backend_work::check& check, bool alive);
    /// Retired, and nobody can ask it for anything any more.
    bool is_finished() const;

    // For the configuration (backend_upkeep.cpp).
    /// `reconnect`: open connections lead to what is no longer meant.
    void update(std::shared_ptr<const config::Backend> settings, bool reconnect);
    /// Keeps min_pool_size connections to this database.
    void keep_warm(const std::string& database);
    /// No longer configured: serves the calls that still know it, and keeps no connection idle.
    void retire();
    /// Nothing is lent from now on; who waits is told.
    void begin_close();
    /// The keeper has stopped: closes everything that no caller has.
    void finish_close();

private:
    struct slot {
        std::unique_ptr<ServerSession> session;
        connection_origin origin;
        TimePoint idle_since{};
        bool with_caller = false;
    };
    using wake_list = std::vector<std::shared_ptr<lease_waiter>>;

    class pool_call;
    void perform(TimePoint now, wake_list& woken);
    void hand_over(const PoolActions::Grant& grant, TimePoint now, wake_list& woken);
    void turn_away(const PoolActions::Fail& failure, wake_list& woken);

    slot& slot_of(ConnectionId connection);
    void discard(ConnectionId connection, TimePoint now);
    /// Asks the pool for a waiter that is in no queue.
    void request(const std::shared_ptr<lease_waiter>& waiter, TimePoint now, wake_list& woken);
    void enqueue(const std::shared_ptr<lease_waiter>& waiter, Ticket ticket);
    /// Whether it has been idle for so long, or is so doubtful, that it is looked at before it is lent.
    bool is_stale(const slot& idle, TimePoint now) const;
    void have_checked(ConnectionId connection, std::shared_ptr<lease_waiter> waiter);
    /// The connection is the waiter's, at once or when the keeper has looked at it.
    void hand_to(std::shared_ptr<lease_waiter> waiter, ConnectionId connection, TimePoint now,
                 wake_list& woken);
    Diagnostics reason_of(const PoolActions::Fail& failure) const;

    const std::shared_ptr<wake_signal> bell_;

    mutable std::mutex mutex_;  // guards everything below
    std::shared_ptr<const config::Backend> settings_;
    BackendPool pool_;
    PoolActions actions_;
    std::vector<slot> slots_;  // by place_of()
    waiting_calls waiters_;
    backend_work work_;
    bool told_ = false;  // the keeper knows that there is work
    Diagnostics last_failure_;
    /// A connection broke at this time: those that were idle then have perhaps as well.
    TimePoint doubtful_ = TimePoint::min();
    std::optional<DatabaseSlot> warm_;
    std::size_t seats_ = 0;
    bool retired_ = false;
    bool closed_ = false;
};

}  // namespace fairlead::dal
