#include "tests/integration/library/async_engine_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace fairlead::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* add_one = "UPDATE items SET big = big + 1 WHERE id = :id";

class AsyncTransactions : public async_on_each_engine {
protected:
    void add_counters(const DataSource& db, int how_many) {
        for (int id = 1; id <= how_many; ++id)
            db.tenant("acme").execute("INSERT INTO items (id, big) VALUES (:id, 0)", named("id", id));
    }
    /// Until all is done; the signal comes when it has begun. How long it took.
    Clock::duration run_cancelled(asio::cancellation_signal& signal) {
        asio::steady_timer later(context, 400ms);
        later.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
        const auto before = Clock::now();
        run_context();
        return Clock::now() - before;
    }
    static int sum(const DataSource& db) {
        return db.tenant("acme").query_value<int>("SELECT sum(big) FROM items");
    }
};
INSTANTIATE_TEST_SUITE_P(Library, AsyncTransactions, both_engines(), name_of_engine);

awaitable<void> pass(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

TEST_P(AsyncTransactions, WorkIsCommittedAndAnExceptionUndoesIt) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "initech", "umbrella"}) {
        run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
            const int answer = co_await mine.transaction([&](AsyncTransaction& tx) -> awaitable<int> {
                co_await tx.execute(fairlead::bind(sql, 1, "one"));
                co_await tx.execute(fairlead::bind(sql, 2, "two"));
                co_return 42;
            });
            EXPECT_EQ(answer, 42);
            const auto fails = [&](AsyncTransaction& tx) -> awaitable<void> {
                co_await tx.execute(fairlead::bind(sql, 3, "three"));
                throw std::runtime_error("enough");
            };
            EXPECT_THROW(co_await mine.transaction(fails), std::runtime_error);
            const auto again = [&](AsyncTransaction& tx) -> awaitable<void> {
                co_await tx.execute(fairlead::bind(sql, 4, "four"));
                co_await tx.execute(fairlead::bind(sql, 4, "four"));
            };
            EXPECT_THROW(co_await mine.transaction(again), IntegrityError);
        }(tenant(db, id), insert()));
        EXPECT_EQ(count(db, id), 2) << id;
    }
    EXPECT_EQ(count(db, "globex"), 0);
}

TEST_P(AsyncTransactions, WorkIsAwaitedByAnyToken) {
    DataSource db = shop.open();
    const auto work = [sql = insert()](AsyncTransaction& tx) -> awaitable<int> {
        co_await tx.execute(fairlead::bind(sql, 1, "one"));
        co_return co_await tx.query_value<int>(fairlead::bind("SELECT count(*) FROM items"));
    };
    auto future = tenant(db).transaction(work, {}, asio::use_future);
    std::optional<int> called;
    tenant(db, "globex").transaction(work, {}, [&](std::exception_ptr failed, int value) {
        if (!failed) called = value;
    });
    EXPECT_FALSE(called);
    run_context();
    EXPECT_EQ(future.get(), 1);
    EXPECT_EQ(called, 1);
}

TEST_P(AsyncTransactions, ASavepointUndoesItsPartAndTheContextStaysInForce) {
    DataSource db = shop.open();
    db.tenant("globex").execute("INSERT INTO items (id) VALUES (99)");
    run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
        AsyncTransaction tx = mine.begin();
        // Before the first statement: what is undone takes the context with it.
        const auto twice = [&](AsyncTransaction& part) -> awaitable<void> {
            co_await part.execute(fairlead::bind(sql, 1, "one"));
            co_await part.execute(fairlead::bind(sql, 1, "one"));
        };
        EXPECT_THROW(co_await tx.savepoint(twice), IntegrityError);
        EXPECT_EQ(co_await tx.query_value<int>(fairlead::bind("SELECT count(*) FROM items")), 0);
        co_await tx.execute(fairlead::bind(sql, 2, "two"));
        const auto nested = [&](AsyncTransaction& part) -> awaitable<int> {
            co_await part.execute(fairlead::bind(sql, 3, "three"));
            EXPECT_THROW(co_await part.savepoint(twice), IntegrityError);
            co_return co_await part.query_value<int>(fairlead::bind("SELECT count(*) FROM items"));
        };
        EXPECT_EQ(co_await tx.savepoint(nested), 2);
        const auto fails = [&](AsyncTransaction& part) -> awaitable<void> {
            co_await part.execute(fairlead::bind(sql, 4, "four"));
            throw std::runtime_error("enough");
        };
        EXPECT_THROW(co_await tx.savepoint(fails), std::runtime_error);
        EXPECT_TRUE(tx.is_open());
        co_await tx.commit();
        EXPECT_FALSE(tx.is_open());
    }(tenant(db), insert()));
    EXPECT_EQ(count(db), 2);
}

