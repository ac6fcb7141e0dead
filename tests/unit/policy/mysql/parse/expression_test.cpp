#include "unit/policy/mysql/parse/read.h"

using namespace fairlead;
using namespace fairlead::test;

TEST(MysqlExpression, OperatorsBindAsTheServerHasThem) {
    EXPECT_EQ(shape("a + b * c"), "[binary + a [binary * b c]]");
    EXPECT_EQ(shape("a - b - c"), "[binary - [binary - a b] c]");
    EXPECT_EQ(shape("a | b & c << d + e * f ^ g"),
              "[binary | a [binary & b [binary << c [binary + d [binary * e [binary ^ f g]]]]]]");
    EXPECT_EQ(shape("-a ^ b"), "[binary ^ [unary - a] b]");
    EXPECT_EQ(shape("!a = b"), "[comparison = [unary ! a] b]");
    EXPECT_EQ(shape("a MOD b DIV c"), "[binary DIV [binary MOD a b] c]");
    EXPECT_EQ(shape("a = b = c"), "[comparison = [comparison = a b] c]");
    EXPECT_EQ(shape("a = b IS NULL"), "[is_test [comparison = a b]]");
    EXPECT_EQ(shape("a OR b AND c XOR d"), "[logical OR a [logical XOR [logical AND b c] d]]");
    EXPECT_EQ(shape("a || b && c"), "[logical || a [logical && b c]]");
    EXPECT_EQ(shape("a OR b OR c OR d"), "[logical OR a b c d]") << "one node for a chain";
}

TEST(MysqlExpression, NotBindsByTheMode) {
    EXPECT_EQ(shape("NOT a = b"), "[unary NOT [comparison = a b]]");
    EXPECT_EQ(shape("NOT a = b", {.high_not_precedence = true}), "[comparison = [unary NOT a] b]");
    EXPECT_EQ(refusal("SELECT 1 = NOT a"), "syntax error at NOT");
}

TEST(MysqlExpression, PipesConcatenateByTheMode) {
    EXPECT_EQ(shape("a || b * c", {.pipes_as_concat = true}), "[binary * [binary || a b] c]");
    EXPECT_EQ(refusal("SELECT a + INTERVAL 1 DAY || b", {.pipes_as_concat = true}), "ambiguous at ||");
}

TEST(MysqlExpression, Predicates) {
    EXPECT_EQ(shape("a BETWEEN 1 AND 2 AND b"), "[logical AND [between a 1 2] b]");
    EXPECT_EQ(shape("a NOT BETWEEN 1 AND 2"), "[between not a 1 2]");
    EXPECT_EQ(shape("a LIKE 'x' ESCAPE '|' OR b"), "[logical OR [like a 'x' '|'] b]");
    EXPECT_EQ(shape("a IN (1, 2)"), "[in_list a [row 1 2]]");
    EXPECT_EQ(shape("a NOT IN (SELECT 1)"), "[in_query not a (SELECT 1)]");
    EXPECT_EQ(shape("a > ALL (SELECT 1)"), "[comparison > a [quantified (SELECT 1)]]");
    EXPECT_EQ(shape("a SOUNDS LIKE b"), "[binary SOUNDS a b]");
    EXPECT_EQ(shape("a REGEXP b = c"), "[comparison = [regexp a b] c]");
    // a LIKE (b NOT IN (c)) on the server, which nobody means.
    EXPECT_EQ(refusal("SELECT a LIKE b NOT IN (c)"), "ambiguous at NOT");
    EXPECT_EQ(refusal("SELECT a BETWEEN b AND c IN (d)"), "ambiguous at IN");
}

TEST(MysqlExpression, Parentheses) {
    EXPECT_EQ(shape("(a + b) * c"), "[binary * [parenthesised [binary + a b]] c]");
    EXPECT_EQ(shape("((SELECT 1) + 2)"), "[parenthesised [binary + (SELECT 1) 2]]");
    EXPECT_EQ(shape("((SELECT 1) UNION (SELECT 2)) + 3"), "[binary + ((SELECT 1) UNION (SELECT 2)) 3]");
    EXPECT_EQ(shape("((SELECT 1), 2) = (1, 2)"), "[comparison = [row (SELECT 1) 2] [row 1 2]]");
    EXPECT_EQ(shape("(((SELECT 1)))"), "(((SELECT 1)))");
}

TEST(MysqlExpression, Intervals) {
    EXPECT_EQ(shape("a + INTERVAL 1 DAY * 2"), "[binary * [binary + a [interval 1]] 2]");
    EXPECT_EQ(shape("a + INTERVAL (SELECT b, c) DAY"), "[binary + a [interval (SELECT b, c)]]");
    EXPECT_EQ(shape("INTERVAL 1 DAY + a"), "[binary + [interval 1] a]");
    EXPECT_EQ(shape("INTERVAL(a, 1, 2)"), "[function_call a 1 2]");
    EXPECT_EQ(shape("a - INTERVAL (1) HOUR_MINUTE"), "[binary - a [interval [parenthesised 1]]]");
    EXPECT_EQ(shape("a + INTERVAL (SELECT b, c) DAY"), "[binary + a [interval (SELECT b, c)]]");
    EXPECT_EQ(refusal("SELECT INTERVAL 1 DAY + a * b"), "ambiguous at *");
    EXPECT_EQ(refusal("SELECT INTERVAL 1 DAY"), "syntax error at the end");
}

