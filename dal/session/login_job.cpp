#include "dal/session/keeper_jobs.h"

#include <utility>

namespace fairlead::dal {

login_job::login_job(const keeper_tools& tools, std::shared_ptr<BackendRuntime> backend,
                     backend_work::login order, std::size_t first_address, TimePoint now)
    : backend_(std::move(backend)),
      connection_(order.connection),
      attempt_(tools, backend_->settings(), std::move(order.database), first_address, now) {}

bool login_job::advance(Wait ready, TimePoint now) {
    switch (attempt_.advance(ready, now)) {
        case connection_attempt::state::running:
            return true;
        case connection_attempt::state::connected:
            backend_->logged_in(connection_, attempt_.take(), attempt_.origin());
            return false;
        case connection_attempt::state::failed:
            backend_->login_failed(connection_, attempt_.failed());
            return false;
    }
    return false;
}

}  // namespace fairlead::dal
