#pragma once

#include "dal/async/async_call.h"
#include "dal/async/async_work.h"
#include "fairlead/async_completion.h"

#include <boost/asio/any_io_executor.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fairlead::dal::async_test {

/// Two ends of a connection.
class Line {
public:
    Line() {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_) != 0) std::abort();
    }
    ~Line() {
        hang_up();
        close_ours();
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    int ours() const { return ends_[0]; }
    void send() {
        const char byte = 'x';
        EXPECT_EQ(::write(ends_[1], &byte, 1), 1);
    }
    void take() {
        char byte = 0;
        EXPECT_EQ(::read(ends_[0], &byte, 1), 1);
    }
    void hang_up() {
        if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
    }
    void close_ours() {
        if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
    }

private:
    int ends_[2] = {-1, -1};
};

/// A wake-up that, as LeaseRequest's, is not running and never will be once the operation is done.
class Wakeup {
public:
    explicit Wakeup(std::function<void()> wakeup) : wakeup_(std::move(wakeup)) {}
    void call() {
        const std::lock_guard lock(mutex_);
        if (wakeup_) wakeup_();
    }
    void silence() {
        const std::lock_guard lock(mutex_);
        wakeup_ = nullptr;
    }

private:
    std::mutex mutex_;
    std::function<void()> wakeup_;
};

/// What happened to a scripted operation; outlives it.
struct Trace {
    std::atomic<int> advances{0};
    std::atomic<int> destroyed{0};
    std::atomic<bool> overlapped{false};  // two steps at the same time
    std::vector<Wait> came;
    std::vector<std::thread::id> threads;
    errc interrupted{};
    /// Calls what the operation was given, while it is not done; thread-safe.
    std::function<void()> wake;
};

/// An operation that is a list of steps; behind the last one it is done.
class ScriptedOperation final : public Operation {
public:
    using StepMaker = std::function<Step()>;

    ScriptedOperation(Trace& trace, std::vector<StepMaker> steps) : trace_(trace), steps_(std::move(steps)) {}
    ~ScriptedOperation() override {
        silence();
        ++trace_.destroyed;
    }

    void on_wakeup(std::function<void()> wakeup) override {
        wakeup_ = std::make_shared<Wakeup>(std::move(wakeup));
        trace_.wake = [shared = wakeup_] { shared->call(); };
    }
    Step advance(Wait ready) override {
        if (inside_.exchange(true)) trace_.overlapped = true;
        trace_.came.push_back(ready);
        trace_.threads.push_back(std::this_thread::get_id());
        const auto at = static_cast<std::size_t>(trace_.advances++);
        const Step step = at < steps_.size() ? steps_[at]() : Step::finished();
        inside_ = false;
        return step;
    }
    void interrupt(errc why) override {
        silence();
        trace_.interrupted = why;
        failed_.set(why);
        failed_.message = "interrupted";
    }
    std::optional<TimePoint> deadline() const override { return deadline_; }
    const Diagnostics& failed() const override { return failed_; }

    std::optional<TimePoint> deadline_;
    Diagnostics failed_;

private:
    void silence() {
        if (wakeup_ != nullptr) wakeup_->silence();
    }

    Trace& trace_;
    std::vector<StepMaker> steps_;
    std::shared_ptr<Wakeup> wakeup_;
    std::atomic<bool> inside_{false};
};

class ScriptedWork final : public async_work {
public:
    explicit ScriptedWork(std::unique_ptr<ScriptedOperation> operation) : operation_(std::move(operation)) {}
    Operation& operation() override { return *operation_; }
    void collect(fairlead::detail::async_outcome& outcome) override { outcome.result = ResultSet({}, 42, 0); }

private:
    std::unique_ptr<ScriptedOperation> operation_;
};

inline std::unique_ptr<ScriptedOperation> script(Trace& trace,
                                                 std::vector<ScriptedOperation::StepMaker> steps) {
    return std::make_unique<ScriptedOperation>(trace, std::move(steps));
}

inline ScriptedOperation::StepMaker readable(const Line& line) {
    return [descriptor = line.ours()] { return Step::ready(descriptor, Wait::readable); };
}

/// Runs `operation` on `executor`; the token's signature is void(Diagnostics, ResultSet).
template <typename Token>
auto run(const boost::asio::any_io_executor& executor, std::unique_ptr<ScriptedOperation> operation,
         Token&& token, std::stop_token stop = {}) {
    using namespace fairlead::detail;
    return boost::asio::async_initiate<Token, signature_of<by_diagnostics, take_result>>(
        [executor, stop](auto&& handler, std::unique_ptr<ScriptedOperation> scripted) {
            async_call::start(async_call::service_of(executor), executor,
                              std::make_unique<ScriptedWork>(std::move(scripted)),
                              make_completion<by_diagnostics, take_result>(
                                  std::forward<decltype(handler)>(handler), executor),
                              stop);
        },
        token, std::move(operation));
}

}  // namespace fairlead::dal::async_test
