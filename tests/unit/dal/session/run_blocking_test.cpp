#include "dal/session/run_blocking.h"

#include "dal/driver/wait.h"

#include <gtest/gtest.h>

#include <thread>

namespace fairlead::dal::test {
namespace {

using std::chrono::milliseconds;

/// Waits as scripted; done when the script is at its end.
class scripted final : public Operation {
public:
    void on_wakeup(std::function<void()> wakeup) override { wakeup_ = std::move(wakeup); }
    Step advance(Wait ready) override {
        if (at_ != 0) seen.push_back(ready);
        if (at_ == 0 && on_begin) on_begin();
        if (at_ == steps.size()) return Step::finished();
        return steps[at_++];
    }
    void may_block() override { blocks = true; }
    void interrupt(errc why) override { failed_.set(why); }
    std::optional<TimePoint> deadline() const override { return until; }
    const Diagnostics& failed() const override { return failed_; }
    void wake() { wakeup_(); }

    std::function<void()> on_begin;  // when wake() may be called
    std::vector<Step> steps;
    std::vector<Wait> seen;
    std::optional<TimePoint> until;
    bool blocks = false;

private:
    std::size_t at_ = 0;
    std::function<void()> wakeup_;
    Diagnostics failed_;
};

TEST(run_blocking, ends_at_once_when_there_is_nothing_to_wait_for) {
    scripted operation;
    std::stop_source nobody_stops;
    run_blocking(operation, nobody_stops.get_token());
    EXPECT_FALSE(operation.failed());
}

TEST(run_blocking, lets_a_driver_block_only_where_nothing_can_end_the_call) {
    scripted free, limited, stoppable;
    limited.until = std::chrono::steady_clock::now() + std::chrono::hours(1);
    std::stop_source nobody_stops;
    run_blocking(free, {});
    run_blocking(limited, {});
    run_blocking(stoppable, nobody_stops.get_token());
    EXPECT_TRUE(free.blocks);
    EXPECT_FALSE(limited.blocks);
    EXPECT_FALSE(stoppable.blocks);
}

TEST(run_blocking, begins_nothing_behind_a_stop) {
    scripted operation;
    bool began = false;
    operation.on_begin = [&] { began = true; };
    std::stop_source stopped;
    stopped.request_stop();
    run_blocking(operation, stopped.get_token());
    EXPECT_EQ(operation.failed().kind(), errc::cancelled);
    EXPECT_FALSE(began);
}

TEST(run_blocking, waits_for_descriptors_and_for_being_woken) {
    for (const bool stoppable : {false, true}) {
        scripted operation;
        wake_signal signal;
        operation.steps = {Step::ready(signal.descriptor(), Wait::readable), Step::woken(), Step::woken(),
                           Step::ready(signal.descriptor(), Wait::either)};
        std::stop_source stop;
        std::thread other;
        operation.on_begin = [&] {
            operation.wake();  // before it is waited for
            other = std::thread([&] {
                std::this_thread::sleep_for(milliseconds(20));
                signal.raise();
                std::this_thread::sleep_for(milliseconds(20));
                operation.wake();
            });
        };
        run_blocking(operation, stoppable ? stop.get_token() : std::stop_token());
        other.join();
        EXPECT_EQ(operation.seen,
                  (std::vector<Wait>{Wait::readable, Wait::nothing, Wait::nothing, Wait::either}));
        EXPECT_FALSE(operation.failed());
    }
}

TEST(run_blocking, interrupts_both_kinds_of_waits_at_the_deadline) {
    wake_signal never;
    for (const Step& step : {Step::ready(never.descriptor(), Wait::readable), Step::woken()}) {
        scripted operation;
        operation.steps = {step};
        const auto began = std::chrono::steady_clock::now();
        operation.until = began + milliseconds(30);
        run_blocking(operation, {});
        EXPECT_EQ(operation.failed().kind(), errc::deadline);
        EXPECT_TRUE(operation.seen.empty());
        const auto took = std::chrono::steady_clock::now() - began;
        EXPECT_GE(took, milliseconds(30));
        EXPECT_LT(took, milliseconds(1'000));
    }
}

TEST(run_blocking, interrupts_both_kinds_of_waits_when_stopped) {
    wake_signal never;
    for (const Step& step : {Step::ready(never.descriptor(), Wait::readable), Step::woken()}) {
        scripted operation;
        operation.steps = {step};
        std::stop_source stop;
        std::thread other([&] {
            std::this_thread::sleep_for(milliseconds(20));
            stop.request_stop();
        });
        run_blocking(operation, stop.get_token());
        other.join();
        EXPECT_EQ(operation.failed().kind(), errc::cancelled);
        EXPECT_TRUE(operation.seen.empty());
    }
}

}  // namespace
}  // namespace fairlead::dal::test
