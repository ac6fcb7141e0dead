#include "dal/session/lease_waiter.h"

#include <utility>

namespace fairlead::dal {

lease_waiter::lease_waiter(TenantSlot of_tenant, DatabaseSlot of_database, TimePoint began,
                           std::function<void()> wakeup)
    : tenant(of_tenant), database(of_database), since(began), wakeup_(std::move(wakeup)) {}

void lease_waiter::wake() {
    std::lock_guard lock(wakeup_mutex_);
    if (wakeup_) wakeup_();
    wakeup_ = nullptr;
}

void lease_waiter::silence() {
    std::lock_guard lock(wakeup_mutex_);
    wakeup_ = nullptr;
}

void lease_waiter::grant(const lent_connection& lent) {
    lent_ = lent;
    state_.store(LeaseRequest::State::granted, std::memory_order_release);
}

void lease_waiter::fail(Diagnostics why) {
    failed_ = std::make_unique<Diagnostics>(std::move(why));
    state_.store(LeaseRequest::State::failed, std::memory_order_release);
}

}  // namespace fairlead::dal
