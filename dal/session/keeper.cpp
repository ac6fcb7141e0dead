#include "dal/session/keeper.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace fairlead::dal {
namespace {

constexpr std::chrono::milliseconds tick_interval{50};

/// The application's signals are its own threads' business; a thread inherits the mask.
class all_signals_blocked {
public:
    all_signals_blocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    all_signals_blocked(const all_signals_blocked&) = delete;
    all_signals_blocked& operator=(const all_signals_blocked&) = delete;

private:
    sigset_t before_;
};

}  // namespace

keeper::keeper(session_factory make_session, std::string application_name, std::shared_ptr<wake_signal> bell)
    : bell_(std::move(bell)),
      names_([bell = bell_] { bell->raise(); }),
      tools_{std::move(make_session), names_, std::move(application_name)} {
    const all_signals_blocked guard;
    thread_ = std::thread([this] { run(); });
}

keeper::~keeper() {
    stop();
}

void keeper::add(std::shared_ptr<BackendRuntime> backend) {
    {
        std::lock_guard lock(mutex_);
        added_.push_back(std::move(backend));
    }
    bell_->raise();
}

void keeper::stop() {
    stopping_ = true;
    bell_->raise();
    if (thread_.joinable()) thread_.join();
}

void keeper::run() {
    while (!stopping_) {
        bell_->lower();
        admit_new();
        const TimePoint now = std::chrono::steady_clock::now();
        tick_if_due(now);
        take_orders(now);
        wait(advance_jobs(now));
    }
    for (const auto& job : jobs_) job->abandon();
    jobs_.clear();
    backends_.clear();
}

void keeper::admit_new() {
    std::lock_guard lock(mutex_);
    for (auto& backend : added_) backends_.push_back({.backend = std::move(backend)});
    added_.clear();
}

void keeper::tick_if_due(TimePoint now) {
    ticked_ = now >= next_tick_;
    if (!ticked_) return;
    next_tick_ = now + tick_interval;
    for (const auto& kept : backends_) kept.backend->tick();
    std::erase_if(backends_, [](const kept_backend& kept) { return kept.backend->is_finished(); });
}

void keeper::take_orders(TimePoint now) {
    backend_work work;
    for (kept_backend& kept : backends_) {
        if (!kept.backend->take_work(work)) continue;
        work.closes.clear();  // before anything is opened
        for (auto& login : work.logins)
            begin(std::make_unique<login_job>(tools_, kept.backend, std::move(login), kept.logins++, now),
                  now);
        for (auto& check : work.checks)
            begin(std::make_unique<check_job>(kept.backend, std::move(check), now), now);
        for (auto& recovery : work.recoveries)
            begin(std::make_unique<recovery_job>(tools_, kept.backend, std::move(recovery), kept.cancels),
                  now);
    }
}

void keeper::begin(std::unique_ptr<keeper_job> job, TimePoint now) {
    if (!job->advance(Wait::nothing, now)) return;
    jobs_.push_back(std::move(job));
    waits_.resize(jobs_.size() + 1);
    waits_.back() = {};
}

/// All of them with every tick: some wait for what has no descriptor.
bool keeper::advance_jobs(TimePoint now) {
    bool ended = false;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        const Wait ready = waits_[i + 1].ready;
        const keeper_job::wish wish = jobs_[i]->wants();
        if (ready == Wait::nothing && !ticked_ && wish.descriptor >= 0 && now < wish.deadline) continue;
        if (jobs_[i]->advance(ready, now)) continue;
        jobs_[i].reset();
        ended = true;
    }
    std::erase(jobs_, nullptr);
    return ended;
}

/// `look_again`: a job that has ended has perhaps made room for another, or left orders.
void keeper::wait(bool look_again) {
    TimePoint until = look_again ? TimePoint() : next_tick_;
    waits_.resize(jobs_.size() + 1);
    waits_[0] = {bell_->descriptor(), Wait::readable, Wait::nothing};
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        const keeper_job::wish wish = jobs_[i]->wants();
        waits_[i + 1] = {wish.descriptor, wish.wait, Wait::nothing};
        until = std::min(until, wish.deadline);
    }
    wait_for(waits_, until);
}

}  // namespace fairlead::dal
