#include "unit/policy/mysql/parse/read.h"

using namespace fairlead;
using namespace fairlead::test;

namespace {

std::string source(const reading& of) {
    return of.token_text(of.statement().values);
}

}  // namespace

TEST(MysqlInsert, AllForms) {
    const reading of = read(
        "INSERT LOW_PRIORITY IGNORE INTO shop.t PARTITION (p) (a, t.b) VALUES (1, DEFAULT), (2, 3) "
        "ON DUPLICATE KEY UPDATE a = VALUES(a) + 1, b := (VALUES(b)) RETURNING a, b AS c");
    const parse::statement& insert = of.statement();
    EXPECT_EQ(insert.kind, parse::statement_kind::insert);
    EXPECT_EQ(insert.flags, parse::low_priority | parse::ignore_errors | parse::has_duplicate_update |
                                parse::has_returning);
    EXPECT_EQ(of.text(insert.columns), "(a, t.b)");
    EXPECT_EQ(source(of), "VALUES");
    EXPECT_EQ(of.text(insert.duplicate_update),
              "ON DUPLICATE KEY UPDATE a = VALUES(a) + 1, b := (VALUES(b))");
    EXPECT_EQ(of.text(insert.returning), "RETURNING a, b AS c");
    EXPECT_EQ(of.table("t").role, parse::table_role::insert_target);
    EXPECT_EQ(of.text(of.table("t").partitions), "PARTITION (p)");
    EXPECT_EQ(of.text(of.first(parse::node_kind::values_of)), "VALUES(a)");
    EXPECT_EQ(of.text(of.first(parse::node_kind::default_value)), "DEFAULT");
}

TEST(MysqlInsert, WhatIsInserted) {
    EXPECT_EQ(source(read("INSERT t VALUES ()")), "VALUES");
    EXPECT_EQ(source(read("INSERT INTO t () VALUE (), ()")), "VALUE");
    EXPECT_EQ(source(read("INSERT INTO t SET a = 1, t.b = DEFAULT")), "SET");
    EXPECT_EQ(source(read("INSERT INTO t SELECT 1")), "SELECT");
    EXPECT_EQ(source(read("INSERT INTO t (a) (SELECT 1) UNION SELECT 2")), "(");
    EXPECT_EQ(source(read("INSERT INTO t ((SELECT 1))")), "(");
    EXPECT_EQ(source(read("INSERT INTO t (a) WITH x AS (SELECT 1) SELECT * FROM x")), "WITH");
    EXPECT_EQ(read("REPLACE t SET a = 1 RETURNING *").statement().kind, parse::statement_kind::replace);
    EXPECT_EQ(refusal("INSERT INTO t (a) SET a = 1"), "syntax error at SET");
    EXPECT_EQ(refusal("REPLACE IGNORE INTO t VALUES (1)"), "syntax error at IGNORE");
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1) UNION SELECT 2"), "syntax error at UNION");
    EXPECT_EQ(refusal("INSERT INTO t TABLE u"), "syntax error at TABLE");
    EXPECT_EQ(source(read("INSERT INTO t TABLE u", mysql_mode())), "TABLE");
    EXPECT_EQ(refusal("INSERT INTO t SELECT a FROM u JOIN v ON DUPLICATE KEY UPDATE a = 1"),
              "syntax error at KEY");
}

TEST(MysqlInsert, MysqlNamesTheNewRow) {
    const reading of =
        read("INSERT INTO t VALUES (1) AS new (a) ON DUPLICATE KEY UPDATE b = new.a", mysql_mode());
    EXPECT_EQ(of.text(of.statement().row_alias), "AS new (a)");
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1) AS new"), "syntax error at AS");
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1) RETURNING a", mysql_mode()), "syntax error at RETURNING");
}

TEST(MysqlInsert, ValuesIsAFunctionOnlyWhereTheServerSaysSo) {
    EXPECT_EQ(refusal("SELECT VALUES(a)"), "syntax error at VALUES");
    EXPECT_EQ(
        refusal("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = (WITH x AS (VALUES (1)) SELECT 2)"),
        "syntax error at VALUES");
    EXPECT_EQ(read("SELECT (VALUES(1))").tree.blocks.size(), 2U) << "here it is a query";
    EXPECT_EQ(read("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = (VALUES(a))").tree.blocks.size(),
              0U);
}