TEST(MysqlExpression, EveryPositionIsAChild) {
    EXPECT_EQ(shape("CASE a WHEN b THEN c ELSE d END"), "[case_of a b c d]");
    EXPECT_EQ(shape("COUNT(DISTINCT a, b)"), "[function_call a b]");
    EXPECT_EQ(shape("GROUP_CONCAT(a ORDER BY b SEPARATOR 'x')"),
              "[function_call a [order_by [order_item b]] 'x']");
    EXPECT_EQ(shape("TRIM(BOTH a FROM b)"), "[function_call a b]");
    EXPECT_EQ(shape("SUBSTRING(a FROM b FOR c)"), "[function_call a b c]");
    EXPECT_EQ(shape("CAST(a AS CHAR(3))"), "[cast a CHAR(3)]");
    EXPECT_EQ(shape("CONVERT(a USING utf8mb4)"), "[cast a utf8mb4]");
    EXPECT_EQ(shape("DATE_ADD(a, INTERVAL b DAY)"), "[function_call a [interval b]]");
    EXPECT_EQ(shape("MATCH (a, t.b) AGAINST (c IN BOOLEAN MODE)"), "[match_against a t.b c]");
    EXPECT_EQ(shape("@a := b + 1"), "[user_assignment @a [binary + b 1]]");
    EXPECT_EQ(shape("SUM(a) OVER (PARTITION BY b ORDER BY c ROWS d PRECEDING)"),
              "[function_call a [window [window_definition [order_item b] [order_by [order_item c]] d]]]");
    EXPECT_EQ(shape("a COLLATE utf8mb4_bin LIKE b"), "[like [collate a] b]");
}

TEST(MysqlExpression, Literals) {
    const reading of =
        read("SELECT _utf8mb4'a' 'b', N'c' 'd', DATE '2020-01-01', { ts '2020-01-01' }, _latin1 x'41'");
    std::vector<std::string> found;
    for (parse::node_id id = 0; id != parse::no_node; id = of.tree.next(id, 0)) {
        const parse::node_kind kind = of.tree[id].kind;
        if (kind == parse::node_kind::literal || kind == parse::node_kind::temporal_literal)
            found.push_back(of.text(id));
    }
    EXPECT_EQ(found, (std::vector<std::string>{"_utf8mb4'a' 'b'", "N'c' 'd'", "DATE '2020-01-01'",
                                               "{ ts '2020-01-01' }", "_latin1 x'41'"}));
    EXPECT_EQ(refusal("SELECT _utf8mb4 FROM t"), "syntax error at FROM");
}

TEST(MysqlExpression, FunctionsKnowTheirNames) {
    const reading of = read("SELECT shop.f(1), `count`(2), concat (3)");
    std::vector<parse::node> calls;
    for (const parse::node& node : of.tree.nodes) {
        if (node.kind == parse::node_kind::function_call) calls.push_back(node);
    }
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(of.token_text(calls[0].name), "f");
    EXPECT_EQ(calls[0].detail, 1U);
    EXPECT_EQ(of.token_text(calls[1].name), "`count`");
    EXPECT_TRUE(calls[2].has(parse::space_before_arguments));
    // With a blank the server looks for a stored function of this name.
    EXPECT_EQ(refusal("SELECT COUNT (1)"), "not supported at COUNT");
    EXPECT_EQ(shape("COUNT (1)", {.ignore_space = true}), "[function_call 1]");
}

TEST(MysqlExpression, VariablesAndPlaceholders) {
    const reading of = read("SELECT @@GLOBAL.sql_mode, @@a.b, @@session.c, ?, ? FROM t LIMIT ?");
    std::vector<parse::node> variables;
    std::vector<std::uint32_t> ordinals;
    for (const parse::node& node : of.tree.nodes) {
        if (node.kind == parse::node_kind::system_variable) variables.push_back(node);
        if (node.kind == parse::node_kind::placeholder) ordinals.push_back(node.detail);
    }
    ASSERT_EQ(variables.size(), 3U);
    EXPECT_EQ(static_cast<parse::variable_scope>(variables[0].detail), parse::variable_scope::global);
    EXPECT_EQ(of.token_text(variables[0].name), "sql_mode");
    EXPECT_TRUE(variables[1].has(parse::keyword_syntax));
    EXPECT_EQ(static_cast<parse::variable_scope>(variables[2].detail), parse::variable_scope::session);
    EXPECT_EQ(ordinals, (std::vector<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(of.tree.placeholders, 3U);
    EXPECT_EQ(refusal("SELECT @@global . sql_mode"), "ambiguous at the end");
}

TEST(MysqlExpression, ReservedWordsAreNamesOnlyBetweenDots) {
    EXPECT_EQ(shape("select.a"), "select.a");
    EXPECT_EQ(shape("t.select"), "t.select");
    EXPECT_EQ(refusal("SELECT t. select"), "syntax error at select");
    EXPECT_EQ(refusal("SELECT select"), "syntax error at select");
    EXPECT_EQ(refusal("SELECT 1 AND.a"), "syntax error at .");
    EXPECT_EQ(shape("rank"), "rank");
    EXPECT_EQ(refusal("SELECT rank", mysql_mode()), "syntax error at rank");
    EXPECT_EQ(refusal("SELECT offset"), "syntax error at offset");
    EXPECT_EQ(shape("offset", mysql_mode()), "offset");
}

TEST(MysqlExpression, MysqlReadsJsonPathsAndOneComparisonOfAKind) {
    EXPECT_EQ(shape("a->'$.x' = 1", mysql_mode()), "[comparison = [binary -> a '$.x'] 1]");
    EXPECT_EQ(shape("a MEMBER OF ('[1]')", mysql_mode()), "[binary MEMBER a '[1]']");
    EXPECT_EQ(refusal("SELECT a->'$.x'"), "syntax error at >");
    EXPECT_EQ(refusal("SELECT a LIKE b LIKE c", mysql_mode()), "ambiguous at LIKE");
}
