#include "unit/policy/mysql/parse/read.h"

using namespace fairlead;
using namespace fairlead::test;

namespace {

std::string limit_of(const std::string& sql) {
    const reading of = read(sql);
    return of.text(of.first(parse::node_kind::limit));
}

}  // namespace

TEST(MysqlQuery, ABlockKnowsWhereItsClausesStand) {
    const reading of = read(
        "SELECT DISTINCT SQL_CALC_FOUND_ROWS a, b c INTO @x FROM t WHERE a = 1 OR b GROUP BY a WITH ROLLUP "
        "HAVING b WINDOW w AS (ORDER BY a) ORDER BY a DESC LIMIT 1, 2 FOR UPDATE SKIP LOCKED");
    const parse::query_block& block = of.block();
    EXPECT_EQ(of.text(block.options), "DISTINCT SQL_CALC_FOUND_ROWS");
    EXPECT_EQ(block.select_options, parse::option_distinct | parse::option_calc_found_rows);
    EXPECT_EQ(of.token_text(block.select_list), "a");
    EXPECT_EQ(of.text(block.into), "INTO @x");
    EXPECT_FALSE(block.into_file);
    EXPECT_EQ(of.text(block.from), "FROM t");
    EXPECT_EQ(of.text(block.where), "WHERE a = 1 OR b");
    EXPECT_EQ(of.text(block.condition), "a = 1 OR b");
    EXPECT_EQ(block.where_insert, parse::no_token);
    EXPECT_EQ(of.text(block.group_by), "GROUP BY a WITH ROLLUP");
    EXPECT_TRUE(block.rollup);
    EXPECT_EQ(of.text(block.having), "HAVING b");
    EXPECT_EQ(of.text(block.windows), "WINDOW w AS (ORDER BY a)");
    EXPECT_EQ(of.text(block.order_by), "ORDER BY a DESC");
    EXPECT_EQ(of.text(block.limit), "LIMIT 1, 2");
    EXPECT_EQ(of.text(block.locking), "FOR UPDATE SKIP LOCKED");
    EXPECT_EQ(of.text(block.at), of.sql);
}

TEST(MysqlQuery, WhereWouldGoBehindTheTables) {
    const reading of = read("SELECT a FROM t x JOIN u ON 1 GROUP BY a");
    EXPECT_EQ(of.token_text(of.block().where_insert), "GROUP");
    const reading last = read("SELECT 1");
    EXPECT_EQ(last.block().where_insert, last.tokens.size());
}

TEST(MysqlQuery, ATailBelongsToTheWholeOfASetOperation) {
    const reading of = read("SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY 1 LIMIT 3");
    EXPECT_EQ(of.tree.blocks.size(), 2U);
    EXPECT_FALSE(of.block(1).order_by.present());
    EXPECT_EQ(of.text(of.block(1).at), "SELECT b FROM u");
    const parse::node_id order = of.first(parse::node_kind::order_by);
    EXPECT_EQ(of.tree[of.tree.scope_of(order)].kind, parse::node_kind::query);
    EXPECT_EQ(of.text(of.first(parse::node_kind::set_operation)),
              "SELECT a FROM t UNION ALL SELECT b FROM u");
    EXPECT_TRUE(of.tree[of.first(parse::node_kind::set_operator)].has(parse::all));
    EXPECT_EQ(refusal("SELECT a LIMIT 1 UNION SELECT b"), "syntax error at UNION");
}

TEST(MysqlQuery, SubqueriesAreBlocksOfTheirOwn) {
    const reading of = read("SELECT (SELECT 1 FROM u WHERE u.a = t.a) FROM t WHERE EXISTS (SELECT 2 FROM v)");
    ASSERT_EQ(of.tree.blocks.size(), 3U);
    EXPECT_EQ(of.block(1).parent, of.block(0).at);
    EXPECT_EQ(of.block(2).parent, of.block(0).at);
    EXPECT_EQ(of.block(0).parent, of.statement().at);
    EXPECT_EQ(of.table("u").block, of.block(1).at);
    EXPECT_EQ(of.table("t").block, of.block(0).at);
    EXPECT_EQ(of.table("v").block, of.block(2).at);
}