TEST(MysqlUpdate, OneTable) {
    const reading of =
        read("UPDATE LOW_PRIORITY IGNORE t SET a = 1, t.b = DEFAULT WHERE c OR d ORDER BY a LIMIT 5");
    const parse::statement& update = of.statement();
    EXPECT_EQ(update.flags, parse::low_priority | parse::ignore_errors);
    EXPECT_EQ(of.table("t").role, parse::table_role::update_target);
    EXPECT_EQ(of.table("t").block, update.at);
    const parse::query_block& block = of.block();
    EXPECT_EQ(block.kind, parse::block_kind::update);
    EXPECT_EQ(block.at, update.at);
    EXPECT_EQ(of.text(block.from), "t");
    EXPECT_EQ(of.text(block.condition), "c OR d");
    EXPECT_EQ(of.text(block.limit), "LIMIT 5");
    EXPECT_EQ(of.text(of.first(parse::node_kind::assignment_list)), "a = 1, t.b = DEFAULT");
    const reading open = read("UPDATE t SET a = 1 LIMIT 1");
    EXPECT_EQ(open.token_text(open.block().where_insert), "LIMIT");
    EXPECT_EQ(refusal("UPDATE t SET a = 1 LIMIT 1, 2"), "syntax error at ,");
    EXPECT_EQ(refusal("UPDATE t SET (a, b) = (1, 2)"), "syntax error at (");
}

TEST(MysqlUpdate, SeveralTables) {
    const reading of = read("UPDATE a LEFT JOIN b USING (x), (SELECT 1) d SET a.y = b.z WHERE b.z > 1");
    EXPECT_EQ(of.statement().flags, parse::several_tables);
    EXPECT_EQ(of.table("a").role, parse::table_role::source);
    EXPECT_TRUE(of.table("b").nullable);
    EXPECT_EQ(of.text(of.block().from), "a LEFT JOIN b USING (x), (SELECT 1) d");
    EXPECT_EQ(refusal("UPDATE a, b SET a.x = 1 LIMIT 1", mysql_mode()), "syntax error at LIMIT");
}

TEST(MysqlDelete, OneTable) {
    const reading of = read("DELETE QUICK IGNORE FROM shop.t WHERE a ORDER BY b LIMIT ? RETURNING *");
    EXPECT_EQ(of.statement().flags, parse::quick | parse::ignore_errors | parse::has_returning);
    EXPECT_EQ(of.table("t").role, parse::table_role::delete_target);
    EXPECT_EQ(of.text(of.block().from), "FROM shop.t");
    EXPECT_EQ(of.text(of.block().condition), "a");
    EXPECT_EQ(refusal("DELETE FROM t x"), "syntax error at x");
    EXPECT_EQ(read("DELETE FROM t AS x WHERE x.a", mysql_mode()).table("x").role,
              parse::table_role::delete_target);
    EXPECT_EQ(refusal("DELETE HISTORY FROM t"), "not supported at HISTORY");
    EXPECT_EQ(refusal("DELETE FROM t FOR PORTION OF p FROM 1 TO 2"), "syntax error at FOR");
}

TEST(MysqlDelete, SeveralTablesInThreeSyntaxes) {
    for (const char* sql : {"DELETE x, shop.b.* FROM a AS x JOIN b ON 1 WHERE x.c",
                            "DELETE FROM x, shop.b.* USING a AS x JOIN b ON 1 WHERE x.c",
                            "DELETE FROM x.*, shop.b USING a AS x JOIN b ON 1 WHERE x.c"}) {
        const reading of = read(sql);
        EXPECT_EQ(of.statement().flags, parse::several_tables) << sql;
        EXPECT_EQ(of.tree.tables.size(), 2U) << sql;
        EXPECT_EQ(of.table("x").role, parse::table_role::source);
        const parse::node_id targets = of.first(parse::node_kind::delete_targets);
        EXPECT_EQ(of.token_text(of.tree[of.tree[targets].first_child].name), "x");
        EXPECT_EQ(of.token_text(of.tree[of.tree[targets].last_child].name), "b");
        EXPECT_EQ(of.tree[of.tree[targets].last_child].detail, 1U);
        EXPECT_EQ(of.text(of.block().condition), "x.c");
    }
    EXPECT_EQ(refusal("DELETE a FROM a LIMIT 1"), "syntax error at LIMIT");
    EXPECT_EQ(refusal("DELETE FROM a, b"), "syntax error at the end");
}

TEST(MysqlLoad, Data) {
    const reading of = read(
        "LOAD DATA LOCAL INFILE 'x' REPLACE INTO TABLE t CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
        "IGNORE 1 LINES "
        "(a, @b) SET c = @b + 1");
    EXPECT_EQ(of.statement().flags, parse::local_file | parse::replaces_rows);
    EXPECT_EQ(of.table("t").role, parse::table_role::load_target);
    EXPECT_EQ(of.text(of.statement().columns), "(a, @b)");
    EXPECT_EQ(read("LOAD DATA INFILE 'x' INTO TABLE t").statement().flags, 0);
    EXPECT_EQ(read("LOAD XML INFILE 'x' INTO TABLE t").statement().kind, parse::statement_kind::other);
}