TEST_P(AsyncTransactions, AnInterruptedSavepointTakesTheWholeTransactionWithIt) {
    DataSource db = shop.open();
    CallOptions hurried;
    hurried.timeout = 200ms;
    run([](AsyncTenant mine, std::string sql, std::string sleep) -> awaitable<void> {
        AsyncTransaction tx = mine.begin();
        co_await tx.execute(fairlead::bind(sql, 1, "one"));
        const auto slow = [&](AsyncTransaction& part) -> awaitable<void> {
            co_await part.execute(fairlead::bind(sql, 2, "two"));
            co_await part.execute(fairlead::bind(sleep));
        };
        EXPECT_THROW(co_await tx.savepoint(slow), DeadlineExceeded);
        EXPECT_FALSE(tx.is_open());
        EXPECT_THROW(co_await tx.commit(), UsageError);
    }(sleeper(db).with(hurried), insert(), shop.sleep("20")));
    EXPECT_EQ(count(db, "umbrella"), 0);
}

// Its coroutine is destroyed with what it waits for, and with it who would have undone it.
TEST_P(AsyncTransactions, ASavepointThatIsDroppedInItsMidstTakesTheWholeTransactionWithIt) {
    DataSource db = shop.open();
    AsyncTransaction tx = tenant(db).begin();
    std::shared_ptr<void> waiting;
    auto work = [&waiting, sql = insert()](AsyncTransaction& part) -> awaitable<void> {
        co_await part.execute(fairlead::bind(sql, 1, "one"));
        const auto wait = [&](auto handler) {
            waiting = std::make_shared<decltype(handler)>(std::move(handler));
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(wait, asio::use_awaitable);
    };
    tx.savepoint(work, [](std::exception_ptr) { ADD_FAILURE() << "not reached"; });
    context.run_for(1s);
    ASSERT_NE(waiting, nullptr);
    waiting.reset();
    run_context();  // Asio posts the end of a coroutine's frames
    auto ending = tx.commit(asio::use_future);
    run_context();
    EXPECT_THROW(ending.get(), UsageError);
    EXPECT_EQ(count(db), 0);
}

/// Adds one to each of two counters, in one order or the other, and meets whoever does so the other way
/// round.
struct crossing {
    AsyncTenant tenant;
    int first;
    int second;
    int& holding;  // how many have their first
    int& attempts;
    bool met = false;

    awaitable<void> operator()(AsyncTransaction& tx) {
        ++attempts;
        co_await tx.execute(fairlead::bind(add_one, named("id", first)));
        if (!std::exchange(met, true)) ++holding;
        while (holding < 2) co_await pass(10ms);
        co_await tx.execute(fairlead::bind(add_one, named("id", second)));
    }
};

TEST_P(AsyncTransactions, ADeadlockIsRetriedOnlyByPolicy) {
    DataSource db = shop.open();
    add_counters(db, 2);
    for (const unsigned allowed : {1u, 5u}) {
        TransactionOptions options;
        options.retry.max_attempts = allowed;
        int holding = 0;
        int attempts = 0;
        int failures = 0;
        const auto done = [&](std::exception_ptr failed) {
            if (failed) ++failures;
        };
        const int before = sum(db);
        const AsyncTenant mine = tenant(db);
        mine.transaction(crossing{mine, 1, 2, holding, attempts}, options, done);
        mine.transaction(crossing{mine, 2, 1, holding, attempts}, options, done);
        run_context();
        EXPECT_EQ(failures, allowed == 1 ? 1 : 0);
        EXPECT_EQ(attempts, allowed == 1 ? 2 : 3);
        EXPECT_EQ(sum(db) - before, allowed == 1 ? 2 : 4);
    }
}

/// Loses against another connection each time: on PostgreSQL by reading what the other one then changes, on
/// MySQL by a deadlock with one that has done more.
awaitable<void> lose(AsyncTransaction& tx, AsyncTenant tenant, bool is_postgres) {
    if (is_postgres) {
        co_await tx.query_value<int>(fairlead::bind("SELECT big FROM items WHERE id = 1"));
        co_await tenant.execute(fairlead::bind(add_one, named("id", 1)));
        co_await tx.execute(fairlead::bind(add_one, named("id", 1)));
        co_return;
    }
    AsyncTransaction other = tenant.begin();
    for (int id = 2; id <= 20; ++id) co_await other.execute(fairlead::bind(add_one, named("id", id)));
    co_await tx.execute(fairlead::bind(add_one, named("id", 1)));
    other.execute(fairlead::bind(add_one, named("id", 1)), [](std::exception_ptr, ResultSet) {});
    co_await pass(100ms);
    co_await tx.execute(fairlead::bind(add_one, named("id", 2)));
}

TEST_P(AsyncTransactions, ItGivesUpAfterTheAllowedNumberOfAttempts) {
    DataSource db = shop.open();
    add_counters(db, 20);
    TransactionOptions options;
    if (shop.is_postgres()) options.isolation = IsolationLevel::repeatable_read;
    for (const unsigned allowed : {1u, 3u}) {
        options.retry.max_attempts = allowed;
        unsigned attempts = 0;
        run([](AsyncTenant mine, TransactionOptions how, unsigned& made,
               bool is_postgres) -> awaitable<void> {
            const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
                ++made;
                co_await tx.execute(fairlead::bind("INSERT INTO items (id) VALUES (:id)", named("id", 100)));
                co_await lose(tx, mine, is_postgres);
            };
            EXPECT_THROW(co_await mine.transaction(work, how), SerializationError);
        }(tenant(db), options, attempts, shop.is_postgres()));
        EXPECT_EQ(attempts, allowed);
        EXPECT_EQ(count(db), 20);
    }
}

