#include "dal/driver/mysql/connection.h"
#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/mariadb_tls_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace fairlead::test {
namespace {

using config::TlsMode;
using dal::mysql::Connection;
using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(MysqlConnection, RowsErrorsAndWhatTheServerIs) {
    Connection connection = shared_mariadb().connect();
    const dal::Rows rows = must(connection, "SELECT 1 AS one, NULL AS nothing, 'a\\0b' AS bytes");
    EXPECT_EQ(rows.columns, (std::vector<std::string>{"one", "nothing", "bytes"}));
    ASSERT_EQ(rows.rows.size(), 1u);
    EXPECT_EQ(rows.rows[0][1], std::nullopt);
    EXPECT_EQ(rows.rows[0][2], std::string("a\0b", 3));
    const auto failed = connection.execute("SELEC 1");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().sqlstate, "42000");
    EXPECT_TRUE(connection.is_open()) << "an error of the server is not the end";
    must(connection, "CREATE DATABASE rows_test");
    must(connection, "CREATE TABLE rows_test.t (x int)");
    EXPECT_EQ(must(connection, "INSERT INTO rows_test.t VALUES (1), (2)").affected, 2u);
    EXPECT_EQ(connection.server_flavour(), policy::mysql::flavour::mariadb);
    EXPECT_GE(connection.server_version(), 101100u);
}

TEST(MysqlConnection, QuotedTextComesBackInEverySqlMode) {
    Connection connection = shared_mariadb().connect();
    for (const char* mode : {"''", "'NO_BACKSLASH_ESCAPES'", "'ANSI'"}) {
        must(connection, std::string("SET sql_mode = ") + mode);
        for (const std::string text : {"it's", "back\\slash", "\"quoted\"", "\\'", "日本"}) {
            EXPECT_EQ(must(connection, "SELECT " + connection.quote(text)).single(), text) << mode;
        }
    }
}

TEST(MysqlConnection, AWrongPasswordIsTheServersVerdict) {
    const auto connection = Connection::open(shared_mariadb().options("root", "wrong"));
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().sqlstate, "28000");
    EXPECT_THAT(connection.error().message, HasSubstr("connecting to 127.0.0.1:"));
}

TEST(MysqlConnection, ReachesTheSocketByItsPathAndByItsFolder) {
    dal::ConnectOptions options = shared_mariadb().options("root");
    options.tls.mode = TlsMode::prefer;
    for (const std::string& host : {shared_mariadb().socket(), shared_mariadb().folder()}) {
        options.host = host;
        auto connection = Connection::open(options);
        ASSERT_TRUE(connection) << host << ": " << connection.error().message;
        EXPECT_FALSE(connection->is_encrypted());
    }
}

TEST(MysqlConnection, AnAnswerThatDoesNotComeInTimeClosesTheConnection) {
    Connection connection = shared_mariadb().connect();
    const auto start = std::chrono::steady_clock::now();
    const auto rows = connection.execute("SELECT SLEEP(20)", milliseconds(200));
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().sqlstate, "");
    EXPECT_FALSE(connection.is_open());
    EXPECT_FALSE(connection.execute("SELECT 1"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(MysqlConnection, AServerThatIsSilentOrGoneIsAnErrorInTime) {
    MariaDbServer server;
    Connection open = server.connect();
    server.pause();
    dal::ConnectOptions options = server.options("root");
    options.connect_timeout = milliseconds(1'000);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(Connection::open(options));
    EXPECT_FALSE(open.execute("SELECT 1", milliseconds(300)));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
    server.resume();
    Connection cut = server.connect();
    server.kill();
    EXPECT_FALSE(cut.execute("SELECT 1"));
    EXPECT_FALSE(cut.is_open());
    EXPECT_FALSE(Connection::open(options));
}

TEST(MysqlConnection, TheServerCannotAskForAFile) {
    Connection connection = shared_mariadb().connect();
    must(connection, "CREATE DATABASE infile_test");
    must(connection, "CREATE TABLE infile_test.t (x text)");
    EXPECT_FALSE(connection.execute("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE infile_test.t"));
    Connection other = shared_mariadb().connect();
    EXPECT_EQ(must(other, "SELECT count(*) FROM infile_test.t").single(), "0");
}

class MysqlTls : public testing::Test {
protected:
    static void SetUpTestSuite() { server_ = std::make_unique<MariaDbTlsServer>(); }
    static void TearDownTestSuite() { server_.reset(); }

    static dal::SqlResult<Connection> open(TlsMode mode, const std::string& ca, const std::string& host,
                                           const std::string& user = "root") {
        return Connection::open(server_->options(mode, ca, host, user));
    }
    /// "plain", "encrypted", or why not.
    static std::string outcome(const dal::SqlResult<Connection>& connection) {
        if (!connection) return connection.error().message;
        return connection->is_encrypted() ? "encrypted" : "plain";
    }

    static inline std::unique_ptr<MariaDbTlsServer> server_;
};

TEST_F(MysqlTls, EachModeEncryptsAndChecksWhatItSays) {
    EXPECT_EQ(outcome(open(TlsMode::disable, "", "localhost")), "plain");
    EXPECT_EQ(outcome(open(TlsMode::allow, "", "localhost")), "plain");
    EXPECT_EQ(outcome(open(TlsMode::prefer, "", "localhost")), "encrypted");
    EXPECT_EQ(outcome(open(TlsMode::require, "", "127.0.0.1")), "encrypted");
    EXPECT_EQ(outcome(open(TlsMode::verify_ca, "ca", "127.0.0.1")), "encrypted") << "whatever its name";
    EXPECT_EQ(outcome(open(TlsMode::verify_full, "ca", "localhost")), "encrypted");
    for (const auto& [mode, ca, host] : {std::tuple{TlsMode::verify_ca, "other", "localhost"},
                                         std::tuple{TlsMode::verify_full, "other", "localhost"},
                                         std::tuple{TlsMode::verify_full, "ca", "127.0.0.1"}}) {
        EXPECT_FALSE(open(mode, ca, host)) << static_cast<int>(mode) << " " << ca << " " << host;
    }
}

TEST_F(MysqlTls, AnAccountThatNeedsACertificateGetsOurs) {
    Connection root = server_->server().connect();
    must(root, "CREATE USER certified REQUIRE SUBJECT '/CN=client'");
    must(root, "CREATE USER encrypted_only REQUIRE SSL");
    EXPECT_EQ(outcome(open(TlsMode::verify_full, "ca", "localhost", "certified")), "encrypted");
    EXPECT_EQ(outcome(open(TlsMode::prefer, "", "localhost", "encrypted_only")), "encrypted");
    EXPECT_FALSE(open(TlsMode::disable, "", "localhost", "encrypted_only"));
}

TEST(MysqlConnection, AServerWithoutTlsServesOnlyThoseWhoDoNotInsist) {
    dal::ConnectOptions options = shared_mariadb().options("root");
    for (TlsMode mode : {TlsMode::allow, TlsMode::prefer}) {
        options.tls.mode = mode;
        const auto connection = Connection::open(options);
        ASSERT_TRUE(connection) << connection.error().message;
        EXPECT_FALSE(connection->is_encrypted());
    }
    for (TlsMode mode : {TlsMode::require, TlsMode::verify_ca, TlsMode::verify_full}) {
        options.tls.mode = mode;
        EXPECT_FALSE(Connection::open(options)) << static_cast<int>(mode);
    }
}

}  // namespace
}  // namespace fairlead::test
