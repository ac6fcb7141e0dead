#include "tests/integration/library/async_engine_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <optional>

namespace fairlead::test {
namespace {

using namespace std::chrono_literals;

class AsyncBulkLoads : public async_on_each_engine {};
INSTANTIATE_TEST_SUITE_P(Library, AsyncBulkLoads, both_engines(), name_of_engine);

/// Rows `from` to `to`, long enough to fill some buffers.
awaitable<void> fill(AsyncBulkLoad& load, int from, int to) {
    const std::string note(200, 'x');
    for (int id = from; id <= to; ++id)
        if (load.row(id, note)) co_await load.send();
}

TEST_P(AsyncBulkLoads, RowsArriveWhereverTheTenantLivesAndAreItsOwn) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "initech", "umbrella"}) {
        run([](AsyncTenant mine) -> awaitable<void> {
            AsyncBulkLoad load = mine.bulk_load("items", {"id", "note", "data"});
            const Bytes bytes{std::byte{0}, std::byte{'\t'}, std::byte{0xff}};
            int sent = 0;
            for (int number = 1; number <= 12'000; ++number) {
                if (!load.row(number, number == 2 ? "tab\t" : std::string(100, 'x'), bytes)) continue;
                co_await load.send();
                ++sent;
            }
            EXPECT_GT(sent, 0) << "the buffer is bounded";
            EXPECT_EQ(co_await load.finish(), 12'000u);
            EXPECT_EQ(co_await mine.query_value<int>(fairlead::bind("SELECT count(*) FROM items")), 12'000);
            const auto row =
                co_await mine.query_row<std::string, Bytes>(fairlead::bind("SELECT note, data FROM items "
                                                                           "WHERE id = 2"));
            EXPECT_EQ(row, std::tuple("tab\t", bytes));
        }(tenant(db, id)));
    }
    EXPECT_EQ(count(db, "globex"), 0);
    EXPECT_EQ(shop.ask("SELECT count(*) FROM items WHERE tenant_id = 'acme'"), "12000");
    EXPECT_EQ(shop.ask("SELECT count(*) FROM items"), "12000");
}

TEST_P(AsyncBulkLoads, AFailureLeavesNothingAndTheLoadIsOver) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "umbrella"}) {
        run([](AsyncTenant mine) -> awaitable<void> {
            AsyncBulkLoad load = mine.bulk_load("items", {"id", "note"});
            co_await fill(load, 1, 6'000);
            EXPECT_FALSE(load.row(1, "again"));
            EXPECT_THROW(co_await load.finish(), ServerError);
            EXPECT_THROW((void)load.row(7'000, "late"), UsageError);
            EXPECT_THROW(co_await load.finish(), UsageError);
            const auto [failed, rows] = co_await load.finish(as_diagnostics);
            EXPECT_EQ(failed.kind(), errc::usage);
            EXPECT_EQ(rows, 0u);
            co_await load.undo();
        }(tenant(db, id)));
        EXPECT_EQ(count(db, id), 0) << id;
    }
}

TEST_P(AsyncBulkLoads, OneThatIsNotFinishedLeavesNothing) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    run([](AsyncTenant mine) -> awaitable<void> {
        {
            AsyncBulkLoad dropped = mine.bulk_load("items", {"id", "note"});
            co_await fill(dropped, 1, 6'000);
        }
        AsyncBulkLoad undone = mine.bulk_load("items", {"id", "note"});
        co_await fill(undone, 1, 6'000);
        co_await undone.undo();
        AsyncBulkLoad unsent = mine.bulk_load("items", {"id", "note"});
        EXPECT_FALSE(unsent.row(1, "one"));
    }(tenant(db)));
    EXPECT_EQ(count(db), 0);
}

TEST_P(AsyncBulkLoads, InATransactionItIsPartOfItAndUndoneAlone) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "umbrella"}) {
        run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
            AsyncTransaction tx = mine.begin();
            co_await tx.execute(fairlead::bind(sql, 1, "before"));
            AsyncBulkLoad bad = tx.bulk_load("items", {"id"});
            EXPECT_FALSE(bad.row(2));
            EXPECT_FALSE(bad.row(1));
            EXPECT_THROW(co_await bad.finish(), ServerError);
            AsyncBulkLoad good = tx.bulk_load("items", {"id"});
            EXPECT_FALSE(good.row(3));
            EXPECT_EQ(co_await good.finish(), 1u);
            AsyncBulkLoad undone = tx.bulk_load("items", {"id"});
            EXPECT_FALSE(undone.row(4));
            co_await undone.send();
            co_await undone.undo();
            EXPECT_EQ(co_await tx.query_value<int>(fairlead::bind("SELECT count(*) FROM items")), 2);
            co_await tx.commit();
        }(tenant(db, id), insert()));
        EXPECT_EQ(count(db, id), 2) << id;
    }
}