TEST(MysqlQuery, With) {
    const reading of = read(
        "WITH RECURSIVE x (a, b) AS (SELECT 1, 2 UNION SELECT a, b FROM x), y AS (SELECT 3 FROM t) "
        "SELECT * FROM x, y");
    EXPECT_TRUE(of.tree[of.first(parse::node_kind::with_clause)].has(parse::recursive));
    EXPECT_EQ(of.token_text(of.tree[of.first(parse::node_kind::common_table)].name), "x");
    EXPECT_EQ(of.token_text(of.statement().verb), "SELECT");
    EXPECT_EQ(of.tree.tables.size(), 4U);
    EXPECT_EQ(refusal("WITH x AS (INSERT INTO t VALUES (1)) SELECT 1"), "syntax error at INSERT");
    EXPECT_EQ(refusal("WITH x AS (SELECT 1) DELETE FROM t"), "syntax error at DELETE");
    EXPECT_EQ(read("WITH x AS (SELECT 1) DELETE FROM t", mysql_mode()).statement().kind,
              parse::statement_kind::delete_);
}

TEST(MysqlQuery, Into) {
    EXPECT_TRUE(read("SELECT a FROM t INTO OUTFILE 'x' FIELDS TERMINATED BY ',' LINES STARTING BY '>'")
                    .block()
                    .into_file);
    EXPECT_TRUE(read("SELECT a INTO DUMPFILE 'x' FROM t").block().into_file);
    EXPECT_EQ(refusal("SELECT a FROM t INTO b"), "not supported at b");
    EXPECT_EQ(refusal("SELECT (SELECT 1 INTO @a)"), "syntax error at INTO");
    EXPECT_EQ(refusal("SELECT 1 INTO @a UNION SELECT 2"), "syntax error at UNION");
    EXPECT_EQ(refusal("INSERT INTO t SELECT 1 INTO @a"), "syntax error at INTO");
}

TEST(MysqlQuery, ValuesAndTable) {
    EXPECT_EQ(read("VALUES (1, 2), (3, 4) LIMIT 1").block().kind, parse::block_kind::values);
    EXPECT_EQ(read("SELECT * FROM (VALUES (1)) v").tree.blocks.size(), 2U);
    EXPECT_EQ(refusal("VALUES ROW(1)"), "syntax error at ROW");
    EXPECT_EQ(read("VALUES ROW(1), ROW(2)", mysql_mode()).block().kind, parse::block_kind::values);
    EXPECT_EQ(refusal("TABLE t"), "syntax error at TABLE");
    const reading of = read("TABLE shop.t ORDER BY a", mysql_mode());
    EXPECT_EQ(of.block().kind, parse::block_kind::table_command);
    EXPECT_EQ(of.token_text(of.table("t").qualifier), "shop");
}

TEST(MysqlQuery, LimitsOfBothServers) {
    EXPECT_EQ(limit_of("SELECT 1 LIMIT 1 OFFSET 2"), "LIMIT 1 OFFSET 2");
    EXPECT_EQ(limit_of("SELECT 1 FROM t OFFSET 1 ROW FETCH FIRST 2 ROWS WITH TIES"),
              "OFFSET 1 ROW FETCH FIRST 2 ROWS WITH TIES");
    EXPECT_EQ(limit_of("SELECT 1 FROM t LIMIT 1 ROWS EXAMINED 5"), "LIMIT 1 ROWS EXAMINED 5");
    EXPECT_EQ(refusal("SELECT 1 LIMIT (SELECT 1)"), "syntax error at (");
    EXPECT_EQ(refusal("SELECT 1 LIMIT a"), "syntax error at a");
}

TEST(MysqlQuery, SeveralStatements) {
    const reading of = read("SELECT 1; ;UPDATE t SET a = 1;");
    ASSERT_EQ(of.tree.statements.size(), 2U);
    EXPECT_EQ(of.text(of.statement(0).at), "SELECT 1");
    EXPECT_EQ(of.statement(0).separator, 2U);
    EXPECT_EQ(of.text(of.statement(1).at), "UPDATE t SET a = 1");
    EXPECT_TRUE(read("").tree.empty());
    EXPECT_TRUE(read(" ; ; ").tree.empty());
    EXPECT_EQ(refusal("SELECT 1 SELECT 2"), "syntax error at SELECT");
}
