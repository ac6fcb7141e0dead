#include "dal/async/async_call.h"

#include "unit/dal/async/scripted_call.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace fairlead::dal {
namespace {

namespace asio = boost::asio;
using namespace async_test;
using namespace std::chrono_literals;

/// Remembers how a call came back.
struct Outcome {
    int calls = 0;
    Diagnostics failed;
    std::uint64_t affected = 0;
    std::thread::id thread;

    auto handler() {
        return [this](Diagnostics diagnostics, ResultSet result) {
            ++calls;
            failed = std::move(diagnostics);
            affected = result.affected();
            thread = std::this_thread::get_id();
        };
    }
};

class AsyncCall : public testing::Test {
protected:
    asio::io_context context_;
    Trace trace_;
    Outcome outcome_;
    Line line_;
};

TEST_F(AsyncCall, DoneAtOnceStillComesLater) {
    run(context_.get_executor(), script(trace_, {}), outcome_.handler());
    EXPECT_EQ(trace_.advances, 1);
    EXPECT_EQ(outcome_.calls, 0) << "the handler ran inside the initiating call";
    context_.run();
    EXPECT_EQ(outcome_.calls, 1);
    EXPECT_FALSE(outcome_.failed);
    EXPECT_EQ(outcome_.affected, 42u);
    EXPECT_EQ(trace_.destroyed, 1);
}

TEST_F(AsyncCall, DoneAtOnceInsideAHandlerComesLaterToo) {
    bool inside = false;
    asio::post(context_, [&] {
        inside = true;
        run(context_.get_executor(), script(trace_, {}),
            [&](Diagnostics, ResultSet) { EXPECT_FALSE(inside); });
        inside = false;
    });
    context_.run();
    EXPECT_EQ(trace_.destroyed, 1);
}

TEST_F(AsyncCall, WaitsForTheDescriptorAndSaysWhatCame) {
    run(context_.get_executor(), script(trace_, {readable(line_), readable(line_)}), outcome_.handler());
    context_.poll();
    EXPECT_EQ(trace_.advances, 1);
    line_.send();
    context_.run_one();
    context_.poll();
    ASSERT_EQ(trace_.advances, 3) << "what was not read must be told again";
    EXPECT_EQ(trace_.came, (std::vector{Wait::nothing, Wait::readable, Wait::readable}));
    EXPECT_EQ(outcome_.calls, 1);
}

TEST_F(AsyncCall, WaitsForEither) {
    auto either = [this] { return Step::ready(line_.ours(), Wait::either); };
    run(context_.get_executor(), script(trace_, {either}), outcome_.handler());
    context_.run();
    EXPECT_EQ(trace_.came.back(), Wait::writable);
}

TEST_F(AsyncCall, AHangUpIsReadiness) {
    run(context_.get_executor(), script(trace_, {readable(line_)}), outcome_.handler());
    line_.hang_up();
    context_.run();
    EXPECT_EQ(trace_.came.back(), Wait::readable);
    EXPECT_EQ(outcome_.calls, 1);
}

TEST_F(AsyncCall, TheNextCallOnTheSameDescriptorIsServed) {
    for (int round = 0; round < 3; ++round) {
        Trace trace;
        run(context_.get_executor(), script(trace, {readable(line_)}), outcome_.handler());
        line_.send();
        context_.restart();
        context_.run();
        line_.take();
        EXPECT_EQ(outcome_.calls, round + 1);
    }
}

TEST_F(AsyncCall, ADescriptorThatIsClosedAndGivenAnewIsServed) {
    run(context_.get_executor(), script(trace_, {readable(line_)}), outcome_.handler());
    line_.send();
    context_.run();
    const int number = line_.ours();
    line_.close_ours();
    Line next;
    ASSERT_EQ(next.ours(), number) << "the lowest free number is given";
    Trace trace;
    run(context_.get_executor(), script(trace, {readable(next)}), outcome_.handler());
    next.send();
    context_.restart();
    context_.run();
    EXPECT_EQ(outcome_.calls, 2);
}

TEST_F(AsyncCall, ADescriptorThatIsNotThereFails) {
    line_.close_ours();
    run(context_.get_executor(), script(trace_, {readable(line_)}), outcome_.handler());
    context_.run();
    EXPECT_EQ(outcome_.failed.kind(), errc::connection);
    EXPECT_EQ(trace_.destroyed, 1);
}

TEST_F(AsyncCall, WokenFromAnotherThread) {
    run(context_.get_executor(), script(trace_, {Step::woken}), outcome_.handler());
    std::thread other([&] {
        std::this_thread::sleep_for(20ms);
        trace_.wake();
    });
    // Without work of its own the context would return before.
    context_.run();
    other.join();
    EXPECT_EQ(outcome_.calls, 1);
    EXPECT_EQ(trace_.threads.back(), std::this_thread::get_id()) << "steps run on the executor";
}

TEST_F(AsyncCall, WokenBeforeItWaits) {
    auto woken_early = [this] {
        trace_.wake();
        return Step::woken();
    };
    run(context_.get_executor(), script(trace_, {woken_early}), outcome_.handler());
    context_.run();
    EXPECT_EQ(outcome_.calls, 1);
    EXPECT_EQ(trace_.advances, 2);
}

TEST_F(AsyncCall, AFailureOfTheOperationArrives) {
    auto operation = script(trace_, {});
    operation->failed_.set(errc::integrity);
    operation->failed_.sqlstate = "23505";
    run(context_.get_executor(), std::move(operation), outcome_.handler());
    context_.run();
    EXPECT_EQ(outcome_.failed.sqlstate, "23505");
    EXPECT_EQ(outcome_.affected, 0u) << "a call that failed has no value";
}

TEST_F(AsyncCall, TheDeadlineInterrupts) {
    auto operation = script(trace_, {readable(line_)});
    operation->deadline_ = std::chrono::steady_clock::now() + 20ms;
    run(context_.get_executor(), std::move(operation), outcome_.handler());
    context_.run();
    EXPECT_EQ(outcome_.failed.kind(), errc::deadline);
    EXPECT_EQ(trace_.interrupted, errc::deadline);
}

TEST_F(AsyncCall, ADeadlineThatIsNotReachedKeepsNobodyWaiting) {
    auto operation = script(trace_, {readable(line_)});
    operation->deadline_ = std::chrono::steady_clock::now() + 1h;
    run(context_.get_executor(), std::move(operation), outcome_.handler());
    line_.send();
    context_.run();
    EXPECT_EQ(outcome_.calls, 1);
    EXPECT_FALSE(outcome_.failed);
}

TEST_F(AsyncCall, AStopTokenInterrupts) {
    std::stop_source source;
    run(context_.get_executor(), script(trace_, {readable(line_)}), outcome_.handler(), source.get_token());
    context_.poll();
    std::thread other([&] { source.request_stop(); });
    context_.run();
    other.join();
    EXPECT_EQ(outcome_.failed.kind(), errc::cancelled);
}

TEST_F(AsyncCall, StoppedBeforeItBeganDoesNothing) {
    std::stop_source source;
    source.request_stop();
    run(context_.get_executor(), script(trace_, {}), outcome_.handler(), source.get_token());
    context_.run();
    EXPECT_EQ(trace_.advances, 0);
    EXPECT_EQ(outcome_.failed.kind(), errc::cancelled);
}

struct Cancellation {
    const char* name;
    asio::cancellation_type type;
    bool while_sent;  // whether it may end a call that has reached the server
};

class AsyncCallCancelled : public AsyncCall, public testing::WithParamInterface<Cancellation> {};

TEST_P(AsyncCallCancelled, WhileItWaitsForAConnection) {
    asio::cancellation_signal signal;
    run(context_.get_executor(), script(trace_, {Step::woken}),
        asio::bind_cancellation_slot(signal.slot(), outcome_.handler()));
    context_.poll();
    signal.emit(GetParam().type);
    EXPECT_EQ(outcome_.calls, 0) << "the handler ran inside emit()";
    context_.run();
    EXPECT_EQ(outcome_.failed.kind(), errc::cancelled);
    EXPECT_EQ(trace_.destroyed, 1);
    trace_.wake();  // too late, and harmless
    signal.emit(GetParam().type);
    context_.restart();
    EXPECT_EQ(context_.poll(), 0u);
}

TEST_P(AsyncCallCancelled, WhileTheServerWorks) {
    asio::cancellation_signal signal;
    run(context_.get_executor(), script(trace_, {readable(line_)}),
        asio::bind_cancellation_slot(signal.slot(), outcome_.handler()));
    context_.poll();
    signal.emit(GetParam().type);
    context_.poll();
    EXPECT_EQ(outcome_.calls, GetParam().while_sent ? 1 : 0);
    line_.send();
    context_.run();
    EXPECT_EQ(outcome_.calls, 1);
    EXPECT_EQ(outcome_.failed.failed(), GetParam().while_sent);
}

INSTANTIATE_TEST_SUITE_P(Types, AsyncCallCancelled,
                         testing::Values(Cancellation{"terminal", asio::cancellation_type::terminal, true},
                                         Cancellation{"partial", asio::cancellation_type::partial, true},
                                         Cancellation{"total", asio::cancellation_type::total, false}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(AsyncCall, AfterACancelTheDescriptorServesTheNextCall) {
    asio::cancellation_signal signal;
    run(context_.get_executor(), script(trace_, {readable(line_)}),
        asio::bind_cancellation_slot(signal.slot(), outcome_.handler()));
    signal.emit(asio::cancellation_type::terminal);
    context_.run();
    Trace trace;
    run(context_.get_executor(), script(trace, {readable(line_)}), outcome_.handler());
    line_.send();
    context_.restart();
    context_.run();
    EXPECT_EQ(outcome_.calls, 2);
    EXPECT_FALSE(outcome_.failed);
}

TEST_F(AsyncCall, TheHandlerRunsOnItsOwnExecutor) {
    asio::thread_pool handlers(1);
    std::thread::id handlers_thread;
    asio::post(handlers, [&] { handlers_thread = std::this_thread::get_id(); });
    run(context_.get_executor(), script(trace_, {readable(line_)}),
        asio::bind_executor(handlers.get_executor(), outcome_.handler()));
    line_.send();
    context_.run();
    handlers.join();
    EXPECT_EQ(outcome_.calls, 1);
    EXPECT_EQ(outcome_.thread, handlers_thread);
}

TEST_F(AsyncCall, OnAThreadPoolWithAFuture) {
    asio::thread_pool pool(2);
    auto future = run(pool.get_executor(), script(trace_, {readable(line_)}), asio::use_future);
    line_.send();
    const auto [failed, result] = future.get();
    EXPECT_FALSE(failed);
    EXPECT_EQ(result.affected(), 42u);
    pool.join();
}

TEST_F(AsyncCall, OnAStrand) {
    const auto strand = asio::make_strand(context_);
    run(strand, script(trace_, {readable(line_)}), [&](Diagnostics, ResultSet) {
        EXPECT_TRUE(strand.running_in_this_thread());
        ++outcome_.calls;
    });
    line_.send();
    context_.run();
    EXPECT_EQ(outcome_.calls, 1);
}

TEST_F(AsyncCall, AHandlerThatThrowsTakesNoOtherCallWithIt) {
    Trace second;
    Line other;
    run(context_.get_executor(), script(trace_, {readable(line_)}),
        [](Diagnostics, ResultSet) { throw std::runtime_error("the application's"); });
    run(context_.get_executor(), script(second, {readable(other)}),
        [](Diagnostics, ResultSet) { throw std::runtime_error("the application's"); });
    line_.send();
    other.send();
    EXPECT_THROW(context_.run(), std::runtime_error);
    EXPECT_THROW(context_.run(), std::runtime_error);
    EXPECT_EQ(trace_.destroyed, 1);
    EXPECT_EQ(second.destroyed, 1);
}

TEST(AsyncCallShutdown, WhatIsLeftIsDestroyedWithTheContext) {
    Line line;
    Trace reading, waiting, finished;
    auto held = std::make_shared<int>(0);
    const auto handler = [held](Diagnostics, ResultSet) {
        ADD_FAILURE() << "called by a context that is gone";
    };
    {
        asio::io_context context;
        auto timed = script(reading, {readable(line)});
        timed->deadline_ = std::chrono::steady_clock::now() + 1h;
        run(context.get_executor(), std::move(timed), handler);
        run(asio::make_strand(context), script(waiting, {Step::woken}), handler);
        run(context.get_executor(), script(finished, {}), handler);
        line.send();
    }
    EXPECT_EQ(held.use_count(), 2) << "a handler was not destroyed";
    for (const Trace* trace : {&reading, &waiting, &finished}) EXPECT_EQ(trace->destroyed, 1);
    EXPECT_EQ(reading.interrupted, errc::cancelled);
    EXPECT_EQ(waiting.interrupted, errc::cancelled);
    waiting.wake();  // a connection is granted to nobody
}

TEST(AsyncCallShutdown, WhileOtherThreadsWake) {
    for (int round = 0; round < 50; ++round) {
        auto context = std::make_unique<asio::io_context>();
        Trace trace;
        run(context->get_executor(), script(trace, {Step::woken, Step::woken}),
            [](Diagnostics, ResultSet) {});
        std::thread waker([wake = trace.wake] { wake(); });
        context->poll_one();
        context.reset();
        waker.join();
        EXPECT_EQ(trace.destroyed, 1);
    }
}

TEST(AsyncCallThreads, StepsOfACallNeverOverlap) {
    constexpr int calls = 200;
    asio::thread_pool pool(4);
    std::vector<Trace> traces(calls);
    std::vector<Line> lines(calls);
    std::atomic<int> done{0};
    for (int i = 0; i < calls; ++i) {
        const auto at = static_cast<std::size_t>(i);
        auto woken_elsewhere = [&trace = traces[at]] {
            std::thread(trace.wake).detach();
            return Step::woken();
        };
        lines[at].send();
        auto operation = script(traces[at], {readable(lines[at]), woken_elsewhere, readable(lines[at])});
        operation->deadline_ = std::chrono::steady_clock::now() + 30s;
        run(pool.get_executor(), std::move(operation), [&done](Diagnostics failed, ResultSet) {
            EXPECT_FALSE(failed) << failed.message;
            ++done;
        });
    }
    pool.join();
    EXPECT_EQ(done, calls);
    for (const Trace& trace : traces) {
        EXPECT_EQ(trace.advances, 4);
        EXPECT_EQ(trace.destroyed, 1);
        EXPECT_FALSE(trace.overlapped);
    }
}

}  // namespace
}  // namespace fairlead::dal