TEST_P(AsyncTransactions, AnUnknownOutcomeIsNeverTriedAgain) {
    DataSource db = shop.open();
    TransactionOptions options;
    options.retry.max_attempts = 5;
    int attempts = 0;
    const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
        ++attempts;
        co_await tx.execute(fairlead::bind("INSERT INTO items (id) VALUES (1)"));
        shop.cut_connections();
    };
    auto call = tenant(db, "umbrella").transaction(work, options, asio::use_future);
    run_context();
    EXPECT_THROW(call.get(), OutcomeUnknown);
    EXPECT_EQ(attempts, 1);
}

TEST_P(AsyncTransactions, CancellationEndsTheCallThatRunsAndThereIsNoFurtherAttempt) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    TransactionOptions options;
    options.retry.max_attempts = 5;
    int attempts = 0;
    const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
        ++attempts;
        co_await tx.execute(fairlead::bind(insert(), 1, "one"));
        co_await tx.savepoint([&](AsyncTransaction& part) -> awaitable<void> {
            co_await part.execute(fairlead::bind(shop.sleep("20")));
        });
    };
    asio::cancellation_signal signal;
    auto call =
        sleeper(db).transaction(work, options, asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    const auto took = run_cancelled(signal);
    EXPECT_THROW(call.get(), CallCancelled);
    EXPECT_EQ(attempts, 1);
    EXPECT_EQ(count(db, "umbrella"), 0);
    EXPECT_LT(took, 15s);
}

TEST_P(AsyncTransactions, CancellationEndsThePauseBetweenAttempts) {
    DataSource db = shop.open();
    TransactionOptions options;
    options.retry = {5, 60s, 60s};
    int attempts = 0;
    const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
        ++attempts;
        co_await tx.execute(fairlead::bind(insert(), 1, "one"));
        Diagnostics lost;
        lost.set(errc::serialization);
        throw_error(lost);
    };
    asio::cancellation_signal signal;
    auto call =
        tenant(db).transaction(work, options, asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    const auto took = run_cancelled(signal);
    EXPECT_THROW(call.get(), CallCancelled);
    EXPECT_LT(took, 20s);
    EXPECT_EQ(attempts, 1);
    EXPECT_EQ(count(db), 0);
}

