#include "unit/policy/mysql/parse/read.h"

using namespace fairlead;
using namespace fairlead::test;

namespace {

// "a b+ c-" for tables a, b and c, + for nullable, - for below an outer join on the side that stays.
std::string nullability(const std::string& from) {
    const reading of = read("SELECT 1 FROM " + from);
    std::string out;
    for (const parse::table_reference& one : of.tree.tables) {
        out += (out.empty() ? "" : " ") + of.token_text(one.exposed());
        out += one.nullable ? "+" : one.below_outer ? "-" : "";
    }
    return out;
}

std::string joins(const std::string& from) {
    const reading of = read("SELECT 1 FROM " + from);
    std::string out;
    for (parse::node_id id = 0; id != parse::no_node; id = of.tree.next(id, 0)) {
        if (of.tree[id].kind == parse::node_kind::join) out += (out.empty() ? "" : " | ") + of.text(id);
    }
    return out;
}

}  // namespace

TEST(MysqlTable, AReferenceKnowsItsParts) {
    const reading of = read(
        "SELECT 1 FROM shop.orders PARTITION (p0, p1) AS o USE INDEX (a) IGNORE KEY FOR ORDER BY (b), c x");
    const parse::table_reference& orders = of.table("o");
    EXPECT_EQ(of.token_text(orders.qualifier), "shop");
    EXPECT_EQ(of.token_text(orders.name), "orders");
    EXPECT_TRUE(orders.with_as);
    EXPECT_EQ(of.text(orders.partitions), "PARTITION (p0, p1)");
    EXPECT_EQ(of.text(orders.hints), "USE INDEX (a) IGNORE KEY FOR ORDER BY (b)");
    EXPECT_EQ(of.text(orders.at),
              "shop.orders PARTITION (p0, p1) AS o USE INDEX (a) IGNORE KEY FOR ORDER BY (b)");
    EXPECT_FALSE(of.table("x").with_as);
    EXPECT_EQ(of.text(of.block().from), of.sql.substr(9));
}

TEST(MysqlTable, NullableSides) {
    EXPECT_EQ(nullability("a, b JOIN c ON 1"), "a b c");
    EXPECT_EQ(nullability("a LEFT JOIN b ON 1"), "a- b+");
    EXPECT_EQ(nullability("a RIGHT JOIN b ON 1"), "a+ b-");
    EXPECT_EQ(nullability("a LEFT JOIN b ON 1 JOIN c ON 1"), "a- b+ c");
    EXPECT_EQ(nullability("a LEFT JOIN (b JOIN c ON 1) ON 1"), "a- b+ c+");
    EXPECT_EQ(nullability("a LEFT JOIN b LEFT JOIN c ON 1 ON 2"), "a- b+ c+");
    EXPECT_EQ(nullability("a JOIN b LEFT JOIN c ON 1"), "a- b- c+");
    EXPECT_EQ(nullability("(a LEFT JOIN b ON 1) RIGHT JOIN c ON 1"), "a+ b+ c-");
    EXPECT_EQ(nullability("a NATURAL LEFT JOIN b"), "a- b+");
    EXPECT_EQ(nullability("{ OJ a LEFT OUTER JOIN b ON 1 }, c"), "a- b+ c");
    EXPECT_EQ(nullability("a LEFT JOIN (SELECT 1 FROM x) d ON (SELECT 1 FROM y)"), "a- x d+ y");
}

TEST(MysqlTable, ConditionsBelongToTheLastJoinWithoutOne) {
    EXPECT_EQ(joins("a JOIN b ON 1 JOIN c ON 2"), "a JOIN b ON 1 JOIN c ON 2 | a JOIN b ON 1");
    EXPECT_EQ(joins("a JOIN b JOIN c ON 1 ON 2"), "a JOIN b JOIN c ON 1 ON 2 | b JOIN c ON 1");
    EXPECT_EQ(joins("a JOIN b JOIN c ON 1"), "a JOIN b JOIN c ON 1 | a JOIN b");
    EXPECT_EQ(joins("a JOIN b JOIN c ON 1 LEFT JOIN d ON 2"),
              "a JOIN b JOIN c ON 1 LEFT JOIN d ON 2 | a JOIN b JOIN c ON 1 | a JOIN b");
    EXPECT_EQ(refusal("SELECT 1 FROM a LEFT JOIN b"), "syntax error at the end");
    EXPECT_EQ(refusal("SELECT 1 FROM a LEFT JOIN b JOIN c USING (x) USING (x)"), "syntax error at USING");
    EXPECT_EQ(refusal("SELECT 1 FROM a JOIN b RIGHT JOIN c ON 1"), "ambiguous at the end");
    EXPECT_EQ(refusal("SELECT 1 FROM a FULL JOIN b ON 1 FULL JOIN c ON 1"), "syntax error at FULL");
}

