#include "tests/integration/library/engine_test.h"

#include <gmock/gmock.h>

#include <latch>
#include <thread>

namespace fairlead::test {
namespace {

class Transactions : public on_each_engine {
protected:
    int count(Tenant tenant) { return tenant.query_value<int>("SELECT count(*) FROM items"); }
};
INSTANTIATE_TEST_SUITE_P(Library, Transactions, both_engines(), name_of_engine);

TEST_P(Transactions, CommitKeepsAndAnExceptionUndoes) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "initech", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        const int answer = tenant.transaction([](Transaction& tx) {
            tx.execute("INSERT INTO items (id) VALUES (:id)", named("id", 1));
            tx.execute("INSERT INTO items (id) VALUES (:id)", named("id", 2));
            return 42;
        });
        EXPECT_EQ(answer, 42);
        EXPECT_THROW(tenant.transaction([](Transaction& tx) {
            tx.execute("INSERT INTO items (id) VALUES (3)");
            throw std::runtime_error("enough");
        }),
                     std::runtime_error);
        EXPECT_EQ(count(tenant), 2) << id;
    }
    EXPECT_EQ(count(db.tenant("globex")), 0);
}

TEST_P(Transactions, OneThatDoesNothingCostsNothing) {
    DataSource db = shop.open();
    Transaction tx = db.tenant("acme").begin();
    EXPECT_TRUE(tx.is_open());
    tx.commit();
    EXPECT_FALSE(tx.is_open());
    EXPECT_EQ(db.pools().at(0).connects, 0u);
    EXPECT_THROW(tx.execute("SELECT 1"), UsageError);
    EXPECT_THROW(tx.commit(), UsageError);
}

TEST_P(Transactions, DestroyedWithoutCommitItIsRolledBack) {
    Tenant tenant = shop.open().tenant("acme");
    {
        Transaction tx = tenant.begin();
        tx.execute("INSERT INTO items (id) VALUES (1)");
    }
    EXPECT_EQ(count(tenant), 0);
}

TEST_P(Transactions, ASavepointUndoesItsPartAndTheContextStaysInForce) {
    DataSource db = shop.open();
    db.tenant("globex").execute("INSERT INTO items (id) VALUES (99)");
    Tenant tenant = db.tenant("acme");
    tenant.transaction([&](Transaction& tx) {
        // Before the first statement: what is undone takes the context with it.
        EXPECT_THROW(tx.savepoint([](Transaction& inner) {
            inner.execute("INSERT INTO items (id) VALUES (1)");
            inner.execute("INSERT INTO items (id) VALUES (1)");
        }),
                     IntegrityError);
        EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM items"), 0);
        tx.execute("INSERT INTO items (id) VALUES (2)");
        tx.savepoint([](Transaction& inner) { inner.execute("INSERT INTO items (id) VALUES (3)"); });
        EXPECT_THROW(
            tx.savepoint([](Transaction& inner) { inner.execute("INSERT INTO items (id) VALUES (3)"); }),
            IntegrityError);
    });
    EXPECT_EQ(count(tenant), 2);
}

TEST_P(Transactions, AfterAServerErrorPostgresGoesNoFurtherWithoutARoundTrip) {
    Tenant tenant = shop.open().tenant("acme");
    Transaction tx = tenant.begin();
    tx.execute("INSERT INTO items (id) VALUES (1)");
    EXPECT_THROW(tx.execute("INSERT INTO items (id) VALUES (1)"), IntegrityError);
    if (shop.is_postgres()) {
        EXPECT_THROW(tx.execute("SELECT 1"), TransactionStateError);
        EXPECT_THROW(tx.commit(), TransactionStateError);
        EXPECT_FALSE(tx.is_open());
        EXPECT_EQ(count(tenant), 0);
    } else {
        tx.commit();
        EXPECT_EQ(count(tenant), 1);
    }
}

TEST_P(Transactions, ReadOnlyAndIsolationReachTheServer) {
    Tenant tenant = shop.open().tenant("umbrella");
    TransactionOptions options;
    options.read_only = true;
    options.isolation = IsolationLevel::serializable;
    Transaction tx = tenant.begin(options);
    if (shop.is_postgres()) {
        EXPECT_EQ(tx.query_value<std::string>("SHOW transaction_isolation"), "serializable");
        EXPECT_THROW(tx.execute("INSERT INTO items (id) VALUES (1)"), TransactionStateError);
    } else {
        EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM items"), 0);
        EXPECT_THROW(tx.execute("INSERT INTO items (id) VALUES (1)"), TransactionStateError);
        // A serializable read locks: a write elsewhere has to wait.
        tx.rollback();
        options.read_only = false;
        Transaction reader = tenant.begin(options);
        EXPECT_EQ(reader.query_value<int>("SELECT count(*) FROM items"), 0);
        Tenant hasty = tenant.with({.timeout = std::chrono::milliseconds(300)});
        EXPECT_THROW(hasty.execute("INSERT INTO items (id) VALUES (1)"), DeadlineExceeded);
    }
}

