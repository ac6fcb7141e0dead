#include "tests/integration/library/engine_test.h"

#include <gmock/gmock.h>

#include <limits>

namespace fairlead::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Statements : public on_each_engine {};
INSTANTIATE_TEST_SUITE_P(Library, Statements, both_engines(), name_of_engine);

TEST_P(Statements, EachTenantSeesItsOwnRowsOnlyWhereverItLives) {
    DataSource db = shop.open();
    for (const char* id : {"acme", "globex", "initech", "umbrella"}) {
        Tenant tenant = db.tenant(id);
        EXPECT_EQ(
            tenant
                .execute("INSERT INTO items (id, note) VALUES (" + shop.p(1) + ", " + shop.p(2) + ")", 1, id)
                .affected(),
            1u)
            << id;
    }
    for (const char* id : {"acme", "globex", "initech", "umbrella"}) {
        std::vector<std::string> notes;
        for (auto [number, note] : db.tenant(id).query<int, std::string>("SELECT id, note FROM items")) {
            EXPECT_EQ(number, 1);
            notes.push_back(note);
        }
        EXPECT_THAT(notes, ElementsAre(id));
    }
    EXPECT_EQ(shop.ask("SELECT count(*) FROM items"), "2");  // acme's and globex'
}

TEST_P(Statements, ValuesOfEveryKindComeBackAsTheyWent) {
    Tenant tenant = shop.open().tenant("acme");
    const Bytes bytes{std::byte{0}, std::byte{'\''}, std::byte{0xff}, std::byte{'\\'}};
    const std::string text = "it's \"quoted\" \\ with \n and \xc3\xa9";
    tenant.execute(
        "INSERT INTO items (id, note, amount, big, data) VALUES (:id, :note, :amount, :big, :data)",
        named("id", 7), named("note", text), named("amount", 12.25),
        named("big", std::numeric_limits<std::int64_t>::min()), named("data", bytes));
    const auto row = tenant.query_row<int, std::string, double, std::int64_t, Bytes>(
        "SELECT id, note, amount, big, data FROM items WHERE id = :id", named("id", 7));
    ASSERT_TRUE(row);
    EXPECT_EQ(*row, std::tuple(7, text, 12.25, std::numeric_limits<std::int64_t>::min(), bytes));
}

TEST_P(Statements, NullsAndConversions) {
    Tenant tenant = shop.open().tenant("acme");
    tenant.execute("INSERT INTO items (id, note, big) VALUES (1, :note, :big)",
                   named("note", std::optional<std::string>()), named("big", nullptr));
    const ResultSet result = tenant.execute("SELECT id, note, big FROM items");
    ASSERT_EQ(result.size(), 1u);
    EXPECT_TRUE(result[0]["note"].is_null());
    EXPECT_EQ(result[0].get<std::optional<int>>("big"), std::nullopt);
    EXPECT_THROW(result[0].get<std::string>("note"), ConversionError);
    EXPECT_THROW(result[0].get<int>("nothing"), UsageError);
    EXPECT_THROW((tenant.query<int>("SELECT id, note FROM items")), UsageError);
    tenant.execute("UPDATE items SET note = 'word', big = 300");
    EXPECT_THROW(tenant.query_value<int>("SELECT note FROM items"), ConversionError);
    EXPECT_THROW(tenant.query_value<std::uint8_t>("SELECT big FROM items"), ConversionError);
    EXPECT_EQ(tenant.query_value<std::optional<int>>("SELECT big FROM items"), 300);
}

