#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/session_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace fairlead::test {
namespace {

using dal::ServerSession;
using dal::StatementJob;
using dal::TransactionStatus;
using dal::Wait;
using testing::HasSubstr;

class MysqlSessionFlow : public testing::Test {
protected:
    void SetUp() override {
        session_ = open();
        command("CREATE DATABASE IF NOT EXISTS session_flow");
        command("USE session_flow");
    }
    static std::unique_ptr<ServerSession> open() {
        auto session = dal::mysql::make_server_session(16);
        const dal::ConnectOptions options = shared_mariadb().options("root");
        finish(*session, session->start_connect(options, options.host));
        EXPECT_FALSE(session->failed()) << session->failed().message;
        return session;
    }
    void command(const std::string& sql) {
        finish(*session_, session_->start_command(sql));
        EXPECT_FALSE(session_->failed()) << sql << ": " << session_->failed().message;
    }
    int count(const std::string& table) {
        return must_run(*session_, "SELECT count(*) FROM " + table).front().get<int>(0);
    }
    static StatementJob stream_of(std::string_view sql) {
        StatementJob job = job_of(sql);
        job.stream = true;
        return job;
    }
    static void kill(const std::string& statement) {
        dal::mysql::Connection root = shared_mariadb().connect();
        must(root, statement);
    }
    std::string kill_connection() const { return "KILL " + session_->cancel_statement().substr(11); }

    std::unique_ptr<ServerSession> session_;
};

std::size_t resident_kilobytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    in >> total >> resident;
    return resident * 4;
}

