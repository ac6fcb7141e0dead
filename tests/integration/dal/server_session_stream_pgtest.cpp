#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/postgres_session.h"
#include "tests/support/sanitizers.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace fairlead::test {
namespace {

using dal::StatementJob;
using dal::TransactionStatus;
using dal::Wait;

// Sanitizers keep what was freed for a while.
#if FAIRLEAD_SANITIZED
constexpr bool counts_memory = false;
#else
constexpr bool counts_memory = true;
#endif

std::size_t resident_kib() {
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * 4;
}

class PostgresStream : public PostgresSession {
protected:
    /// Rows of a stream, read to its end; checks that chunks are bounded.
    std::size_t read_all(const StatementJob& stream) {
        std::size_t rows = 0;
        finish(*session_, session_->start(stream));
        while (const auto chunk = session_->take_rows()) {
            EXPECT_LE(chunk->rows(), 256u);
            rows += chunk->rows();
            finish(*session_, session_->start_next_rows());
        }
        return rows;
    }
    StatementJob stream(std::string_view sql) {
        StatementJob out = job_of(sql);
        out.stream = true;
        return out;
    }
    void load(std::string_view sql, std::string data) {
        finish(*session_, session_->start_load(sql, std::move(data), {}, ""));
    }
    void terminate_it() {
        auto other = postgres_session(shared_server().options("postgres", "postgres"));
        must_run(*other,
                 "SELECT pg_terminate_backend(" + std::to_string(session_->backend_pid()) + ", 5000)");
    }
    void cancel_it() {
        auto other = postgres_session(shared_server().options("postgres", "postgres"));
        EXPECT_EQ(single(must_run(*other, session_->cancel_statement())), "t");
    }
};

TEST_F(PostgresStream, AMillionRowsInBoundedMemory) {
    StatementJob rows = stream("SELECT i, repeat('x', 50) FROM generate_series(1, 1000000) i");
    rows.context = {"app.tenant", "acme", {}};
    EXPECT_EQ(read_all(stream("SELECT 1")), 1u);
    const std::size_t before = resident_kib();
    EXPECT_EQ(read_all(rows), 1'000'000u);
    EXPECT_FALSE(session_->failed()) << session_->failed().message;
    if (counts_memory) {
        EXPECT_LT(resident_kib(), before + 4096);
    }
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT current_setting('app.tenant')"), "");
}

TEST_F(PostgresStream, RowsAsTheyAreAndTheEmptyResult) {
    finish(*session_, session_->start(stream("SELECT 'a' AS x, '\\x01'::bytea AS y")));
    const auto chunk = session_->take_rows();
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->columns(), 2u);
    EXPECT_EQ(chunk->column_name(1), "y");
    EXPECT_EQ(chunk->field(0, 0).text(), "a");
    EXPECT_TRUE(chunk->field(0, 1).is_hexadecimal());
    finish(*session_, session_->start_next_rows());
    EXPECT_EQ(session_->take_rows(), nullptr);
    EXPECT_EQ(read_all(stream("SELECT 1 WHERE false")), 0u);
    EXPECT_EQ(read_all(stream("CREATE TABLE t (i int)")), 0u);
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
}

TEST_F(PostgresStream, FailureInItsMidst) {
    read_all(stream("SELECT 1 / (500000 - i) FROM generate_series(1, 1000000) i"));
    EXPECT_EQ(session_->failed().sqlstate, "22012");
    EXPECT_EQ(ask("SELECT 1"), "1");
    read_all(stream("SELECT * FROM not_there"));
    EXPECT_EQ(session_->failed().kind(), errc::syntax_or_access);
}

TEST_F(PostgresStream, AbandonedStreamIsDrained) {
    finish(*session_, session_->start(stream("SELECT * FROM generate_series(1, 3000000)")));
    ASSERT_NE(session_->take_rows(), nullptr);
    EXPECT_EQ(session_->status(), TransactionStatus::unknown);
    cancel_it();
    finish(*session_, session_->start_drain());
    EXPECT_FALSE(session_->failed());
    EXPECT_EQ(session_->take_rows(), nullptr);
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT 5"), "5");
}