TEST_P(AsyncTransactions, TheDeadlineOfACallRollsTheTransactionBack) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    CallOptions hurried;
    hurried.timeout = 300ms;
    const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
        co_await tx.execute(fairlead::bind(insert(), 1, "one"));
        co_await tx.execute(fairlead::bind(shop.sleep("20")));
    };
    auto call = sleeper(db).with(hurried).transaction(work, {}, asio::use_future);
    const auto before = Clock::now();
    run_context();
    EXPECT_THROW(call.get(), DeadlineExceeded);
    EXPECT_EQ(count(db, "umbrella"), 0);
    EXPECT_LT(Clock::now() - before, 10s);
}

TEST_P(AsyncTransactions, MovedOrDroppedWhileACallRunsNothingIsLost) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    std::optional<AsyncTransaction> tx = sleeper(db).begin();
    auto first = tx->execute(fairlead::bind(insert(), 1, "one"), asio::use_future);
    run_context();
    EXPECT_EQ(first.get().affected(), 1u);
    auto second = tx->execute(fairlead::bind(shop.sleep("0.3")), asio::use_future);
    AsyncTransaction elsewhere = std::move(*tx);
    tx.reset();
    elsewhere = sleeper(db).begin();
    run_context();
    EXPECT_EQ(second.get().size(), 1u);
    EXPECT_EQ(count(db, "umbrella"), 0) << "rolled back when its call was over";
    EXPECT_EQ(db.pools().at(0).connects, 1u);
}

TEST_P(AsyncTransactions, WorkMayKeepTheHandleThatItGot) {
    DataSource db = shop.open();
    std::optional<AsyncTransaction> kept;
    const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
        co_await tx.execute(fairlead::bind(insert(), 1, "one"));
        kept = std::move(tx);
    };
    auto call = tenant(db).transaction(work, {}, asio::use_future);
    run_context();
    call.get();
    EXPECT_FALSE(kept->is_open());
    EXPECT_EQ(count(db), 1);
}

TEST_P(AsyncTransactions, ManyShareFewConnectionsFromSeveralThreads) {
    shop.write_default("pool_size = 3");
    DataSource db = shop.open();
    add_counters(db, 2);
    TransactionOptions options;
    options.retry.max_attempts = 100;
    constexpr int calls = 60;
    std::vector<std::future<int>> all;
    for (int i = 0; i < calls; ++i) {
        // A few go the other way round: deadlocks, each of which costs PostgreSQL a second.
        const auto work = [first = i % 20 == 10 ? 2 : 1](AsyncTransaction& tx) -> awaitable<int> {
            co_await tx.execute(fairlead::bind(add_one, named("id", first)));
            const auto part = [&](AsyncTransaction& inner) -> awaitable<void> {
                co_await inner.execute(fairlead::bind(add_one, named("id", 3 - first)));
            };
            co_await tx.savepoint(part);
            co_return 1;
        };
        all.push_back(tenant(db).transaction(work, options, asio::use_future));
    }
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) threads.emplace_back([&] { context.run(); });
    }
    for (auto& each : all) EXPECT_EQ(each.get(), 1);
    EXPECT_EQ(sum(db), 2 * calls);
    EXPECT_LE(db.pools().at(0).connects, 3u);
}

TEST_P(AsyncTransactions, AContextThatGoesTakesItsWorkWithIt) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    {
        asio::io_context gone;
        const auto work = [&](AsyncTransaction& tx) -> awaitable<void> {
            co_await tx.execute(fairlead::bind(insert(), 1, "one"));
            co_await tx.savepoint([&](AsyncTransaction& part) -> awaitable<void> {
                co_await part.execute(fairlead::bind(shop.sleep("20")));
            });
        };
        AsyncTenant(db.tenant("umbrella"), gone.get_executor()).transaction(work, {}, [](std::exception_ptr) {
            ADD_FAILURE() << "not reached";
        });
        gone.run_for(400ms);
    }
    EXPECT_EQ(count(db, "umbrella"), 0);
}

}  // namespace
}  // namespace fairlead::test