TEST_F(MysqlSessionFlow, AStreamGivesAllRowsInBoundedMemory) {
    const std::size_t before = resident_kilobytes();
    std::size_t rows = 0, largest = 0, most_memory = 0;
    std::int64_t sum = 0;
    Wait wait = session_->start(stream_of("SELECT seq, repeat('x', 300) FROM seq_1_to_300000"));
    while (true) {
        finish(*session_, wait);
        ASSERT_FALSE(session_->failed()) << session_->failed().message;
        const auto some = session_->take_rows();
        if (some == nullptr) break;
        ASSERT_EQ(some->columns(), 2u);
        for (std::size_t r = 0; r < some->rows(); ++r) sum += Row(*some, r).get<std::int64_t>(0);
        rows += some->rows();
        largest = std::max(largest, some->rows());
        if (rows % 64 == 0) most_memory = std::max(most_memory, resident_kilobytes());
        wait = session_->start_next_rows();
    }
    EXPECT_EQ(rows, 300'000u);
    EXPECT_EQ(sum, 300'000ll * 300'001 / 2);
    EXPECT_LE(largest, 256u);
    EXPECT_LT(most_memory, before + 20'000) << "90 MB went by";
    EXPECT_EQ(count("seq_1_to_3"), 3);
}

TEST_F(MysqlSessionFlow, AHelpingIsBoundedInBytes) {
    std::size_t rows = 0;
    Wait wait = session_->start(stream_of("SELECT repeat('x', 400000) FROM seq_1_to_20"));
    while (true) {
        finish(*session_, wait);
        const auto some = session_->take_rows();
        if (some == nullptr) break;
        EXPECT_LE(some->rows(), 3u);
        EXPECT_EQ(some->field(0, 0).text().size(), 400'000u);
        rows += some->rows();
        wait = session_->start_next_rows();
    }
    EXPECT_EQ(rows, 20u);
}

TEST_F(MysqlSessionFlow, AStreamOfNothingAndAStreamThatFails) {
    finish(*session_, session_->start(stream_of("SELECT 1 FROM seq_1_to_2 WHERE 1 = 0")));
    EXPECT_FALSE(session_->failed());
    EXPECT_EQ(session_->take_rows(), nullptr);
    finish(*session_, session_->start(stream_of("SELECT * FROM no_such")));
    EXPECT_EQ(session_->failed().server_code, 1146u);
    EXPECT_EQ(session_->take_rows(), nullptr);
    EXPECT_EQ(count("seq_1_to_3"), 3);
}

TEST_F(MysqlSessionFlow, AnAbandonedStreamIsDrained) {
    for (const bool first_rows : {false, true}) {
        const Wait wait = session_->start(stream_of("SELECT repeat('x', 1000) FROM seq_1_to_100000"));
        if (first_rows) {
            finish(*session_, wait);
            EXPECT_NE(session_->take_rows(), nullptr);
        }
        finish(*session_, session_->start_drain());
        EXPECT_FALSE(session_->failed()) << session_->failed().message;
        EXPECT_FALSE(session_->is_broken());
        EXPECT_EQ(session_->take_rows(), nullptr);
        EXPECT_EQ(count("seq_1_to_3"), 3);
    }
}

/// Given up, cancelled from another connection, drained: as the library does at a deadline.
TEST_F(MysqlSessionFlow, ACancelledStatementLeavesTheSessionWhole) {
    StatementJob job = job_of("SELECT sleep(30)");
    job.begin = "BEGIN";
    Wait wait = session_->start(job);
    for (int i = 0; i < 20 && !session_->was_sent(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        wait = session_->resume(wait);
    }
    ASSERT_TRUE(session_->was_sent());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto start = std::chrono::steady_clock::now();
    // On another thread, as the keeper's is.
    std::thread([&] {
        kill(session_->cancel_statement());
        finish(*session_, session_->start_drain());
    }).join();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_FALSE(session_->is_broken());
    EXPECT_EQ(session_->status(), TransactionStatus::open);
    command("ROLLBACK");
    EXPECT_EQ(count("seq_1_to_3"), 3);
}

TEST_F(MysqlSessionFlow, AnOperationGivenUpAnywhereIsDrained) {
    command("CREATE TABLE IF NOT EXISTS given_up (n int)");
    for (int steps = 0; steps < 8; ++steps) {
        const std::string text = "SELECT n, " + std::to_string(steps) + " FROM given_up";
        StatementJob job = job_of(text);
        job.context.database = steps % 2 == 0 ? "session_flow" : "SESSION_FLOW_OTHER";
        job.begin = "BEGIN";
        Wait wait = session_->start(job);
        for (int i = 0; i < steps && wait != Wait::nothing; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            wait = session_->resume(wait);
        }
        finish(*session_, session_->start_drain());
        EXPECT_FALSE(session_->is_broken()) << steps << ": " << session_->failed().message;
        command("ROLLBACK");
        StatementJob next = job_of("SELECT database()");
        next.context.database = "session_flow";
        finish(*session_, session_->start(next));
        ASSERT_FALSE(session_->failed()) << session_->failed().message;
        EXPECT_EQ(session_->take_result().front().get<std::string>(0), "session_flow");
    }
}

TEST_F(MysqlSessionFlow, KillQueryIsAnErrorOfTheStatementOnly) {
    const Wait wait = session_->start(job_of("SELECT count(*) FROM seq_1_to_1000000000 WHERE sqrt(seq) < 0"));
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        kill(session_->cancel_statement());
    });
    finish(*session_, wait);
    killer.join();
    EXPECT_EQ(session_->failed().server_code, 1317u);
    EXPECT_FALSE(session_->is_broken());
    EXPECT_EQ(count("seq_1_to_3"), 3);
}

TEST_F(MysqlSessionFlow, AKilledConnectionIsBrokenAndItsOutcomeUnknown) {
    const std::string kill_it = kill_connection();
    const Wait wait = session_->start(job_of("SELECT sleep(30)"));
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        kill(kill_it);
    });
    finish(*session_, wait);
    killer.join();
    EXPECT_EQ(session_->failed().kind(), errc::connection) << session_->failed().message;
    EXPECT_TRUE(session_->is_broken());
    EXPECT_TRUE(session_->was_sent());
    EXPECT_EQ(session_->status(), TransactionStatus::unknown);
}

TEST_F(MysqlSessionFlow, AConnectionThatWasKilledWhileIdleFailsTheNextCall) {
    kill(kill_connection());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    finish(*session_, session_->start_ping());
    EXPECT_EQ(session_->failed().kind(), errc::connection);
    EXPECT_TRUE(session_->is_broken());
    EXPECT_FALSE(session_->was_sent());
}

TEST_F(MysqlSessionFlow, DestroyingNeverWaits) {
    MariaDbServer server;
    const auto open_there = [&] {
        auto session = dal::mysql::make_server_session(4);
        const dal::ConnectOptions options = server.options("root");
        finish(*session, session->start_connect(options, options.host));
        EXPECT_FALSE(session->failed());
        return session;
    };
    auto idle = open_there(), busy = open_there(), streaming = open_there(), used = open_there();
    must_run(*used, "SELECT 1");
    EXPECT_NE(busy->start(job_of("SELECT sleep(30)")), Wait::nothing);
    finish(*streaming,
           streaming->start(stream_of("SELECT repeat('x', 1000) FROM mysql.help_topic, mysql.user, "
                                      "mysql.help_keyword, mysql.help_relation")));
    server.pause();
    auto connecting = dal::mysql::make_server_session(4);
    const dal::ConnectOptions options = server.options("root");
    EXPECT_NE(connecting->start_connect(options, options.host), Wait::nothing);
    const auto start = std::chrono::steady_clock::now();
    idle.reset(), busy.reset(), streaming.reset(), connecting.reset(), used.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(200));
    server.resume();
}

