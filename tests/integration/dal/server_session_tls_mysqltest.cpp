#include "tests/integration/support/mariadb_tls_server.h"
#include "tests/integration/support/session_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

namespace fairlead::test {
namespace {

using config::TlsMode;
using dal::ServerSession;
using dal::Wait;
using testing::HasSubstr;

class MysqlSessionTls : public testing::Test {
protected:
    static void SetUpTestSuite() { server_ = std::make_unique<MariaDbTlsServer>(); }
    static void TearDownTestSuite() { server_.reset(); }

    static std::unique_ptr<ServerSession> open(TlsMode mode, const std::string& ca,
                                               const std::string& host_name) {
        auto session = dal::mysql::make_server_session(16);
        finish(*session, session->start_connect(server_->options(mode, ca, "127.0.0.1"), host_name));
        return session;
    }
    /// "plain", "encrypted", or why not.
    static std::string outcome(const std::unique_ptr<ServerSession>& session) {
        if (session->failed()) {
            EXPECT_TRUE(session->is_broken());
            EXPECT_EQ(session->failed().kind(), errc::connection);
            return session->failed().message;
        }
        const ResultSet cipher =
            must_run(*session,
                     "SELECT variable_value FROM information_schema.session_status WHERE variable_name = "
                     "'SSL_CIPHER'");
        return cipher.front().get<std::string>(0).empty() ? "plain" : "encrypted";
    }

    static inline std::unique_ptr<MariaDbTlsServer> server_;
};

TEST_F(MysqlSessionTls, EachModeEncryptsAndChecksWhatItSays) {
    EXPECT_EQ(outcome(open(TlsMode::disable, "", "localhost")), "plain");
    EXPECT_EQ(outcome(open(TlsMode::allow, "", "localhost")), "plain");
    EXPECT_EQ(outcome(open(TlsMode::prefer, "", "localhost")), "encrypted");
    EXPECT_EQ(outcome(open(TlsMode::require, "", "other.example")), "encrypted");
    EXPECT_EQ(outcome(open(TlsMode::verify_ca, "ca", "other.example")), "encrypted") << "whatever its name";
    EXPECT_NE(outcome(open(TlsMode::verify_ca, "other", "localhost")), "encrypted");
}

/// Names are looked up by the caller: it is an address that is connected to.
TEST_F(MysqlSessionTls, TheCertificateHasToBearTheHostsName) {
    EXPECT_EQ(outcome(open(TlsMode::verify_full, "ca", "localhost")), "encrypted");
    EXPECT_THAT(outcome(open(TlsMode::verify_full, "ca", "other.example")),
                HasSubstr("the server's certificate is not for other.example"));
    EXPECT_NE(outcome(open(TlsMode::verify_full, "other", "localhost")), "encrypted");
    EXPECT_NE(outcome(open(TlsMode::verify_full, "ca", "127.0.0.1")), "encrypted");
    EXPECT_NE(outcome(open(TlsMode::verify_full, "ca", "")), "encrypted");
}

TEST_F(MysqlSessionTls, StreamsAndLargeValuesComeThrough) {
    const auto session = open(TlsMode::require, "", "localhost");
    dal::StatementJob job = job_of("SELECT seq, repeat('x', 1000) FROM seq_1_to_20000");
    must_run(*session, "CREATE DATABASE tls_rows");
    job.context.database = "tls_rows";
    job.stream = true;
    std::size_t rows = 0;
    Wait wait = session->start(job);
    while (true) {
        finish(*session, wait);
        ASSERT_FALSE(session->failed()) << session->failed().message;
        const auto some = session->take_rows();
        if (some == nullptr) break;
        rows += some->rows();
        wait = session->start_next_rows();
    }
    EXPECT_EQ(rows, 20'000u);
    EXPECT_EQ(must_run(*session, "SELECT repeat('y', 5000000)").front()[0].text().size(), 5'000'000u);
}

/// Writing to a connection that the server has closed must not end the process.
TEST_F(MysqlSessionTls, AServerThatIsGoneRaisesNoSignal) {
    for (int round = 0; round < 2; ++round) {
        const auto session = open(TlsMode::require, "", "localhost");
        dal::mysql::Connection root = server_->server().connect();
        must(root, "KILL " + session->cancel_statement().substr(std::string("KILL QUERY ").size()));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        for (int call = 0; call < 3 && !session->is_broken(); ++call) finish(*session, session->start_ping());
        EXPECT_EQ(session->failed().kind(), errc::connection);
    }
}

TEST_F(MysqlSessionTls, AStatementIsNotWaitedForOnTheSpot) {
    const auto session = open(TlsMode::require, "", "localhost");
    must_run(*session, "SELECT 0");
    const auto start = std::chrono::steady_clock::now();
    Wait wait = session->start(job_of("SELECT sleep(2)"));
    EXPECT_NE(wait, Wait::nothing);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
    finish(*session, wait);
    EXPECT_FALSE(session->failed()) << session->failed().message;
    EXPECT_EQ(session->take_result().front().get<int>(0), 0);
}

/// Whoever waits, the library or the caller: the time limit of logging in is not that of statements.
TEST_F(MysqlSessionTls, AStatementMayTakeLongerThanALogin) {
    for (const TlsMode mode : {TlsMode::disable, TlsMode::require}) {
        dal::ConnectOptions options = server_->options(mode, "", "127.0.0.1");
        options.connect_timeout = std::chrono::seconds(1);
        const auto session = dal::mysql::make_server_session(16);
        finish(*session, session->start_connect(options, "localhost"));
        dal::StatementJob job = job_of("SELECT sleep(2.5)");
        job.may_block = true;
        finish(*session, session->start(job));
        ASSERT_FALSE(session->failed()) << session->failed().message;
        EXPECT_EQ(session->take_result().front().get<int>(0), 0);
    }
}

TEST_F(MysqlSessionTls, DestroyingNeverWaits) {
    auto idle = open(TlsMode::require, "", "localhost"), busy = open(TlsMode::require, "", "localhost");
    must_run(*idle, "SELECT 1");
    EXPECT_NE(busy->start(job_of("SELECT sleep(30)")), Wait::nothing);
    server_->server().pause();
    auto connecting = dal::mysql::make_server_session(4);
    EXPECT_NE(connecting->start_connect(server_->options(TlsMode::require, "", "127.0.0.1"), "localhost"),
              Wait::nothing);
    const auto start = std::chrono::steady_clock::now();
    idle.reset(), busy.reset(), connecting.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(200));
    server_->server().resume();
}

}  // namespace
}  // namespace fairlead::test
