#pragma once

#include "dal/session/lease.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace fairlead::dal {

/// A request that could not be served at once. The backend's runtime settles it, holding its lock; the
/// request that owns it reads the outcome.
class lease_waiter {
public:
    lease_waiter(TenantSlot tenant, DatabaseSlot database, TimePoint since, std::function<void()> wakeup);

    LeaseRequest::State state() const { return state_.load(std::memory_order_acquire); }
    /// When granted, until it is taken.
    const lent_connection& lent() const { return lent_; }
    /// When failed.
    const Diagnostics& failed() const { return *failed_; }

    /// Tells the owner, unless it no longer wants to know. Without the runtime's lock.
    void wake();
    /// From its return on the owner is not told, and not being told.
    void silence();

    // The runtime's, under its lock.
    void grant(const lent_connection& lent);
    void fail(Diagnostics why);
    const TenantSlot tenant;
    const DatabaseSlot database;
    const TimePoint since;
    std::optional<Ticket> ticket;  // while it stands in the pool's queue
    std::uint64_t cookie = 0;      // then: where it is in waiting_calls
    bool withdrawn = false;        // nobody wants it any more, but the keeper still has its connection

private:
    std::atomic<LeaseRequest::State> state_ = LeaseRequest::State::waiting;
    lent_connection lent_;
    std::unique_ptr<Diagnostics> failed_;  // seldom, and large

    std::mutex wakeup_mutex_;  // held while it is called
    std::function<void()> wakeup_;
};

}  // namespace fairlead::dal