TEST_F(MysqlSessionFlow, LoadsWhatItIsGiven) {
    command("CREATE OR REPLACE TABLE loaded (n int PRIMARY KEY, t varchar(10) NOT NULL, tenant varchar(9))");
    std::string data;
    for (int i = 0; i < 100'000; ++i) data += std::to_string(i) + "\tv" + std::to_string(i) + "\n";
    finish(*session_,
           session_->start_load("LOAD DATA LOCAL INFILE 'data' INTO TABLE loaded (n, t) SET tenant = 'acme'",
                                data, {{}, {}, "session_flow"}, "BEGIN"));
    ASSERT_FALSE(session_->failed()) << session_->failed().message;
    EXPECT_EQ(session_->take_result().affected(), 100'000u);
    EXPECT_EQ(session_->status(), TransactionStatus::open);
    command("COMMIT");
    EXPECT_EQ(must_run(*session_, "SELECT t FROM loaded WHERE n = 99999 AND tenant = 'acme'").size(), 1u);
}

TEST_F(MysqlSessionFlow, ALoadedRowThatDoesNotFitIsAFailure) {
    command("CREATE OR REPLACE TABLE loaded (n int PRIMARY KEY, t varchar(3) NOT NULL)");
    command("INSERT INTO loaded VALUES (1, 'a')");
    const auto load = [&](const std::string& data) {
        finish(*session_, session_->start_load("LOAD DATA LOCAL INFILE 'data' INTO TABLE loaded (n, t)", data,
                                               {}, "BEGIN"));
        const Diagnostics failed = session_->failed();
        command("ROLLBACK");
        EXPECT_EQ(count("loaded"), 1);
        return failed;
    };
    const Diagnostics duplicate = load("2\tb\n1\tc\n");
    EXPECT_EQ(duplicate.kind(), errc::integrity);
    EXPECT_EQ(duplicate.server_code, 1062u);
    EXPECT_EQ(load("2\ttoo long\n").kind(), errc::data);
    EXPECT_EQ(load("x\tb\n").kind(), errc::data);
    EXPECT_EQ(load("2\n").kind(), errc::data) << "too few columns";
    EXPECT_FALSE(load("").failed());
}

/// The server may ask (LOCAL INFILE is on for loads), and gets nothing.
TEST_F(MysqlSessionFlow, AStatementOfAClientGetsNoFile) {
    command("CREATE OR REPLACE TABLE stolen (t text)");
    const std::string theft = "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE stolen";
    for (int round = 0; round < 2; ++round) {
        const Diagnostics as_statement = must_fail(*session_, theft);
        EXPECT_NE(as_statement.kind(), errc::connection) << as_statement.message;
        ASSERT_FALSE(session_->is_broken());
        finish(*session_, session_->start_command(theft));
        EXPECT_TRUE(session_->failed());
        ASSERT_FALSE(session_->is_broken());
        EXPECT_EQ(count("stolen"), 0);
        // Between loads, too.
        finish(*session_, session_->start_load("LOAD DATA LOCAL INFILE 'x' INTO TABLE stolen", "", {}, {}));
        EXPECT_FALSE(session_->failed());
    }
    finish(*session_, session_->start_load("SELECT 1", "data", {}, {}));
    EXPECT_EQ(session_->failed().kind(), errc::usage);
}

TEST_F(MysqlSessionFlow, AnAbandonedLoadLeavesTheSessionWhole) {
    command("CREATE OR REPLACE TABLE loaded (n int)");
    std::string data;
    for (int i = 0; i < 3'000'000; ++i) data += "12345678\n";
    const Wait wait =
        session_->start_load("LOAD DATA LOCAL INFILE 'data' INTO TABLE loaded", std::move(data), {}, "BEGIN");
    ASSERT_NE(wait, Wait::nothing);
    session_->resume(wait);
    finish(*session_, session_->start_drain());
    EXPECT_FALSE(session_->is_broken()) << session_->failed().message;
    if (!session_->is_broken()) {
        command("ROLLBACK");
        EXPECT_EQ(count("loaded"), 0);
    }
}

}  // namespace
}  // namespace fairlead::test
