#include "dal/session/keeper_jobs.h"

#include <utility>

namespace fairlead::dal {
namespace {

// A server that needs longer for nothing at all is taken for dead; a new login will tell.
constexpr std::chrono::seconds ping_limit{1};

}  // namespace

check_job::check_job(std::shared_ptr<BackendRuntime> backend, backend_work::check order, TimePoint now)
    : backend_(std::move(backend)), order_(std::move(order)), deadline_(now + ping_limit) {}

bool check_job::advance(Wait ready, TimePoint now) {
    ServerSession& session = *order_.session;
    if (now >= deadline_) return finish(false);
    if (!began_) {
        began_ = true;
        const idle_sign sign = look_at_idle(session.descriptor());
        if (sign == idle_sign::closed) return finish(false);
        if (sign == idle_sign::silent && !backend_->settings()->pool_pre_ping) return finish(true);
        wait_ = session.start_ping();
    } else if (ready == Wait::nothing) {
        return true;
    } else {
        wait_ = session.resume(ready);
    }
    return wait_ != Wait::nothing || finish(!session.failed() && !session.is_broken());
}

bool check_job::finish(bool alive) {
    backend_->checked(order_, alive);
    return false;
}

}  // namespace fairlead::dal