/// Two transactions that wait for each other: the server gives one of them up.
template <typename Attempt>
void collide(const Tenant& tenant, Attempt attempt) {
    std::latch both_hold(2);
    std::jthread other([&] { attempt(tenant, 2, 1, both_hold); });
    attempt(tenant, 1, 2, both_hold);
}

TEST_P(Transactions, ADeadlockIsASerializationErrorAndIsRetriedOnlyByPolicy) {
    Tenant tenant = shop.open().tenant("acme");
    for (int id : {1, 2}) tenant.execute("INSERT INTO items (id, big) VALUES (:id, 0)", named("id", id));
    std::atomic<int> failures = 0, attempts = 0;
    const auto work = [&](int first, int second, std::latch& both_hold, TransactionOptions options) {
        bool waited = false;
        try {
            tenant.transaction(options, [&](Transaction& tx) {
                ++attempts;
                tx.execute("UPDATE items SET big = big + 1 WHERE id = :id", named("id", first));
                if (!std::exchange(waited, true)) both_hold.arrive_and_wait();
                tx.execute("UPDATE items SET big = big + 1 WHERE id = :id", named("id", second));
            });
        } catch (const SerializationError&) {
            ++failures;
        }
    };
    collide(tenant,
            [&](const Tenant&, int first, int second, std::latch& latch) { work(first, second, latch, {}); });
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(tenant.query_value<int>("SELECT sum(big) FROM items"), 2);
    failures = attempts = 0;
    TransactionOptions patient;
    patient.retry.max_attempts = 5;
    collide(tenant, [&](const Tenant&, int first, int second, std::latch& latch) {
        work(first, second, latch, patient);
    });
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ(tenant.query_value<int>("SELECT sum(big) FROM items"), 6);
}

TEST_P(Transactions, AfterADeadlockNothingCommitsByItself) {
    Tenant tenant = shop.open().tenant("acme");
    for (int id : {1, 2}) tenant.execute("INSERT INTO items (id, big) VALUES (:id, 0)", named("id", id));
    std::atomic<int> refused = 0;
    collide(tenant, [&](const Tenant&, int first, int second, std::latch& both_hold) {
        Transaction tx = tenant.begin();
        Diagnostics failed;
        tx.execute(failed, "UPDATE items SET big = big + 1 WHERE id = :id", named("id", first));
        both_hold.arrive_and_wait();
        tx.execute(failed, "UPDATE items SET big = big + 1 WHERE id = :id", named("id", second));
        if (!failed) return tx.commit();
        EXPECT_EQ(failed.kind(), errc::serialization);
        tx.execute(failed, "INSERT INTO items (id) VALUES (:id)", named("id", 10 + first));
        if (failed.kind() == errc::transaction_state) ++refused;
    });
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(count(tenant), 2);
}

TEST_P(Transactions, WhatFailsAndMayHaveCommittedEndsTheTransactionAndSaysSo) {
    if (shop.is_postgres()) GTEST_SKIP() << "PostgreSQL defines within transactions";
    DataSource db = shop.open();
    Tenant tenant = db.tenant("umbrella");
    for (const char* defines :
         {"CREATE TABLE items (id int)", "/* mine */ (drop TABLE nothing", "CALL nothing()"}) {
        Transaction tx = tenant.begin();
        tx.execute("DELETE FROM items");
        tx.execute("INSERT INTO items (id) VALUES (1)");
        Diagnostics failed;
        tx.execute(failed, defines);
        EXPECT_EQ(failed.kind(), errc::syntax_or_access) << failed.message;
        EXPECT_FALSE(failed.hint.empty()) << defines;
        EXPECT_FALSE(tx.is_open());
        EXPECT_THROW(tx.execute("INSERT INTO items (id) VALUES (2)"), UsageError);
        EXPECT_THROW(tx.commit(), UsageError);
        EXPECT_EQ(tenant.query_value<int>("SELECT count(*) FROM items WHERE id = 2"), 0);
    }
    Transaction bridge = db.tenant("initech").begin();
    Batch batch;
    batch.add("INSERT INTO items (id) VALUES (1)").add("CREATE TABLE items (id int)");
    EXPECT_THROW(bridge.run(batch), SyntaxOrAccessError);
    EXPECT_FALSE(bridge.is_open());
    // What touches rows only has not.
    Transaction tx = tenant.begin();
    EXPECT_THROW(tx.execute("/* mine */ (SELECT nothing FROM items)"), SyntaxOrAccessError);
    EXPECT_TRUE(tx.is_open());
}

