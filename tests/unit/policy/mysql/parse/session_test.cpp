#include "unit/policy/mysql/parse/read.h"

using namespace fairlead;
using namespace fairlead::test;
using parse::statement_kind;

namespace {

statement_kind kind(const std::string& sql, const lex_mode& mode = {}) {
    const reading of = read(sql, mode);
    return of.tree.empty() ? statement_kind::other : of.statement().kind;
}

std::string name(const std::string& sql) {
    const reading of = read(sql);
    return of.token_text(of.statement().name);
}

// "scope name" of each variable that a SET assigns.
std::string variables(const std::string& sql, const lex_mode& mode = {}) {
    const reading of = read(sql, mode);
    std::string out;
    for (parse::node_id id = of.tree[of.statement().at].first_child; id != parse::no_node;
         id = of.tree[id].next_sibling) {
        const parse::node& item = of.tree[id];
        if (!out.empty()) out += ", ";
        if (item.kind != parse::node_kind::assignment) {
            out += of.text(id);
            continue;
        }
        const parse::node& variable = of.tree[item.first_child];
        if (variable.kind == parse::node_kind::system_variable) out += std::to_string(variable.detail) + " ";
        out += of.token_text(variable.name);
    }
    return out;
}

}  // namespace

TEST(MysqlSet, Variables) {
    EXPECT_EQ(variables("SET @a = 1, @b := 2, sql_mode = DEFAULT, @@autocommit = ON"),
              "@a, @b, 0 sql_mode, 0 autocommit");
    EXPECT_EQ(variables("SET SESSION a = 1, b = 2, GLOBAL c = 3, d = 4"), "1 a, 1 b, 3 c, 3 d")
        << "a scope holds until the next one";
    EXPECT_EQ(variables("SET @@global.a = 1, b = 2, @@local.c = 3"), "3 a, 0 b, 2 c");
    EXPECT_EQ(
        variables("SET NAMES utf8mb4 COLLATE utf8mb4_bin, @@SESSION.sql_mode = 'a', CHARACTER SET binary"),
        "NAMES utf8mb4 COLLATE utf8mb4_bin, 1 sql_mode, CHARACTER SET binary");
    EXPECT_EQ(variables("SET PERSIST a = 1", mysql_mode()), "4 a");
    EXPECT_EQ(refusal("SET PERSIST a = 1"), "syntax error at a");
    EXPECT_EQ(refusal("SET @a = 1, PASSWORD = 'x'"), "not supported at PASSWORD");
    EXPECT_EQ(refusal("SET @a"), "syntax error at the end");
    EXPECT_EQ(read("SET @a = (SELECT b FROM t), sql_mode = CONCAT(@@sql_mode, 'x')").tree.tables.size(), 1U);
}

TEST(MysqlSet, OtherMeanings) {
    EXPECT_EQ(kind("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY"),
              statement_kind::set_transaction);
    EXPECT_EQ(kind("SET SESSION TRANSACTION READ WRITE"), statement_kind::set_transaction);
    EXPECT_EQ(kind("SET PASSWORD FOR a@b = 'x'"), statement_kind::set_password);
    EXPECT_EQ(kind("SET ROLE NONE"), statement_kind::set_role);
    const reading of = read("SET STATEMENT sql_mode = '', max_statement_time = 1 FOR SELECT a FROM t");
    ASSERT_EQ(of.tree.statements.size(), 2U);
    EXPECT_EQ(of.statement(0).kind, statement_kind::set_statement);
    EXPECT_EQ(of.statement(1).kind, statement_kind::select);
    EXPECT_EQ(kind("SET statement = 1"), statement_kind::set) << "a variable of that name";
}

TEST(MysqlShow, Operands) {
    const reading of = read("SHOW FULL COLUMNS FROM t FROM shop LIKE 'a%'");
    EXPECT_EQ(of.text(of.statement().words), "FULL COLUMNS");
    EXPECT_EQ(of.statement().flags, parse::full);
    EXPECT_EQ(of.token_text(of.table("t").qualifier), "shop");
    EXPECT_EQ(of.table("t").role, parse::table_role::other);
    EXPECT_EQ(name("SHOW TABLES FROM shop"), "shop");
    EXPECT_EQ(name("SHOW CREATE DATABASE IF NOT EXISTS shop"), "shop");
    EXPECT_EQ(read("SHOW INDEX FROM shop.t WHERE Key_name IN (SELECT a FROM u)").tree.tables.size(), 2U);
    EXPECT_EQ(read("SHOW CREATE TABLE shop.t").tree.tables.size(), 1U);
    EXPECT_EQ(read("SHOW COUNT(*) WARNINGS").text(read("SHOW COUNT(*) WARNINGS").statement().words),
              "COUNT(*) WARNINGS");
    for (const char* sql :
         {"SHOW WARNINGS LIMIT 1, 2", "SHOW GLOBAL STATUS WHERE a = 1", "SHOW ENGINE innodb STATUS",
          "SHOW GRANTS FOR CURRENT_USER()", "SHOW PROCESSLIST", "SHOW CHARACTER SET LIKE 'x'",
          "SHOW CREATE PROCEDURE p", "SHOW VARIABLES LIKE 'x'"}) {
        EXPECT_EQ(kind(sql), statement_kind::show) << sql;
    }
    EXPECT_EQ(refusal("SHOW EXPLAIN FOR (SELECT 1)"), "not supported at (");
    EXPECT_EQ(refusal("SHOW COLUMNS FROM shop.t FROM other"), "ambiguous at the end");
}

