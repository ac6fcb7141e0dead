#include "tests/integration/library/engine_test.h"

namespace fairlead::test {
namespace {

class Streams : public on_each_engine {
protected:
    /// A statement that gives `count` rows with one number each.
    std::string numbers(int count) const {
        if (shop.is_postgres()) return "SELECT g FROM generate_series(1, " + std::to_string(count) + ") g";
        return "SELECT seq FROM seq_1_to_" + std::to_string(count);
    }
};
INSTANTIATE_TEST_SUITE_P(Library, Streams, both_engines(), name_of_engine);

TEST_P(Streams, ManyRowsOneAfterTheOther) {
    DataSource db = shop.open();
    Tenant tenant = db.tenant("umbrella");
    std::int64_t sum = 0, rows = 0;
    for (const Row row : tenant.stream(numbers(300'000))) {
        sum += row.get<int>(0);
        ++rows;
    }
    EXPECT_EQ(rows, 300'000);
    EXPECT_EQ(sum, 300'000LL * 300'001 / 2);
    EXPECT_EQ(db.pools().at(0).lent, 0u);
}

TEST_P(Streams, OnSharedTablesOnlyTheTenantsRows) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "globex"})
        for (int number : {1, 2})
            db.tenant(id).execute("INSERT INTO items (id) VALUES (:id)", named("id", number));
    int rows = 0;
    for (const Row row : db.tenant("acme").stream("SELECT id FROM items WHERE id >= :id", named("id", 1))) {
        EXPECT_LE(row.get<int>("id"), 2);
        ++rows;
    }
    EXPECT_EQ(rows, 2);
}

TEST_P(Streams, OneThatIsGivenUpEarlyLeavesItsConnectionToOthers) {
    shop.write_default("pool_size = 1");
    Tenant tenant = shop.open().tenant("umbrella");
    {
        RowStream stream = tenant.stream(numbers(300'000));
        ASSERT_TRUE(stream.next());
        EXPECT_EQ(stream.row().get<int>(0), 1);
    }
    EXPECT_EQ(tenant.query_value<int>("SELECT 5"), 5);
}

TEST_P(Streams, InATransactionNothingElseRunsUntilItsEndAndOneGivenUpLeavesItOpen) {
    Tenant tenant = shop.open().tenant("umbrella");
    Transaction tx = tenant.begin();
    tx.execute("INSERT INTO items (id) VALUES (1)");
    {
        RowStream stream = tx.stream(numbers(50'000));
        ASSERT_TRUE(stream.next());
        EXPECT_THROW(tx.execute("SELECT 1"), UsageError);
        EXPECT_THROW(tx.commit(), UsageError);
    }
    EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM items"), 1);
    tx.commit();
    EXPECT_EQ(tenant.query_value<int>("SELECT count(*) FROM items"), 1);
}

TEST_P(Streams, OneThatOutlivesItsTransactionSaysSo) {
    Tenant tenant = shop.open().tenant("umbrella");
    RowStream stream;
    {
        Transaction tx = tenant.begin();
        stream = tx.stream(numbers(300'000));
        ASSERT_TRUE(stream.next());
    }
    Diagnostics failed;
    while (stream.next(failed)) continue;
    EXPECT_EQ(failed.kind(), errc::usage);
    EXPECT_EQ(tenant.query_value<int>("SELECT 5"), 5);
}

TEST_P(Streams, ATimeLimitBeyondTheClockIsNoneAndOneBelowZeroHasPassed) {
    Tenant tenant = shop.open().tenant("umbrella");
    Tenant patient = tenant.with({.timeout = std::chrono::milliseconds::max()});
    EXPECT_EQ(patient.query_value<int>("SELECT 5"), 5);
    EXPECT_TRUE(patient.stream(numbers(2)).next());
    BulkLoad load = patient.bulk_load("items", {"id"});
    load.row(1);
    EXPECT_EQ(load.finish(), 1u);
    Tenant late = tenant.with({.timeout = std::chrono::milliseconds(-1)});
    EXPECT_THROW(late.execute(shop.sleep("1")), DeadlineExceeded);
    EXPECT_THROW(late.stream(shop.sleep("1")), DeadlineExceeded);
    BulkLoad hurried = late.bulk_load("items", {"id"});
    hurried.row(2);
    Diagnostics failed;
    hurried.finish(failed);
    // The latter when it is the COMMIT that was sent.
    EXPECT_TRUE(failed.kind() == errc::deadline || failed.kind() == errc::outcome_unknown) << failed.message;
}

TEST_P(Streams, WhatWasMovedFromIsAtItsEnd) {
    Tenant tenant = shop.open().tenant("umbrella");
    RowStream from = tenant.stream(numbers(300'000));
    ASSERT_TRUE(from.next());
    {
        RowStream to = std::move(from);
        EXPECT_TRUE(to.next());
        EXPECT_EQ(to.row().get<int>(0), 2);
        EXPECT_FALSE(from.next());
        from = std::move(to);
        EXPECT_FALSE(to.next());
    }
    ASSERT_TRUE(from.next());
    EXPECT_EQ(from.row().get<int>(0), 3);
}

TEST_P(Streams, AMistakeShowsWhenItIsOpened) {
    Tenant tenant = shop.open().tenant("umbrella");
    EXPECT_THROW(tenant.stream("SELECT nothing FROM items"), SyntaxOrAccessError);
    EXPECT_THROW(tenant.stream("COMMIT"), StatementRefused);
    EXPECT_EQ(tenant.query_value<int>("SELECT 5"), 5);
}

}  // namespace
}  // namespace fairlead::test
