#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/shop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <ctime>

namespace fairlead::test {
namespace {

using dal::postgres::Connection;

constexpr const char* who = "SELECT fairlead.tenant()";
constexpr const char* user_count = "SELECT count(*) FROM users";

class SealedContext : public ::testing::Test {
protected:
    SealedContext() { shop_.install(); }

    /// What the database answers under this token, in a transaction of its own.
    std::string ask(Connection& connection, const std::string& token, const std::string& question) {
        begin(connection, token);
        const std::string answer = must(connection, question).single();
        rollback(connection);
        return answer;
    }

    Shop shop_;
    Connection app_ = shop_.as_app();
};

TEST_F(SealedContext, OwnTokenNamesTheTenantAndShowsOnlyItsRows) {
    const std::string token = shop_.token(app_, "acme");
    EXPECT_EQ(ask(app_, token, who), "acme");
    EXPECT_EQ(ask(app_, token, user_count), "2");
    EXPECT_EQ(ask(app_, token, "SELECT count(*) FROM orders"), "1");
    EXPECT_EQ(ask(app_, token, "SELECT count(*) FROM events"), "1");
    EXPECT_EQ(ask(app_, token, "SELECT count(*) FROM events_2025"), "1") << "a partition named directly";
    EXPECT_EQ(ask(app_, token, "SELECT count(*) FROM user_names"), "2") << "through a view";
    EXPECT_EQ(ask(app_, shop_.token(app_, "globex"), user_count), "1");
}

TEST_F(SealedContext, WithoutContextThereIsNobodyAndNothing) {
    EXPECT_EQ(ask(app_, "", who), "");
    EXPECT_EQ(ask(app_, "", user_count), "0");
    // Once a token has been set, an empty string stays behind for the session: that is nobody too.
    EXPECT_EQ(ask(app_, shop_.token(app_, "acme"), who), "acme");
    EXPECT_EQ(must(app_, "SELECT current_setting('fairlead.context')").single(), "");
    EXPECT_EQ(ask(app_, "", user_count), "0");
}

TEST_F(SealedContext, TheContextLeavesWithTheTransaction) {
    begin(app_, shop_.token(app_, "acme"));
    must(app_, "COMMIT");
    EXPECT_EQ(must(app_, who).single(), "");
}

TEST_F(SealedContext, AnyChangedCharacterOfATokenMakesItWorthless) {
    const std::string token = shop_.token(app_, "acme");
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string tampered = token;
        tampered[i] = tampered[i] == '0' ? '1' : '0';
        ASSERT_EQ(ask(app_, tampered, who), "") << "at " << i;
    }
    EXPECT_EQ(ask(app_, token + "x", who), "");
    EXPECT_EQ(ask(app_, token.substr(0, token.size() - 1), who), "");
}

TEST_F(SealedContext, RubbishIsNobodyAndNeverAnError) {
    for (const std::string& rubbish :
         {std::string("x"), std::string(64, 'z'), std::string(113, '1'), std::string(5000, '\\'),
          std::string(64, 'g') + "1\xc3\xa9\xc3\xa9'\"$$",
          std::string(64, '0') + "1" + shop_.keys.front().id}) {
        EXPECT_EQ(ask(app_, rubbish, who), "");
        EXPECT_EQ(ask(app_, rubbish, user_count), "0");
    }
}

TEST_F(SealedContext, AForgedVariableOpensNothing) {
    for (const char* forged : {"SET LOCAL fairlead.context = 'acme'", "SET LOCAL fairlead.tenant = 'acme'",
                               "SELECT set_config('fairlead.context', repeat('0', 113) || 'globex', true)"}) {
        begin(app_, "");
        must(app_, forged);
        EXPECT_EQ(must(app_, user_count).single(), "0") << forged;
        rollback(app_);
    }
}

TEST_F(SealedContext, ATokenIsWorthlessOnAnotherBackend) {
    Connection other = shop_.as_app();
    EXPECT_EQ(ask(other, shop_.token(app_, "acme"), who), "");
    EXPECT_EQ(ask(other, shop_.token(app_, "acme"), user_count), "0");
}

/// Each field that binds a token, wrong on its own, in a token that is otherwise signed as it should be.
TEST_F(SealedContext, PidAndConnectionTagBindATokenEachOnItsOwn) {
    policy::postgres::ContextSealer sealer(shop_.keys.front());
    const std::int64_t tag =
        std::stoll(must(app_, std::string(policy::postgres::connection_tag_query)).single());
    const auto answer_to = [&](std::int32_t pid, std::int64_t with_tag) {
        std::string token;
        sealer.seal(token, "acme", pid, with_tag, std::time(nullptr) + 60);
        return ask(app_, token, who);
    };
    EXPECT_EQ(answer_to(app_.backend_pid(), tag), "acme");
    EXPECT_EQ(answer_to(app_.backend_pid() + 1, tag), "");
    EXPECT_EQ(answer_to(app_.backend_pid(), tag ^ (std::int64_t{1} << 47)), "") << "another client port";
    EXPECT_EQ(answer_to(app_.backend_pid(), tag + 1), "") << "another start of the server";
}

TEST_F(SealedContext, TheTagDiffersBetweenConnections) {
    Connection other = shop_.as_app();
    const std::string query(policy::postgres::connection_tag_query);
    EXPECT_NE(must(app_, query).single(), must(other, query).single());
    EXPECT_EQ(must(app_, query).single(), must(app_, query).single());
}

TEST_F(SealedContext, WorksOverAUnixSocket) {
    auto options = shared_server().options(shop_.backend.user, shop_.placement.database);
    options.host = shared_server().folder();
    auto local = Connection::open(options);
    ASSERT_TRUE(local) << local.error().message;
    EXPECT_EQ(ask(*local, shop_.token(*local, "acme"), user_count), "2");
}

TEST_F(SealedContext, AnExpiredTokenIsNobody) {
    EXPECT_EQ(ask(app_, shop_.token(app_, "acme", -5), who), "");
    EXPECT_EQ(ask(app_, shop_.token(app_, "acme", -5), user_count), "0");
}

TEST_F(SealedContext, ATransactionKeepsItsContextToItsEnd) {
    begin(app_, shop_.token(app_, "acme", 1));
    EXPECT_EQ(must(app_, who).single(), "acme");
    must(app_, "SELECT pg_sleep(2.1)");
    EXPECT_EQ(must(app_, who).single(), "acme");
    rollback(app_);
}

TEST_F(SealedContext, AnotherKeyIsNobodyUntilItIsInstalledAndTheOldOneAfterItIsRemoved) {
    const std::vector<policy::postgres::ContextKey> old_keys = shop_.keys;
    const std::string old_token = shop_.token(app_, "acme");
    shop_.keys = policy::postgres::context_keys({"new"}, "", "u", "d").value();
    shop_.keys.push_back(old_keys.front());
    const std::string new_token = shop_.token(app_, "acme");
    EXPECT_EQ(ask(app_, new_token, who), "");
    shop_.install();
    EXPECT_EQ(ask(app_, new_token, who), "acme");
    EXPECT_EQ(ask(app_, old_token, who), "acme") << "two live keys while proxies are restarted";
    shop_.keys.pop_back();
    shop_.install();
    EXPECT_EQ(ask(app_, new_token, who), "acme");
    EXPECT_EQ(ask(app_, old_token, who), "");
}

TEST_F(SealedContext, TheAppRoleCannotReadOrWriteKeysNorReplaceTheFunction) {
    for (const char* statement :
         {"SELECT * FROM fairlead.context_key", "INSERT INTO fairlead.context_key VALUES ('x', '', '', 'x')",
          "DELETE FROM fairlead.context_key",
          "CREATE FUNCTION fairlead.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
          "CREATE OR REPLACE FUNCTION fairlead.tenant() RETURNS text LANGUAGE sql AS 'SELECT ''acme'''",
          "ALTER TABLE users DISABLE ROW LEVEL SECURITY", "DROP POLICY fairlead_tenant ON users",
          "TRUNCATE users", "CREATE TABLE x (a int)", "CREATE TEMP TABLE x (a int)",
          "SELECT setval('orders_id_seq', 1)"}) {
        const auto result = app_.execute(statement);
        ASSERT_FALSE(result) << statement;
        EXPECT_EQ(result.error().sqlstate, "42501") << statement;
    }
}

TEST_F(SealedContext, InsertWithoutTheColumnGetsTheTenantAndAForeignOneIsRefused) {
    begin(app_, shop_.token(app_, "acme"));
    EXPECT_EQ(
        must(app_, "INSERT INTO users (user_id, username) VALUES (7, 'Ito') RETURNING tenant_id").single(),
        "acme");
    EXPECT_EQ(must(app_, "INSERT INTO orders (note) VALUES ('milk') RETURNING tenant_id").single(), "acme");
    EXPECT_EQ(must(app_, "INSERT INTO events_2025 (at) VALUES ('2025-07-07') RETURNING tenant_id").single(),
              "acme");
    const auto foreign = app_.execute("INSERT INTO users VALUES ('globex', 9, 'x')");
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().sqlstate, "42501");
    rollback(app_);
    begin(app_, shop_.token(app_, "acme"));
    const auto moved = app_.execute("UPDATE users SET tenant_id = 'globex'");
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().sqlstate, "42501");
    rollback(app_);
}

