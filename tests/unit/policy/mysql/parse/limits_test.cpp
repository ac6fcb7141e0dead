#include "unit/policy/mysql/parse/read.h"

using namespace fairlead;
using namespace fairlead::test;

namespace {

std::string repeated(const std::string& piece, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += piece;
    return out;
}

std::string kind_of(const std::string& sql, const lex_mode& mode = {}) {
    const reading of = try_read(sql, mode);
    return of.result ? "accepted" : std::string(parse::to_string(of.result.error));
}

constexpr int many = 50'000;

}  // namespace

TEST(MysqlParserLimits, NothingNestsWithoutEnd) {
    for (const char* piece :
         {"(", "- ", "NOT ", "CASE ", "f(", "(SELECT ", "@a := ", "BINARY ", "EXISTS (SELECT ", "a IN (",
          "INTERVAL ", "a + INTERVAL ", "CAST(", "~", "! ", "a = ANY (SELECT "}) {
        EXPECT_EQ(kind_of("SELECT " + repeated(piece, many)), "nested too deeply") << piece;
    }
    EXPECT_EQ(kind_of("SELECT 1 FROM " + repeated("(", 2 * many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT 1 FROM a" + repeated(" JOIN a", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT 1 FROM " + repeated("{ OJ ", many)), "syntax error");
    EXPECT_EQ(kind_of(repeated("(", 2 * many) + "SELECT 1"), "nested too deeply");
    EXPECT_EQ(kind_of(repeated("SET STATEMENT a = 1 FOR ", many)), "nested too deeply");
    EXPECT_EQ(kind_of(repeated("WITH x AS (", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT 1 FROM JSON_TABLE('', '' COLUMNS (" + repeated("NESTED '' COLUMNS (", many)),
              "nested too deeply");
}

TEST(MysqlParserLimits, LongChainsAreNotDeepButTheirTreesAre) {
    EXPECT_EQ(kind_of("SELECT a" + repeated(" OR a", many)), "accepted");
    EXPECT_EQ(kind_of("SELECT a" + repeated(", a", many)), "accepted");
    EXPECT_EQ(kind_of("SELECT a" + repeated(" + a", 1900)), "accepted");
    EXPECT_EQ(kind_of("SELECT a" + repeated(" + a", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT a" + repeated(" = a", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT a" + repeated(" IS NULL", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT a" + repeated(" LIKE a", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT 1 FROM a" + repeated(" JOIN a ON 1", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT 1 FROM a" + repeated(" NATURAL JOIN a", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT a" + repeated(" COLLATE b", many)), "nested too deeply");
    EXPECT_EQ(kind_of("SELECT 1" + repeated(" UNION SELECT 1", many)), "accepted");
    EXPECT_EQ(kind_of(repeated("SELECT 1;", many)), "accepted");
}

TEST(MysqlParserLimits, NodesAndTokensAreCounted) {
    EXPECT_EQ(refusal("SELECT 1, 2, 3", {}, {.max_nodes = 6}), "too long at 2");
    EXPECT_EQ(refusal("SELECT 1, 2, 3", {}, {.max_tokens = 3}), "too long at 2");
    EXPECT_EQ(refusal("SELECT ((1))", {}, {.max_depth = 4}), "nested too deeply at 1");
    EXPECT_EQ(refusal("SELECT ((1))", {}, {.max_depth = 20}), "accepted");
}

TEST(MysqlParserLimits, OneObjectReadsMany) {
    parse::parser parser;
    parse::tree tree;
    std::vector<token> tokens;
    for (const std::string sql : {"SELECT a FROM t", "SELECT (", "INSERT INTO u VALUES (?)", "SELECT 1"}) {
        ASSERT_TRUE(lex(sql, {}, tokens));
        const bool good = static_cast<bool>(parser.parse(sql, {}, tokens, tree));
        EXPECT_EQ(good, sql != "SELECT (");
    }
    EXPECT_EQ(tree.tables.size(), 0U);
    EXPECT_EQ(tree.placeholders, 0U);
    EXPECT_EQ(tree.statements.size(), 1U);
}

TEST(MysqlParserLimits, NamesWithoutTheirQuotes) {
    const std::string sql = "a `b``c` `d`";
    std::vector<token> tokens;
    ASSERT_TRUE(lex(sql, {}, tokens));
    EXPECT_EQ(parse::identifier(sql, tokens[0]), "a");
    EXPECT_EQ(parse::identifier(sql, tokens[1]), "b`c");
    EXPECT_EQ(parse::identifier(sql, tokens[2]), "d");
}
