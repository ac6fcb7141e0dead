#include "dal/pool/pool_core.h"

#include <algorithm>

namespace fairlead::dal {

bool BackendPool::Impl::may_login(TimePoint now) const {
    const std::uint32_t in_flight = connections_.count(connection_state::connecting);
    return in_flight < limits_.max_parallel_logins && backoff_.may_try(now, in_flight);
}

/// No connection that could serve a request for this database, and none will be tried for a while.
bool BackendPool::Impl::hopeless(std::uint32_t database, TimePoint now) const {
    if (backoff_.resting(now)) return connections_.live() == 0;
    return demands_.of(database).logins == demand::login::resting && demands_.of(database).live() == 0;
}

void BackendPool::Impl::login_failed(std::uint32_t at, std::string_view error, FailureScope scope,
                                     TimePoint now, PoolActions& actions) {
    const std::uint32_t database = connections_[at].database;
    const TimePoint started = connections_[at].opened;
    ++counters_.connect_failures;
    const bool whole_backend = scope == FailureScope::backend;
    backoff& concerned = whole_backend ? backoff_ : database_backoffs_[database];
    concerned.failed(error, started, now, random_);
    if (!whole_backend) begin_rest(database);
    forget(at);
    if (!whole_backend) fail_hopeless(database, now, actions);
}

/// Waiters that only a login could help, while none will be tried: they hear the reason now instead of after
/// their time-out. Once the backoff is over, requests wait for the outcome of the probe.
void BackendPool::Impl::fail_hopeless(TimePoint now, PoolActions& actions) {
    if (!backoff_.resting(now) || connections_.live() != 0) return;
    while (queue_.oldest() != no_index) {
        fail(queue_.oldest(), AcquireFailure::login_failed, backoff_.last_error(), actions);
    }
}

void BackendPool::Impl::fail_hopeless(std::uint32_t database, TimePoint now, PoolActions& actions) {
    if (!hopeless(database, now)) return;
    const backoff& cause = backoff_.resting(now) ? backoff_ : database_backoffs_[database];
    while (queue_.first_for(database) != no_index) {
        fail(queue_.first_for(database), AcquireFailure::login_failed, cause.last_error(), actions);
    }
}

void BackendPool::Impl::login_succeeded(std::uint32_t database) {
    backoff_.succeeded();
    if (demands_.of(database).logins == demand::login::free) return;
    database_backoffs_[database].succeeded();
    if (demands_.of(database).logins == demand::login::resting) {
        resting_.erase(std::find(resting_.begin(), resting_.end(), database));
        databases_.unhold(database);  // the connection holds it as well
    }
    demands_.set_logins(database, demand::login::free);
}

void BackendPool::Impl::begin_rest(std::uint32_t database) {
    if (demands_.of(database).logins == demand::login::resting) return;
    demands_.set_logins(database, demand::login::resting);
    databases_.hold(database);
    resting_.push_back(database);
}

/// Only databases whose own logins failed a moment ago are in the list: a handful.
void BackendPool::Impl::end_rests(TimePoint now) {
    for (std::size_t i = 0; i < resting_.size();) {
        const std::uint32_t database = resting_[i];
        if (database_backoffs_[database].resting(now)) {
            ++i;
            continue;
        }
        resting_[i] = resting_.back();
        resting_.pop_back();
        demands_.set_logins(database, demand::login::probing);
        databases_.unhold(database);
    }
}

void BackendPool::Impl::time_out(TimePoint now, PoolActions& actions) {
    for (std::uint32_t at = queue_.first_due(now); at != no_index; at = queue_.first_due(now)) {
        ++counters_.timeouts;
        fail(at, AcquireFailure::timed_out, time_out_message(queue_.timeout(at)), actions);
    }
}

void BackendPool::Impl::fail(std::uint32_t waiting, AcquireFailure reason, std::string message,
                             PoolActions& actions) {
    const waiter& gone = queue_[waiting];
    actions.failures.push_back(
        {queue_.ticket(waiting), gone.cookie, gone.worker, reason, std::move(message)});
    drop_waiter(waiting);
}

void BackendPool::Impl::drop_waiter(std::uint32_t waiting) {
    const waiter gone = queue_[waiting];
    queue_.remove(waiting);
    tenants_.unhold(gone.tenant);
    databases_.unhold(gone.database);
}

std::string BackendPool::Impl::time_out_message(Duration timeout) const {
    const auto ms = timeout.count();
    const std::string after = ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
    return "timed out after " + after +
           " waiting for a server connection: " + std::to_string(connections_.count(connection_state::lent)) +
           " of " + std::to_string(hard_limit()) + " in use, " + std::to_string(queue_.size()) + " waiting";
}

}  // namespace fairlead::dal
