#include "policy/mysql/guard/string_value.h"
#include "policy/mysql/verdict_cache.h"
#include "unit/policy/mysql/guard/shop.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace fairlead::policy::mysql::testing {
namespace {

using config::Model;
using guard::quoted_string;
using guard::string_value;

bool starts(const std::string& text, std::string_view with) {
    return text.starts_with(with);
}

TEST(mysql_string_value, is_what_the_server_reads) {
    lex_mode escapes;
    EXPECT_EQ(string_value("'it''s \"so\"'", escapes), "it's \"so\"");
    EXPECT_EQ(string_value("\"it's \"\"so\"\"\"", escapes), "it's \"so\"");
    EXPECT_EQ(string_value(R"('\n\t\r\b\Z\'\"\\\q\%\_')", escapes), "\n\t\r\b\x1A'\"\\q\\%\\_");
    EXPECT_EQ(string_value(R"('\0')", escapes), std::string_view("\0", 1));
    EXPECT_EQ(string_value("''", escapes), "");
    lex_mode plain;
    plain.no_backslash_escapes = true;
    EXPECT_EQ(string_value(R"('a\n''\')", plain), R"(a\n'\)");
}

TEST(mysql_string_value, survives_its_quoting) {
    for (bool plain : {false, true}) {
        lex_mode mode;
        mode.no_backslash_escapes = plain;
        for (const char* text :
             {"", "'", "\\", "\\'", "'\\", "''\\\\", "\\n%_", "a\"b`c\n\r", "\xC3\xA9\\"}) {
            std::string quoted = quoted_string(text, mode);
            EXPECT_EQ(string_value(quoted, mode), text);
            std::vector<token> tokens;
            ASSERT_TRUE(lex(quoted, mode, tokens)) << quoted;
            ASSERT_EQ(tokens.size(), 1U) << quoted;
            EXPECT_EQ(tokens[0].kind, token_kind::string);
        }
    }
}

TEST(mysql_guard_prepare, what_is_prepared_is_rewritten) {
    session acme;
    EXPECT_EQ(acme.sent("PREPARE s FROM 'SELECT id FROM orders WHERE id = ?'"),
              "PREPARE s FROM 'SELECT id FROM orders WHERE `orders`.`tenant_id` = ''acme'' AND (id = ?)'");
    EXPECT_EQ(
        acme.sent("/* mine */ prepare `S1` from \"SELECT id FROM orders\" ;"),
        "/* mine */ prepare `S1` from 'SELECT id FROM orders WHERE `orders`.`tenant_id` = ''acme'' ' ;");
    EXPECT_EQ(acme.sent("PREPARE s FROM 'SELECT 1'"), "PREPARE s FROM 'SELECT 1'");
    for (const char* sql :
         {"PREPARE s FROM 'INSERT INTO orders (id, total) VALUES (?, ?)'",
          "PREPARE s FROM 'UPDATE orders SET total = ? WHERE id = ?'", "PREPARE s FROM 'DELETE FROM orders'",
          "PREPARE s FROM 'VALUES (1), (2)'", "PREPARE s FROM 'REPLACE INTO orders (id) VALUES (?)'",
          "PREPARE s FROM 'WITH a AS (SELECT id FROM orders) SELECT id FROM a'"})
        EXPECT_FALSE(acme.check(sql).refused) << sql << ": " << acme.check(sql).refusal.message;
    EXPECT_TRUE(starts(acme.sent("PREPARE s FROM 'INSERT INTO orders (id) VALUES (?)'"),
                       "PREPARE s FROM 'INSERT INTO orders ("));
    EXPECT_NE(acme.sent("PREPARE s FROM 'INSERT INTO orders (id) VALUES (?)'").find("''acme''"),
              std::string::npos);
}

TEST(mysql_guard_prepare, is_a_command_with_a_pin) {
    session acme;
    Verdict prepare = acme.check("PREPARE MyName FROM 'SELECT 1'");
    EXPECT_EQ(prepare.command, SessionCommand::prepare);
    EXPECT_EQ(prepare.command_name, "myname");
    EXPECT_EQ(prepare.pins, Pin::text_prepare);
    Verdict execute = acme.check("EXECUTE `MyName` USING @a, @B");
    EXPECT_EQ(execute.command, SessionCommand::execute);
    EXPECT_EQ(execute.command_name, "myname");
    EXPECT_TRUE(execute.needs_context && execute.writes && execute.inserts && execute.uses_user_variables);
    EXPECT_TRUE(execute.pins.empty());
    for (const char* sql : {"DEALLOCATE PREPARE MYNAME", "DROP PREPARE myname"}) {
        EXPECT_EQ(acme.check(sql).command, SessionCommand::deallocate) << sql;
        EXPECT_EQ(acme.check(sql).command_name, "myname") << sql;
    }
    EXPECT_EQ(session(Model::silo).check("EXECUTE s").command, SessionCommand::none);
}

TEST(mysql_guard_prepare, refuses_with_the_rule_of_what_is_inside) {
    session acme;
    const std::pair<const char*, const char*> cases[] = {
        {"upsert-unique-key", "PREPARE s FROM 'REPLACE INTO coupons (id, code) VALUES (1, ?)'"},
        {"table-not-isolated", "PREPARE s FROM 'SELECT * FROM forgotten'"},
        {"other-database", "PREPARE s FROM 'SELECT * FROM other.orders'"},
        {"several-statements", "PREPARE s FROM 'SELECT 1; DROP TABLE x'"},
        {"ddl", "PREPARE s FROM 'DROP TABLE customers'"},
        {"procedure-call", "PREPARE s FROM 'CALL p()'"},
        {"syntax-error", "PREPARE s FROM 'SELECT FROM'"},
        {"syntax-error", "PREPARE s FROM 'SELECT \\''"},
        {"tenant-value", "PREPARE s FROM 'INSERT INTO orders (tenant_id) VALUES (\"globex\")'"},
    };
    for (const auto& [rule, sql] : cases) EXPECT_EQ(acme.rule(sql), rule) << sql;
    EXPECT_EQ(acme.check("PREPARE s FROM 'SELECT * FROM forgotten'").refusal.position, 16U)
        << "where the literal is in what the client sent";
    session own(Model::bridge);
    EXPECT_EQ(own.rule("PREPARE s FROM 'SELECT * FROM tenant_globex.t'"), "other-database");
    EXPECT_EQ(own.rule("PREPARE s FROM 'SELECT LOAD_FILE(\"/x\")'"), "server-file");
    EXPECT_EQ(own.sent("PREPARE s FROM 'SELECT a FROM shop.t WHERE b = ?'"),
              "PREPARE s FROM 'SELECT a FROM `tenant_acme`.t WHERE b = ?'");
}

TEST(mysql_guard_prepare, refuses_what_touches_the_session_and_what_is_no_literal) {
    for (Model model : {Model::pool, Model::bridge}) {
        session who(model);
        for (const char* sql : {"PREPARE s FROM @text",
                                "PREPARE s FROM 'SET @a = 1'",
                                "PREPARE s FROM 'SET autocommit = 0'",
                                "PREPARE s FROM 'BEGIN'",
                                "PREPARE s FROM 'COMMIT'",
                                "PREPARE s FROM 'SHOW TABLES'",
                                "PREPARE s FROM 'SELECT @a := 1'",
                                "PREPARE s FROM 'SELECT 1 INTO @a'",
                                "PREPARE s FROM 'SELECT @a'",
                                "PREPARE s FROM 'SELECT LAST_INSERT_ID()'",
                                "PREPARE s FROM 'SELECT ROW_COUNT()'",
                                "PREPARE s FROM 'SELECT SQL_CALC_FOUND_ROWS 1'",
                                "PREPARE s FROM 'SELECT CONNECTION_ID()'",
                                "PREPARE s FROM 'PREPARE t FROM \"SELECT 1\"'",
                                "PREPARE s FROM 'EXECUTE t'",
                                "PREPARE s FROM 'DEALLOCATE PREPARE t'",
                                "PREPARE s FROM 'EXPLAIN SELECT 1'",
                                "PREPARE s FROM ''",
                                "PREPARE s FROM ' -- x'",
                                "PREPARE s FROM 'SELECT \\0'",
                                "PREPARE s FROM 'SELECT \"\x01\"'",
                                "PREPARE s FROM 'SELECT \"\x05\"'",
                                "PREPARE `a b` FROM 'SELECT 1'",
                                "PREPARE \xC3\xA9 FROM 'SELECT 1'",
                                "EXECUTE \xC3\xA9",
                                "EXECUTE s USING 1",
                                "EXECUTE s USING @a, 'x'",
                                "EXECUTE s USING @a := 1",
                                "EXECUTE s USING @a + 1",
                                "EXECUTE s USING (SELECT 1)",
                                "/*!PREPARE s FROM 'SELECT 1'*/",
                                "PREPARE s /*!50000 FROM*/ 'SELECT 1'",
                                "/*!50000 EXECUTE s*/"}) {
            std::string rule = who.rule(sql);
            EXPECT_TRUE(rule == "text-prepare" || rule == "advisory-lock" || rule == "unknown-function")
                << sql << " [" << rule << "]";
        }
        for (const char* sql :
             {"PREPARE s FROM CONCAT('SELECT', ' 1')", "PREPARE s FROM 0x53454C4543542031",
              "PREPARE s FROM x'53454C4543542031'", "PREPARE s FROM 'SELECT ' '1'",
              "PREPARE s FROM N'SELECT 1'", "PREPARE s FROM _latin1'SELECT 1'",
              "PREPARE s FROM _binary 'SELECT 1'", "PREPARE s FROM 'SELECT 1' COLLATE utf8mb4_bin",
              "PREPARE s FROM ('SELECT 1')", "PREPARE s FROM 'SELECT 1", "EXECUTE IMMEDIATE 'SELECT 1'",
              "PREPARE s FROM 'SELECT 1'; EXECUTE s", "SELECT 1; DEALLOCATE PREPARE s",
              "SET STATEMENT max_statement_time = 1 FOR PREPARE s FROM 'SELECT 1'",
              "SET STATEMENT max_statement_time = 1 FOR EXECUTE s"})
            EXPECT_TRUE(who.check(sql).refused) << sql;
        who.speaker.prepared = true;
        for (const char* sql : {"PREPARE s FROM 'SELECT 1'", "EXECUTE s", "DEALLOCATE PREPARE s"})
            EXPECT_EQ(who.rule(sql), "text-prepare") << sql;
    }
    EXPECT_EQ(session().rule("EXECUTE s USING @tenant_id"), "tenant-variable");
}

TEST(mysql_guard_prepare, comments_inside_are_read_as_the_server_reads_them) {
    session acme;
    EXPECT_EQ(acme.sent("PREPARE s FROM 'SELECT /*!50000 id */ FROM orders'"),
              "PREPARE s FROM 'SELECT /*!50000 id */ FROM orders WHERE `orders`.`tenant_id` = ''acme'' '");
    EXPECT_TRUE(acme.check("PREPARE s FROM 'SELECT id FROM orders /*! WHERE 1 OR 1 */ -- x'").refused ||
                acme.sent("PREPARE s FROM 'SELECT id FROM orders /*! WHERE 1 OR 1 */ -- x'").find("acme") !=
                    std::string::npos);
    EXPECT_EQ(acme.rule("PREPARE s FROM 'SELECT id FROM orders /*! UNION SELECT secret FROM forgotten */'"),
              "table-not-isolated");
    EXPECT_EQ(acme.sent("PREPARE s FROM 'SELECT id FROM orders # end'"),
              "PREPARE s FROM 'SELECT id FROM orders WHERE `orders`.`tenant_id` = ''acme''  # end'");
}

TEST(mysql_guard_prepare, quotes_are_those_of_the_mode_in_force) {
    session acme;
    EXPECT_EQ(
        acme.sent(R"(PREPARE s FROM 'SELECT \'it\\\'s\', "a\\nb" FROM orders')"),
        R"(PREPARE s FROM 'SELECT ''it\\''s'', "a\\nb" FROM orders WHERE `orders`.`tenant_id` = ''acme'' ')");
    session plain;
    plain.speaker.mode.no_backslash_escapes = true;
    EXPECT_EQ(plain.sent(R"(PREPARE s FROM 'SELECT ''a\'' FROM orders')"),
              R"(PREPARE s FROM 'SELECT ''a\'' FROM orders WHERE `orders`.`tenant_id` = ''acme'' ')");
    EXPECT_EQ(plain.rule(R"(PREPARE s FROM 'SELECT ''a\'''' FROM orders')"), "syntax-error")
        << "the string inside ends at its first quote";
    EXPECT_EQ(plain.sent(R"(PREPARE s FROM 'SELECT 1 -- \')"), R"(PREPARE s FROM 'SELECT 1 -- \')");
    session ansi;
    ansi.speaker.mode.ansi_quotes = true;
    EXPECT_TRUE(ansi.check("PREPARE s FROM \"SELECT 1\"").refused) << "a name";
    EXPECT_EQ(ansi.sent("PREPARE \"S\" FROM 'SELECT \"id\" FROM \"orders\"'"),
              "PREPARE \"S\" FROM 'SELECT \"id\" FROM \"orders\" WHERE `orders`.`tenant_id` = ''acme'' '");
}

TEST(mysql_guard_prepare, bytes_beyond_ascii_only_where_nothing_converts_them) {
    session acme;
    EXPECT_EQ(acme.sent("PREPARE s FROM 'SELECT ''\xC3\xA9'''"), "PREPARE s FROM 'SELECT ''\xC3\xA9'''");
    EXPECT_EQ(acme.rule("PREPARE s FROM 'SELECT ''\xF0\x9F\x98\x80'''"), "");
    for (const char* bytes : {"\xC3", "\xFF", "\xC0\xA7", "\xED\xA0\x80", "\xF0\x9F\x98", "\xF0\x80\x80\xA7",
                              "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"})
        EXPECT_EQ(acme.rule("PREPARE s FROM 'SELECT ''" + std::string(bytes) + "'''"), "text-prepare");
    for (auto charset : {client_charset::latin1, client_charset::utf8mb3, client_charset::ascii}) {
        acme.speaker.mode.charset = charset;
        EXPECT_EQ(acme.rule("PREPARE s FROM 'SELECT ''\xC3\xA9'''"), "text-prepare");
        EXPECT_EQ(acme.rule("PREPARE s FROM 'SELECT 1'"), "");
    }
    acme.speaker.mode.charset = client_charset::binary;
    EXPECT_EQ(acme.rule("PREPARE s FROM 'SELECT 1'"), "text-prepare");
    session other;
    other.speaker.mode.server = flavour::mysql;
    EXPECT_EQ(other.rule("PREPARE s FROM 'SELECT ''\xC3\xA9'''"), "text-prepare");
}

TEST(mysql_guard_prepare, the_cache_keeps_texts_tenants_and_databases_apart) {
    VerdictCache cache(1 << 20);
    GuardScope scope = scope_of(Model::pool);
    Speaker acme{"acme", "shop", "shop", {}, true, false};
    Speaker globex = acme;
    globex.tenant = "globex";
    auto literal = [&](const Speaker& who, std::string_view sql) {
        VerdictPtr verdict = cache.check(scope, who, sql);
        return verdict->refused || verdict->splices.size() != 1 ? std::string("-") : verdict->splices[0].text;
    };
    std::string_view one = "PREPARE s FROM 'SELECT id FROM orders'";
    std::string_view two = "PREPARE s FROM 'SELECT id FROM customers'";
    for (int pass = 0; pass < 2; ++pass) {
        EXPECT_EQ(literal(acme, one), "'SELECT id FROM orders WHERE `orders`.`tenant_id` = ''acme'' '");
        EXPECT_EQ(literal(globex, one), "'SELECT id FROM orders WHERE `orders`.`tenant_id` = ''globex'' '");
        EXPECT_EQ(literal(acme, two), "'SELECT id FROM customers WHERE `customers`.`tenant_id` = ''acme'' '");
        EXPECT_EQ(literal(acme, "PREPARE s FROM 'SELECT id FROM forgotten'"), "-");
    }
    EXPECT_GT(cache.counters().hits, 0U);
}

}  // namespace
}  // namespace fairlead::policy::mysql::testing
