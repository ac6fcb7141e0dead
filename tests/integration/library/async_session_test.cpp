#include "tests/integration/library/async_engine_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <optional>

namespace fairlead::test {
namespace {

using namespace std::chrono_literals;

class AsyncSessions : public async_on_each_engine {};
INSTANTIATE_TEST_SUITE_P(Library, AsyncSessions, both_engines(), name_of_engine);

constexpr const char* make_scratch = "CREATE TEMPORARY TABLE scratch (id int)";

TEST_P(AsyncSessions, StateStaysForItsCallsAndForNobodyElse) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    run([](AsyncTenant mine) -> awaitable<void> {
        {
            AsyncSession session = mine.session();
            co_await session.execute(fairlead::bind(make_scratch));
            co_await session.execute(
                fairlead::bind("INSERT INTO scratch VALUES (:id)", fairlead::named("id", 4)));
            EXPECT_EQ(co_await session.query_value<int>(fairlead::bind("SELECT id FROM scratch")), 4);
            const auto row = co_await session.query_row<int>(fairlead::bind("SELECT id FROM scratch"));
            EXPECT_EQ(row, std::tuple(4));
        }
        EXPECT_THROW(co_await mine.execute(fairlead::bind("SELECT id FROM scratch")), SyntaxOrAccessError);
        AsyncSession next = mine.session();
        EXPECT_THROW(co_await next.execute(fairlead::bind("SELECT id FROM scratch")), SyntaxOrAccessError);
        co_await next.execute(fairlead::bind(make_scratch));
    }(tenant(db, "umbrella")));
    EXPECT_EQ(db.pools().at(0).connects, 1u) << "it was cleaned, not replaced";
}

TEST_P(AsyncSessions, StatementsCommitByThemselves) {
    DataSource db = shop.open();
    run([](AsyncTenant mine, std::string sql) -> awaitable<void> {
        AsyncSession session = mine.session();
        co_await session.execute(fairlead::bind(sql, 1, "kept"));
        EXPECT_THROW(co_await session.execute(fairlead::bind(sql, 1, "again")), IntegrityError);
        co_await session.execute(fairlead::bind(sql, 2, "kept"));
        EXPECT_THROW(co_await session.execute(fairlead::bind("COMMIT")), StatementRefused);
    }(tenant(db), insert()));
    EXPECT_EQ(count(db), 2);
    EXPECT_EQ(count(db, "globex"), 0);
}

TEST_P(AsyncSessions, ABrokenConnectionIsNotReplaced) {
    DataSource db = shop.open();
    AsyncSession session = tenant(db, "umbrella").session();
    run([](AsyncSession& mine) -> awaitable<void> {
        co_await mine.execute(fairlead::bind(make_scratch));
    }(session));
    shop.cut_connections();
    run([](AsyncSession& mine) -> awaitable<void> {
        EXPECT_THROW(co_await mine.execute(fairlead::bind("SELECT 1")), ConnectionFailed);
        const auto [failed, result] = co_await mine.execute(fairlead::bind("SELECT 1"), as_diagnostics);
        EXPECT_EQ(failed.kind(), errc::connection);
        EXPECT_TRUE(result.empty());
    }(session));
}

TEST_P(AsyncSessions, ASecondCallIsToldSoAndAStreamHoldsItsSession) {
    DataSource db = shop.open();
    for (int id : {1, 2}) db.tenant("umbrella").execute(insert(), id, "note");
    AsyncSession session = sleeper(db).session();
    auto first = session.execute(fairlead::bind(shop.sleep("0.2")), asio::use_future);
    auto second = session.execute(fairlead::bind("SELECT 1"), asio::use_future);
    run_context();
    EXPECT_EQ(first.get().size(), 1u);
    EXPECT_THROW(second.get(), UsageError);
    run([](AsyncSession& mine) -> awaitable<void> {
        AsyncStream rows = co_await mine.stream(fairlead::bind("SELECT id FROM items ORDER BY id"));
        int sum = 0;
        for (RowChunk chunk = co_await rows.next(); !chunk.empty(); chunk = co_await rows.next())
            for (const Row& row : chunk) sum += row.get<int>(0);
        EXPECT_EQ(sum, 3);
        EXPECT_EQ(co_await mine.query_value<int>(fairlead::bind("SELECT count(*) FROM items")), 2);
    }(session));
}

TEST_P(AsyncSessions, AnInterruptedCallEndsTheSessionAndTheConnectionHeals) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    CallOptions hurried;
    hurried.timeout = 200ms;
    run([](AsyncTenant mine, std::string sleep) -> awaitable<void> {
        AsyncSession session = mine.session();
        co_await session.execute(fairlead::bind(make_scratch));
        EXPECT_THROW(co_await session.execute(fairlead::bind(sleep)), DeadlineExceeded);
        EXPECT_THROW(co_await session.execute(fairlead::bind("SELECT 1")), ConnectionFailed);
    }(sleeper(db).with(hurried), shop.sleep("20")));
    AsyncSession other = sleeper(db).session();
    asio::cancellation_signal signal;
    auto call = other.execute(fairlead::bind(shop.sleep("20")),
                              asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    asio::steady_timer later(context, 300ms);
    later.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
    run_context();
    EXPECT_THROW(call.get(), CallCancelled);
    EXPECT_EQ(count(db, "umbrella"), 0);
}

TEST_P(AsyncSessions, MovedOrDroppedWhileACallRunsNothingIsLost) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    std::optional<AsyncSession> session = sleeper(db).session();
    auto call = session->execute(fairlead::bind(shop.sleep("0.3")), asio::use_future);
    AsyncSession elsewhere = std::move(*session);
    session.reset();
    elsewhere = AsyncSession();
    run_context();
    EXPECT_EQ(call.get().size(), 1u);
    EXPECT_EQ(count(db, "umbrella"), 0);
    EXPECT_EQ(db.pools().at(0).connects, 1u);
}

TEST_P(AsyncSessions, AContextThatGoesTakesItsSessionsWithIt) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    {
        asio::io_context gone;
        auto work = [](AsyncSession mine, std::string sleep) -> awaitable<void> {
            co_await mine.execute(fairlead::bind(make_scratch));
            co_await mine.execute(fairlead::bind(sleep));
            ADD_FAILURE() << "not reached";
        };
        AsyncTenant one(db.tenant("umbrella"), gone.get_executor());
        asio::co_spawn(gone, work(one.session(), shop.sleep("20")), [](std::exception_ptr) { FAIL(); });
        gone.run_for(400ms);
    }
    EXPECT_EQ(count(db, "umbrella"), 0) << "the connection was cancelled, cleaned and lent again";
}

}  // namespace
}  // namespace fairlead::test
