#include "dal/session/run_blocking.h"

#include "dal/driver/wait.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace fairlead::dal {
namespace {

/// What the calling thread sleeps on when there is no descriptor.
class wakeup_gate {
public:
    void wake() {
        // Told under the lock: when the sleeper goes on, and perhaps destroys this, we are no longer in here.
        std::lock_guard lock(mutex_);
        woken_ = true;
        if (changed_) changed_->notify_one();
    }
    void stop() {
        std::lock_guard lock(mutex_);
        stopped_ = true;
        if (changed_) changed_->notify_one();
    }
    bool stopped() {
        std::lock_guard lock(mutex_);
        return stopped_;
    }
    /// True: woken. False: stopped, or it is `until`.
    bool sleep(std::optional<TimePoint> until) {
        std::unique_lock lock(mutex_);
        if (!changed_) changed_.emplace();
        const auto over = [this] { return woken_ || stopped_; };
        if (until) {
            changed_->wait_until(lock, *until, over);
        } else {
            changed_->wait(lock, over);
        }
        return std::exchange(woken_, false);
    }

private:
    std::mutex mutex_;
    std::optional<std::condition_variable> changed_;  // from the first sleep on: few calls wait
    bool woken_ = false;
    bool stopped_ = false;
};

/// A stop request as something both kinds of waits notice.
struct stop_watch {
    stop_watch(const std::stop_token& stop, wakeup_gate& gate) : callback(stop, notice{*this, gate}) {}

    struct notice {
        stop_watch& watch;
        wakeup_gate& gate;
        void operator()() const {
            watch.signal.raise();
            gate.stop();
        }
    };
    wake_signal signal;
    std::stop_callback<notice> callback;  // may call at once, so it is made last
};

/// Waits for a descriptor, or a stop; what the descriptor is ready for, `nothing`: it was the time, or stop.
Wait wait_for_descriptor(const Step& step, const std::optional<stop_watch>& watch,
                         std::optional<TimePoint> until) {
    std::array<wait_entry, 2> entries;
    entries[0] = {step.descriptor, step.wait, Wait::nothing};
    if (watch) entries[1] = {watch->signal.descriptor(), Wait::readable, Wait::nothing};
    if (watch && watch->signal.descriptor() < 0) {
        // No descriptor was left for it: look at the stop from time to time.
        const TimePoint soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
        until = until ? std::min(*until, soon) : soon;
    }
    wait_for(std::span(entries.data(), watch ? 2 : 1), until);
    return entries[0].ready;
}

}  // namespace

void run_blocking(Operation& operation, const std::stop_token& stop) {
    if (stop.stop_requested()) return operation.interrupt(errc::cancelled);
    wakeup_gate gate;
    std::optional<stop_watch> watch;
    operation.on_wakeup([&gate] { gate.wake(); });
    if (!stop.stop_possible() && !operation.deadline()) operation.may_block();
    Step step = operation.advance(Wait::nothing);
    while (step.kind != Step::Kind::done) {
        if (!watch && stop.stop_possible()) watch.emplace(stop, gate);
        const std::optional<TimePoint> until = operation.deadline();
        Wait ready = Wait::nothing;
        bool goes_on = false;
        if (step.kind == Step::Kind::wakeup) {
            goes_on = gate.sleep(until);
        } else {
            ready = wait_for_descriptor(step, watch, until);
            goes_on = ready != Wait::nothing;
        }
        if (watch && gate.stopped()) return operation.interrupt(errc::cancelled);
        if (until && std::chrono::steady_clock::now() >= *until) return operation.interrupt(errc::deadline);
        if (goes_on) step = operation.advance(ready);
    }
}

}  // namespace fairlead::dal
