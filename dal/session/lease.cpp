#include "dal/session/lease.h"

#include "dal/session/backend_runtime.h"
#include "dal/session/lease_waiter.h"

#include <utility>

namespace fairlead::dal {

PoolSeat::PoolSeat(std::shared_ptr<BackendRuntime> backend, const std::string& tenant, TenantLimits limits,
                   const std::string& database)
    : backend_(std::move(backend)) {
    const auto [of_tenant, of_database] = backend_->enter(tenant, limits, database);
    tenant_ = of_tenant;
    database_ = of_database;
}

PoolSeat::~PoolSeat() {
    backend_->leave(tenant_, database_);
}

Lease::Lease(std::shared_ptr<BackendRuntime> backend, const lent_connection& lent)
    : backend_(std::move(backend)), lent_(lent) {}

Lease::Lease(Lease&& other) noexcept
    : backend_(std::move(other.backend_)),
      lent_(std::exchange(other.lent_, {})),
      dirty_(other.dirty_),
      interrupted_(other.interrupted_) {}

Lease& Lease::operator=(Lease&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    backend_ = std::move(other.backend_);
    lent_ = std::exchange(other.lent_, {});
    dirty_ = other.dirty_;
    interrupted_ = other.interrupted_;
    return *this;
}

void Lease::give_back() {
    if (lent_.session == nullptr) return;
    backend_->give_back(std::exchange(lent_, {}), dirty_, interrupted_);
    backend_.reset();
}

LeaseRequest::State LeaseRequest::start(const PoolSeat& seat, std::function<void()>&& wakeup) {
    withdraw();
    backend_ = seat.backend_;
    return backend_->lend(seat.tenant_, seat.database_, std::move(wakeup), lent_, waiter_);
}

LeaseRequest::State LeaseRequest::state() const {
    if (lent_.session != nullptr) return State::granted;
    return waiter_ != nullptr ? waiter_->state() : State::failed;
}

Lease LeaseRequest::take() {
    if (waiter_ != nullptr && waiter_->state() == State::granted) {
        waiter_->silence();
        lent_ = waiter_->lent();
        waiter_.reset();
    }
    if (lent_.session == nullptr) return {};
    return {std::move(backend_), std::exchange(lent_, {})};
}

void LeaseRequest::withdraw() {
    if (waiter_ != nullptr) {
        waiter_->silence();
        lent_ = backend_->withdraw(*waiter_);
        waiter_.reset();
    }
    if (lent_.session != nullptr) backend_->give_back(std::exchange(lent_, {}), false, false);
    backend_.reset();
}

Diagnostics LeaseRequest::failed() const {
    return state() == State::failed && waiter_ != nullptr ? waiter_->failed() : Diagnostics();
}

}  // namespace fairlead::dal