TEST(MysqlTransaction, Control) {
    EXPECT_EQ(kind("BEGIN WORK"), statement_kind::begin);
    const reading start = read("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    EXPECT_EQ(start.statement().kind, statement_kind::begin);
    EXPECT_EQ(start.text(start.statement().words), "WITH CONSISTENT SNAPSHOT, READ ONLY");
    EXPECT_EQ(read("COMMIT WORK AND CHAIN NO RELEASE").statement().flags, parse::chain);
    EXPECT_EQ(read("ROLLBACK AND NO CHAIN RELEASE").statement().flags, parse::release);
    EXPECT_EQ(refusal("COMMIT AND CHAIN RELEASE"), "syntax error at the end");
    EXPECT_EQ(kind("ROLLBACK WORK TO SAVEPOINT a"), statement_kind::rollback_to);
    EXPECT_EQ(name("ROLLBACK TO SAVEPOINT a"), "a");
    EXPECT_EQ(name("ROLLBACK TO savepoint"), "savepoint");
    EXPECT_EQ(name("SAVEPOINT `a`"), "`a`");
    EXPECT_EQ(kind("RELEASE SAVEPOINT a"), statement_kind::release_savepoint);
    EXPECT_EQ(kind("XA START 'x'"), statement_kind::xa);
    EXPECT_EQ(refusal("BEGIN NOT ATOMIC SELECT 1; END"), "not supported at BEGIN");
    const reading lock = read("LOCK TABLES t AS x READ LOCAL, shop.u WRITE");
    EXPECT_EQ(lock.statement().kind, statement_kind::lock_tables);
    EXPECT_EQ(lock.tree.tables.size(), 2U);
    EXPECT_EQ(kind("UNLOCK TABLES"), statement_kind::unlock_tables);
}

TEST(MysqlPrepared, Statements) {
    EXPECT_EQ(name("PREPARE p FROM 'SELECT 1'"), "p");
    EXPECT_EQ(kind("PREPARE p FROM @a"), statement_kind::prepare);
    EXPECT_EQ(refusal("PREPARE p FROM CONCAT('a', 'b')"), "not supported at CONCAT");
    EXPECT_EQ(name("EXECUTE p USING @a, 1"), "p");
    EXPECT_EQ(refusal("EXECUTE p USING 1", mysql_mode()), "syntax error at 1");
    EXPECT_EQ(kind("EXECUTE IMMEDIATE 'SELECT 1' USING 2"), statement_kind::execute_immediate);
    EXPECT_EQ(name("DEALLOCATE PREPARE p"), "p");
    EXPECT_EQ(kind("DROP PREPARE p"), statement_kind::deallocate);
}

TEST(MysqlExplain, HoldsAStatement) {
    const reading of = read("EXPLAIN FORMAT=JSON SELECT a FROM t");
    ASSERT_EQ(of.tree.statements.size(), 2U);
    EXPECT_EQ(of.statement(0).flags, 0);
    EXPECT_EQ(of.tree[of.statement(1).at].parent, of.statement(0).at);
    EXPECT_EQ(read("ANALYZE UPDATE t SET a = 1").statement().flags, parse::executes);
    EXPECT_EQ(read("EXPLAIN ANALYZE SELECT 1", mysql_mode()).statement().flags, parse::executes);
    EXPECT_EQ(refusal("EXPLAIN ANALYZE SELECT 1"), "syntax error at ANALYZE");
    EXPECT_EQ(kind("DESC shop.t a"), statement_kind::describe);
    EXPECT_EQ(kind("ANALYZE TABLE t"), statement_kind::other);
    EXPECT_EQ(refusal("EXPLAIN EXPLAIN SELECT 1"), "syntax error at EXPLAIN");
}

TEST(MysqlOther, Statements) {
    EXPECT_EQ(name("USE `shop`"), "`shop`");
    EXPECT_EQ(name("KILL 12"), "12");
    EXPECT_EQ(read("KILL SOFT QUERY 12").statement().flags, parse::kill_query);
    EXPECT_EQ(read("KILL QUERY ID 12").statement().flags, parse::kill_query | parse::kill_by_user);
    EXPECT_EQ(name("KILL 1 + 1"), "-");
    EXPECT_EQ(name("CALL shop.p(1, (SELECT a FROM t))"), "p");
    EXPECT_EQ(kind("DO a, SLEEP(1)"), statement_kind::do_);
    EXPECT_EQ(kind("CREATE OR REPLACE TEMPORARY TABLE t (a INT)"), statement_kind::create_temporary_table);
    EXPECT_EQ(kind("DROP TEMPORARY TABLE t"), statement_kind::drop_temporary_table);
    EXPECT_EQ(kind("HANDLER t OPEN"), statement_kind::handler);
    const reading create = read("CREATE TABLE t (a INT); SELECT 1");
    EXPECT_EQ(create.tree.statements.size(), 2U);
    EXPECT_EQ(create.text(create.statement(0).words), "CREATE TABLE t");
    // What follows a semicolon within a routine is no statement to the server.
    EXPECT_EQ(refusal("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END"), "not supported at ;");
    EXPECT_EQ(refusal("IF 1 THEN SELECT 1; END IF"), "not supported at IF");
    EXPECT_EQ(refusal("frobnicate"), "syntax error at frobnicate");
}
