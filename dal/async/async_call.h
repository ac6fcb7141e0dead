#pragma once

#include "dal/async/async_work.h"
#include "fairlead/async.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace fairlead::dal {

class async_service;

/// Drives one operation on an executor: its steps run one after the other, each on a thread of the executor
/// (the first on the thread that starts the call), whatever the number of threads; so does what gives it up
/// (deadline, cancellation slot, stop token). The outcome goes to the completion exactly once, or, when the
/// execution context is destroyed before, the completion is destroyed uncalled. Thread-safe.
class async_call final : public std::enable_shared_from_this<async_call> {
public:
    using Completion = std::unique_ptr<fairlead::detail::async_completion>;

    /// The service of the context that `executor` runs on. Keep it: finding it takes a lock.
    static async_service& service_of(const boost::asio::any_io_executor& executor);

    static void start(async_service& service, const boost::asio::any_io_executor& executor,
                      std::unique_ptr<async_work> work, Completion completion, const std::stop_token& stop);

    /// For start().
    async_call(async_service& service, const boost::asio::any_io_executor& executor,
               std::unique_ptr<async_work> work, Completion completion);
    ~async_call();

    /// For the service, on a thread of its context.
    const boost::asio::any_io_executor& executor() const { return executor_; }
    bool is_plain() const { return plain_; }
    /// An outcome that is still to be told to the handler; empty: the call goes on.
    struct Finished {
        Completion completion;
        fairlead::detail::async_outcome outcome;

        explicit operator bool() const { return completion != nullptr; }
        /// Once. `later`: never before this returns.
        void tell(bool later = false) { completion.release()->complete(std::move(outcome), later); }
    };
    /// For the service: the descriptor is ready; on the executor.
    Finished on_ready(Wait ready);
    /// For the service: a connection was granted, or not; on the executor.
    Finished woken();
    /// For the service: the context goes. Gives the operation up and destroys the completion.
    void abandon();

private:
    enum class State : std::uint8_t { fresh, descriptor, wakeup, over };
    struct Stop {
        std::weak_ptr<async_call> call;
        void operator()() const;
    };
    /// What a call leaves behind: destroyed outside its lock, since that may run code of others.
    struct Remains;

    Finished begin(const std::stop_token& stop);
    void connect_cancellation();
    template <typename Function>
    void post(Function function);
    void wake();
    void request_interrupt(errc why, bool only_if_unsent);
    void interrupt(errc why, bool only_if_unsent);
    Finished advance(std::unique_lock<std::mutex>& lock, Wait ready);
    bool wait_for(const Step& step);
    void watch_deadline();
    Finished finish(std::unique_lock<std::mutex>& lock, const Diagnostics& failed);
    Remains take_remains();

    async_service& service_;
    std::uint32_t place_ = 0;
    const bool plain_;

    // Posting from threads that the context does not know must end before the context does. A lock of its
    // own, since an operation may wake its call from inside of advance().
    std::mutex gate_;
    boost::asio::any_io_executor executor_;  // empty: the context is gone

    std::mutex mutex_;  // of all below; held during a step, never while a handler runs
    std::unique_ptr<async_work> work_;
    Completion completion_;
    boost::asio::any_io_executor tracked_;  // keeps run() of the context from returning
    std::optional<boost::asio::steady_timer> timer_;
    std::optional<TimePoint> deadline_;  // that timer_ is set to
    std::unique_ptr<std::stop_callback<Stop>> stop_;
    State state_ = State::fresh;
    bool sent_ = false;  // a descriptor was waited for: the server may have got something
};

}  // namespace fairlead::dal
