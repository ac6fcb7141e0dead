#include "policy/mysql/render.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {
namespace {

constexpr lex_mode mariadb{.server_version = 101119};
constexpr render_values acme{.tenant = "acme", .database = "shop", .connection_id = 7};
const std::string tenant(1, tenant_mark);
const std::string database(1, database_mark);
const std::string number(1, tenant_number_mark);
const std::string refused = "refused";

std::string rendered(std::string_view sql, const std::vector<Splice>& splices,
                     const render_values& values = acme) {
    std::vector<token> tokens;
    EXPECT_TRUE(lex(sql, mariadb, tokens)) << sql;
    std::string out = "before ";
    if (!render(sql, tokens, splices, values, out)) return out == "before " ? refused : "left over: " + out;
    return out.substr(7);
}

TEST(mysql_render, a_text_without_splices_stays) {
    for (const char* sql : {"", " ", "SELECT 1 -- x\n", "/* a */ SELECT/*!a*/ ;"})
        EXPECT_EQ(rendered(sql, {}), sql);
}

TEST(mysql_render, puts_values_in) {
    EXPECT_EQ(rendered("SELECT * FROM orders /* c */ WHERE a = 1 -- d",
                       {{3, 3, "(SELECT * FROM "}, {4, 4, "WHERE tenant_id = " + tenant + ") o "}}),
              "SELECT * FROM (SELECT * FROM orders /* c */ WHERE tenant_id = 'acme') o WHERE a = 1 -- d");
    EXPECT_EQ(rendered("SELECT a FROM exposed.t", {{3, 4, database}}), "SELECT a FROM `shop`.t");
    EXPECT_EQ(rendered("SELECT CONNECTION_ID()", {{1, 4, std::string(1, connection_mark)}}), "SELECT 7");
    EXPECT_EQ(rendered("VALUES(1)", {{2, 2, tenant + ", "}}), "VALUES('acme', 1)");
    EXPECT_EQ(rendered("t", {{1, 1, " = " + number}}, {.tenant = "42"}), "t = 42");
    EXPECT_EQ(rendered("t", {{0, 1, database}}, {.tenant = "a", .database = "a`b"}), "`a``b`");
}

TEST(mysql_render, where_a_splice_stands) {
    EXPECT_EQ(rendered("/*x*/ a /*y*/ b /*z*/", {{0, 0, "1 "}, {1, 1, "2 "}, {2, 2, " 3"}}),
              "/*x*/ 1 a /*y*/ 2 b 3 /*z*/");
    EXPECT_EQ(rendered("/*x*/ a /*y*/ b /*z*/", {{0, 2, "1"}}), "/*x*/ 1 /*z*/");
    EXPECT_EQ(rendered("-- x\n", {{0, 0, "SELECT 1 "}}), "SELECT 1 -- x\n");
    EXPECT_EQ(rendered("a b", {{0, 1, ""}}), " b");
}

TEST(mysql_render, what_would_run_together_is_kept_apart) {
    EXPECT_EQ(rendered("WHERE(a)", {{1, 1, "x AND"}}), "WHERE x AND(a)");
    EXPECT_EQ(rendered("'a'b", {{1, 1, "AND"}}), "'a' AND b");
    EXPECT_EQ(rendered("a=?", {{3, 3, "AND b"}}), "a=? AND b");
    EXPECT_EQ(rendered("-1", {{0, 0, "-"}}), "- -1");
    EXPECT_EQ(rendered("/1", {{1, 2, "*"}}), "/ *");
    EXPECT_EQ(rendered("a,b,c", {{1, 4, ""}}), "a c");
    EXPECT_EQ(rendered("a.b", {{0, 1, "1"}}), "1 .b");
    EXPECT_EQ(rendered("'a',b", {{1, 3, tenant}}), "'a' 'acme'");
    EXPECT_EQ(rendered("a=1", {{2, 3, tenant}}), "a='acme'");
}

TEST(mysql_render, executable_comments_keep_their_marks) {
    EXPECT_EQ(rendered("SELECT /*! a */ b", {{1, 1, "x "}}), refused);
    EXPECT_EQ(rendered("SELECT /*!50000a */ b", {{1, 1, "1 "}}), refused);
    EXPECT_EQ(rendered("SELECT /*!50000a */ b", {{1, 1, " 1 "}}), "SELECT /*!50000 1 a */ b");
    EXPECT_EQ(rendered("SELECT /*! a */ b", {{0, 2, "x"}}), refused);
    EXPECT_EQ(rendered("SELECT /*! a */ b", {{1, 2, " x"}}), refused);
    EXPECT_EQ(rendered("SELECT /*! a*/", {{2, 2, "x"}}), refused);
    EXPECT_EQ(rendered("SELECT /*! a*/", {{2, 2, " x"}}), "SELECT /*! a x*/");
    EXPECT_EQ(rendered("SELECT /*! a */ b", {{2, 2, "x "}}), "SELECT /*! a */ x b");
    EXPECT_EQ(rendered("SELECT /*!99999 a */ b", {{1, 2, "x"}}), "SELECT /*!99999 a */ x");
}

TEST(mysql_render, two_minus_signs_do_not_become_a_comment) {
    EXPECT_EQ(rendered("5--a", {{3, 4, " b"}}), refused);
    EXPECT_EQ(rendered("5--a-1", {{3, 4, ""}}), refused);
    EXPECT_EQ(rendered("5--a", {{3, 4, ""}}), refused);
    EXPECT_EQ(rendered("5--a", {{3, 4, "b"}}), "5--b");
    EXPECT_EQ(rendered("5 --", {{0, 1, "b"}}), "b --");
}

TEST(mysql_render, splices_that_do_not_fit) {
    for (const std::vector<Splice>& splices : {std::vector<Splice>{{3, 3, "x"}},
                                               {{0, 3, "x"}},
                                               {{1, 0, "x"}},
                                               {{1, 1, "x"}, {0, 0, "y"}},
                                               {{0, 2, "x"}, {1, 1, "y"}}}) {
        EXPECT_EQ(rendered("a b", splices), refused);
    }
}

TEST(mysql_render, values_outside_their_alphabet) {
    for (const char* id : {"", "a'b", "a b", "a\\", "\xc3\xa9", "a`", "a\n"}) {
        EXPECT_EQ(rendered("a", {{0, 0, tenant}}, {.tenant = id}), refused) << id;
    }
    EXPECT_EQ(rendered("a", {{0, 0, tenant}}, {.tenant = std::string(64, 'a')}), refused);
    for (const char* id : {"", "042", "42x", "-1", "acme", "1e1", "0x1", "9999999999999999999"}) {
        EXPECT_EQ(rendered("a", {{0, 0, number}}, {.tenant = id}), refused) << id;
    }
    EXPECT_EQ(rendered("a", {{0, 0, number + " "}}, {.tenant = "0"}), "0 a");
    for (const char* name : {"", "\xc3\xa9", "a\nb", "a\x7f"}) {
        EXPECT_EQ(rendered("a", {{0, 0, database}}, {.tenant = "a", .database = name}), refused) << name;
    }
}

// Whatever is put in, the tokens of the result are those of the pieces.
TEST(mysql_render, tokens_of_the_result_are_those_of_its_parts) {
    const std::vector<std::string> pieces = {"a",     "`b`",  "'c'", "1",  "1.5",    ".5",   "?",    "@a",
                                             "@@b",   "(",    ")",   ",",  "-",      "+",    "*",    "/",
                                             "<",     ">",    "=",   "!",  "&",      "|",    "N'x'", "x'41'",
                                             "_utf8", "/**/", " ",   "\n", "-- c\n", "#d\n", ":"};
    std::mt19937 random(1);
    auto text = [&](std::size_t most) {
        std::string out;
        for (auto n = random() % most; n > 0; --n) out += pieces[random() % pieces.size()];
        return out;
    };
    auto texts_of = [](std::string_view sql, const std::vector<token>& tokens, std::size_t first,
                       std::size_t last, std::vector<std::string>& out) {
        for (std::size_t i = first; i < last; ++i) out.emplace_back(tokens[i].text_in(sql));
    };
    int compared = 0;
    for (int i = 0; i < 30'000; ++i) {
        std::string sql = text(8), inserted = text(4);
        std::vector<token> tokens, added, result;
        if (!lex(sql, mariadb, tokens) || !lex(inserted, mariadb, added) || added.empty()) continue;
        if (inserted.find_first_of("-#") != std::string::npos) continue;  // may end in a comment that goes on
        auto first = static_cast<std::uint32_t>(random() % (tokens.size() + 1));
        auto last = first + static_cast<std::uint32_t>(random() % (tokens.size() + 1 - first));
        // What follows a dot is a name because it follows the dot.
        auto is_dot = [&](std::size_t at) { return at < tokens.size() && tokens[at].text_in(sql) == "."; };
        if (is_dot(first) || is_dot(last) || (first > 0 && is_dot(first - 1)) ||
            (last > 0 && is_dot(last - 1)))
            continue;
        auto is_system = [&](std::size_t at) {
            return at > 0 && tokens[at - 1].kind == token_kind::system_variable;
        };
        if (is_system(first) || is_system(last)) continue;
        if (added.back().kind == token_kind::system_variable) continue;
        std::string out;
        if (!render(sql, tokens, {{first, last, inserted}}, acme, out)) {
            ASSERT_NE(sql.find("--"), std::string::npos) << sql << " + " << inserted;
            continue;
        }
        ASSERT_TRUE(lex(out, mariadb, result)) << sql << " + " << inserted << " = " << out;
        std::vector<std::string> wanted, got;
        texts_of(sql, tokens, 0, first, wanted);
        texts_of(inserted, added, 0, added.size(), wanted);
        texts_of(sql, tokens, last, tokens.size(), wanted);
        texts_of(out, result, 0, result.size(), got);
        ASSERT_EQ(got, wanted) << sql << " + " << inserted << " = " << out;
        ++compared;
    }
    EXPECT_GT(compared, 5'000);
}

}  // namespace
}  // namespace fairlead::policy::mysql
