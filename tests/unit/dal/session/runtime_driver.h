#pragma once

#include "dal/session/backend_set.h"
#include "dal/session/lease.h"
#include "tests/unit/dal/session/fake_server.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace fairlead::dal::test {

using std::chrono::milliseconds;
using State = LeaseRequest::State;

inline bool eventually(const std::function<bool()>& holds, milliseconds within = milliseconds(3'000)) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(milliseconds(2));
    }
    return true;
}

/// One request that a test waits for.
class asker {
public:
    explicit asker(const PoolSeat& seat) {
        began_ = request.start(seat, [this] {
            std::lock_guard lock(mutex_);
            ++wakeups_;
            changed_.notify_all();
        });
    }
    State began() const { return began_; }
    /// waiting: nothing happened within the time.
    State wait(milliseconds within = milliseconds(3'000)) {
        if (began_ != State::waiting) return began_;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, within, [this] { return wakeups_ != 0; });
        return request.state();
    }
    int wakeups() {
        std::lock_guard lock(mutex_);
        return wakeups_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int wakeups_ = 0;
    State began_;

public:
    LeaseRequest request;  // destroyed first: no wakeup comes after it
};

/// The runtime of backends on a fake server, with times that a test can wait for.
class runtime_driver {
public:
    runtime_driver() {
        backend.name = "pg1";
        backend.host = "127.0.0.1";
        backend.user = "app";
        backend.pool_size = 2;
        backend.pool_timeout = milliseconds(300);
        backend.connect_timeout = milliseconds(300);
        placement.name = "shared";
        placement.backend = "pg1";
        placement.database = "shop";
    }
    void apply() {
        config::Settings settings;
        settings.backends = {backend};
        settings.placements = {placement};
        apply(std::move(settings));
    }
    void apply(config::Settings settings) {
        set.apply(std::make_shared<const config::Snapshot>(std::move(settings), std::vector<config::Tenant>(),
                                                           std::vector<config::User>(), ++generation_));
    }
    std::unique_ptr<PoolSeat> seat(const std::string& tenant, TenantLimits limits = {},
                                   const std::string& database = "shop") {
        return std::make_unique<PoolSeat>(set.find("pg1"), tenant, limits, database);
    }
    Lease lend(const PoolSeat& from) {
        asker one(from);
        EXPECT_EQ(one.wait(), State::granted) << one.request.failed().message;
        return one.request.take();
    }
    PoolState state() { return set.states().at(0); }
    /// Nothing lent, nothing under way.
    bool quiet() {
        const PoolState now = state();
        return now.lent == 0 && now.connecting == 0 && now.waiting == 0;
    }
    static fake_session& fake(const Lease& lease) { return dynamic_cast<fake_session&>(lease.session()); }

    fake_server server;
    config::Backend backend;
    config::Placement placement;
    backend_set set{[this](config::Engine, std::uint32_t) { return std::make_unique<fake_session>(server); },
                    "test"};

private:
    std::uint64_t generation_ = 0;
};

}  // namespace fairlead::dal::test
