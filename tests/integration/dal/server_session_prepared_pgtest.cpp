#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/postgres_session.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace fairlead::test {
namespace {

using dal::StatementJob;
using dal::TransactionStatus;

/// Room for three prepared statements.
class PreparedOnPostgres : public PostgresSession {
protected:
    PreparedOnPostgres() : PostgresSession(3) {}

    /// Texts of those that the server has, but for the context's.
    std::string on_server() {
        return ask_unprepared(
            "SELECT coalesce(string_agg(statement, '; ' ORDER BY statement), '')"
            " FROM pg_prepared_statements WHERE name <> 'fl_context'");
    }
    std::string ask_in(std::string_view scope, std::string_view sql) {
        StatementJob scoped = job_of(sql);
        scoped.plan_scope = scope;
        return single(must_run(*session_, scoped));
    }
};

TEST_F(PreparedOnPostgres, OncePerTextAndScope) {
    for (int i = 0; i < 3; ++i) ask("SELECT 1");
    EXPECT_EQ(on_server(), "SELECT 1");
    ask_in("acme", "SELECT 1");
    EXPECT_EQ(on_server(), "SELECT 1; SELECT 1");
}

TEST_F(PreparedOnPostgres, AnotherScopeSeesItsOwnTables) {
    run("CREATE SCHEMA IF NOT EXISTS scope_a");
    run("CREATE SCHEMA IF NOT EXISTS scope_b");
    run("CREATE TABLE scope_a.t AS SELECT 'a'::text AS v");
    run("CREATE TABLE scope_b.t AS SELECT 2 AS v");
    run("SET search_path = scope_a");
    EXPECT_EQ(ask_in("a", "SELECT v FROM t"), "a");
    run("SET search_path = scope_b");
    EXPECT_EQ(ask_in("b", "SELECT v FROM t"), "2");
    run("DROP SCHEMA scope_a, scope_b CASCADE");
}

TEST_F(PreparedOnPostgres, LeastRecentlyUsedIsClosedOnTheServer) {
    for (const char* sql : {"SELECT 1", "SELECT 2", "SELECT 3", "SELECT 1", "SELECT 4"}) ask(sql);
    EXPECT_EQ(on_server(), "SELECT 1; SELECT 3; SELECT 4");
    ask("SELECT 5");
    EXPECT_EQ(on_server(), "SELECT 1; SELECT 4; SELECT 5");
}

TEST_F(PreparedOnPostgres, ClosingSharesNoFateWithTheStatementNorItsTransaction) {
    for (const char* sql : {"SELECT 1", "SELECT 2", "SELECT 3"}) ask(sql);
    StatementJob first = job_of("SELECT current_setting('transaction_isolation')");
    first.begin = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    EXPECT_EQ(single(must_run(*session_, first)), "repeatable read");
    fail("SELECT 1 / 0");
    fail("SELECT 5");
    fail("SELECT 6");
    command("ROLLBACK");
    // In a failed transaction nothing could be closed; now it is.
    ask("SELECT 7");
    ask("SELECT 8");
    ask("SELECT 9");
    EXPECT_EQ(on_server(), "SELECT 7; SELECT 8; SELECT 9");
}

TEST_F(PreparedOnPostgres, FailedParseLeavesNothing) {
    fail("SELECT * FROM comes_later");
    run("CREATE TABLE comes_later AS SELECT 'here'::text AS v");
    EXPECT_EQ(ask("SELECT * FROM comes_later"), "here");
    // Skipped behind a context that failed: not there either.
    StatementJob skipped = job_of("SELECT 77");
    skipped.context = {"work_mem", "no size", {}};
    must_fail(*session_, skipped);
    EXPECT_EQ(ask("SELECT 77"), "77");
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
}

TEST_F(PreparedOnPostgres, ChangedResultTypeRunsOnceMoreOutsideTransactions) {
    run("CREATE TABLE t (v text)");
    run("INSERT INTO t VALUES ('17')");
    StatementJob read = job_of("SELECT * FROM t");
    EXPECT_EQ(single(must_run(*session_, read)), "17");
    run("ALTER TABLE t ALTER v TYPE int USING v::int");
    read.context = {"app.tenant", "acme", {}};
    EXPECT_EQ(single(must_run(*session_, read)), "17");
    run("ALTER TABLE t ADD w int DEFAULT 5");
    EXPECT_EQ(must_run(*session_, read).columns(), 2u);
    run("ALTER TABLE t DROP v");
    read.stream = true;
    finish(*session_, session_->start(read));
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    const auto rows = session_->take_rows();
    ASSERT_NE(rows, nullptr);
    EXPECT_EQ(rows->field(0, 0).text(), "5");
    finish(*session_, session_->start_next_rows());
}

TEST_F(PreparedOnPostgres, ChangedResultTypeInATransactionIsReportedAndForgotten) {
    run("CREATE TABLE t AS SELECT 1 AS v");
    ask("SELECT * FROM t");
    run("ALTER TABLE t ADD w int");
    StatementJob read = job_of("SELECT * FROM t");
    read.begin = "BEGIN";
    EXPECT_EQ(must_fail(*session_, read).sqlstate, "0A000");
    EXPECT_EQ(session_->status(), TransactionStatus::failed);
    command("ROLLBACK");
    EXPECT_EQ(must_run(*session_, read).columns(), 2u) << "parsed anew";
    EXPECT_EQ(session_->status(), TransactionStatus::open);
    command("COMMIT");
}

TEST_F(PreparedOnPostgres, WhatSomebodyDeallocatedIsPreparedAgain) {
    StatementJob read = job_of("SELECT current_setting('app.tenant', true)");
    read.context = {"app.tenant", "acme", {}};
    EXPECT_EQ(single(must_run(*session_, read)), "acme");
    run("DEALLOCATE ALL");
    EXPECT_EQ(single(must_run(*session_, read)), "acme") << "the context's statement was gone, too";
    read.context = {};
    ask("SELECT 5");
    run("DEALLOCATE " +
        ask_unprepared("SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT 5'"));
    EXPECT_EQ(ask("SELECT 5"), "5");
    EXPECT_EQ(fail("EXECUTE of_nobody").sqlstate, "26000") << "the user's own name";
    run("DEALLOCATE ALL");
    read.begin = "BEGIN";
    EXPECT_EQ(must_fail(*session_, read).sqlstate, "26000");
    command("ROLLBACK");
    EXPECT_EQ(single(must_run(*session_, read)), "");
    command("COMMIT");
}

TEST_F(PreparedOnPostgres, ResetLeavesNothingButOurOwn) {
    ask("SELECT 1");
    run("SET application_name = 'left over'");
    run("CREATE TEMP TABLE left_over (i int)");
    command("BEGIN");
    finish(*session_, session_->start_reset());
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(on_server(), "");
    EXPECT_EQ(ask("SELECT current_setting('application_name')"), "fairlead");
    EXPECT_EQ(ask("SELECT to_regclass('pg_temp.left_over') IS NULL"), "t");
    StatementJob read = job_of("SELECT current_setting('app.tenant', true)");
    read.context = {"app.tenant", "acme", {}};
    EXPECT_EQ(single(must_run(*session_, read)), "acme");
}

TEST_F(PreparedOnPostgres, BatchIsOneTransaction) {
    run("CREATE TABLE t (i int)");
    const std::array<Argument, 1> one{Argument(1)};
    const std::array<Argument, 1> two{Argument(2)};
    std::vector<StatementJob> jobs{job_of("INSERT INTO t VALUES ($1)", one),
                                   job_of("INSERT INTO t VALUES ($1)", two),
                                   job_of("SELECT sum(i) FROM t"),
                                   job_of("SELECT 10"),
                                   job_of("SELECT 20"),
                                   job_of("SELECT current_setting('app.tenant')")};
    for (StatementJob& each : jobs) each.context = {"app.tenant", "acme", {}};
    finish(*session_, session_->start_batch(jobs));
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    const std::vector<ResultSet> results = session_->take_results();
    ASSERT_EQ(results.size(), 6u);
    EXPECT_EQ(results[1].affected(), 1u);
    EXPECT_EQ(single(results[2]), "3");
    EXPECT_EQ(single(results[4]), "20") << "more statements than there is room for";
    EXPECT_EQ(single(results[5]), "acme");
    jobs[3].sql = "SELECT 1 / 0";
    finish(*session_, session_->start_batch(jobs));
    EXPECT_EQ(session_->failed().sqlstate, "22012");
    EXPECT_EQ(session_->take_results().size(), 3u) << "so the fourth failed";
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "2") << "nothing of the second batch";
    finish(*session_, session_->start_batch({}));
    EXPECT_FALSE(session_->failed());
}

}  // namespace
}  // namespace fairlead::test
