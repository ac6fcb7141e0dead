#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/session_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::test {
namespace {

using dal::ServerSession;
using dal::StatementJob;
using dal::TransactionStatus;
using testing::HasSubstr;

std::unique_ptr<ServerSession> open_session(std::uint32_t max_prepared = 16,
                                            const MariaDbServer& server = shared_mariadb()) {
    auto session = dal::mysql::make_server_session(max_prepared);
    const dal::ConnectOptions options = server.options("root");
    finish(*session, session->start_connect(options, options.host));
    EXPECT_FALSE(session->failed()) << session->failed().message;
    return session;
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

TEST(MysqlSession, ParametersOfEveryKindComeBack) {
    const auto session = open_session();
    const std::string bytes("\0\x01\xff", 3);
    const std::vector<Argument> arguments{
        nullptr,
        true,
        std::int64_t{-9'223'372'036'854'775'807 - 1},
        std::uint64_t{18'446'744'073'709'551'615u},
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

}  // namespace
}  // namespace fairlead::test
