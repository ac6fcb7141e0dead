#include "unit/policy/mysql/guard/shop.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::policy::mysql::testing {
namespace {

using config::Model;

TEST(mysql_guard_bridge, stays_in_its_database) {
    session own(Model::bridge);
    EXPECT_EQ(own.sent("SELECT * FROM anything"), "SELECT * FROM anything");
    EXPECT_EQ(own.sent("SELECT shop.t.a FROM shop.t"), "SELECT `tenant_acme`.t.a FROM `tenant_acme`.t");
    EXPECT_EQ(own.sent("CREATE TABLE shop.t (a int, b text, KEY (a))"),
              "CREATE TABLE `tenant_acme`.t (a int, b text, KEY (a))");
    EXPECT_EQ(own.sent("ALTER TABLE t ADD COLUMN c int DEFAULT 5"),
              "ALTER TABLE t ADD COLUMN c int DEFAULT 5");
    EXPECT_EQ(own.sent("TRUNCATE t"), "TRUNCATE t");
    EXPECT_EQ(own.sent("REPLACE INTO t VALUES (1)"), "REPLACE INTO t VALUES (1)");
    EXPECT_EQ(own.sent("SHOW DATABASES"), "SELECT _utf8mb3'shop' AS `Database`");
    EXPECT_EQ(own.sent("SHOW PROCEDURE STATUS WHERE Db = 'tenant_globex'"),
              "SHOW PROCEDURE STATUS  WHERE Db = DATABASE()");
    EXPECT_EQ(own.sent("SHOW FUNCTION STATUS"), "SHOW FUNCTION STATUS WHERE Db = DATABASE()");
    EXPECT_EQ(own.sent("SHOW CREATE PROCEDURE p"), "SHOW CREATE PROCEDURE p");
    EXPECT_EQ(own.sent("CREATE OR REPLACE TABLE t (a int)"), "CREATE OR REPLACE TABLE t (a int)");
    EXPECT_EQ(own.sent("SET @a = (SELECT max(a) FROM shop.t)"),
              "SET @a = (SELECT max(a) FROM `tenant_acme`.t)");
    EXPECT_NE(own.sent("SET @a = (SELECT 1 FROM information_schema.tables)").find("= DATABASE()"),
              std::string::npos);
    EXPECT_EQ(own.sent("HANDLER t READ a = (1, 2) WHERE length(b) > 1"),
              "HANDLER t READ a = (1, 2) WHERE length(b) > 1");
    EXPECT_EQ(own.sent("SET sort_buffer_size = 16777216, tmp_table_size = DEFAULT"),
              "SET sort_buffer_size = 16777216, tmp_table_size = DEFAULT");
    EXPECT_TRUE(own.check("SET sql_mode = @old_sql_mode").may_change_mode);
    // As dumps do; what it became is what the server says.
    Verdict saved = own.check("SET character_set_client = @saved_cs_client");
    EXPECT_FALSE(saved.refused || saved.may_change_mode);
    ASSERT_EQ(saved.settings.size(), 1U);
    EXPECT_EQ(saved.settings[0].kind, SettingChange::Kind::reset);
    EXPECT_TRUE(own.check("LOAD DATA LOCAL INFILE 'x' INTO TABLE t").local_infile);
    EXPECT_TRUE(own.check("CALL p()").may_change_mode);
}

TEST(mysql_guard_bridge, cannot_leave_it) {
    session own(Model::bridge);
    struct {
        const char* rule;
        const char* sql;
    } const cases[] = {
        {"other-database", "SELECT * FROM tenant_globex.t"},
        {"other-database", "SELECT tenant_globex.t.a FROM t"},
        {"other-database", "INSERT INTO tenant_globex.t VALUES (1)"},
        {"other-database", "CREATE TABLE tenant_globex.t (a int)"},
        {"other-database", "CREATE TABLE t AS SELECT * FROM tenant_globex.t"},
        {"other-database", "RENAME TABLE t TO tenant_globex.t"},
        {"other-database", "ALTER TABLE t RENAME `tenant_globex` . t"},
        {"other-database", "LOCK TABLES tenant_globex.t READ"},
        {"other-database", "CALL tenant_globex.p()"},
        {"other-database", "SELECT tenant_globex.f(1)"},
        {"other-database", "SHOW TABLES FROM tenant_globex"},
        {"other-database", "SHOW COLUMNS FROM t FROM tenant_globex"},
        {"other-database", "DESCRIBE tenant_globex.t"},
        {"system-database", "SELECT * FROM mysql.user"},
        {"with-recursive", "WITH RECURSIVE x AS (WITH y AS (SELECT 1) SELECT * FROM y) SELECT * FROM x"},
        {"with-recursive", "CREATE TABLE u AS WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x"},
        {"with-recursive",
         "SELECT 1 FROM t WHERE a IN (WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x) AND b IN "
         "(WITH y AS (SELECT 1) SELECT * FROM y)"},
        {"information-schema", "SELECT * FROM information_schema.processlist"},
        {"ddl", "CREATE TABLE t (a int) ENGINE=FEDERATED CONNECTION='mysql://x/y/z'"},
        {"ddl", "CREATE TABLE t (a int) DATA DIRECTORY = '/x'"},
        {"ddl", "CREATE VIEW v AS SELECT 1"},
        {"ddl", "CREATE DATABASE x"},
        {"ddl", "DROP DATABASE tenant_globex"},
        {"ddl", "CREATE PROCEDURE p() SELECT 1"},
        {"privileges", "GRANT ALL ON *.* TO x"},
        {"server-control", "FLUSH TABLES"},
        {"global-setting", "SET GLOBAL time_zone = 'UTC'"},
        {"session-setting", "SET sql_log_bin = 0"},
        {"sql-mode", "SET sql_mode = 'ORACLE'"},
        {"character-set", "SET NAMES gbk"},
        {"show-statement", "SHOW PROCESSLIST"},
        {"show-statement", "SHOW STATUS"},
        {"text-prepare", "PREPARE s FROM @text"},
        {"other-database", "PREPARE s FROM 'SELECT * FROM tenant_globex.t'"},
        {"dynamic-sql", "EXECUTE IMMEDIATE 'SELECT 1'"},
        {"server-file", "SELECT LOAD_FILE('/x')"},
        {"server-file", "LOAD DATA INFILE '/x' INTO TABLE t"},
        {"unknown-function", "CREATE TABLE t (a text DEFAULT (LOAD_FILE('/x')))"},
        {"xa", "XA RECOVER"},
        {"role-change", "SET PASSWORD = 'x'"},
        {"kill", "KILL USER root"},
        {"syntax-error", "SELECT FROM"},
        {"show-statement", "SHOW CREATE PROCEDURE tenant_globex.p"},
        {"setting-in-batch", "SET sql_mode = @old_sql_mode; SELECT 1"},
        {"setting-in-batch", "CALL p(); SELECT 1"},
        {"ddl", "CREATE TABLE t (a int) ENGINE = `federated`"},
        {"ddl", "CREATE TABLE t (a int) ENGINE 'spider' COMMENT 'wrapper \"mysql\"'"},
        {"session-setting", "SET default_storage_engine = spider"},
        {"handler", "HANDLER t READ FIRST WHERE (SELECT 1 FROM tenant_globex.t)"},
        {"session-setting", "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1"},
        {"session-setting", "SET sort_buffer_size = 16777217"},
        {"session-setting", "SET @@session.Max_Heap_Table_Size = 18446744073709551616"},
        {"session-setting", "SET @@local.tmp_table_size = 1024 * 1024 * 1024"},
        {"session-setting", "SET join_buffer_size = @@global.max_binlog_size"},
        {"session-setting", "SET join_buffer_size = 0x40000000"},
        {"session-setting", "SET time_zone = '+00:00', read_rnd_buffer_size = 999999999"},
        {"session-setting", "SET STATEMENT sort_buffer_size = 4294967295 FOR SELECT 1"},
        {"session-setting", "SET STATEMENT max_statement_time = 1, tmp_table_size = @x FOR SELECT 1"},
        {"session-setting", "SET max_session_mem_used = 999"},
        {"session-setting", "SET range_optimizer_max_mem_size = 0"},
        {"other-database", "SET @a = (SELECT max(a) FROM tenant_globex.t)"},
        {"other-database", "SET @a = 1, @b = concat('x', (SELECT a FROM tenant_globex.t))"},
        {"other-database", "SET time_zone = (SELECT a FROM tenant_globex.t)"},
        {"other-database", "SET @a = EXISTS (SELECT 1 FROM t JOIN tenant_globex.t AS u)"},
        {"other-database", "SET STATEMENT max_statement_time = (SELECT a FROM tenant_globex.t) FOR SELECT 1"},
        {"other-database", "SET STATEMENT max_statement_time = tenant_globex.f() FOR SELECT 1"},
        {"system-database", "SET @a = (SELECT 1 FROM mysql.user)"},
        {"information-schema", "SET @a = (SELECT 1 FROM information_schema.processlist)"},
        {"character-set", "SET character_set_client = concat('g', 'bk')"},
        {"character-set", "SET character_set_client = `gbk`"},
        {"character-set", "SET character_set_client = 'gb' 'k'"},
        {"character-set", "SET character_set_client = _latin1'gbk'"},
        {"character-set", "SET @@session.character_set_client = (SELECT 'gbk')"},
        {"character-set", "SET @a = 1, character_set_client = if(1, 'gbk', 'x')"},
        {"character-set", "SET collation_connection = concat('swe7_', 'bin')"},
        {"character-set", "SET character_set_connection = own_function()"},
        {"setting-in-batch", "SET character_set_client = @x, sql_mode = @y"},
        {"setting-in-batch", "SET time_zone = @y, character_set_client = @x"},
        {"setting-in-batch", "SET @a = own_function(), character_set_client = DEFAULT"},
        {"setting-in-batch", "SET time_zone = @y, NAMES DEFAULT"},
        {"setting-in-batch", "SET STATEMENT max_statement_time = 1 FOR SET character_set_client = @x"},
        {"handler", "HANDLER t READ FIRST WHERE get_lock('x', 0)"},
        {"handler", "HANDLER t READ FIRST WHERE Load_File('/x') > 1"},
        {"privileges", "CREATE OR REPLACE USER x"},
        {"privileges", "CREATE OR REPLACE ROLE x"},
    };
    for (const auto& one : cases) EXPECT_EQ(own.rule(one.sql), one.rule) << one.sql;
}

TEST(mysql_guard_bridge, sees_its_own_part_of_the_dictionary) {
    session own(Model::bridge);
    EXPECT_NE(own.sent("SELECT * FROM information_schema.columns").find("TABLE_SCHEMA = DATABASE()"),
              std::string::npos);
}

TEST(mysql_guard_bridge, database_is_what_the_client_calls_it) {
    session own(Model::bridge);
    EXPECT_EQ(own.sent("SELECT DATABASE(), schema ( ) AS s"),
              "SELECT _utf8mb3'shop' AS `DATABASE()`, _utf8mb3'shop' AS s");
    EXPECT_EQ(own.sent("INSERT INTO t VALUES (DATABASE())"), "INSERT INTO t VALUES (_utf8mb3'shop')");
    own.speaker.exposed = "it's\x01";
    EXPECT_EQ(own.sent("SELECT 1 IN (DATABASE()) AS a"), "SELECT 1 IN (_utf8mb3 0x6974277301) AS a");
    own.speaker.exposed = own.speaker.database;
    EXPECT_EQ(own.sent("SELECT DATABASE()"), "SELECT DATABASE()");
    EXPECT_EQ(own.sent("SHOW DATABASES"), "SELECT DATABASE() AS `Database`");
    EXPECT_EQ(own.sent("SHOW CREATE DATABASE tenant_acme"), "SHOW CREATE DATABASE tenant_acme");
}

TEST(mysql_guard_bridge, its_dictionary_calls_the_database_so_too) {
    session own(Model::bridge);
    EXPECT_EQ(
        own.sent("SELECT catalog_name FROM information_schema.schemata WHERE schema_name = DATABASE()"),
        "SELECT catalog_name  AS `catalog_name` FROM (SELECT CATALOG_NAME, IF(SCHEMA_NAME = DATABASE(), "
        "_utf8mb3'shop', "
        "SCHEMA_NAME) AS SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, SQL_PATH, "
        "SCHEMA_COMMENT FROM information_schema.schemata  WHERE SCHEMA_NAME = DATABASE()) AS `schemata` "
        "WHERE schema_name = _utf8mb3'shop'");
    EXPECT_NE(own.sent("SHOW CREATE SCHEMA IF NOT EXISTS shop").find("SELECT _utf8mb3'shop' AS `Database`"),
              std::string::npos);
    EXPECT_EQ(own.rule("SHOW CREATE DATABASE tenant_globex"), "other-database");
    own.speaker.exposed = own.speaker.database;
    EXPECT_EQ(own.sent("SELECT 1 FROM information_schema.schemata"),
              "SELECT 1 FROM (SELECT * FROM information_schema.schemata WHERE SCHEMA_NAME = DATABASE()) AS "
              "`schemata`");
}

TEST(mysql_guard_bridge, has_locks_of_its_own) {
    session own(Model::bridge);
    Verdict verdict = own.check("SELECT GET_LOCK(?, 1)");
    EXPECT_FALSE(verdict.refused);
    EXPECT_EQ(verdict.pins, Pin::advisory_lock);
    for (std::string name : {"GET_LOCK", "RELEASE_LOCK", "IS_FREE_LOCK", "IS_USED_LOCK"}) {
        EXPECT_EQ(own.sent("DO " + name + "('a')"),
                  "DO " + name + "(SHA2(CONCAT(HEX(DATABASE()), '/', (CONVERT(('a') USING utf8mb4))), 256))");
    }
    own.speaker.mode.server = flavour::mysql;
    EXPECT_NE(own.sent("DO GET_LOCK('a', 1)").find("LOWER(CONVERT("), std::string::npos);
    EXPECT_EQ(own.sent("DO RELEASE_ALL_LOCKS()"), "DO RELEASE_ALL_LOCKS()");
    EXPECT_TRUE(own.check("SELECT GET_LOCK()").refused);
}

TEST(mysql_guard_pool, may_have_another_name_too) {
    session own;
    own.speaker.exposed = "app";
    EXPECT_EQ(own.sent("SELECT DATABASE()"), "SELECT _utf8mb3'app' AS `DATABASE()`");
    EXPECT_EQ(own.sent("SHOW DATABASES"), "SELECT _utf8mb3'app' AS `Database`");
    for (std::string table : {"columns", "tables", "statistics", "key_column_usage", "check_constraints",
                              "referential_constraints", "table_constraints", "schemata"}) {
        EXPECT_EQ(own.rule("SELECT * FROM information_schema." + table), "") << table;
    }
}

TEST(mysql_guard_silo, is_out_of_the_way) {
    session own(Model::silo);
    for (const char* sql :
         {"SELECT * FROM mysql.user", "GRANT ALL ON *.* TO x", "SET GLOBAL time_zone = 'UTC'",
          "SHOW PROCESSLIST", "SELECT SLEEP(1)", "BEGIN NOT ATOMIC SELECT 1; END", "DROP DATABASE x",
          "SELECT * FROM t INTO OUTFILE '/x'", "LOAD DATA INFILE '/x' INTO TABLE t"})
        EXPECT_EQ(own.rule(sql), "") << sql;
    own.speaker.exposed = "app";
    EXPECT_EQ(own.sent("SELECT * FROM app.t"), "SELECT * FROM `shop`.t");
    EXPECT_EQ(own.sent("SELECT DATABASE() AS d"), "SELECT _utf8mb3'app' AS d");
    // Its dictionary is not rewritten, and says what the server says.
    const std::string dictionary = "SELECT * FROM information_schema.tables WHERE table_schema = DATABASE()";
    EXPECT_EQ(own.sent(dictionary), dictionary);
    const std::string lock = "SELECT GET_LOCK('a', 1)";
    EXPECT_EQ(own.sent(lock), lock);
}

}  // namespace
}  // namespace fairlead::policy::mysql::testing
