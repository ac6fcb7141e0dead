#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/session_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace fairlead::test {
namespace {

using dal::ServerSession;
using dal::StatementJob;
using dal::TransactionStatus;
using dal::Wait;
using testing::HasSubstr;

std::unique_ptr<ServerSession> open_session(std::uint32_t max_prepared = 16,
                                            const MariaDbServer& server = shared_mariadb()) {
    auto session = dal::mysql::make_server_session(max_prepared);
    const dal::ConnectOptions options = server.options("root");
    finish(*session, session->start_connect(options, options.host));
    EXPECT_FALSE(session->failed()) << session->failed().message;
    return session;
}

void command(ServerSession& session, const std::string& sql) {
    finish(session, session.start_command(sql));
    EXPECT_FALSE(session.failed()) << sql << ": " << session.failed().message;
}

/// A database of its own, the current one of the session.
void use_new_database(ServerSession& session, const std::string& name) {
    command(session, "DROP DATABASE IF EXISTS " + name);
    command(session, "CREATE DATABASE " + name);
    command(session, "USE " + name);
}

std::string status_value(ServerSession& session, const std::string& name) {
    const ResultSet found = must_run(
        session, "SELECT variable_value FROM information_schema.session_status WHERE variable_name = ?",
        {Argument(name)});
    return found.empty() ? "" : found.front().get<std::string>(0);
}

TEST(MysqlSession, ConnectsAndIsSetUp) {
    const auto session = open_session();
    EXPECT_FALSE(session->is_broken());
    EXPECT_EQ(session->status(), TransactionStatus::idle);
    EXPECT_THAT(std::string(session->sql_mode()), HasSubstr("STRICT_TRANS_TABLES"));
    EXPECT_GE(session->server_version(), 101100u);
    const ResultSet found = must_run(*session,
                                     "SELECT @@autocommit, @@optimizer_switch LIKE "
                                     "'%index_condition_pushdown=off%', @@character_set_client, "
                                     "concat('KILL QUERY ', connection_id())");
    EXPECT_EQ(found.front().get<int>(0), 1);
    EXPECT_EQ(found.front().get<int>(1), 1);
    EXPECT_EQ(found.front().get<std::string>(2), "utf8mb4");
    EXPECT_EQ(found.front().get<std::string>(3), session->cancel_statement());
}

TEST(MysqlSession, AServersDefaultsDoNotMatter) {
    const MariaDbServer server({"--autocommit=0", "--sql-mode=ANSI_QUOTES"});
    const auto session = open_session(16, server);
    EXPECT_EQ(session->sql_mode(), "ANSI_QUOTES");
    EXPECT_EQ(must_run(*session, "SELECT @@autocommit").front().get<int>(0), 1);
    command(*session, "SET autocommit = 0, sql_mode = 'NO_BACKSLASH_ESCAPES'");
    finish(*session, session->start_reset());
    EXPECT_EQ(must_run(*session, "SELECT @@autocommit").front().get<int>(0), 1);
    EXPECT_EQ(session->sql_mode(), "ANSI_QUOTES");
}

TEST(MysqlSession, AWrongPasswordIsTheServersVerdict) {
    auto session = dal::mysql::make_server_session(16);
    const dal::ConnectOptions options = shared_mariadb().options("root", "wrong");
    finish(*session, session->start_connect(options, options.host));
    EXPECT_EQ(session->failed().kind(), errc::connection);
    EXPECT_EQ(session->failed().sqlstate, "28000");
    EXPECT_EQ(session->failed().server_code, 1045u);
    EXPECT_THAT(session->failed().message, HasSubstr("connecting to 127.0.0.1:"));
    EXPECT_TRUE(session->is_broken());
    EXPECT_EQ(session->status(), TransactionStatus::unknown);
}

TEST(MysqlSession, ReachesTheSocketByItsPath) {
    auto session = dal::mysql::make_server_session(16);
    dal::ConnectOptions options = shared_mariadb().options("root");
    options.host = shared_mariadb().folder();
    finish(*session, session->start_connect(options, ""));
    EXPECT_FALSE(session->failed()) << session->failed().message;
}

TEST(MysqlSession, AServerWithoutTlsIsRefusedWhereTlsIsRequired) {
    for (const config::TlsMode mode : {config::TlsMode::require, config::TlsMode::verify_full}) {
        auto session = dal::mysql::make_server_session(16);
        dal::ConnectOptions options = shared_mariadb().options("root");
        options.tls.mode = mode;
        finish(*session, session->start_connect(options, "db.example"));
        EXPECT_EQ(session->failed().kind(), errc::connection);
        EXPECT_TRUE(session->is_broken());
    }
    auto session = dal::mysql::make_server_session(16);
    dal::ConnectOptions options = shared_mariadb().options("root");
    options.tls.mode = config::TlsMode::prefer;
    finish(*session, session->start_connect(options, options.host));
    EXPECT_FALSE(session->failed()) << session->failed().message;
}

TEST(MysqlSession, ParametersOfEveryKindComeBack) {
    const auto session = open_session();
    const std::string bytes("\0\x01\xff", 3);
    const std::vector<Argument> arguments{
        nullptr,
        true,
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::uint64_t>::max(),
        0.1,
        "it's \\ \xe6\x97\xa5",
        "",
        BytesView(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size())};
    const ResultSet found = must_run(*session, "SELECT ?, ?, ?, ?, ?, ?, ?, ?", arguments);
    ASSERT_EQ(found.size(), 1u);
    const Row row = found.front();
    EXPECT_TRUE(row[0].is_null());
    EXPECT_TRUE(row.get<bool>(1));
    EXPECT_EQ(row.get<std::int64_t>(2), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(row.get<std::uint64_t>(3), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(row.get<double>(4), 0.1);
    EXPECT_EQ(row.get<std::string>(5), "it's \\ \xe6\x97\xa5");
    EXPECT_FALSE(row[6].is_null());
    EXPECT_EQ(row.get<std::string>(6), "");
    EXPECT_EQ(row.get<std::string>(7), bytes);
}

TEST(MysqlSession, AWrongNumberOfValuesIsNotSent) {
    const auto session = open_session();
    EXPECT_EQ(must_fail(*session, "SELECT ?", {}).kind(), errc::usage);
    EXPECT_EQ(must_fail(*session, "SELECT 1", {Argument(1)}).kind(), errc::usage);
    EXPECT_FALSE(session->was_sent());
    EXPECT_EQ(must_run(*session, "SELECT ?", {Argument(1)}).front().get<int>(0), 1);
}

/// What the text protocol says of the same row is what has to come out of the binary one.
TEST(MysqlSession, ValuesReadAsTheServerWritesThem) {
    const auto session = open_session();
    use_new_database(*session, "session_values");
    command(*session, "SET sql_mode = ''");
    command(*session,
            "CREATE TABLE v (a tinyint, b smallint unsigned, c mediumint, d int zerofill, e bigint unsigned, "
            "f decimal(30,10), g bit(12), h date, i datetime(6), j timestamp(3) NULL, k time(2), l year, "
            "m json, n enum('x','y'), o set('p','q'), r binary(4), s varbinary(9), t text, u char(5), "
            "w inet6, x uuid, y point, z time)");
    command(
        *session,
        "INSERT INTO v VALUES (-128, 65535, -8388608, 42, 18446744073709551615, "
        "-12345678901234567890.0123456789, b'101010101010', '2024-02-29', '2024-02-29 23:59:59.123456', "
        "'2024-02-29 12:00:00.500', '-838:59:59.00', 2024, '{\"a\": [1, null]}', 'y', 'p,q', 'ab', "
        "'\\0\\n', 'it''s', 'abc', '::1', '123e4567-e89b-12d3-a456-426655440000', POINT(1, 2), '00:00:00')");
    command(*session,
            "INSERT INTO v (a, h, i, l, t, z) VALUES (0, '0000-00-00', '0000-00-00', 0, '', '-01:02:03')");
    command(*session, "INSERT INTO v () VALUES ()");
    const ResultSet found = must_run(*session, "SELECT * FROM v");
    dal::mysql::Connection text = shared_mariadb().connect("root", "", "session_values");
    const dal::Rows expected = must(text, "SELECT * FROM v");
    ASSERT_EQ(found.size(), 3u);
    ASSERT_EQ(found.columns(), expected.columns.size());
    for (std::size_t r = 0; r < found.size(); ++r) {
        for (std::size_t c = 0; c < found.columns(); ++c) {
            EXPECT_EQ(found[r].get<std::optional<std::string>>(c), expected.rows[r][c])
                << expected.columns[c] << " of row " << r;
        }
    }
}

TEST(MysqlSession, FloatingPointKeepsItsDigits) {
    const auto session = open_session();
    use_new_database(*session, "session_floats");
    command(*session, "CREATE TABLE f (a float, b double)");
    const double third = 1.0 / 3;
    must_run(*session, "INSERT INTO f VALUES (?, ?), (-0.1, 1e300)", {Argument(0.1), Argument(third)});
    const ResultSet found = must_run(*session, "SELECT a, b FROM f");
    EXPECT_EQ(found[0].get<std::string>(0), "0.1");
    EXPECT_EQ(found[0].get<double>(1), third);
    EXPECT_EQ(found[1].get<float>(0), -0.1f);
    EXPECT_EQ(found[1].get<double>(1), 1e300);
}

TEST(MysqlSession, AffectedRowsAndInsertIds) {
    const auto session = open_session();
    use_new_database(*session, "session_counts");
    command(*session, "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, n int UNIQUE)");
    const ResultSet inserted =
        must_run(*session, "INSERT INTO t (n) VALUES (?), (?)", {Argument(1), Argument(2)});
    EXPECT_EQ(inserted.affected(), 2u);
    EXPECT_EQ(inserted.insert_id(), 1u);
    EXPECT_EQ(inserted.columns(), 0u);
    EXPECT_EQ(must_run(*session, "UPDATE t SET n = n").affected(), 0u) << "changed, not found";
    const ResultSet selected = must_run(*session, "SELECT id AS first, n FROM t ORDER BY id");
    EXPECT_EQ(selected.size(), 2u);
    EXPECT_EQ(selected.column_name(0), "first");
    EXPECT_EQ(selected.affected(), 0u);
    EXPECT_EQ(must_run(*session, "SELECT n FROM t WHERE id = 77").size(), 0u);
    EXPECT_EQ(must_run(*session, "SELECT n FROM t WHERE id = 77").columns(), 1u);
}

TEST(MysqlSession, LargeValuesComeWhole) {
    const auto session = open_session();
    must_run(*session, "SELECT 1");
    std::string blob(20u << 20, '\0');
    for (std::size_t i = 0; i < blob.size(); ++i) blob[i] = static_cast<char>(i * 31 >> 3);
    dal::mysql::Connection root = shared_mariadb().connect();
    must(root, "SET GLOBAL max_allowed_packet = 64 << 20");
    const auto roomy = open_session();
    use_new_database(*roomy, "session_blobs");
    command(*roomy, "CREATE TABLE b (id int, a longblob, t text)");
    const BytesView bytes(reinterpret_cast<const std::byte*>(blob.data()), blob.size());
    must_run(*roomy, "INSERT INTO b VALUES (1, ?, 'one'), (2, repeat('x', 100), repeat('y', 5000))", {bytes});
    for (int round = 0; round < 2; ++round) {
        const ResultSet found = must_run(*roomy, "SELECT t, a, t FROM b ORDER BY id");
        ASSERT_EQ(found.size(), 2u);
        EXPECT_TRUE(found[0].get<std::string_view>(1) == blob);
        EXPECT_EQ(found[0].get<std::string>(2), "one");
        EXPECT_EQ(found[1].get<std::string>(1), std::string(100, 'x'));
        EXPECT_EQ(found[1].get<std::string>(0), std::string(5000, 'y'));
        EXPECT_EQ(found[1].get<std::string>(2), std::string(5000, 'y'));
    }
}

TEST(MysqlSession, ErrorsOfTheServerLeaveTheSessionWhole) {
    const auto session = open_session();
    use_new_database(*session, "session_errors");
    command(*session, "CREATE TABLE t (n int PRIMARY KEY)");
    EXPECT_EQ(must_fail(*session, "SELEC 1").kind(), errc::syntax_or_access);
    EXPECT_EQ(must_fail(*session, "SELECT 1; SELECT 2").kind(), errc::syntax_or_access)
        << "one statement a text";
    must_run(*session, "INSERT INTO t VALUES (1)");
    const Diagnostics duplicate = must_fail(*session, "INSERT INTO t VALUES (?)", {Argument(1)});
    EXPECT_EQ(duplicate.kind(), errc::integrity);
    EXPECT_EQ(duplicate.sqlstate, "23000");
    EXPECT_EQ(duplicate.server_code, 1062u);
    EXPECT_TRUE(session->was_sent());
    EXPECT_EQ(must_fail(*session, "INSERT INTO t VALUES ('x')").sqlstate, "22007");
    // In the midst of rows.
    must_run(*session, "INSERT INTO t VALUES (2)");
    EXPECT_EQ(
        must_fail(*session, "SELECT n, (SELECT a.n FROM t a WHERE t.n = 2) FROM t ORDER BY n").server_code,
        1242u);
    finish(*session, session->start_command("COMIT"));
    EXPECT_EQ(session->failed().sqlstate, "42000");
    EXPECT_FALSE(session->is_broken());
    EXPECT_EQ(must_run(*session, "SELECT count(*) FROM t").front().get<int>(0), 2);
}

TEST(MysqlSession, ADatabaseIsMadeCurrentAndATransactionBegun) {
    const auto session = open_session();
    use_new_database(*session, "session_db_a");
    command(*session, "CREATE TABLE t AS SELECT 'a' AS name");
    use_new_database(*session, "`session_db``b`");
    command(*session, "CREATE TABLE t AS SELECT 'b' AS name");
    for (const std::string database : {"session_db_a", "session_db`b", "session_db_a", "session_db_a"}) {
        StatementJob job = job_of("SELECT name FROM t");
        job.context.database = database;
        job.begin = "START TRANSACTION";
        finish(*session, session->start(job));
        ASSERT_FALSE(session->failed()) << session->failed().message;
        EXPECT_EQ(session->take_result().front().get<std::string>(0), database.substr(11));
        EXPECT_EQ(session->status(), TransactionStatus::open);
        command(*session, "ROLLBACK");
        EXPECT_EQ(session->status(), TransactionStatus::idle);
    }
    EXPECT_EQ(status_value(*session, "COM_CHANGE_DB"), "5") << "only when it changes";
}

TEST(MysqlSession, AStatementIsNotRunInAnotherDatabaseThanItsOwn) {
    const auto session = open_session();
    use_new_database(*session, "session_wrong");
    command(*session, "CREATE TABLE t (n int)");
    StatementJob job = job_of("INSERT INTO t VALUES (1)");
    job.context.database = "session_no_such";
    job.begin = "BEGIN";
    finish(*session, session->start(job));
    EXPECT_EQ(session->failed().server_code, 1049u);
    EXPECT_FALSE(session->was_sent());
    EXPECT_EQ(session->status(), TransactionStatus::open);
    command(*session, "ROLLBACK");
    EXPECT_EQ(must_run(*session, "SELECT count(*) FROM session_wrong.t").front().get<int>(0), 0);
    // A failing BEGIN keeps the statement back, too.
    job.context.database = "session_wrong";
    job.begin = "BEGINN";
    finish(*session, session->start(job));
    EXPECT_EQ(session->failed().sqlstate, "42000");
    EXPECT_EQ(must_run(*session, "SELECT count(*) FROM session_wrong.t").front().get<int>(0), 0);
}

TEST(MysqlSession, KeepsTheStatementsThatWereUsedLast) {
    const auto session = open_session(2);
    const auto prepared = [&] {  // itself unprepared
        StatementJob job = job_of(
            "SELECT variable_value FROM information_schema.session_status WHERE variable_name = "
            "'COM_STMT_PREPARE'");
        job.prepare = false;
        finish(*session, session->start(job));
        return session->take_result().front().get<int>(0);
    };
    const int before = prepared();
    must_run(*session, "SELECT 1");
    must_run(*session, "SELECT 2");
    must_run(*session, "SELECT 1");
    EXPECT_EQ(prepared() - before, 2 + 1);
    must_run(*session, "SELECT 3");  // 2 goes
    must_run(*session, "SELECT 1");
    EXPECT_EQ(prepared() - before, 3 + 2);
    must_run(*session, "SELECT 2");
    EXPECT_EQ(prepared() - before, 4 + 3);
}

TEST(MysqlSession, PlansOfScopesAndDatabasesAreApart) {
    const auto session = open_session();
    use_new_database(*session, "session_scopes");
    const auto run = [&](std::string_view scope, std::string_view database) {
        StatementJob job = job_of("SELECT database()");
        job.plan_scope = scope;
        job.context.database = database;
        finish(*session, session->start(job));
        return session->take_result().front().get<std::string>(0);
    };
    EXPECT_EQ(run("a", "session_scopes"), "session_scopes");
    const int before = std::stoi(status_value(*session, "COM_STMT_PREPARE"));
    EXPECT_EQ(run("b", "session_scopes"), "session_scopes");
    EXPECT_EQ(run("a", "mysql"), "mysql");
    EXPECT_EQ(run("a", "session_scopes"), "session_scopes");
    EXPECT_EQ(std::stoi(status_value(*session, "COM_STMT_PREPARE")) - before, 2);
}

TEST(MysqlSession, AnAlteredTableIsReadAsItIs) {
    const auto session = open_session();
    dal::StatementJob everything = job_of("SELECT * FROM t");
    everything.only_reads = true;
    use_new_database(*session, "session_altered");
    command(*session, "CREATE TABLE t AS SELECT 1 AS a");
    EXPECT_EQ(must_run(*session, everything).front().get<int>(0), 1);
    command(*session, "ALTER TABLE t MODIFY a varchar(20)");
    command(*session, "UPDATE t SET a = 'text'");
    EXPECT_EQ(must_run(*session, everything).front().get<std::string>(0), "text");
    command(*session, "ALTER TABLE t ADD b int DEFAULT 7");
    const ResultSet wider = must_run(*session, everything);
    ASSERT_EQ(wider.columns(), 2u);
    EXPECT_EQ(wider.front().get<int>("b"), 7);
    command(*session, "INSERT INTO t SELECT 'more', seq FROM seq_1_to_2000");
    command(*session, "ALTER TABLE t DROP a");
    const ResultSet narrower = must_run(*session, everything);
    ASSERT_EQ(narrower.size(), 2001u);
    EXPECT_EQ(narrower[2000].get<int>(0), 2000);
    must_run(*session, "INSERT INTO t VALUES (1) RETURNING t.*");
    command(*session, "ALTER TABLE t ADD c int DEFAULT 9");
    EXPECT_EQ(must_run(*session, "INSERT INTO t (b) VALUES (1) RETURNING b").size(), 1u);
    EXPECT_EQ(must_run(*session, everything).columns(), 2u);
    must_run(*session, "DELETE FROM t RETURNING *");
    command(*session, "ALTER TABLE t DROP c");
    command(*session, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(must_fail(*session, "DELETE FROM t RETURNING *").kind(), errc::connection);
    EXPECT_TRUE(session->was_sent()) << "it took effect";
}

TEST(MysqlSession, WhatMayWriteIsNotRunAgainBehindAnAlteredTable) {
    const auto session = open_session();
    use_new_database(*session, "session_altered_function");
    command(*session, "CREATE TABLE t AS SELECT 1 AS a");
    command(*session, "CREATE TABLE log (i int)");
    command(*session, "CREATE FUNCTION note() RETURNS int BEGIN INSERT INTO log VALUES (1); RETURN 1; END");
    must_run(*session, "SELECT t.*, note() FROM t");
    command(*session, "ALTER TABLE t ADD b int DEFAULT 7");
    EXPECT_EQ(must_fail(*session, "SELECT t.*, note() FROM t").kind(), errc::connection);
    const auto other = open_session();
    EXPECT_EQ(must_run(*other, "SELECT COUNT(*) FROM session_altered_function.log").front().get<int>(0), 2);
}

TEST(MysqlSession, AProcedureGivesItsFirstRowsAndAllOfItsErrors) {
    const auto session = open_session();
    use_new_database(*session, "session_calls");
    command(*session,
            "CREATE PROCEDURE p(n int) BEGIN SELECT n; SELECT 'x', 'y'; IF n = 0 THEN "
            "SIGNAL SQLSTATE '45000'; END IF; END");
    for (int round = 1; round < 4; ++round) {
        const ResultSet found = must_run(*session, "CALL p(?)", {Argument(round)});
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found.front().get<int>(0), round);
    }
    EXPECT_EQ(must_fail(*session, "CALL p(?)", {Argument(0)}).sqlstate, "45000");
    EXPECT_EQ(must_run(*session, "CALL p(?)", {Argument(5)}).front().get<int>(0), 5);
}

TEST(MysqlSession, ABatchStopsAtTheFirstFailure) {
    const auto session = open_session();
    use_new_database(*session, "session_batch");
    command(*session, "CREATE TABLE t (n int PRIMARY KEY)");
    const std::vector<Argument> one{Argument(1)}, two{Argument(2)};
    std::vector<StatementJob> jobs{job_of("INSERT INTO t VALUES (?)", one),
                                   job_of("INSERT INTO t VALUES (?)", two), job_of("SELECT count(*) FROM t")};
    jobs.front().begin = "BEGIN";
    finish(*session, session->start_batch(jobs));
    ASSERT_FALSE(session->failed()) << session->failed().message;
    std::vector<ResultSet> results = session->take_results();
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(results[1].affected(), 1u);
    EXPECT_EQ(results[2].front().get<int>(0), 2);
    finish(*session, session->start_batch(std::span(jobs).subspan(1)));
    EXPECT_EQ(session->failed().kind(), errc::integrity);
    EXPECT_TRUE(session->take_results().empty());
    command(*session, "ROLLBACK");
    EXPECT_EQ(must_run(*session, "SELECT count(*) FROM t").front().get<int>(0), 0);
}

TEST(MysqlSession, AResetLeavesNothing) {
    const auto session = open_session();
    use_new_database(*session, "session_reset");
    command(*session, "SET @x = 1, optimizer_switch = 'index_condition_pushdown=on'");
    command(*session, "CREATE TEMPORARY TABLE mine (n int)");
    must_run(*session, "SELECT 1");
    command(*session, "BEGIN");
    finish(*session, session->start_reset());
    ASSERT_FALSE(session->failed()) << session->failed().message;
    EXPECT_EQ(session->status(), TransactionStatus::idle);
    const ResultSet found = must_run(
        *session,
        "SELECT @x, @@optimizer_switch LIKE '%index_condition_pushdown=off%', @@character_set_client");
    EXPECT_TRUE(found.front()[0].is_null());
    EXPECT_EQ(found.front().get<int>(1), 1);
    EXPECT_EQ(found.front().get<std::string>(2), "utf8mb4");
    EXPECT_EQ(must_fail(*session, "SELECT * FROM session_reset.mine").server_code, 1146u);
    EXPECT_EQ(must_run(*session, "SELECT 1").front().get<int>(0), 1) << "prepared again";
    finish(*session, session->start_ping());
    EXPECT_FALSE(session->failed());
}

/// A statement that a session's user made current is not taken for the next job's database.
TEST(MysqlSession, AResetForgetsTheCurrentDatabase) {
    const auto session = open_session();
    use_new_database(*session, "session_forget");
    StatementJob job = job_of("SELECT database()");
    job.context.database = "session_forget";
    finish(*session, session->start(job));
    command(*session, "USE mysql");
    finish(*session, session->start_reset());
    finish(*session, session->start(job));
    EXPECT_EQ(session->take_result().front().get<std::string>(0), "session_forget");
}

}  // namespace
}  // namespace fairlead::test