TEST_F(SealedContext, AForgedTokenInTheDefaultIsCaughtByTheCheck) {
    begin(app_, std::string(113, '0') + "globex");
    const auto result = app_.execute("INSERT INTO users (user_id, username) VALUES (7, 'Ito')");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().sqlstate, "42501");
    rollback(app_);
}

TEST_F(SealedContext, ColumnsOfOtherTypesWork) {
    for (const std::string type : {"smallint", "integer", "bigint", "uuid"}) {
        const std::string mine = type == "uuid" ? "6f1c0b9e-0d5b-4c8e-9a53-5d8b1b0a0001" : "41";
        const std::string theirs = type == "uuid" ? "6f1c0b9e-0d5b-4c8e-9a53-5d8b1b0a0002" : "42";
        shop_.run({"CREATE TABLE typed_" + type + " (tenant_id " + type + " NOT NULL, x int)",
                   "INSERT INTO typed_" + type + " VALUES ('" + theirs + "', 1)",
                   "ALTER TABLE typed_" + type + " OWNER TO " + shop_.owner});
        shop_.install();
        begin(app_, shop_.token(app_, mine));
        EXPECT_EQ(must(app_, "INSERT INTO typed_" + type + " (x) VALUES (2) RETURNING tenant_id").single(),
                  mine);
        EXPECT_EQ(must(app_, "SELECT count(*) FROM typed_" + type).single(), "1");
        EXPECT_FALSE(app_.execute("INSERT INTO typed_" + type + " VALUES ('" + theirs + "', 3)"));
        rollback(app_);
    }
    EXPECT_FALSE(any_error(shop_.verify()));
}

TEST_F(SealedContext, CostsMicrosecondsAQueryAndNextToNothingARow) {
    const std::string token = shop_.token(app_, "acme");
    const auto seconds = [&](const std::string& statement) {
        begin(app_, token);
        must(app_, "SELECT fairlead.tenant()");
        const auto start = std::chrono::steady_clock::now();
        must(app_, statement);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        rollback(app_);
        return took.count();
    };
    const double calls = seconds("SELECT count(fairlead.tenant()) FROM generate_series(1, 20000)");
    const double insert = seconds("INSERT INTO users (user_id) SELECT generate_series(100, 50099)");
    const double verified = seconds(
        "INSERT INTO users (tenant_id, user_id)"
        " SELECT fairlead.tenant(), generate_series(100, 50099)");
    std::printf(
        "fairlead.tenant(): %.2f us a call; 50,000 rows: %.0f ms with our default, %.0f ms with the "
        "verifying "
        "function for each row\n",
        calls / 20000 * 1e6, insert * 1e3, verified * 1e3);
    EXPECT_LT(calls / 20000, 200e-6);
    EXPECT_LT(insert, verified);
}

}  // namespace
}  // namespace fairlead::test