TEST_P(AsyncBulkLoads, DroppedInTheMidstOfATransactionItTakesTheWholeWithIt) {
    DataSource db = shop.open();
    run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
        AsyncTransaction tx = mine.begin();
        co_await tx.execute(fairlead::bind(sql, 1, "before"));
        {
            AsyncBulkLoad unsent = tx.bulk_load("items", {"id"});
            EXPECT_FALSE(unsent.row(2));
        }
        EXPECT_TRUE(tx.is_open()) << "nothing of it was sent";
        {
            AsyncBulkLoad dropped = tx.bulk_load("items", {"id"});
            EXPECT_FALSE(dropped.row(3));
            co_await dropped.send();
        }
        EXPECT_FALSE(tx.is_open());
        EXPECT_THROW(co_await tx.commit(), UsageError);
    }(tenant(db), insert()));
    EXPECT_EQ(count(db), 0);
}

TEST_P(AsyncBulkLoads, WhatHasNoMeaningIsRefusedBeforeAnythingIsSent) {
    DataSource db = shop.open();
    AsyncTenant mine = tenant(db);
    EXPECT_THROW((void)mine.bulk_load("items", {"id", "tenant_id"}), UsageError);
    EXPECT_THROW((void)mine.bulk_load("nowhere", {"id"}), UsageError);
    EXPECT_THROW((void)mine.bulk_load("items", {}), UsageError);
    AsyncBulkLoad load = mine.bulk_load("items", {"id", "note"});
    EXPECT_THROW((void)load.row(1), UsageError);
    auto ending = load.finish(asio::use_future);
    run_context();
    EXPECT_THROW(ending.get(), UsageError) << "with a row missing it is not what was wanted";
    EXPECT_EQ(db.pools().at(0).connects, 0u);
}

TEST_P(AsyncBulkLoads, MemoryIsBoundedEvenWhenNobodySends) {
    DataSource db = shop.open();
    AsyncBulkLoad load = tenant(db).bulk_load("items", {"id", "note"});
    const std::string note(1'000, 'x');
    int taken = 0;
    while (!load.row(taken, note)) ++taken;
    ++taken;  // the last one was taken, too
    const std::array<Argument, 2> row{Argument(taken), Argument(note)};
    Diagnostics failed;
    EXPECT_FALSE(load.add(failed, row));
    EXPECT_EQ(failed.kind(), errc::usage);
    auto rows = load.finish(asio::use_future);
    run_context();
    EXPECT_EQ(rows.get(), static_cast<std::uint64_t>(taken)) << "all that were taken";
}

TEST_P(AsyncBulkLoads, InterruptedItLeavesNothingAndTheConnectionHeals) {
    shop.write_default("pool_size = 2");
    DataSource db = shop.open();
    Transaction holder = db.tenant("acme").begin();
    holder.execute("INSERT INTO items (id) VALUES (1)");  // whoever writes the same has to wait
    CallOptions hurried;
    hurried.timeout = 300ms;
    run([](AsyncTenant mine) -> awaitable<void> {
        AsyncBulkLoad load = mine.bulk_load("items", {"id"});
        EXPECT_FALSE(load.row(1));
        EXPECT_THROW(co_await load.finish(), DeadlineExceeded);
        EXPECT_THROW(co_await load.finish(), UsageError);
        AsyncTransaction tx = mine.begin();
        AsyncBulkLoad part = tx.bulk_load("items", {"id"});
        EXPECT_FALSE(part.row(1));
        EXPECT_THROW(co_await part.send(), DeadlineExceeded);
        EXPECT_THROW(co_await tx.execute(fairlead::bind("SELECT 1")), UsageError);
    }(tenant(db).with(hurried)));
    AsyncBulkLoad cancelled = tenant(db).bulk_load("items", {"id"});
    EXPECT_FALSE(cancelled.row(1));
    asio::cancellation_signal signal;
    auto call = cancelled.finish(asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    asio::steady_timer later(context, 300ms);
    later.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
    run_context();
    EXPECT_THROW(call.get(), CallCancelled);
    holder.rollback();
    EXPECT_EQ(count(db), 0);
}

TEST_P(AsyncBulkLoads, DroppedWhileItRunsAndWithItsContextNothingIsLost) {
    shop.write_default("pool_size = 2");
    DataSource db = shop.open();
    {
        Transaction holder = db.tenant("acme").begin();
        holder.execute("INSERT INTO items (id) VALUES (1)");
        asio::io_context gone;
        std::optional<AsyncBulkLoad> load =
            AsyncTenant(db.tenant("acme"), gone.get_executor()).bulk_load("items", {"id"});
        EXPECT_FALSE(load->row(1));
        load->send([](std::exception_ptr) { FAIL(); });
        EXPECT_THROW((void)load->row(2), UsageError) << "a call runs";
        load.reset();
        gone.run_for(200ms);
    }
    EXPECT_EQ(count(db), 0);
    EXPECT_EQ(count(db), 0);
    EXPECT_LE(db.pools().at(0).connects, 2u);
}

}  // namespace
}  // namespace fairlead::test
