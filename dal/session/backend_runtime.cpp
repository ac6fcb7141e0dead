// What the pool decides, carried out.
#include "dal/session/backend_runtime.h"

#include "dal/pool/pool_limits.h"
#include "dal/session/backend_pool_call.h"
#include "dal/session/lease_waiter.h"

#include <utility>

namespace fairlead::dal {

BackendRuntime::BackendRuntime(std::shared_ptr<const config::Backend> settings,
                               std::shared_ptr<wake_signal> bell, std::uint64_t seed)
    : bell_(std::move(bell)), settings_(std::move(settings)), pool_(limits_of(*settings_), seed) {}

BackendRuntime::~BackendRuntime() = default;

BackendRuntime::pool_call::~pool_call() {
    runtime_.perform(now, woken);
    const bool news = !runtime_.told_ && !runtime_.work_.empty();
    if (news) runtime_.told_ = true;
    lock_.unlock();
    if (news) runtime_.bell_->raise();
    for (const auto& waiter : woken) waiter->wake();
}

void BackendRuntime::perform(TimePoint now, wake_list& woken) {
    if (actions_.empty()) return;
    for (const auto& grant : actions_.grants) hand_over(grant, now, woken);
    for (const auto& close : actions_.closes)
        work_.closes.push_back(std::move(slot_of(close.connection).session));
    for (const auto& connect : actions_.connects)
        work_.logins.push_back({connect.connection, std::string(pool_.database_name(connect.database))});
    for (const auto& failure : actions_.failures) turn_away(failure, woken);
    actions_.clear();
}

void BackendRuntime::hand_over(const PoolActions::Grant& grant, TimePoint now, wake_list& woken) {
    // A waiter leaves the pool's queue and this map under the same lock, so it is there.
    std::shared_ptr<lease_waiter> waiting = waiters_.take(grant.cookie);
    waiting->ticket.reset();
    hand_to(std::move(waiting), grant.connection, now, woken);
}

void BackendRuntime::turn_away(const PoolActions::Fail& failure, wake_list& woken) {
    std::shared_ptr<lease_waiter> waiting = waiters_.take(failure.cookie);
    waiting->ticket.reset();
    waiting->fail(reason_of(failure));
    woken.push_back(std::move(waiting));
}

Diagnostics BackendRuntime::reason_of(const PoolActions::Fail& failure) const {
    const bool timed_out = failure.reason == AcquireFailure::timed_out;
    Diagnostics why;
    if (!timed_out && last_failure_.message == failure.message) why = last_failure_;
    why.set(timed_out ? errc::pool_timeout : errc::connection);
    why.message = failure.message;
    const std::string& name = settings_->name;
    if (timed_out) why.hint = "Look at backends." + name + ".pool_size and pool_timeout.";
    if (!timed_out && why.hint.empty()) why.hint = "Look at backend \"" + name + "\".";
    return why;
}

BackendRuntime::slot& BackendRuntime::slot_of(ConnectionId connection) {
    const std::size_t place = place_of(connection);
    if (slots_.size() <= place) slots_.resize(place + 1);
    return slots_[place];
}

void BackendRuntime::discard(ConnectionId connection, TimePoint now) {
    doubtful_ = now;
    work_.closes.push_back(std::move(slot_of(connection).session));
    pool_.discard(connection, now, actions_);
}

std::shared_ptr<const config::Backend> BackendRuntime::settings() const {
    std::lock_guard lock(mutex_);
    return settings_;
}

PoolState BackendRuntime::state() const {
    std::lock_guard lock(mutex_);
    const PoolStats stats = pool_.stats(std::chrono::steady_clock::now());
    PoolState state;
    state.backend = settings_->name;
    state.connecting = stats.connecting;
    state.idle = stats.idle;
    state.lent = stats.lent;
    state.waiting = stats.waiting;
    state.connects = stats.connect_attempts;
    state.connect_failures = stats.connect_failures;
    state.timeouts = stats.timeouts;
    state.recycled = stats.recycled;
    return state;
}

}  // namespace fairlead::dal
