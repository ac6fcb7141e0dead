#pragma once

#include "dal/driver/resolver.h"
#include "dal/driver/wait.h"
#include "dal/session/backend_runtime.h"
#include "dal/session/keeper_job.h"
#include "dal/session/keeper_jobs.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::dal {

/// The one background thread of a data source. Logs in what pools want, side by side; ticks the pools;
/// cleans connections that came back unclean; closes. Nothing that it calls blocks but its own wait, so that
/// it ends within milliseconds when asked to.
class keeper {
public:
    /// `bell`: what backends ring, and what ends its wait.
    keeper(session_factory make_session, std::string application_name, std::shared_ptr<wake_signal> bell);
    /// Stops; see stop().
    ~keeper();
    keeper(const keeper&) = delete;
    keeper& operator=(const keeper&) = delete;

    /// Thread-safe. It is let go when it is_finished().
    void add(std::shared_ptr<BackendRuntime> backend);
    /// Ends the thread. What it was about to do is dropped; connections that it had are their backend's to
    /// close. Not from several threads at once.
    void stop();

private:
    struct kept_backend {
        std::shared_ptr<BackendRuntime> backend;
        std::shared_ptr<cancel_slots> cancels = std::make_shared<cancel_slots>();
        std::size_t logins = 0;
    };
    void run();
    void admit_new();
    void take_orders(TimePoint now);
    void begin(std::unique_ptr<keeper_job> job, TimePoint now);
    void tick_if_due(TimePoint now);
    /// Whether a job has ended.
    bool advance_jobs(TimePoint now);
    void wait(bool look_again);

    const std::shared_ptr<wake_signal> bell_;
    resolver names_;
    keeper_tools tools_;

    std::mutex mutex_;
    std::vector<std::shared_ptr<BackendRuntime>> added_;  // under mutex_
    std::atomic<bool> stopping_ = false;

    // The thread's own.
    std::vector<kept_backend> backends_;
    std::vector<std::unique_ptr<keeper_job>> jobs_;
    std::vector<wait_entry> waits_;  // the bell, then one a job
    TimePoint next_tick_{};
    bool ticked_ = false;

    std::thread thread_;
};

}  // namespace fairlead::dal
