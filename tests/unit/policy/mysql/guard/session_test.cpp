#include "unit/policy/mysql/guard/shop.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::policy::mysql::testing {
namespace {

using config::Model;

/// "name=value, name" (reset) of all changes.
std::string settings_of(const session& who, std::string_view sql) {
    Verdict verdict = who.check(sql);
    if (verdict.refused) return "[" + verdict.refusal.rule + "]";
    std::string out;
    for (const SettingChange& change : verdict.settings) {
        if (!out.empty()) out += ", ";
        out += change.name;
        if (change.kind == SettingChange::Kind::set) out += "=" + change.value;
    }
    return out;
}

TEST(mysql_guard_session, remembers_settings) {
    session acme;
    EXPECT_EQ(settings_of(acme, "SET autocommit = 0"), "autocommit=0");
    EXPECT_EQ(settings_of(acme, "SET @@session.Time_Zone = \"+00:00\", SQL_SELECT_LIMIT = DEFAULT"),
              "time_zone='+00:00', sql_select_limit");
    EXPECT_EQ(settings_of(acme, "SET sql_mode = ansi_quotes"), "sql_mode=ansi_quotes");
    EXPECT_EQ(settings_of(acme, "SET sql_mode=concat(@@sql_mode,',STRICT_TRANS_TABLES')"),
              "sql_mode=CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')");
    EXPECT_EQ(settings_of(acme, "SET NAMES 'UTF8MB4'"),
              "character_set_client='utf8mb4', character_set_results='utf8mb4', "
              "character_set_connection='utf8mb4'");
    EXPECT_EQ(settings_of(acme, "SET NAMES latin1 COLLATE latin1_bin"),
              "character_set_client='latin1', character_set_results='latin1', "
              "collation_connection='latin1_bin'");
    EXPECT_EQ(settings_of(acme, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY"),
              "tx_isolation='READ-COMMITTED', tx_read_only=1");
    EXPECT_EQ(settings_of(acme, "SET @A = 1, @b='x', @c = -1.5, @d = NULL"),
              "@a=1, @b='x', @c=-1.5, @d=NULL");
}

TEST(mysql_guard_session, pins_what_it_cannot_remember) {
    session acme;
    EXPECT_EQ(acme.check("SET @a = NOW()").pins, Pin::user_variable);
    EXPECT_EQ(acme.check("SET @a = 'it''s'").pins, Pin::user_variable);
    EXPECT_EQ(acme.check("SET @a = 1").pins, Pin::none);
    EXPECT_EQ(acme.check("SELECT @a := 1").pins, Pin::user_variable);
    EXPECT_EQ(acme.check("SELECT id FROM plans LIMIT 1 INTO @a").pins, Pin::user_variable);
    EXPECT_EQ(acme.check("SELECT SQL_CALC_FOUND_ROWS id FROM plans").pins, Pin::found_rows);
    session own(Model::bridge);
    EXPECT_EQ(own.check("LOCK TABLES t READ").pins, Pin::table_lock);
    EXPECT_EQ(own.check("HANDLER t OPEN").pins, Pin::handler);
    EXPECT_EQ(own.check("CREATE TEMPORARY TABLE t (a int)").pins, Pin::temporary_object);
    EXPECT_EQ(own.check("SELECT GET_LOCK('a', 1)").pins, Pin::advisory_lock);
    session silo(Model::silo);
    EXPECT_EQ(silo.check("XA START 'a'").pins, Pin::xa);
    EXPECT_EQ(silo.check("PREPARE s FROM 'SELECT 1'").pins, Pin::text_prepare);
    EXPECT_EQ(silo.check("SET sql_mode = 'ORACLE'").pins, Pin::setting);
    EXPECT_EQ(silo.check("what is this").pins, Pin::unparsed);
}

TEST(mysql_guard_session, knows_what_asks_for_the_statement_before) {
    session acme;
    auto asks = [&](std::string_view sql) { return acme.check(sql).reads_previous; };
    EXPECT_EQ(asks("SELECT LAST_INSERT_ID()"), Previous::last_insert_id);
    EXPECT_EQ(asks("SELECT @@identity"), Previous::last_insert_id);
    EXPECT_EQ(asks("SELECT ROW_COUNT(), FOUND_ROWS()"), Previous::row_count | Previous::found_rows);
    EXPECT_EQ(asks("SHOW WARNINGS"), Previous::diagnostics);
    EXPECT_EQ(asks("SHOW COUNT(*) ERRORS"), Previous::diagnostics);
    EXPECT_EQ(asks("SELECT @@warning_count"), Previous::diagnostics);
    EXPECT_EQ(asks("INSERT INTO orders (customer_id) VALUES (LAST_INSERT_ID())"), Previous::last_insert_id);
    EXPECT_EQ(asks("SELECT 1"), Previous::none);
    EXPECT_TRUE(acme.check("SELECT @a").uses_user_variables);
    EXPECT_FALSE(acme.check("SELECT '@a'").uses_user_variables);
}

TEST(mysql_guard_session, knows_which_pins_end) {
    session silo(Model::silo);
    auto ends = [&](std::string_view sql) { return silo.check(sql).ends; };
    EXPECT_EQ(ends("UNLOCK TABLES"), Pin::table_lock);
    EXPECT_EQ(ends("SELECT RELEASE_ALL_LOCKS()"), Pin::advisory_lock);
    EXPECT_EQ(ends("do release_all_locks();"), Pin::advisory_lock);
    for (const char* sql : {"DROP TEMPORARY TABLE a", "HANDLER t CLOSE", "DEALLOCATE PREPARE s"}) {
        EXPECT_FALSE(ends(sql).empty()) << sql;
        EXPECT_TRUE(silo.check(sql).ends_one) << sql;
        EXPECT_EQ(ends(std::string(sql) + "; SELECT 1"), Pin::none) << sql;
    }
    EXPECT_FALSE(silo.check("UNLOCK TABLES").ends_one);
    for (const char* sql :
         {"UNLOCK TABLES; LOCK TABLES t READ", "SELECT RELEASE_ALL_LOCKS() FROM t",
          "SELECT IF(0, RELEASE_ALL_LOCKS(), 1)", "EXPLAIN SELECT RELEASE_ALL_LOCKS()",
          "SELECT RELEASE_ALL_LOCKS(), GET_LOCK('a', 0)", "SELECT RELEASE_LOCK('a')", "HANDLER t READ FIRST"})
        EXPECT_EQ(ends(sql), Pin::none) << sql;
}

/// "-": neither, "w": writes, "i": writes and inserts.
std::string effect_of(const session& who, std::string_view sql) {
    Verdict verdict = who.check(sql);
    if (verdict.refused) return "[" + verdict.refusal.rule + "]";
    if (verdict.inserts) return verdict.writes ? "i" : "[inserts without writing]";
    return verdict.writes ? "w" : "-";
}

TEST(mysql_guard_session, knows_what_changes_nothing) {
    session acme;
    for (const char* sql :
         {"SELECT id FROM orders", "/* a */ SELECT 1", "(SELECT 1) UNION (SELECT 2)", "SELECT 1;",
          "WITH a AS (SELECT id FROM orders) SELECT id FROM a", "SELECT id FROM orders FOR UPDATE",
          "SELECT LAST_INSERT_ID()", "SHOW TABLES", "DESCRIBE orders", "EXPLAIN SELECT id FROM orders",
          "EXPLAIN INSERT INTO orders (id) VALUES (1)", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a"})
        EXPECT_EQ(effect_of(acme, sql), "-") << sql;
}

TEST(mysql_guard_session, knows_what_writes) {
    session acme;
    for (const char* sql : {"UPDATE orders SET total = 1", "DELETE FROM orders", "SET @a = 1",
                            "SET autocommit = 0", "SET TRANSACTION READ ONLY"})
        EXPECT_EQ(effect_of(acme, sql), "w") << sql;
    for (const char* sql :
         {"INSERT INTO orders (id) VALUES (1)", "INSERT INTO orders (id) VALUES (1) RETURNING id",
          "SELECT 1; INSERT INTO orders (id) VALUES (1)", "SELECT 1; SELECT 2"})
        EXPECT_EQ(effect_of(acme, sql), "i") << sql;
    acme.scope.allowed_functions = {"f"};
    EXPECT_EQ(effect_of(acme, "SELECT f(id) FROM orders"), "i");
    EXPECT_EQ(effect_of(acme, "UPDATE orders SET total = f(1)"), "i");
    EXPECT_TRUE(acme.check("SELECT f(id) FROM orders").may_change_mode);
    EXPECT_EQ(effect_of(acme, "SELECT f(1); SELECT 1"), "[setting-in-batch]");
}

TEST(mysql_guard_session, takes_what_it_does_not_know_for_a_writer) {
    session silo(Model::silo);
    for (const char* sql :
         {"CALL p()", "DO f()", "DO 1", "SELECT f()", "EXPLAIN SELECT f()", "SET @a = f()",
          "CREATE TABLE t (a int)", "TRUNCATE t", "PREPARE s FROM 'SELECT 1'", "EXECUTE s",
          "EXECUTE IMMEDIATE 'SELECT 1'", "REPLACE INTO t VALUES (1)", "LOAD DATA INFILE 'f' INTO TABLE t",
          "ANALYZE INSERT INTO t VALUES (1)", "XA COMMIT 'a'", "what is this", "SELECT 'not closed"})
        EXPECT_EQ(effect_of(silo, sql), "i") << sql;
    auto within = [&](std::string inner) {
        return effect_of(silo, "SET STATEMENT max_statement_time = 1 FOR " + inner);
    };
    EXPECT_EQ(within("SELECT a FROM t"), "-");
    EXPECT_EQ(within("UPDATE t SET a = 1"), "w");
    EXPECT_EQ(within("INSERT INTO t VALUES (1)"), "i");
    EXPECT_EQ(effect_of(silo, "ANALYZE UPDATE t SET a = 1"), "w");
    EXPECT_EQ(effect_of(silo, ""), "i");
}

TEST(mysql_guard_session, knows_transactions) {
    session acme;
    auto effect = [&](std::string_view sql) { return acme.check(sql).transaction; };
    EXPECT_EQ(effect("BEGIN"), TransactionEffect::begin);
    EXPECT_EQ(effect("START TRANSACTION WITH CONSISTENT SNAPSHOT"), TransactionEffect::begin);
    EXPECT_EQ(effect("COMMIT AND CHAIN"), TransactionEffect::commit);
    EXPECT_EQ(effect("ROLLBACK"), TransactionEffect::rollback);
    EXPECT_EQ(effect("SAVEPOINT a"), TransactionEffect::savepoint);
    EXPECT_EQ(effect("ROLLBACK TO a"), TransactionEffect::rollback_to);
    EXPECT_EQ(effect("SET TRANSACTION READ ONLY"), TransactionEffect::characteristics);
    EXPECT_EQ(effect("SET @@tx_isolation = 'SERIALIZABLE'"), TransactionEffect::characteristics);
    EXPECT_EQ(effect("SET tx_isolation = 'SERIALIZABLE'"), TransactionEffect::none);
    EXPECT_EQ(effect("BEGIN; SELECT 1; COMMIT; SELECT 2"), TransactionEffect::commit);
    EXPECT_FALSE(acme.check("BEGIN").needs_context);
    EXPECT_TRUE(acme.check("BEGIN; SELECT 1").needs_context);
}

TEST(mysql_guard_session, hands_commands_to_the_session) {
    session acme;
    std::string_view sql = "SET @fairlead_tenant = 'globex'";
    Verdict verdict = acme.check(sql);
    EXPECT_EQ(verdict.command, SessionCommand::set_tenant);
    EXPECT_EQ(verdict.command_name, "globex");
    EXPECT_EQ(sql.substr(verdict.name_begin, verdict.name_end - verdict.name_begin), "'globex'");
    verdict = acme.check("USE `other`");
    EXPECT_EQ(verdict.command, SessionCommand::use_database);
    EXPECT_EQ(verdict.command_name, "other");
    verdict = acme.check("KILL QUERY 42");
    EXPECT_EQ(verdict.command, SessionCommand::kill_query);
    EXPECT_EQ(verdict.command_name, "42");
    EXPECT_EQ(acme.check("KILL CONNECTION 42").command, SessionCommand::kill_connection);
    EXPECT_EQ(acme.rule("SET @fairlead_tenant = CONCAT('glo', 'bex')"), "tenant-variable");
}

TEST(mysql_guard_session, lets_drivers_connect) {
    session acme;
    for (const char* sql : {
             "select @@version_comment limit 1",
             "SELECT DATABASE()",
             "SET AUTOCOMMIT = 0",
             "SET NAMES utf8mb4",
             "SELECT VERSION()",
             "SELECT @@transaction_isolation",
             "SHOW VARIABLES LIKE 'sql_mode'",
             "SHOW VARIABLES LIKE 'lower_case_table_names'",
             "SELECT CAST('test plain returns' AS CHAR(60)) AS anon_1",
             "SET SQL_AUTO_IS_NULL = 0",
             "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
             "SET @@session.autocommit = OFF",
             "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_general_ci'",
             "show databases",
             "show tables",
             "select @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment",
             "set autocommit=1, session_track_schema=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')",
             "/* mysql-connector-java */SELECT @@session.auto_increment_increment AS "
             "auto_increment_increment, "
             "@@character_set_client AS character_set_client, @@collation_server AS collation_server, "
             "@@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS "
             "license, "
             "@@lower_case_table_names AS lower_case_table_names, @@net_write_timeout AS net_write_timeout, "
             "@@performance_schema AS performance_schema, @@query_cache_size AS query_cache_size, "
             "@@query_cache_type AS query_cache_type, @@sql_mode AS sql_mode, @@wait_timeout AS wait_timeout",
             "SELECT VERSION(), @@sql_mode, @@default_storage_engine, @@sql_auto_is_null, "
             "@@lower_case_table_names, "
             "CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL",
             "SHOW VARIABLES WHERE Variable_name = 'language' OR Variable_name = 'sql_mode'",
             "set character_set_results = null",
             "SHOW FULL TABLES FROM `shop`",
             "SELECT 1",
             "rollback",
         }) {
        bool not_there = std::string_view(sql).find("'language'") != std::string_view::npos;
        EXPECT_EQ(acme.rule(sql), not_there ? "show-statement" : "") << sql;
    }
}

}  // namespace
}  // namespace fairlead::policy::mysql::testing