TEST_F(PostgresStream, InterruptedStatementIsDrainedWithoutItsArguments) {
    {
        const std::string text(1000, 'x');
        const std::array<Argument, 1> arguments{Argument(text)};
        ASSERT_EQ(session_->start(job_of("SELECT length($1), pg_sleep(100)", arguments)), Wait::readable);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancel_it();
    finish(*session_, session_->start_drain());
    EXPECT_FALSE(session_->failed());
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT length($1)", {"abc"}), "3");
    ASSERT_EQ(session_->start_drain(), Wait::nothing);
    finish(*session_, session_->start_ping());
    EXPECT_FALSE(session_->failed());
}

TEST_F(PostgresStream, ServerThatEndsInMidStatement) {
    const Wait wait = session_->start(job_of("SELECT pg_sleep(100)"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    terminate_it();
    finish(*session_, wait);
    EXPECT_EQ(session_->failed().kind(), errc::connection);
    EXPECT_EQ(session_->failed().sqlstate, "57P01");
    EXPECT_TRUE(session_->is_broken());
    EXPECT_TRUE(session_->was_sent());
    EXPECT_EQ(session_->start(job_of("SELECT 1")), Wait::nothing);
    EXPECT_TRUE(session_->failed());
}

TEST_F(PostgresStream, ServerThatEndedWhileIdle) {
    terminate_it();
    finish(*session_, session_->start_ping());
    EXPECT_TRUE(session_->is_broken());
    EXPECT_EQ(session_->failed().kind(), errc::connection);
}

TEST_F(PostgresStream, ConnectionCutWithoutAWord) {
    const Wait wait = session_->start(job_of("SELECT pg_sleep(1)"));
    shutdown(session_->descriptor(), SHUT_RDWR);
    finish(*session_, wait);
    EXPECT_EQ(session_->failed().kind(), errc::connection);
    EXPECT_FALSE(session_->failed().message.empty());
    EXPECT_TRUE(session_->is_broken());
}

TEST_F(PostgresStream, BigValuesNeverBlock) {
    const std::string big(10 * 1024 * 1024, 'x');
    const std::array<Argument, 2> arguments{Argument(big), Argument("y")};
    StatementJob slow = job_of("SELECT length($1) + length($2)", arguments);
    slow.begin = "BEGIN";
    const auto begin = std::chrono::steady_clock::now();
    const Wait wait = session_->start(slow);
    EXPECT_EQ(wait, Wait::either) << "more than a socket takes at once";
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
    finish(*session_, wait);
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    EXPECT_EQ(single(session_->take_result()), std::to_string(big.size() + 1));
    command("COMMIT");
    EXPECT_EQ(ask("SELECT $1::text", {big}), big);
}

TEST_F(PostgresStream, LoadTakesEveryValue) {
    run("CREATE TABLE t (id int, s text, y bytea)");
    load("COPY t FROM STDIN", "1\ttab \\t line \\n back \\\\ \u00e4\t\\\\x00ff\n2\t\\N\t\\N\n3\t\t\\\\x\n");
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    EXPECT_EQ(session_->take_result().affected(), 3u);
    EXPECT_EQ(ask("SELECT s FROM t WHERE id = 1"), "tab \t line \n back \\ \u00e4");
    EXPECT_EQ(ask("SELECT encode(y, 'hex') FROM t WHERE id = 1"), "00ff");
    EXPECT_EQ(ask("SELECT s IS NULL AND y IS NULL FROM t WHERE id = 2"), "t");
    EXPECT_EQ(ask("SELECT s = '' AND length(y) = 0 FROM t WHERE id = 3"), "t");
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
}

TEST_F(PostgresStream, LargeLoadInATransactionWithContext) {
    run("CREATE TABLE t (id int, tenant text DEFAULT current_setting('app.tenant'))");
    std::string data;
    for (int i = 0; i < 500'000; ++i) data += std::to_string(i) + "\n";
    Wait wait = session_->start_load("COPY t (id) FROM STDIN", data, {"app.tenant", "acme", {}}, "BEGIN");
    finish(*session_, wait);
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    EXPECT_EQ(session_->take_result().affected(), 500'000u);
    EXPECT_EQ(session_->status(), TransactionStatus::open);
    wait = session_->start_load("COPY t (id) FROM STDIN", "1\n", {"app.tenant", "globex", {}}, "");
    finish(*session_, wait);
    EXPECT_FALSE(session_->failed()) << "the transaction is open";
    command("COMMIT");
    EXPECT_EQ(ask("SELECT string_agg(tenant || n, ',' ORDER BY tenant) FROM"
                  " (SELECT tenant, count(*) AS n FROM t GROUP BY tenant) c"),
              "acme500000,globex1");
}

TEST_F(PostgresStream, LoadsThatFail) {
    run("CREATE TABLE t (id int)");
    EXPECT_EQ(session_->start_load("COPY t FROM STDIN", "1\n", {"app.tenant", "acme", {}}, ""),
              Wait::nothing);
    EXPECT_EQ(session_->failed().kind(), errc::usage);
    std::string data(4 * 1024 * 1024, '1');
    load("COPY t FROM STDIN", "1\nx\n" + data);
    EXPECT_EQ(session_->failed().kind(), errc::data);
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "0");
    load("COPY not_there FROM STDIN", "1\n");
    EXPECT_EQ(session_->failed().kind(), errc::syntax_or_access);
    load("SELECT 1", "1\n");
    EXPECT_EQ(session_->failed().kind(), errc::usage);
    Wait wait = session_->start_load("COPY t FROM STDIN", "1\n", {"work_mem", "no size", {}}, "BEGIN");
    finish(*session_, wait);
    EXPECT_EQ(session_->failed().kind(), errc::data);
    EXPECT_EQ(session_->status(), TransactionStatus::failed);
    command("ROLLBACK");
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "0");
    load("COPY t TO STDOUT", "");
    EXPECT_EQ(session_->failed().kind(), errc::usage);
    EXPECT_TRUE(session_->is_broken());
}

TEST_F(PostgresStream, AbandonedLoadTakesNothing) {
    run("CREATE TABLE t (id int)");
    std::string data;
    for (int i = 0; i < 3'000'000; ++i) data += "12345\n";
    const Wait wait = session_->start_load("COPY t FROM STDIN", std::move(data), {}, "");
    ASSERT_EQ(wait, Wait::readable);
    pollfd entry{session_->descriptor(), POLLIN, 0};
    ASSERT_EQ(poll(&entry, 1, 10'000), 1);
    ASSERT_EQ(session_->resume(Wait::readable), Wait::either)
        << "some of it goes, and more than a socket takes";
    finish(*session_, session_->start_drain());
    EXPECT_FALSE(session_->failed());
    EXPECT_EQ(session_->status(), TransactionStatus::idle);
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "0");
}

}  // namespace
}  // namespace fairlead::test