TEST(MysqlTable, AJoinsConditionIsAChild) {
    const reading of = read("SELECT 1 FROM a LEFT JOIN b USING (x, y) STRAIGHT_JOIN c ON a.z = c.z");
    EXPECT_EQ(of.text(of.first(parse::node_kind::join_on)), "ON a.z = c.z");
    EXPECT_EQ(of.text(of.first(parse::node_kind::join_using)), "USING (x, y)");
    const parse::node& outer = of.tree[of.table("c").join];
    EXPECT_EQ(static_cast<parse::join_kind>(outer.detail), parse::join_kind::straight);
    EXPECT_EQ(of.text(of.table("b").join), "a LEFT JOIN b USING (x, y)");
}

TEST(MysqlTable, ParenthesesHoldTablesOrQueries) {
    EXPECT_EQ(nullability("(a, b) JOIN c"), "a b c");
    EXPECT_EQ(nullability("((a))"), "a");
    EXPECT_EQ(nullability("((SELECT 1 FROM x) d JOIN a)"), "x d a");
    EXPECT_EQ(nullability("((SELECT 1 FROM x) UNION (SELECT 2 FROM y) LIMIT 1) d"), "x y d");
    EXPECT_EQ(nullability("((SELECT 1 FROM x)) d"), "x d");
    EXPECT_EQ(refusal("SELECT 1 FROM (a) x"), "syntax error at x");
    EXPECT_EQ(refusal("SELECT 1 FROM (SELECT 1)"), "syntax error at the end");
}

TEST(MysqlTable, DerivedTables) {
    const reading of = read("SELECT 1 FROM (SELECT a FROM t) AS d (b)", mysql_mode());
    const parse::table_reference& derived = of.table("d");
    EXPECT_EQ(derived.name, parse::no_token);
    EXPECT_EQ(of.text(derived.columns), "(b)");
    EXPECT_EQ(refusal("SELECT 1 FROM (SELECT a FROM t) AS d (b)"), "syntax error at (");
    const reading lateral = read("SELECT 1 FROM t, LATERAL (SELECT t.a) l", mysql_mode());
    EXPECT_TRUE(lateral.tree[lateral.table("l").at].has(parse::lateral));
    EXPECT_EQ(refusal("SELECT 1 FROM t, LATERAL (SELECT t.a) l"), "syntax error at (");
}

TEST(MysqlTable, JsonTable) {
    const reading of = read(
        "SELECT 1 FROM t, JSON_TABLE(t.doc, '$[*]' COLUMNS (n FOR ORDINALITY, a INT PATH '$.a' DEFAULT '0' "
        "ON EMPTY NULL ON "
        "ERROR, b VARCHAR(10) EXISTS PATH '$.b', NESTED PATH '$.c' COLUMNS (d JSON PATH '$'))) AS j");
    const parse::table_reference& json = of.table("j");
    EXPECT_EQ(json.name, parse::no_token);
    EXPECT_EQ(of.text(of.tree[json.at].first_child), "t.doc");
}

TEST(MysqlTable, SystemTime) {
    const reading of = read("SELECT 1 FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01' x FOR UPDATE");
    EXPECT_EQ(of.text(of.table("x").system_time), "FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'");
    EXPECT_EQ(of.text(of.block().locking), "FOR UPDATE");
    EXPECT_TRUE(read("SELECT 1 FROM t FOR SYSTEM_TIME BETWEEN ? AND NOW()").table("t").system_time.present());
}

TEST(MysqlTable, WordsThatAreNoAliases) {
    EXPECT_EQ(read("SELECT 1 FROM t FULL").table("FULL").alias, 4U);
    EXPECT_EQ(refusal("SELECT 1 FROM t FULL", mysql_mode()), "syntax error at FULL");
    EXPECT_EQ(refusal("SELECT 1 FROM t WINDOW"), "syntax error at the end");
    EXPECT_EQ(refusal("SELECT 1 FROM t left"), "syntax error at the end");
    EXPECT_EQ(refusal("SELECT 1 FROM a.b.c"), "syntax error at .");
    EXPECT_EQ(refusal("SELECT 1 FROM count(a)"), "syntax error at count");
}
