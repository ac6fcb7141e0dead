#include "tests/integration/library/async_engine_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stop_token>
#include <thread>

namespace fairlead::test {
namespace {

using namespace std::chrono_literals;

class Asynchronous : public async_on_each_engine {};
INSTANTIATE_TEST_SUITE_P(Library, Asynchronous, both_engines(), name_of_engine);

TEST_P(Asynchronous, EachTenantWritesAndReadsItsOwnRows) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "globex", "initech", "umbrella"}) {
        AsyncTenant one = tenant(db, id);
        run([](AsyncTenant mine, std::string text) -> awaitable<void> {
            const ResultSet made = co_await mine.execute(fairlead::bind(text, 7, mine.id()));
            EXPECT_EQ(made.affected(), 1u);
            const auto rows =
                co_await mine.query<int, std::string>(fairlead::bind("SELECT id, note FROM items"));
            EXPECT_EQ(rows.size(), 1u) << mine.id();
            EXPECT_EQ(rows.front(), std::tuple(7, mine.id()));
        }(one, insert()));
    }
}

TEST_P(Asynchronous, FailuresArriveAsTheirOwnClasses) {
    DataSource db = shop.open();
    AsyncTenant acme = tenant(db);
    const std::string text = insert();
    run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
        co_await mine.execute(fairlead::bind(sql, 1, "first"));
        EXPECT_THROW(co_await mine.execute(fairlead::bind(sql, 1, "again")), IntegrityError);
        EXPECT_THROW(co_await mine.execute(fairlead::bind("TRUNCATE items")), StatementRefused);
        EXPECT_THROW(co_await mine.query<int>(fairlead::bind("SELECT id, note FROM items")), UsageError);
    }(acme, text));
    auto refused = acme.execute(fairlead::bind("TRUNCATE items"), asio::use_future);
    context.restart();
    context.run();
    EXPECT_THROW(refused.get(), StatementRefused);
}

TEST_P(Asynchronous, WithDiagnosticsNothingIsThrown) {
    DataSource db = shop.open();
    AsyncTenant acme = tenant(db);
    run([](AsyncTenant mine) -> awaitable<void> {
        const auto [failed, result] = co_await mine.execute(fairlead::bind("TRUNCATE items"), as_diagnostics);
        EXPECT_EQ(failed.kind(), errc::refused);
        EXPECT_FALSE(failed.rule.empty());
        EXPECT_TRUE(result.empty());
        const auto [mistaken, rows] =
            co_await mine.query<int, int>(fairlead::bind("SELECT id FROM items"), as_diagnostics);
        EXPECT_EQ(mistaken.kind(), errc::usage);
        EXPECT_TRUE(rows.empty());
    }(acme));
    int calls = 0;
    const auto count = [&](Diagnostics failed, TypedRows<int> rows) {
        ++calls;
        EXPECT_FALSE(failed) << failed.message;
        EXPECT_EQ(rows.size() == 1 ? std::get<0>(rows.front()) : 0, 5);
    };
    acme.query<int>(fairlead::bind("SELECT 5"), as_diagnostics(count));
    EXPECT_EQ(calls, 0);
    context.restart();
    context.run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Asynchronous, TransactionsCommitAndRollBack) {
    DataSource db = shop.open();
    run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
        AsyncTransaction kept = mine.begin();
        co_await kept.execute(fairlead::bind(sql, 1, "kept"));
        co_await kept.execute(fairlead::bind(sql, 2, "kept"));
        co_await kept.commit();
        EXPECT_THROW(co_await kept.execute(fairlead::bind("SELECT 1")), UsageError);

        AsyncTransaction undone = mine.begin();
        co_await undone.execute(fairlead::bind(sql, 3, "undone"));
        co_await undone.rollback();

        AsyncTransaction dropped = mine.begin();
        co_await dropped.execute(fairlead::bind(sql, 4, "dropped"));
    }(tenant(db), insert()));
    EXPECT_EQ(count(db), 2);
}

TEST_P(Asynchronous, ATransactionThatFailedIsNotCommitted) {
    DataSource db = shop.open();
    run([](AsyncTenant mine, std::string sql, bool is_postgres) -> awaitable<void> {
        AsyncTransaction tx = mine.begin();
        co_await tx.execute(fairlead::bind(sql, 1, "first"));
        EXPECT_THROW(co_await tx.execute(fairlead::bind(sql, 1, "again")), IntegrityError);
        if (is_postgres) {
            EXPECT_THROW(co_await tx.commit(), TransactionStateError);
        } else {
            co_await tx.rollback();
        }
    }(tenant(db), insert(), shop.is_postgres()));
    EXPECT_EQ(count(db), 0);
}

