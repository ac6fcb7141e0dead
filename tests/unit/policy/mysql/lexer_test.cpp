#include "policy/mysql/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {
namespace {

using enum token_kind;

constexpr lex_mode mariadb{.server_version = 101119};
constexpr lex_mode mysql8{.server = flavour::mysql, .server_version = 80036};

char letter(token_kind kind) {
    constexpr std::string_view letters = "pwquv?\\snxbidr";
    return letters[static_cast<std::size_t>(kind)];
}

/// "w:a p:." and so on; "w!:a" inside an executable comment.
std::string cut(std::string_view sql, const lex_mode& mode = mariadb) {
    std::vector<token> tokens;
    lex_result result = lex(sql, mode, tokens);
    if (!result)
        return "error " + std::to_string(result.position) + ": " + std::string(to_string(result.error));
    std::string out;
    for (const token& t : tokens) {
        if (!out.empty()) out += ' ';
        out += letter(t.kind);
        if (t.in_comment) out += '!';
        out += ':';
        out += t.text_in(sql);
    }
    return out;
}

lex_error error_of(std::string_view sql, const lex_mode& mode = mariadb) {
    std::vector<token> tokens;
    return lex(sql, mode, tokens).error;
}

lex_mode with(client_charset charset) {
    lex_mode mode = mariadb;
    mode.charset = charset;
    return mode;
}

TEST(mysql_lexer, a_plain_statement) {
    EXPECT_EQ(
        cut("SELECT a.`B`,? FROM t -- x\n WHERE id<=>1 AND n>=-1.5;"),
        "w:SELECT w:a p:. q:`B` p:, ?:? w:FROM w:t w:WHERE w:id p:<=> i:1 w:AND w:n p:>= p:- d:1.5 p:;");
    EXPECT_EQ(cut(""), "");
    EXPECT_EQ(cut(" \t\r\n\v\f/* c */#d"), "");
}

TEST(mysql_lexer, every_kind_of_string) {
    EXPECT_EQ(cut("'a''b' \"c\"\"d\" N'n' n'' x'4F' X'' b'01' 0x1f 0b10 'a' 'b'"),
              "s:'a''b' s:\"c\"\"d\" n:N'n' n:n'' x:x'4F' x:X'' b:b'01' x:0x1f b:0b10 s:'a' s:'b'");
    EXPECT_EQ(cut("_utf8mb4'a' _binary x'00' N\"a\" x \"1\""),
              "w:_utf8mb4 s:'a' w:_binary x:x'00' w:N s:\"a\" w:x s:\"1\"");
    EXPECT_EQ(error_of("'a"), lex_error::unterminated_string);
    EXPECT_EQ(error_of("'a''"), lex_error::unterminated_string);
    EXPECT_EQ(error_of("n'a"), lex_error::unterminated_string);
    EXPECT_EQ(error_of("x'4'"), lex_error::ambiguous_number);
    EXPECT_EQ(error_of("x'4g'"), lex_error::ambiguous_number);
    EXPECT_EQ(error_of("b'2'"), lex_error::ambiguous_number);
}

TEST(mysql_lexer, backslashes_escape_unless_the_mode_says_not) {
    EXPECT_EQ(cut(R"('a\'b' "\"" '\\' c)"), R"(s:'a\'b' s:"\"" s:'\\' w:c)");
    EXPECT_EQ(error_of(R"('a\')"), lex_error::unterminated_string);
    lex_mode mode = mariadb;
    mode.no_backslash_escapes = true;
    EXPECT_EQ(cut(R"('a\' 'b\\')", mode), R"(s:'a\' s:'b\\')");
    EXPECT_EQ(cut(R"(@'a\')", mode), R"(u:@'a\')");
}

TEST(mysql_lexer, double_quotes_are_names_under_ansi_quotes) {
    lex_mode mode = mariadb;
    mode.ansi_quotes = true;
    EXPECT_EQ(cut(R"("a""b" "c\" 'd' @"e\")", mode), R"(q:"a""b" q:"c\" s:'d' u:@"e\")");
    EXPECT_EQ(cut(R"(@"e\"f")"), R"(u:@"e\"f")");
}

TEST(mysql_lexer, a_quote_behind_half_a_character_ends_the_string) {
    // No character set that we allow has a quote inside a character.
    EXPECT_EQ(cut("'\xbf' x"), "s:'\xbf' w:x");
    EXPECT_EQ(cut("'\xe2\x82' x"), "s:'\xe2\x82' w:x");
}

TEST(mysql_lexer, nul_bytes_only_in_strings) {
    EXPECT_EQ(cut(std::string_view("'a\0b'", 5)), std::string("s:'a\0b'", 7));
    for (std::string_view sql : {std::string_view("a\0", 2), std::string_view("/*\0*/", 5),
                                 std::string_view("--\0\n", 4), std::string_view("`a\0b`", 5)}) {
        EXPECT_EQ(error_of(sql), lex_error::nul_byte) << sql;
    }
    EXPECT_EQ(error_of("select \x1a"), lex_error::bad_character);
    EXPECT_EQ(error_of("a[1]"), lex_error::bad_character);
}

TEST(mysql_lexer, words) {
    EXPECT_EQ(cut("_a $b c$1 1a 12_3 caf\xc3\xa9 \xe2\x82\xac"),
              "w:_a w:$b w:c$1 w:1a w:12_3 w:caf\xc3\xa9 w:\xe2\x82\xac");
    EXPECT_EQ(cut("`a``b` ` ` `1`"), "q:`a``b` q:` ` q:`1`");
    EXPECT_EQ(error_of("``"), lex_error::empty_identifier);
    EXPECT_EQ(error_of("`a"), lex_error::unterminated_identifier);
}

TEST(mysql_lexer, names_are_valid_in_the_characters_of_the_dictionary) {
    for (std::string_view bad :
         {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x9f\x98\x80", "\xff"}) {
        EXPECT_EQ(error_of("a" + std::string(bad)), lex_error::bad_encoding) << bad;
        EXPECT_EQ(error_of("`" + std::string(bad) + "`"), lex_error::bad_encoding) << bad;
        EXPECT_EQ(error_of("@`" + std::string(bad) + "`"), lex_error::bad_encoding) << bad;
        EXPECT_EQ(error_of("'" + std::string(bad) + "'"), lex_error::none) << bad;
    }
    for (client_charset charset : {client_charset::latin1, client_charset::ascii, client_charset::binary}) {
        EXPECT_EQ(error_of("caf\xe9", with(charset)), lex_error::bad_encoding);
        EXPECT_EQ(error_of("`caf\xc3\xa9`", with(charset)), lex_error::bad_encoding);
        EXPECT_EQ(error_of("'caf\xe9'", with(charset)), lex_error::none);
    }
}

TEST(mysql_lexer, a_no_break_space_is_white_space_under_latin1_only) {
    EXPECT_EQ(cut("select\xa0"
                  "1",
                  with(client_charset::latin1)),
              "w:select i:1");
    EXPECT_EQ(cut("5--\xa0"
                  "1",
                  with(client_charset::latin1)),
              "i:5");
    EXPECT_EQ(cut("?\xa0", with(client_charset::latin1)), "?:?");
    EXPECT_EQ(error_of("select\xa0"
                       "1",
                       with(client_charset::binary)),
              lex_error::bad_encoding);
    EXPECT_EQ(error_of("select\xa0"
                       "1"),
              lex_error::bad_encoding);
}

TEST(mysql_lexer, numbers) {
    EXPECT_EQ(cut("1 007 1.5 .5 1. 1e5 1.e-5 .5E+3 1-1 1.5.5"),
              "i:1 i:007 d:1.5 d:.5 d:1. r:1e5 r:1.e-5 r:.5E+3 i:1 p:- i:1 d:1.5 d:.5");
    for (const char* sql : {"1e", "1e+", "1ex", "1.5a", ".5b", "1.e", "1e5x", "0x", "0xg", "0x1g", "0X1",
                            "0b", "0b2", "0b12", "0B1", "1..2", "1.\xc3\xa9"}) {
        EXPECT_EQ(error_of(sql), lex_error::ambiguous_number) << sql;
    }
}

TEST(mysql_lexer, behind_a_dot_everything_is_a_name) {
    EXPECT_EQ(cut("t.1a t.1e5 t.0x4 t.1.5 db . t"),
              "w:t p:. w:1a w:t p:. w:1e5 w:t p:. w:0x4 w:t p:. w:1 p:. w:5 w:db p:. w:t");
    EXPECT_EQ(cut("t.x'41' t.n'a' `t`.b'1'"), "w:t p:. w:x s:'41' w:t p:. w:n s:'a' q:`t` p:. w:b s:'1'");
    EXPECT_EQ(cut("t. x'41' t .5 `t`.5 select.5"), "w:t p:. x:x'41' w:t d:.5 q:`t` d:.5 w:select p:. w:5");
    EXPECT_EQ(cut("a/**/.5 /*!a*/.5"), "w:a d:.5 w!:a d:.5");
}

TEST(mysql_lexer, variables) {
    EXPECT_EQ(cut("@a @a.b$1_ @'x y' @`z` @'it''s' 'u'@'h' @a:=1"),
              "u:@a u:@a.b$1_ u:@'x y' u:@`z` u:@'it''s' s:'u' u:@'h' u:@a p::= i:1");
    EXPECT_EQ(cut("@@port @@global.x @@`a` @@x'41'"),
              "v:@@ w:port v:@@ w:global p:. w:x v:@@ q:`a` v:@@ w:x s:'41'");
    for (const char* sql : {"@", "@ a", "@''", "@``", "@@", "@@ a", "@@'a'", "@@1"}) {
        EXPECT_EQ(error_of(sql), lex_error::empty_identifier) << sql;
    }
    EXPECT_EQ(error_of("@\xc3\xa9"), lex_error::bad_encoding);
}

TEST(mysql_lexer, line_comments) {
    EXPECT_EQ(cut("5--1"), "i:5 p:- p:- i:1");
    EXPECT_EQ(cut("5-- 1\n6"), "i:5 i:6");
    EXPECT_EQ(cut("5--\x01"), "i:5");
    EXPECT_EQ(cut("5--"), "i:5");
    EXPECT_EQ(cut("a -- b\rc\nd"), "w:a w:d");
    EXPECT_EQ(cut("a# b\rc\nd"), "w:a w:d");
}

TEST(mysql_lexer, block_comments) {
    EXPECT_EQ(cut("1/* 2 /* 3 */4"), "i:1 i:4");
    EXPECT_EQ(cut("1/*/2*/3"), "i:1 i:3");
    EXPECT_EQ(cut("t.*/**/ 2*/* x */3"), "w:t p:. p:* i:2 p:* i:3");
    EXPECT_EQ(error_of("1/*/"), lex_error::unterminated_comment);
    EXPECT_EQ(error_of("1/*"), lex_error::unterminated_comment);
}

TEST(mysql_lexer, executable_comments_by_server_and_version) {
    EXPECT_EQ(cut("1/*!+2*/3"), "i:1 p!:+ i!:2 i:3");
    EXPECT_EQ(
        cut("/*!50699 a*/ /*!50700 b*/ /*!80000 c*/ /*!99999 d*/ /*!100000 e*/ /*!101119f*/ /*!101120 g*/"),
        "w!:a w!:e w!:f");
    EXPECT_EQ(cut("/*!50699 a*/ /*!50700 b*/ /*!80036 c*/ /*!80037 d*/ /*M! e*/", mysql8), "w!:a w!:b w!:c");
    EXPECT_EQ(cut("/*M! a*/ /*M!50600 b*/ /*M!80000 c*/ /*m! d*/"), "w!:a w!:b w!:c");
    EXPECT_EQ(cut("/*M!101120 a*/ /*M!99999 b*/ /*M!99999 c*/"), "w!:b w!:c");
    for (const char* sql : {"/*!5 a*/", "/*!5069 a*/", "/*!1000001*/"}) {
        EXPECT_EQ(error_of(sql), lex_error::comment_version) << sql;
    }
    EXPECT_EQ(error_of("/*!080000 a*/", mysql8), lex_error::comment_version);
    EXPECT_EQ(error_of("/*!80000a*/", mysql8), lex_error::comment_version);
}

TEST(mysql_lexer, nothing_hides_in_executable_comments) {
    for (const char* sql : {"/*! /* a */ */", "/*!99999 /* a */ */", "/*! a -- */\n*/", "/*! # */\n*/",
                            "/*! ; */", "/*! /*! a */ */"}) {
        EXPECT_EQ(error_of(sql), lex_error::nested_comment) << sql;
    }
    EXPECT_EQ(cut("/*! 'a*/' b */ c"), "s!:'a*/' w!:b w:c");
    EXPECT_EQ(error_of("/*! a"), lex_error::unterminated_comment);
    EXPECT_EQ(error_of("/*!99999 a"), lex_error::unterminated_comment);
}

TEST(mysql_lexer, optimizer_hints_where_they_are_read) {
    EXPECT_EQ(cut("select /*+ x */ 1"), "w:select i:1");
    EXPECT_EQ(error_of("select /*+ x */ 1", mysql8), lex_error::optimizer_hint);
    lex_mode mariadb12 = mariadb;
    mariadb12.server_version = 120000;
    EXPECT_EQ(error_of("select /*+ x */ 1", mariadb12), lex_error::optimizer_hint);
}

TEST(mysql_lexer, operators) {
    EXPECT_EQ(cut("<=><>!=<= >=<<>>&&||:=&|^~:"),
              "p:<=> p:<> p:!= p:<= p:>= p:<< p:>> p:&& p:|| p::= p:& p:| p:^ p:~ p::");
    EXPECT_EQ(cut("1=!1 !!1 1>==1 |||"), "i:1 p:= p:! i:1 p:! p:! i:1 i:1 p:>= p:= i:1 p:|| p:|");
    EXPECT_EQ(cut("a->b a->>b"), "w:a p:- p:> w:b w:a p:- p:>> w:b");
    EXPECT_EQ(cut("a->b a->>'$'", mysql8), "w:a p:-> w:b w:a p:->> s:'$'");
    EXPECT_EQ(error_of("1=!1", mysql8), lex_error::bad_character);
    EXPECT_EQ(cut("\\N"), "\\:\\N");
    EXPECT_EQ(error_of("\\Na"), lex_error::bad_character);
    EXPECT_EQ(error_of("\\n"), lex_error::bad_character);
    EXPECT_EQ(error_of("\\N", mysql8), lex_error::bad_character);
    EXPECT_EQ(error_of("?a"), lex_error::bad_character);
}

TEST(mysql_lexer, spaces_and_comments_before) {
    std::vector<token> tokens;
    ASSERT_TRUE(lex("a b/**/c(", mariadb, tokens));
    ASSERT_EQ(tokens.size(), 4U);
    EXPECT_FALSE(tokens[0].space_before);
    EXPECT_TRUE(tokens[1].space_before);
    EXPECT_FALSE(tokens[1].comment_before);
    EXPECT_TRUE(tokens[2].space_before);
    EXPECT_TRUE(tokens[2].comment_before);
    EXPECT_FALSE(tokens[3].space_before);
    ASSERT_TRUE(lex("f/*!(*/)", mariadb, tokens));
    EXPECT_TRUE(tokens[1].comment_before);
    EXPECT_TRUE(tokens[2].comment_before);
}

TEST(mysql_lexer, limits) {
    std::vector<token> tokens;
    EXPECT_EQ(lex("a b c", mariadb, tokens, {.max_tokens = 2}).error, lex_error::too_many_tokens);
    EXPECT_TRUE(lex("a b c", mariadb, tokens, {.max_tokens = 3}));
    EXPECT_EQ(lex("a b c", mariadb, tokens, {.max_bytes = 4}).error, lex_error::too_long);
}

}  // namespace
}  // namespace fairlead::policy::mysql
