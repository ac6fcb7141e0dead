// A runtime as callers see it, through lease.h.
#include "dal/session/backend_pool_call.h"
#include "dal/session/closed.h"
#include "dal/session/lease_waiter.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal {
namespace {

// Idle for longer: the server may have closed it meanwhile. A look costs a system call, so that what was in
// use a moment ago is lent unseen; if that is dead the statement's failure says so.
constexpr std::chrono::milliseconds looked_at_after{1'000};
constexpr std::chrono::milliseconds pinged_after{500};

}  // namespace

std::pair<TenantSlot, DatabaseSlot> BackendRuntime::enter(const std::string& tenant, TenantLimits limits,
                                                          const std::string& database) {
    std::lock_guard lock(mutex_);
    ++seats_;
    return {pool_.enter_tenant(tenant, limits), pool_.enter_database(database)};
}

void BackendRuntime::leave(TenantSlot tenant, DatabaseSlot database) {
    std::lock_guard lock(mutex_);
    --seats_;
    pool_.leave_tenant(tenant);
    pool_.leave_database(database);
}

bool BackendRuntime::is_stale(const slot& idle, TimePoint now) const {
    const auto limit = settings_->pool_pre_ping ? pinged_after : looked_at_after;
    return now - idle.idle_since > limit || idle.idle_since < doubtful_;
}

LeaseRequest::State BackendRuntime::lend(TenantSlot tenant, DatabaseSlot database,
                                         std::function<void()>&& wakeup, lent_connection& lent,
                                         std::shared_ptr<lease_waiter>& waiter) {
    bool unseen = false;
    const auto make_waiter = [&](TimePoint now) -> lease_waiter& {
        waiter = std::make_shared<lease_waiter>(tenant, database, now, std::move(wakeup));
        return *waiter;
    };
    {
        pool_call call(*this);
        if (closed_) return make_waiter(call.now).fail(data_source_closed()), LeaseRequest::State::failed;
        const auto acquired = pool_.acquire(tenant, database, 0, waiters_.next(), call.now, actions_);
        if (!acquired.connection) {
            make_waiter(call.now);
            enqueue(waiter, acquired.ticket);
            perform(call.now, call.woken);
            std::erase(call.woken, waiter);  // settled already: the caller hears it from us
            return waiter->state();
        }
        slot& idle = slot_of(*acquired.connection);
        lent = {*acquired.connection, idle.session.get(), {}};
        idle.with_caller = true;
        unseen = is_stale(idle, call.now);
        if (!unseen) return LeaseRequest::State::granted;
    }
    if (!settings()->pool_pre_ping && look_at_idle(lent.session->descriptor()) == idle_sign::silent)
        return LeaseRequest::State::granted;
    pool_call call(*this);
    make_waiter(call.now);
    have_checked(lent.id, waiter);
    lent = {};
    return LeaseRequest::State::waiting;
}

void BackendRuntime::enqueue(const std::shared_ptr<lease_waiter>& waiter, Ticket ticket) {
    waiter->ticket = ticket;
    waiters_.add(waiter);
}

void BackendRuntime::have_checked(ConnectionId connection, std::shared_ptr<lease_waiter> waiter) {
    slot& doubtful = slot_of(connection);
    doubtful.with_caller = false;
    work_.checks.push_back({connection, doubtful.session.get(), std::move(waiter)});
}

void BackendRuntime::request(const std::shared_ptr<lease_waiter>& waiter, TimePoint now, wake_list& woken) {
    const auto acquired = pool_.acquire(waiter->tenant, waiter->database, 0, waiters_.next(), now, actions_);
    if (acquired.connection) return hand_to(waiter, *acquired.connection, now, woken);
    enqueue(waiter, acquired.ticket);
}

void BackendRuntime::hand_to(std::shared_ptr<lease_waiter> waiter, ConnectionId connection, TimePoint now,
                             wake_list& woken) {
    slot& given = slot_of(connection);
    if (is_stale(given, now)) return have_checked(connection, std::move(waiter));
    given.with_caller = true;
    waiter->grant({connection, given.session.get(), now - waiter->since});
    woken.push_back(std::move(waiter));
}

lent_connection BackendRuntime::withdraw(lease_waiter& waiter) {
    pool_call call(*this);
    if (waiter.state() == LeaseRequest::State::granted) return waiter.lent();
    if (waiter.state() == LeaseRequest::State::failed) return {};
    if (!waiter.ticket) {
        waiter.withdrawn = true;  // the keeper looks at its connection and will return that
        return {};
    }
    pool_.cancel(*waiter.ticket);
    // The caller has another, so this is not the last.
    waiters_.take(waiter.cookie);
    return {};
}

void BackendRuntime::give_back(const lent_connection& lent, bool dirty, bool interrupted) {
    const TransactionStatus status = lent.session->status();
    const bool usable = !lent.session->is_broken() && (interrupted || status != TransactionStatus::unknown);
    const bool clean = status == TransactionStatus::idle && !dirty && !interrupted;
    pool_call call(*this);
    slot& place = slot_of(lent.id);
    place.with_caller = false;
    if (closed_) {
        call.doomed = std::move(place.session);
    } else if (!usable) {
        discard(lent.id, call.now);
    } else if (!clean) {
        work_.recoveries.push_back({lent.id, lent.session, place.origin, dirty, interrupted});
    } else {
        place.idle_since = call.now;
        pool_.release(lent.id, call.now, actions_);
    }
}

}  // namespace fairlead::dal
