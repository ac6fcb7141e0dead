#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace fairlead::test {

/// Texts glued from pieces of tokens, so that every boundary between two kinds of token comes up: quotes that
/// open and never close, comments in odd places, operators that run into comments, numbers that run into
/// words.
class sql_generator {
public:
    explicit sql_generator(std::uint32_t seed) : random_(seed) {}

    std::string text(std::size_t max_pieces) {
        std::string out;
        std::size_t pieces = 1 + pick(max_pieces);
        for (std::size_t i = 0; i < pieces; ++i) piece(out);
        return out;
    }

    std::size_t pick(std::size_t below) { return random_() % below; }

private:
    void piece(std::string& out) {
        switch (pick(16)) {
            case 0:
                out += static_cast<char>(1 + pick(255));
                break;
            case 1:
            case 2:
                for (std::size_t n = 1 + pick(4); n > 0; --n) out += operators[pick(operators.size())];
                break;
            case 3:
            case 4:
                out += gaps[pick(gaps.size())];
                break;
            case 5:
            case 6:
                literal(out);
                break;
            default:
                out += fragments[pick(fragments.size())];
                if (pick(2) == 0) out += ' ';
        }
    }

    // A whole literal most of the time, so that texts are often valid to their end.
    void literal(std::string& out) {
        out += prefixes[pick(prefixes.size())];
        char quote = pick(5) == 0 ? '"' : '\'';
        out += quote;
        for (std::size_t n = pick(4); n > 0; --n) out += contents[pick(contents.size())];
        out += quote;
    }

    static constexpr std::string_view operators = "~!@#^&|`?+-*/%<>=:.+-*/-";
    static constexpr std::array<std::string_view, 14> gaps = {
        " ",       "\n",       "\t ",  " \r\n", "\f",      "--c\n", "-- 'x\r",
        "/* c */", "/*/**/*/", "/* '", "*/",    "\n--x\n", "--",    "/*"};
    static constexpr std::array<std::string_view, 12> prefixes = {"",  "",  "",   "e",  "E",   "b",
                                                                  "X", "n", "U&", "u&", "u &", "\n"};
    static constexpr std::array<std::string_view, 22> contents = {
        "a",     "''",    "\\",       "\\\\",        "\\'",     "\"\"",           "\n",      " ",
        "--",    "/*",    "\xc3\xa9", "$$",          "\\u0041", "\\ud83d\\ude00", "\\ud83d", "\\x41",
        "\\303", "\\251", "\\0",      "\\U0001F600", "\xc3",    "\\u12"};
    static constexpr std::array<std::string_view, 58> fragments = {"select",
                                                                   "from",
                                                                   "a",
                                                                   "\xc3\xa9t\xc3\xa9",
                                                                   "_x$1",
                                                                   "uescape",
                                                                   "u",
                                                                   "e",
                                                                   "n",
                                                                   "null",
                                                                   "1",
                                                                   "0",
                                                                   "42",
                                                                   "1.5",
                                                                   ".5",
                                                                   "1.",
                                                                   "1..2",
                                                                   "1e5",
                                                                   "1e",
                                                                   "2e-3",
                                                                   "1.5e+10",
                                                                   "7e+",
                                                                   "123abc",
                                                                   "0x1F",
                                                                   "1_000",
                                                                   "2147483647",
                                                                   "2147483648",
                                                                   "0000000000012",
                                                                   "99999999999999999999",
                                                                   "$1",
                                                                   "$12",
                                                                   "$1a",
                                                                   "$",
                                                                   "$$",
                                                                   "$a$",
                                                                   "$$b$$",
                                                                   "$a$ $$ $a$",
                                                                   "$_\xc3\xa9$",
                                                                   "$1$",
                                                                   "'",
                                                                   "''",
                                                                   "\"",
                                                                   "\"a\"",
                                                                   "\"\"",
                                                                   "\"a\"\"b\"",
                                                                   "(",
                                                                   ")",
                                                                   "[",
                                                                   "]",
                                                                   ",",
                                                                   ";",
                                                                   "::",
                                                                   ":=",
                                                                   "..",
                                                                   "{",
                                                                   "\\",
                                                                   "'a'\n'b'",
                                                                   "'a' --c\n'b'"};

    std::mt19937 random_;
};

}  // namespace fairlead::test