// What a driver remembers of a prepared statement's values from one call to the next must not be what is
// sent.
TEST_P(Statements, TheSameTextTakesOtherValuesAndOtherKindsOfThem) {
    Tenant tenant = shop.open().tenant("acme");  // each call is given the connection of the one before
    const auto insert = [&](int id, const auto& big, const auto& amount, const auto& note) {
        tenant.execute("INSERT INTO items (id, big, amount, note) VALUES (:id, :big, :amount, :note)",
                       named("id", id), named("big", big), named("amount", amount), named("note", note));
    };
    const auto more = [&](int id, const auto& big) {
        tenant.execute("INSERT INTO items (id, big) VALUES (:id, :big)", named("id", id), named("big", big));
    };
    insert(1, 10, 1.5, std::string("a"));
    insert(2, -20, 2.5, std::string("a longer one"));
    insert(3, nullptr, nullptr, nullptr);
    insert(4, std::uint64_t{40}, 4.5, std::string());
    more(5, 50);
    more(6, -60);
    more(7, nullptr);
    more(8, 80);
    more(9, std::uint64_t{90});
    more(10, -100);
    // Also where the first one failed.
    const std::string_view backwards = "INSERT INTO items (big, id) VALUES (:big, :id)";
    EXPECT_THROW(tenant.execute(backwards, named("big", 1), named("id", 10)), IntegrityError);
    tenant.execute(backwards, named("big", 110), named("id", 11));
    using optional_text = std::optional<std::string>;
    using row = std::tuple<int, std::optional<std::int64_t>, std::optional<double>, optional_text>;
    std::vector<row> rows;
    for (const auto& each :
         tenant.query<int, std::optional<std::int64_t>, std::optional<double>, optional_text>(
             "SELECT id, big, amount, note FROM items ORDER BY id"))
        rows.push_back(each);
    EXPECT_THAT(
        rows,
        ElementsAre(row(1, 10, 1.5, "a"), row(2, -20, 2.5, "a longer one"),
                    row(3, std::nullopt, std::nullopt, std::nullopt), row(4, 40, 4.5, ""),
                    row(5, 50, std::nullopt, std::nullopt), row(6, -60, std::nullopt, std::nullopt),
                    row(7, std::nullopt, std::nullopt, std::nullopt), row(8, 80, std::nullopt, std::nullopt),
                    row(9, 90, std::nullopt, std::nullopt), row(10, -100, std::nullopt, std::nullopt),
                    row(11, 110, std::nullopt, std::nullopt)));
}

TEST_P(Statements, NoRowOneRowManyRows) {
    Tenant tenant = shop.open().tenant("acme");
    EXPECT_EQ(tenant.query_row<int>("SELECT id FROM items"), std::nullopt);
    EXPECT_THROW(tenant.query_value<int>("SELECT id FROM items"), UsageError);
    for (int id : {1, 2}) tenant.execute("INSERT INTO items (id) VALUES (:id)", named("id", id));
    EXPECT_THROW(tenant.query_row<int>("SELECT id FROM items"), UsageError);
    EXPECT_EQ(tenant.query_value<int>("SELECT count(*) FROM items"), 2);
}

TEST_P(Statements, NamesThatAreMissingUnusedOrMixedAreUsageErrors) {
    Tenant tenant = shop.open().tenant("acme");
    constexpr auto sql = "SELECT id FROM items WHERE id = :id OR big = :id";
    EXPECT_NO_THROW(tenant.execute(sql, named("id", 1)));
    EXPECT_THROW(tenant.execute(sql, named("other", 1)), UsageError);
    EXPECT_THROW(tenant.execute(sql, named("id", 1), named("other", 1)), UsageError);
    EXPECT_THROW(tenant.execute(sql, named("id", 1), 2), UsageError);
    Diagnostics failed;
    tenant.execute(failed, sql, named("id", 1), named("id", 2));
    EXPECT_EQ(failed.kind(), errc::usage);
}

TEST_P(Statements, ErrorsBySqlstateInBothStyles) {
    Tenant tenant = shop.open().tenant("umbrella");
    tenant.execute("INSERT INTO items (id) VALUES (1)");
    try {
        tenant.execute("INSERT INTO items (id) VALUES (1)");
        FAIL();
    } catch (const IntegrityError& error) {
        EXPECT_EQ(error.sqlstate().substr(0, 2), "23");
        EXPECT_EQ(error.code(), errc::integrity);
        EXPECT_NE(error.diagnostics().server_text, "");
    }
    Diagnostics failed;
    const ResultSet none = tenant.execute(failed, "SELECT nothing FROM items");
    EXPECT_EQ(failed.code(), errc::syntax_or_access);
    EXPECT_EQ(none.columns(), 0u);
    EXPECT_THROW(tenant.execute("INSERT INTO items (id, amount) VALUES (2, 1e40)"), DataError);
    // The same connection goes on.
    EXPECT_EQ(tenant.query_value<int>("SELECT count(*) FROM items"), 1);
}

TEST_P(Statements, ARefusedStatementHasRuleAndRemedyAndTakesNoConnection) {
    DataSource db = shop.open();
    Tenant tenant = db.tenant("acme");
    try {
        tenant.execute("SELECT * FROM nowhere");
        FAIL();
    } catch (const StatementRefused& error) {
        EXPECT_EQ(error.rule(), "unknown-table");
        EXPECT_NE(error.remedy(), "");
        EXPECT_GT(error.diagnostics().position, 0u);
    }
    EXPECT_EQ(db.pools().at(0).connects, 0u);
}