TEST_P(Asynchronous, ASecondCallOfATransactionIsToldSo) {
    DataSource db = shop.open();
    AsyncTransaction tx = sleeper(db).begin();
    auto first = tx.execute(fairlead::bind(shop.sleep("0.2")), asio::use_future);
    auto second = tx.execute(fairlead::bind("SELECT 1"), asio::use_future);
    context.run();
    EXPECT_EQ(first.get().size(), 1u);
    EXPECT_THROW(second.get(), UsageError);
}

TEST_P(Asynchronous, ABatchIsAllOrNothing) {
    DataSource db = shop.open();
    Batch good, bad;
    good.add(insert(), 1, "one").add(insert(), 2, "two").add("SELECT count(*) FROM items");
    bad.add(insert(), 3, "three").add(insert(), 1, "again");
    run([](AsyncTenant mine, Batch whole, Batch half) -> awaitable<void> {
        const auto results = co_await mine.run(whole);
        EXPECT_EQ(results.size(), 3u);
        EXPECT_EQ(results.at(2).front().get<int>(0), 2);
        EXPECT_THROW(co_await mine.run(half), IntegrityError);
        EXPECT_TRUE((co_await mine.run(Batch())).empty());
    }(tenant(db), good, bad));
    EXPECT_EQ(count(db), 2);
}

