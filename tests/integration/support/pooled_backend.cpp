#include "tests/integration/support/pooled_backend.h"

#include "tests/integration/support/session_driver.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <utility>

namespace fairlead::test {

using State = dal::LeaseRequest::State;
using std::chrono::milliseconds;

bool eventually(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
}

PooledBackend::PooledBackend(config::Engine engine, const dal::ConnectOptions& options,
                             const std::function<void(config::Backend&)>& change)
    : set_([](config::Engine of,
              std::uint32_t max_prepared) { return dal::make_server_session(of, max_prepared); },
           "pooled_backend") {
    config::Backend backend;
    backend.name = "b1";
    backend.engine = engine;
    backend.host = options.host;
    backend.port = options.port;
    backend.user = options.user;
    backend.password = options.password;
    backend.pool_size = 2;
    backend.pool_timeout = milliseconds(1'000);
    backend.connect_timeout = milliseconds(1'000);
    if (change) change(backend);
    config::Settings settings;
    settings.backends = {backend};
    set_.apply(std::make_shared<const config::Snapshot>(std::move(settings), std::vector<config::Tenant>(),
                                                        std::vector<config::User>(), 1));
    seat_ = std::make_unique<dal::PoolSeat>(set_.find("b1"), "acme", dal::TenantLimits(), options.database);
}

State PooledBackend::ask(dal::LeaseRequest& request) const {
    std::promise<void> woken;
    const State began = request.start(*seat_, [&woken] { woken.set_value(); });
    if (began != State::waiting) return began;
    if (woken.get_future().wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
        request.withdraw();
        ADD_FAILURE() << "a request hangs";
        return State::failed;
    }
    return request.state();
}

dal::Lease PooledBackend::lend() const {
    dal::LeaseRequest request;
    EXPECT_EQ(ask(request), State::granted) << request.failed().message;
    return request.take();
}

Diagnostics PooledBackend::refusal() const {
    dal::LeaseRequest request;
    EXPECT_EQ(ask(request), State::failed);
    return request.failed();
}

bool PooledBackend::quiet() const {
    const PoolState now = state();
    return now.lent == 0 && now.connecting == 0;
}

std::string ask(const dal::Lease& lease, std::string_view sql) {
    return single(must_run(lease.session(), sql));
}

void abandon(dal::Lease lease, std::string_view sql) {
    const dal::StatementJob job = job_of(sql);
    // A short statement may be over already, and then there is nothing to interrupt.
    if (lease.session().start(job) != dal::Wait::nothing) lease.mark_interrupted();
}

}  // namespace fairlead::test
