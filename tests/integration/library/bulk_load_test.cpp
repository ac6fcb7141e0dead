#include "tests/integration/library/engine_test.h"

namespace fairlead::test {
namespace {

class BulkLoads : public on_each_engine {
protected:
    int count(Tenant tenant) { return tenant.query_value<int>("SELECT count(*) FROM items"); }
};
INSTANTIATE_TEST_SUITE_P(Library, BulkLoads, both_engines(), name_of_engine);

TEST_P(BulkLoads, RowsArriveWhereverTheTenantLivesAndAreItsOwn) {
    DataSource db = shop.open();
    const Bytes bytes{std::byte{0}, std::byte{'\t'}, std::byte{0xff}, std::byte{'\\'}};
    const std::string text = "tab\t newline\n return\r backslash \\ and \\N \xc3\xa9";
    for (const char* id : {"acme", "initech", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        BulkLoad load = tenant.bulk_load("items", {"id", "note", "amount", "data"});
        load.row(1, text, 1.25, bytes);
        load.row(2, nullptr, nullptr, nullptr);
        for (int number = 3; number <= 5'000; ++number) load.row(number, "", 2, bytes);
        EXPECT_EQ(load.finish(), 5'000u);
        EXPECT_EQ(count(tenant), 5'000) << id;
        const auto row =
            tenant.query_row<std::string, double, Bytes>("SELECT note, amount, data FROM items WHERE id = 1");
        ASSERT_TRUE(row);
        EXPECT_EQ(*row, std::tuple(text, 1.25, bytes)) << id;
        EXPECT_TRUE(tenant.execute("SELECT note FROM items WHERE id = 2")[0][0].is_null());
        EXPECT_EQ(tenant.query_value<std::string>("SELECT note FROM items WHERE id = 3"), "");
    }
    EXPECT_EQ(count(db.tenant("globex")), 0);
    EXPECT_EQ(shop.ask("SELECT count(*) FROM items WHERE tenant_id = 'acme'"), "5000");
}

TEST_P(BulkLoads, ADuplicateRowLeavesNothing) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        BulkLoad load = tenant.bulk_load("items", {"id", "note"});
        for (int number = 1; number <= 20'000; ++number) load.row(number, std::string(100, 'x'));
        load.row(1, "again");
        EXPECT_THROW(load.finish(), ServerError) << id;
        EXPECT_THROW(load.finish(), UsageError);
        EXPECT_EQ(count(tenant), 0) << id;
    }
}

TEST_P(BulkLoads, OneThatIsNotFinishedLeavesNothing) {
    Tenant tenant = shop.open().tenant("acme");
    {
        BulkLoad load = tenant.bulk_load("items", {"id", "note"});
        for (int number = 1; number <= 20'000; ++number) load.row(number, std::string(100, 'x'));
    }
    EXPECT_EQ(count(tenant), 0);
}

TEST_P(BulkLoads, InATransactionItIsPartOfItAndUndoneAlone) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        Transaction tx = tenant.begin();
        tx.execute("INSERT INTO items (id) VALUES (1)");
        {
            BulkLoad bad = tx.bulk_load("items", {"id"});
            bad.row(2);
            bad.row(1);
            EXPECT_THROW(bad.finish(), ServerError) << id;
        }
        BulkLoad good = tx.bulk_load("items", {"id"});
        good.row(3);
        EXPECT_EQ(good.finish(), 1u) << id;
        EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM items"), 2) << id;
        tx.commit();
        EXPECT_EQ(count(tenant), 2) << id;
    }
}

TEST_P(BulkLoads, WhatHasNoMeaningIsRefusedBeforeAnythingIsSent) {
    DataSource db = shop.open();
    Tenant tenant = db.tenant("acme");
    EXPECT_THROW(tenant.bulk_load("items", {"id", "tenant_id"}), UsageError);
    EXPECT_THROW(tenant.bulk_load("nowhere", {"id"}), UsageError);
    EXPECT_THROW(tenant.bulk_load("plans", {"plan"}), UsageError);
    EXPECT_THROW(tenant.bulk_load("items", {"nothing"}), UsageError);
    EXPECT_THROW(tenant.bulk_load("items", {"id", "id"}), UsageError);
    EXPECT_THROW(tenant.bulk_load("items", {}), UsageError);
    BulkLoad load = tenant.bulk_load("items", {"id", "note"});
    EXPECT_THROW(load.row(1), UsageError);
    EXPECT_EQ(db.pools().at(0).connects, 0u);
}

TEST_P(BulkLoads, NamesAreQuoted) {
    Tenant tenant = shop.open().tenant("umbrella");
    const std::string quote = shop.is_postgres() ? "\"" : "`";
    const std::string odd = "o" + quote + "dd; DROP";
    const std::string quoted = quote + "o" + quote + quote + "dd; DROP" + quote;
    tenant.execute("CREATE TABLE " + quoted + " (" + quoted + " int)");
    BulkLoad load = tenant.bulk_load(odd, {odd});
    load.row(7);
    EXPECT_EQ(load.finish(), 1u);
    EXPECT_EQ(tenant.query_value<int>("SELECT " + quoted + " FROM " + quoted), 7);
}

}  // namespace
}  // namespace fairlead::test