TEST_P(Asynchronous, StreamsBringAllRowsBitByBit) {
    DataSource db = shop.open();
    Batch rows;
    for (int id = 0; id < 2'000; ++id)
        rows.add(insert(), id, "a note of some length, so that rows fill chunks");
    db.tenant("acme").run(rows);
    run([](AsyncTenant mine) -> awaitable<void> {
        AsyncStream stream = co_await mine.stream(fairlead::bind("SELECT id, note FROM items ORDER BY id"));
        int next = 0;
        int chunks = 0;
        for (RowChunk chunk = co_await stream.next(); !chunk.empty(); chunk = co_await stream.next()) {
            ++chunks;
            for (const Row& row : chunk) EXPECT_EQ(row.get<int>(0), next++);
        }
        EXPECT_EQ(next, 2'000);
        EXPECT_GT(chunks, 1);
        EXPECT_TRUE((co_await stream.next()).empty()) << "the end stays the end";
    }(tenant(db)));
}

TEST_P(Asynchronous, AStreamThatIsDroppedGivesItsConnectionBack) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    Batch rows;
    for (int id = 0; id < 2'000; ++id) rows.add(insert(), id, "note");
    db.tenant("acme").run(rows);
    run([](AsyncTenant mine) -> awaitable<void> {
        {
            AsyncStream stream = co_await mine.stream(fairlead::bind("SELECT id, note FROM items"));
            EXPECT_FALSE((co_await stream.next()).empty());
        }
        const auto after = co_await mine.query<int>(fairlead::bind("SELECT count(*) FROM items"));
        EXPECT_EQ(std::get<0>(after.front()), 2'000);
    }(tenant(db)));
}

TEST_P(Asynchronous, TheDeadlineEndsACallAndTheConnectionHeals) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    CallOptions hurried;
    hurried.timeout = 150ms;
    const auto before = std::chrono::steady_clock::now();
    run([](AsyncTenant mine, std::string sleep) -> awaitable<void> {
        EXPECT_THROW(co_await mine.execute(fairlead::bind(sleep)), DeadlineExceeded);
    }(sleeper(db).with(hurried), shop.sleep("20")));
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    EXPECT_EQ(count(db, "umbrella"), 0);
}

TEST_P(Asynchronous, ACancellationSlotEndsACall) {
    DataSource db = shop.open();
    asio::cancellation_signal signal;
    auto call = sleeper(db).execute(fairlead::bind(shop.sleep("20")),
                                    asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    asio::steady_timer later(context, 150ms);
    later.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
    context.run();
    EXPECT_THROW(call.get(), CallCancelled);
}

TEST_P(Asynchronous, AStopTokenEndsACall) {
    DataSource db = shop.open();
    std::stop_source source;
    CallOptions stoppable;
    stoppable.stop = source.get_token();
    auto call = sleeper(db).with(stoppable).execute(fairlead::bind(shop.sleep("20")), asio::use_future);
    std::thread other([&] {
        std::this_thread::sleep_for(150ms);
        source.request_stop();
    });
    context.run();
    other.join();
    EXPECT_THROW(call.get(), CallCancelled);
}

TEST_P(Asynchronous, WhoWaitsForAConnectionInVainIsTold) {
    shop.write_default("pool_size = 1\npool_timeout = \"10s\"\n");
    DataSource db = shop.open();
    AsyncTransaction holder = tenant(db).begin();
    run([](AsyncTransaction& held) -> awaitable<void> {
        co_await held.execute(fairlead::bind("SELECT 1"));
    }(holder));
    // Not before there is a connection: on a busy machine its login takes longer.
    shop.write_default("pool_size = 1\npool_timeout = \"200ms\"\n");
    db.reload();
    run([](AsyncTransaction& held, AsyncTenant mine) -> awaitable<void> {
        EXPECT_THROW(co_await mine.execute(fairlead::bind("SELECT 2")), PoolTimeout);
        co_await held.commit();
    }(holder, tenant(db)));
    EXPECT_EQ(db.tenant("acme").query_value<int>("SELECT 3"), 3);
}

TEST_P(Asynchronous, ManyCallsShareFewConnectionsFromSeveralThreads) {
    shop.write_default("pool_size = 3\npool_timeout = \"20s\"\n");
    DataSource db = shop.open();
    for (const char* id : {"acme", "globex"}) db.tenant(id).execute(insert(), 1, id);
    constexpr int calls = 300;
    std::atomic<int> right{0};
    asio::thread_pool pool(4);
    for (int i = 0; i < calls; ++i) {
        const std::string id = i % 2 == 0 ? "acme" : "globex";
        AsyncTenant(db.tenant(id), pool.get_executor())
            .query<std::string>(fairlead::bind("SELECT note FROM items"),
                                as_diagnostics([&right, id](Diagnostics failed, TypedRows<std::string> rows) {
                                    EXPECT_FALSE(failed) << failed.message;
                                    if (rows.size() == 1 && std::get<0>(rows.front()) == id) ++right;
                                }));
    }
    pool.join();
    EXPECT_EQ(right, calls);
    EXPECT_LE(db.pools().at(0).connects, 3u);
}

TEST_P(Asynchronous, AConnectionThatBreaksIsReported) {
    DataSource db = shop.open();
    auto call = sleeper(db).execute(fairlead::bind(shop.sleep("20")), asio::use_future);
    asio::steady_timer later(context, 300ms);
    later.async_wait([&](auto) { shop.cut_connections(); });
    context.run();
    EXPECT_THROW(call.get(), ConnectionFailed);
    EXPECT_EQ(count(db, "umbrella"), 0) << "a new connection takes its place";
}

TEST_P(Asynchronous, AContextThatGoesTakesItsCallsWithIt) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    std::atomic<int> called{0};
    {
        asio::io_context gone;
        AsyncTenant acme(db.tenant("umbrella"), gone.get_executor());
        for (int i = 0; i < 3; ++i) {  // one runs, two wait for its connection
            acme.execute(fairlead::bind(shop.sleep("20")), [&](std::exception_ptr, ResultSet) { ++called; });
        }
        gone.run_for(200ms);
    }
    EXPECT_EQ(called, 0);
    EXPECT_EQ(count(db, "umbrella"), 0) << "the connection was cancelled and lent again";
}

TEST_P(Asynchronous, OneConnectionServesTwoContextsAndBlockingCallsInTurn) {
    shop.write_default("pool_size = 1\n");
    DataSource db = shop.open();
    asio::io_context other;
    for (int round = 0; round < 5; ++round) {
        for (asio::io_context* here : {&context, &other}) {
            auto answer = AsyncTenant(db.tenant("acme"), here->get_executor())
                              .query<int>(fairlead::bind("SELECT 5"), asio::use_future);
            here->restart();
            here->run();
            EXPECT_EQ(std::get<0>(answer.get().front()), 5);
        }
        EXPECT_EQ(count(db), 0);
    }
    EXPECT_EQ(db.pools().at(0).connects, 1u);
}

}  // namespace
}  // namespace fairlead::test