TEST_P(Statements, WhatTheLibraryDoesItselfIsRefusedAsText) {
    Tenant tenant = shop.open().tenant("umbrella");
    const auto rule_of = [&](std::string_view sql) {
        Diagnostics failed;
        tenant.execute(failed, sql);
        EXPECT_EQ(failed.kind(), errc::refused) << sql;
        EXPECT_NE(failed.hint, "") << sql;
        return failed.rule;
    };
    for (const char* sql : {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "SET TRANSACTION READ ONLY"})
        EXPECT_EQ(rule_of(sql), "transaction-text") << sql;
    if (shop.is_postgres()) {
        EXPECT_EQ(rule_of("PREPARE a AS SELECT 1"), "session-command");
        EXPECT_EQ(rule_of("DISCARD ALL"), "session-command");
        EXPECT_EQ(rule_of("SET client_encoding = 'SJIS'"), "session-setting");
    } else {
        EXPECT_EQ(rule_of("USE mysql"), "session-command");
        EXPECT_EQ(rule_of("PREPARE a FROM 'SELECT 1'"), "session-command");
        EXPECT_EQ(rule_of("DEALLOCATE PREPARE a"), "session-command");
        tenant = shop.open().tenant("initech");
        for (const char* sql : {"SET character_set_client = @a", "SET character_set_client = DEFAULT",
                                "SET NAMES DEFAULT", "SET sql_mode = DEFAULT"})
            EXPECT_EQ(rule_of(sql), "session-setting") << sql;
        tenant = shop.open().tenant("acme");
        for (const char* sql : {"PREPARE a FROM 'SELECT 1'", "EXECUTE a", "DEALLOCATE PREPARE a"})
            EXPECT_EQ(rule_of(sql), "text-prepare") << sql;
        EXPECT_EQ(rule_of("KILL 1"), "session-command");
        EXPECT_EQ(rule_of("SET sql_mode = 'ANSI_QUOTES'"), "session-setting");
        EXPECT_EQ(rule_of("SELECT last_insert_id()"), "previous-statement");
        EXPECT_EQ(rule_of("LOAD DATA LOCAL INFILE 'x' INTO TABLE items"), "load-data");
    }
}

TEST_P(Statements, SessionStateDoesNotCrossCalls) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    Tenant tenant = db.tenant("umbrella");
    const std::string temporary = "CREATE TEMPORARY TABLE scratch (id int)";
    tenant.execute(temporary);
    EXPECT_THROW(tenant.execute("SELECT * FROM scratch"), SyntaxOrAccessError);
    if (shop.is_postgres()) {
        tenant.execute("SET work_mem = '77MB'");
        EXPECT_NE(tenant.query_value<std::string>("SHOW work_mem"), "77MB");
    } else {
        tenant.execute("SET @a = 1");
        EXPECT_EQ(tenant.query_value<std::optional<int>>("SELECT @a"), std::nullopt);
    }
    EXPECT_EQ(db.pools().at(0).connects, 1u);
}

TEST_P(Statements, ASessionKeepsItsStateAndNobodyElseGetsIt) {
    shop.write_default("pool_size = 1");
    DataSource db = shop.open();
    Tenant tenant = db.tenant("umbrella");
    {
        Session session = tenant.session();
        session.execute("CREATE TEMPORARY TABLE scratch (id int)");
        session.execute("INSERT INTO scratch VALUES (:id)", named("id", 4));
        EXPECT_EQ(session.query_value<int>("SELECT id FROM scratch"), 4);
    }
    EXPECT_THROW(tenant.execute("SELECT * FROM scratch"), SyntaxOrAccessError);
}

TEST_P(Statements, ASessionWhoseConnectionBrokeSaysSo) {
    Tenant tenant = shop.open().tenant("umbrella");
    Session session = tenant.session();
    session.execute("CREATE TEMPORARY TABLE scratch (id int)");
    shop.cut_connections();
    EXPECT_THROW(session.execute("SELECT 1"), ConnectionFailed);
    EXPECT_THROW(session.execute("SELECT 1"), ConnectionFailed);
    EXPECT_EQ(tenant.query_value<int>("SELECT 1"), 1);
}

}  // namespace
}  // namespace fairlead::test