TEST_P(Transactions, WhenStatementsCommitIsNotForTextsToSay) {
    if (shop.is_postgres()) GTEST_SKIP() << "a setting of MySQL";
    DataSource db = shop.open();
    for (const char* id : {"acme", "initech", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        Session session = tenant.session();
        Transaction tx = tenant.begin();
        tx.execute("SELECT 1");
        for (const char* text :
             {"SET autocommit = 0", "SET @@session.AUTOCOMMIT = 1", "SET @a = 1, `autocommit` = off"}) {
            EXPECT_THROW(tenant.execute(text), StatementRefused) << id << ": " << text;
            EXPECT_THROW(session.execute(text), StatementRefused) << id << ": " << text;
            EXPECT_THROW(tx.execute(text), StatementRefused) << id << ": " << text;
        }
        tx.commit();
    }
    // What the guard does not read on a server of the tenant's own.
    Session session = db.tenant("umbrella").session();
    for (const char* text : {"SET autocommit = (SELECT 0)", "SET NAMES gbk", "SET CHARACTER SET sjis",
                             "set session `sql_mode` = (SELECT 'ANSI')", "SET @a = 1, NAMES 'big5'"})
        EXPECT_THROW(session.execute(text), StatementRefused) << text;
    session.execute("SET sql_select_limit = (SELECT 5)");
}

TEST_P(Transactions, LISTENHasNobodyToTell) {
    if (!shop.is_postgres()) GTEST_SKIP() << "a statement of PostgreSQL";
    Tenant tenant = shop.open().tenant("umbrella");
    EXPECT_THROW(tenant.execute("LISTEN a"), StatementRefused);
    EXPECT_THROW(tenant.session().execute("listen a"), StatementRefused);
    tenant.execute("NOTIFY a");
}

TEST_P(Transactions, ABrokenConnectionBeforeCommitHasRolledBackAndAfterItTheOutcomeIsUnknown) {
    Tenant tenant = shop.open().tenant("umbrella");
    Transaction tx = tenant.begin();
    tx.execute("INSERT INTO items (id) VALUES (1)");
    shop.cut_connections();
    Diagnostics failed;
    tx.execute(failed, "INSERT INTO items (id) VALUES (2)");
    EXPECT_EQ(failed.kind(), errc::connection) << failed.message;
    EXPECT_FALSE(tx.is_open());
    EXPECT_EQ(count(tenant), 0);

    Transaction late = tenant.begin();
    late.execute("INSERT INTO items (id) VALUES (1)");
    shop.cut_connections();
    EXPECT_THROW(late.commit(), OutcomeUnknown);
    EXPECT_FALSE(late.is_open());
}

TEST_P(Transactions, AnAutocommittedWriteOnABrokenConnectionIsUnknown) {
    shop.write_default("pool_size = 1");
    Tenant tenant = shop.open().tenant("umbrella");
    tenant.execute("INSERT INTO items (id) VALUES (1)");
    std::jthread cutter([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        shop.cut_connections();
    });
    const std::string slow = shop.is_postgres() ? "UPDATE items SET big = 1 WHERE pg_sleep(3) IS NOT NULL"
                                                : "UPDATE items SET big = 1 WHERE sleep(3) IS NOT NULL";
    EXPECT_THROW(tenant.execute(slow), OutcomeUnknown);
    EXPECT_EQ(count(tenant), 1);
}

TEST_P(Transactions, AStatementThatCommitsByItselfEndsTheTransaction) {
    if (shop.is_postgres()) GTEST_SKIP() << "no such statement in PostgreSQL";
    Tenant tenant = shop.open().tenant("umbrella");
    Transaction tx = tenant.begin();
    tx.execute("INSERT INTO items (id) VALUES (1)");
    tx.execute("CREATE TABLE other (id int)");
    EXPECT_FALSE(tx.is_open());
    EXPECT_THROW(tx.execute("INSERT INTO items (id) VALUES (2)"), UsageError);
    EXPECT_EQ(count(tenant), 1);
}

TEST_P(Transactions, ABatchIsAllOrNothing) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        Batch good;
        for (int number : {1, 2, 3}) good.add("INSERT INTO items (id) VALUES (" + shop.p(1) + ")", number);
        good.add("SELECT count(*) FROM items");
        const std::vector<ResultSet> results = tenant.run(good);
        ASSERT_EQ(results.size(), 4u);
        EXPECT_EQ(results[0].affected(), 1u);
        EXPECT_EQ(results[3][0].get<int>(0), 3);
        Batch bad;
        bad.add("INSERT INTO items (id) VALUES (4)").add("INSERT INTO items (id) VALUES (1)");
        EXPECT_THROW(tenant.run(bad), IntegrityError);
        EXPECT_EQ(count(tenant), 3) << id;
        Batch refused;
        refused.add("DELETE FROM items").add("COMMIT");
        EXPECT_THROW(tenant.run(refused), StatementRefused);
        EXPECT_EQ(count(tenant), 3) << id;
        EXPECT_TRUE(tenant.run(Batch()).empty());
    }
}

}  // namespace
}  // namespace fairlead::test
