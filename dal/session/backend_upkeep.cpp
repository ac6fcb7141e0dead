// A runtime as the keeper and the configuration see it.
#include "dal/pool/pool_limits.h"
#include "dal/session/backend_pool_call.h"
#include "dal/session/closed.h"
#include "dal/session/lease_waiter.h"

#include <utility>

namespace fairlead::dal {

void BackendRuntime::tick() {
    pool_call call(*this);
    if (!closed_) pool_.tick(call.now, actions_);
}

bool BackendRuntime::take_work(backend_work& work) {
    std::lock_guard lock(mutex_);
    told_ = false;
    work = std::exchange(work_, {});
    return !work.empty();
}

void BackendRuntime::logged_in(ConnectionId connection, std::unique_ptr<ServerSession> session,
                               connection_origin origin) {
    pool_call call(*this);
    if (closed_) return call.doomed.swap(session);
    slot& place = slot_of(connection);
    place.session = std::move(session);
    place.origin = std::move(origin);
    place.idle_since = call.now;
    pool_.connected(connection, call.now, actions_);
}

void BackendRuntime::login_failed(ConnectionId connection, const Diagnostics& why) {
    pool_call call(*this);
    if (closed_) return;
    last_failure_ = why;
    pool_.connect_failed(connection, why.message, call.now, actions_, failure_scope(why.sqlstate));
}

void BackendRuntime::recovered(ConnectionId connection) {
    pool_call call(*this);
    if (closed_) return;
    slot_of(connection).idle_since = call.now;
    pool_.release(connection, call.now, actions_);
}

void BackendRuntime::lost(ConnectionId connection) {
    pool_call call(*this);
    if (!closed_) discard(connection, call.now);
}

void BackendRuntime::checked(const backend_work::check& check, bool alive) {
    pool_call call(*this);
    const bool wanted = !check.waiter->withdrawn;
    if (closed_) {
        if (!wanted) return;
        check.waiter->fail(data_source_closed());
        return call.woken.push_back(check.waiter);
    }
    slot_of(check.connection).idle_since = call.now;
    if (alive && wanted) return hand_to(check.waiter, check.connection, call.now, call.woken);
    if (alive) return pool_.release(check.connection, call.now, actions_);
    discard(check.connection, call.now);
    if (wanted) request(check.waiter, call.now, call.woken);
}

bool BackendRuntime::is_finished() const {
    std::lock_guard lock(mutex_);
    const PoolStats stats = pool_.stats(std::chrono::steady_clock::now());
    return retired_ && seats_ == 0 && stats.connecting + stats.idle + stats.lent == 0 && work_.empty();
}

void BackendRuntime::update(std::shared_ptr<const config::Backend> settings, bool reconnect) {
    pool_call call(*this);
    settings_ = std::move(settings);
    retired_ = false;
    pool_.set_limits(limits_of(*settings_), call.now, actions_);
    if (reconnect) pool_.recycle_all(call.now, actions_);
}

void BackendRuntime::keep_warm(const std::string& database) {
    pool_call call(*this);
    const DatabaseSlot warm = pool_.enter_database(database);
    pool_.keep_warm(warm, call.now, actions_);
    if (warm_) pool_.leave_database(*warm_);
    warm_ = warm;
}

void BackendRuntime::retire() {
    pool_call call(*this);
    retired_ = true;
    PoolLimits limits = limits_of(*settings_);
    limits.min_pool_size = 0;
    limits.idle_timeout = Duration(0);  // whatever comes back is closed with the next tick
    pool_.set_limits(limits, call.now, actions_);
    pool_.recycle_all(call.now, actions_);
}

void BackendRuntime::begin_close() {
    pool_call call(*this);
    closed_ = true;
    for (std::shared_ptr<lease_waiter>& waiter : waiters_.take_all()) {
        pool_.cancel(*std::exchange(waiter->ticket, std::nullopt));
        waiter->fail(data_source_closed());
        call.woken.push_back(std::move(waiter));
    }
}

void BackendRuntime::finish_close() {
    backend_work dropped;
    take_work(dropped);
    for (const auto& check : dropped.checks) checked(check, false);
    std::vector<std::unique_ptr<ServerSession>> unheld;
    std::lock_guard lock(mutex_);
    for (slot& place : slots_)
        if (!place.with_caller && place.session != nullptr) unheld.push_back(std::move(place.session));
}

}  // namespace fairlead::dal
