#include "policy/postgres/sealed_context.h"
#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/postgres_session.h"
#include "tests/integration/support/shop.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <memory>
#include <vector>

namespace fairlead::test {
namespace {

using dal::ServerSession;
using dal::StatementJob;
using dal::TransactionStatus;
using dal::Wait;

TEST_F(PostgresSession, LogsInAndKnowsItsServer) {
    EXPECT_EQ(ask("SELECT pg_backend_pid()"), std::to_string(session_->backend_pid()));
    EXPECT_EQ(ask(policy::postgres::connection_tag_query), std::to_string(session_->connection_tag()));
    EXPECT_EQ(ask("SELECT current_setting('server_version_num')"),
              std::to_string(session_->server_version()));
    EXPECT_EQ(ask("SELECT current_setting('application_name')"), "fairlead");
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
}

TEST_F(PostgresSession, UnixSocketAndAddressWithName) {
    dal::ConnectOptions options = shared_server().options("postgres", "postgres");
    auto named = dal::postgres::make_server_session(5);
    finish(*named, named->start_connect(options, "no-such-name.invalid"));
    EXPECT_FALSE(named->failed()) << "an address is not looked up: " << named->failed().message;
    options.host = shared_server().folder();
    auto local = dal::postgres::make_server_session(5);
    finish(*local, local->start_connect(options, "localhost"));
    ASSERT_FALSE(local->failed()) << local->failed().message;
    EXPECT_EQ(single(must_run(*local, "SELECT inet_client_addr() IS NULL")), "t");
}

TEST_F(PostgresSession, LoginFailures) {
    dal::ConnectOptions options = shared_server().options("nobody_at_all", "postgres");
    auto session = dal::postgres::make_server_session(5);
    finish(*session, session->start_connect(options, ""));
    EXPECT_EQ(session->failed().kind(), errc::connection);
    EXPECT_NE(session->failed().message.find("nobody_at_all"), std::string::npos)
        << session->failed().message;
    EXPECT_TRUE(session->is_broken());
    options.port = 1;
    session = dal::postgres::make_server_session(5);
    finish(*session, session->start_connect(options, ""));
    EXPECT_EQ(session->failed().kind(), errc::connection);
    EXPECT_TRUE(session->is_broken());
}

TEST_F(PostgresSession, RoleWithOtherStringRulesIsRefused) {
    run("CREATE ROLE backslashes LOGIN");
    run("ALTER ROLE backslashes SET standard_conforming_strings = off");
    auto session = dal::postgres::make_server_session(5);
    finish(*session, session->start_connect(shared_server().options("backslashes", "postgres"), ""));
    EXPECT_TRUE(session->is_broken());
    EXPECT_NE(session->failed().message.find("standard_conforming_strings"), std::string::npos);
}

TEST_F(PostgresSession, ValuesOfEveryKindComeBackAsTheyWent) {
    run("CREATE TABLE t (i int8, u numeric, r float8, b bool, s text, y bytea)");
    const Bytes bytes{std::byte{0}, std::byte{0xff}, std::byte{'\\'}};
    const double third = 1.0 / 3.0;
    const std::array<Argument, 6> values{Argument(std::numeric_limits<std::int64_t>::min()),
                                         Argument(std::numeric_limits<std::uint64_t>::max()),
                                         Argument(third),
                                         Argument(true),
                                         Argument("it's \\ \u00e4"),
                                         Argument(bytes)};
    const ResultSet inserted =
        must_run(*session_, job_of("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)", values));
    EXPECT_EQ(inserted.affected(), 1u);
    const ResultSet rows = must_run(*session_, "SELECT i, u, r, b, s, y, NULL AS n FROM t");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows.affected(), 0u);
    EXPECT_EQ(rows[0].get<std::int64_t>(0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(rows[0].get<std::uint64_t>(1), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(rows[0].get<double>(2), third);
    EXPECT_TRUE(rows[0].get<bool>(3));
    EXPECT_EQ(rows[0].get<std::string>(4), "it's \\ \u00e4");
    EXPECT_TRUE(rows[0][5].is_hexadecimal());
    EXPECT_EQ(rows[0].get<Bytes>(5), bytes);
    EXPECT_TRUE(rows[0]["n"].is_null());
    EXPECT_EQ(rows.column_name(6), "n");
    EXPECT_EQ(ask("SELECT $1::float8", {std::nan("")}), "NaN");
    EXPECT_EQ(ask("SELECT $1::float8", {-std::numeric_limits<double>::infinity()}), "-Infinity");
    EXPECT_EQ(ask("SELECT $1::text IS NULL", {nullptr}), "t");
    EXPECT_EQ(ask("SELECT length($1::bytea)", {BytesView()}), "0") << "empty is not NULL";
}

TEST_F(PostgresSession, SameTextWithBytesAndWithTextIsPreparedTwice) {
    constexpr const char* sql = "SELECT length($1)";
    const Bytes bytes{std::byte{0xc3}, std::byte{0xa4}};
    EXPECT_EQ(ask(sql, {"\u00e4"}), "1");
    EXPECT_EQ(ask(sql, {bytes}), "2");
    EXPECT_EQ(ask(sql, {"\u00e4"}), "1");
}

TEST_F(PostgresSession, WhatLibpqWouldCutOffIsRefusedUnsent) {
    const std::array<Argument, 1> zero{Argument(std::string_view("a\0b", 3))};
    EXPECT_EQ(must_fail(*session_, job_of("SELECT $1::text", zero)).kind(), errc::data);
    EXPECT_FALSE(session_->was_sent());
    const std::vector<Argument> many(65536, Argument(1));
    EXPECT_EQ(must_fail(*session_, job_of("SELECT 1", many)).kind(), errc::usage);
    EXPECT_EQ(fail(std::string_view("SELECT 1\0, 2", 12)).kind(), errc::usage);
    EXPECT_EQ(ask("SELECT 1"), "1");
}

TEST_F(PostgresSession, ServerErrorsSayWhatAndWhereButNoValuesOfRows) {
    run("CREATE TABLE t (id int PRIMARY KEY)");
    run("INSERT INTO t VALUES (4711)");
    const Diagnostics unique = fail("INSERT INTO t VALUES (4711)");
    EXPECT_EQ(unique.kind(), errc::integrity);
    EXPECT_EQ(unique.sqlstate, "23505");
    EXPECT_EQ((unique.message + unique.server_text + unique.hint).find("4711"), std::string::npos)
        << "DETAIL names the key";
    const Diagnostics syntax = fail("SELECT \u00e4 FROM t");
    EXPECT_EQ(syntax.kind(), errc::syntax_or_access);
    EXPECT_EQ(syntax.position, 8u);
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "1") << "usable after errors";
    EXPECT_EQ(fail("SELECT 1; SELECT 2").sqlstate, "42601") << "one statement only";
}

TEST_F(PostgresSession, BeginContextAndStatementAreOneWrite) {
    StatementJob first = job_of("SELECT current_setting('app.tenant')");
    first.begin = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY";
    first.context = {"app.tenant", "acme", {}};
    EXPECT_EQ(single(must_run(*session_, first)), "acme");
    EXPECT_EQ(session_->status(), TransactionStatus::open);
    EXPECT_EQ(ask("SELECT current_setting('app.tenant')"), "acme") << "until the transaction ends";
    EXPECT_EQ(ask("SELECT current_setting('transaction_isolation')"), "serializable");
    EXPECT_EQ(fail("CREATE TABLE no (i int)").kind(), errc::transaction_state);
    EXPECT_EQ(session_->status(), TransactionStatus::failed);
    finish(*session_, session_->start_command("COMMIT"));
    EXPECT_EQ(session_->failed().kind(), errc::transaction_state) << "it was a rollback";
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT current_setting('app.tenant')"), "") << "gone with the transaction";
    command("BEGIN");
    command("SAVEPOINT s");
    command("COMMIT");
}

TEST_F(PostgresSession, ContextWithoutTransactionLastsOneStatement) {
    StatementJob one = job_of("SELECT current_setting('app.tenant')");
    one.context = {"app.tenant", "acme", {}};
    EXPECT_EQ(single(must_run(*session_, one)), "acme");
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT current_setting('app.tenant')"), "");
}

TEST_F(PostgresSession, AContextThatFailsLetsNoStatementRun) {
    run("CREATE TABLE t (i int)");
    StatementJob insert = job_of("INSERT INTO t VALUES (1)");
    insert.context = {"work_mem", "no size", {}};
    for (const bool prepare : {true, false}) {
        insert.prepare = prepare;
        const Diagnostics failed = must_fail(*session_, insert);
        EXPECT_EQ(failed.kind(), errc::data) << failed.message;
        EXPECT_EQ(session_->status(), TransactionStatus::idle);
        EXPECT_EQ(ask("SELECT count(*) FROM t"), "0");
    }
    insert.begin = "BEGIN";
    must_fail(*session_, insert);
    EXPECT_EQ(session_->status(), TransactionStatus::failed);
    command("ROLLBACK");
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "0");
    insert.context = {};
    insert.begin = "BEGIN nonsense";
    EXPECT_EQ(must_fail(*session_, insert).kind(), errc::syntax_or_access);
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "0");
}

TEST_F(PostgresSession, SealedContextOfThisConnection) {
    Shop shop;
    shop.install();
    auto app = postgres_session(shared_server().options(shop.backend.user, shop.placement.database));
    policy::postgres::ContextSealer sealer(shop.keys.front());
    const auto count = [&](const std::string& tenant, ServerSession& bound_to) {
        std::string token;
        sealer.seal(token, tenant, bound_to.backend_pid(), bound_to.connection_tag(),
                    std::time(nullptr) + 60);
        StatementJob users = job_of("SELECT count(*) FROM users");
        users.context = {policy::postgres::context_variable, token, {}};
        return single(must_run(*app, users));
    };
    EXPECT_EQ(count("acme", *app), "2");
    EXPECT_EQ(count("acme", *session_), "0") << "a token of another connection";
    EXPECT_EQ(single(must_run(*app, "SELECT count(*) FROM users")), "0") << "none left";
}

TEST_F(PostgresSession, FailureAtTheCommitIsTheStatementsFailure) {
    run("CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
    run("INSERT INTO t VALUES (1)");
    EXPECT_EQ(fail("INSERT INTO t VALUES (1)").kind(), errc::integrity);
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "1");
}

TEST_F(PostgresSession, CopyAsAStatementIsRefusedAndTheConnectionClosed) {
    run("CREATE TABLE t (i int)");
    const Diagnostics failed = fail("COPY t FROM STDIN");
    EXPECT_EQ(failed.kind(), errc::usage) << failed.message;
    EXPECT_TRUE(session_->is_broken());
    EXPECT_EQ(session_->status(), TransactionStatus::unknown);
}

TEST_F(PostgresSession, EmptyStatementAndStatementsOutsideTransactions) {
    EXPECT_EQ(must_run(*session_, "").columns(), 0u);
    run("CREATE TABLE t (i int)");
    run("VACUUM t");
    EXPECT_EQ(must_run(*session_, "CREATE TABLE u AS SELECT 1 AS i").affected(), 0u);
    EXPECT_EQ(must_run(*session_, "UPDATE u SET i = 2").affected(), 1u);
    EXPECT_EQ(must_run(*session_, "SELECT FROM u").size(), 1u) << "a row without columns";
}

}  // namespace
}  // namespace fairlead::test
