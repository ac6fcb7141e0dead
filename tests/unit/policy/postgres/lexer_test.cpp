#include "policy/postgres/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::policy::postgres {
namespace {

using enum token_kind;
using pieces = std::vector<std::pair<token_kind, std::string>>;

pieces cut(std::string_view sql) {
    std::vector<token> tokens;
    lex_result result = lex(sql, tokens);
    EXPECT_TRUE(result) << sql << ": " << to_string(result.error);
    pieces out;
    for (const token& t : tokens) out.emplace_back(t.kind, std::string(t.text_in(sql)));
    return out;
}

lex_result error_of(std::string_view sql, const lex_limits& limits = {}) {
    std::vector<token> tokens;
    return lex(sql, tokens, limits);
}

TEST(lexer, a_plain_statement) {
    EXPECT_EQ(cut("SELECT a.\"B\" FROM t -- x\n WHERE id=$1 AND n>=-1.5;"),
              (pieces{{word, "SELECT"},
                      {word, "a"},
                      {punctuation, "."},
                      {quoted_identifier, "\"B\""},
                      {word, "FROM"},
                      {word, "t"},
                      {word, "WHERE"},
                      {word, "id"},
                      {punctuation, "="},
                      {parameter, "$1"},
                      {word, "AND"},
                      {word, "n"},
                      {operator_symbol, ">="},
                      {punctuation, "-"},
                      {number, "1.5"},
                      {punctuation, ";"}}));
}

TEST(lexer, nothing) {
    EXPECT_EQ(cut(""), pieces{});
    EXPECT_EQ(cut(" \t\r\n\f--c\r/*c*/"), pieces{});
}

TEST(lexer, every_kind_of_string) {
    EXPECT_EQ(cut("'a''b' E'\\'' U&'x' N'n' $q$'$q$ B'1' X'F'"), (pieces{{string, "'a''b'"},
                                                                         {escape_string, "E'\\''"},
                                                                         {unicode_string, "U&'x'"},
                                                                         {national_string, "N'n'"},
                                                                         {dollar_string, "$q$'$q$"},
                                                                         {bit_string, "B'1'"},
                                                                         {hex_string, "X'F'"}}));
    EXPECT_EQ(cut("U&\"x\" UESCAPE '!'"),
              (pieces{{unicode_identifier, "U&\"x\""}, {word, "UESCAPE"}, {string, "'!'"}}));
}

TEST(lexer, a_string_goes_on_after_a_line_end_only) {
    EXPECT_EQ(cut("'a' \r\t'b'"), (pieces{{string, "'a' \r\t'b'"}}));
    EXPECT_EQ(cut("'a'\f\n'b'"), (pieces{{string, "'a'\f\n'b'"}}));
    EXPECT_EQ(cut("'a' 'b'"), (pieces{{string, "'a'"}, {string, "'b'"}}));
    EXPECT_EQ(cut("$$a$$\n$$b$$"), (pieces{{dollar_string, "$$a$$"}, {dollar_string, "$$b$$"}}));
    EXPECT_EQ(error_of("'a' --c\n'b'").error, lex_error::continued_past_comment);
}

TEST(lexer, integers_are_those_of_32_bits) {
    EXPECT_EQ(cut("2147483647 2147483648 0002147483647"),
              (pieces{{integer, "2147483647"}, {number, "2147483648"}, {integer, "0002147483647"}}));
}

TEST(lexer, operators_give_back_a_trailing_sign) {
    EXPECT_EQ(cut("a<>-b@-c*-/**/d"), (pieces{{word, "a"},
                                              {operator_symbol, "<>"},
                                              {punctuation, "-"},
                                              {word, "b"},
                                              {operator_symbol, "@-"},
                                              {word, "c"},
                                              {punctuation, "*"},
                                              {punctuation, "-"},
                                              {word, "d"}}));
    EXPECT_EQ(cut("~ ! @ # & | ` ?").front().first, operator_symbol);
}

TEST(lexer, errors_say_what_and_where) {
    struct expectation {
        std::string_view sql;
        lex_error error;
        std::uint32_t position;
    };
    using enum lex_error;
    for (const expectation& e : std::vector<expectation>{{"a 'b", unterminated_string, 2},
                                                         {"a E'b\\'", unterminated_string, 2},
                                                         {"a $x$b", unterminated_string, 2},
                                                         {"a \"b", unterminated_identifier, 2},
                                                         {"a /* /* */", unterminated_comment, 2},
                                                         {"a \"\"", empty_identifier, 2},
                                                         {"a E'\\u12'", bad_escape, 2},
                                                         {"a 0x1F", junk_after_number, 2},
                                                         {"a $1b", junk_after_parameter, 2},
                                                         {"a $65536", parameter_too_large, 2},
                                                         {"a \v b", unexpected_character, 2},
                                                         {"a \\ b", unexpected_character, 2},
                                                         {"a { b", unexpected_character, 2},
                                                         {std::string_view("a\0b", 3), nul_byte, 1}}) {
        lex_result result = error_of(e.sql);
        EXPECT_EQ(result.error, e.error) << e.sql;
        EXPECT_EQ(result.position, e.position) << e.sql;
    }
    EXPECT_EQ(error_of("a " + std::string(64, '@')).error, operator_too_long);
    EXPECT_TRUE(error_of("a " + std::string(63, '@')));
}

TEST(lexer, limits) {
    EXPECT_TRUE(error_of("a b c", {3, 100}));
    EXPECT_EQ(error_of("a b c d", {3, 100}).error, lex_error::too_many_tokens);
    EXPECT_TRUE(error_of("abc", {3, 3}));
    EXPECT_EQ(error_of("abcd", {3, 3}).error, lex_error::too_long);
}

TEST(lexer, the_vector_keeps_its_memory) {
    std::vector<token> tokens;
    ASSERT_TRUE(lex("a b c d e f g h", tokens));
    const token* before = tokens.data();
    ASSERT_TRUE(lex("a b c", tokens));
    EXPECT_EQ(tokens.data(), before);
    EXPECT_EQ(tokens.size(), 3U);
}

TEST(lexer, token_at_offset) {
    std::vector<token> tokens;
    EXPECT_EQ(token_at(tokens, 0), std::nullopt);
    ASSERT_TRUE(lex(" ab  'c'", tokens));
    EXPECT_EQ(token_at(tokens, 0), std::nullopt);
    EXPECT_EQ(token_at(tokens, 1), 0U);
    EXPECT_EQ(token_at(tokens, 2), 0U);
    EXPECT_EQ(token_at(tokens, 3), std::nullopt);
    EXPECT_EQ(token_at(tokens, 5), 1U);
    EXPECT_EQ(token_at(tokens, 7), 1U);
    EXPECT_EQ(token_at(tokens, 8), std::nullopt);
}

TEST(lexer, literal_at_offset_looks_behind_a_sign) {
    std::string_view sql = "a - 5 + 'x' - b";
    std::vector<token> tokens;
    ASSERT_TRUE(lex(sql, tokens));
    EXPECT_EQ(literal_at(sql, tokens, 0), std::nullopt);  // a word
    EXPECT_EQ(literal_at(sql, tokens, 2), 2U);            // - 5
    EXPECT_EQ(literal_at(sql, tokens, 4), 2U);            // 5
    EXPECT_EQ(literal_at(sql, tokens, 6), std::nullopt);  // + 'x': only numbers take a sign
    EXPECT_EQ(literal_at(sql, tokens, 8), 4U);            // 'x'
    EXPECT_EQ(literal_at(sql, tokens, 12), std::nullopt);
    EXPECT_EQ(literal_at(sql, tokens, 1), std::nullopt);  // a space
}

}  // namespace
}  // namespace fairlead::policy::postgres
