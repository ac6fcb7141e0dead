#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// What each byte means to PostgreSQL's scanner, as two tables: one for how a token starts, one for how it
/// goes on.
namespace fairlead::policy::postgres {

enum class lead : std::uint8_t {
    none,  // begins no token: control characters, \v, \\, {, }, lone bytes
    space,
    word,
    prefix,  // a letter that makes another literal when a quote follows: b e n u x
    digit,
    quote,
    double_quote,
    dollar,
    dot,
    colon,
    punctuation,
    op,
};

using class_set = std::uint16_t;

constexpr class_set class_word_start = 1;
constexpr class_set class_digit = 2;
constexpr class_set class_word = 4;  // what goes on with a word
constexpr class_set class_tag = 8;   // what goes on with the tag of a dollar quote
constexpr class_set class_space = 16;
constexpr class_set class_gap = 32;  // may begin what stands between two pieces of one string
constexpr class_set class_operator = 64;
constexpr class_set class_special_operator = 128;  // lets an operator end in + or -
constexpr class_set class_self = 256;              // stands for itself when alone, and is no general operator
constexpr class_set class_checked_escape =
    512;  // after a backslash in E'...': the server checks what results

namespace detail {

constexpr bool is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool one_of(int c, std::string_view set) {
    return c < 128 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

constexpr std::string_view spaces = " \t\n\r\f";
constexpr std::string_view operators = "~!@#^&|`?+-*/%<>=";
constexpr std::string_view special_operators = "~!@#^&|`?%";

constexpr std::array<class_set, 256> make_classes() {
    std::array<class_set, 256> table{};
    for (int c = 0; c < 256; ++c) {
        bool word_start = is_letter(c) || c == '_' || c >= 128;
        bool digit = c >= '0' && c <= '9';
        unsigned bits = 0;
        if (word_start) bits |= class_word_start;
        if (digit) bits |= class_digit;
        if (word_start || digit || c == '$') bits |= class_word;
        if (word_start || digit) bits |= class_tag;
        if (one_of(c, spaces)) bits |= class_space;
        if (one_of(c, spaces) || c == '-') bits |= class_gap;
        if (one_of(c, operators)) bits |= class_operator;
        if (one_of(c, special_operators)) bits |= class_special_operator;
        if (one_of(c, "+-*/%^<>=")) bits |= class_self;
        if (one_of(c, "uUx01234567") || c >= 128) bits |= class_checked_escape;
        table[static_cast<std::size_t>(c)] = static_cast<class_set>(bits);
    }
    return table;
}

constexpr lead lead_of(int c) {
    if (one_of(c, spaces)) return lead::space;
    if (one_of(c, "bBeEnNuUxX")) return lead::prefix;
    if (is_letter(c) || c == '_' || c >= 128) return lead::word;
    if (c >= '0' && c <= '9') return lead::digit;
    if (one_of(c, ",()[];")) return lead::punctuation;
    if (one_of(c, operators)) return lead::op;
    switch (c) {
        case '\'':
            return lead::quote;
        case '"':
            return lead::double_quote;
        case '$':
            return lead::dollar;
        case '.':
            return lead::dot;
        case ':':
            return lead::colon;
        default:
            return lead::none;
    }
}

constexpr std::array<lead, 256> make_leads() {
    std::array<lead, 256> table{};
    for (int c = 0; c < 256; ++c) table[static_cast<std::size_t>(c)] = lead_of(c);
    return table;
}

inline constexpr std::array<class_set, 256> classes = make_classes();
inline constexpr std::array<lead, 256> leads = make_leads();

}  // namespace detail

inline bool has_class(char c, class_set wanted) {
    return (detail::classes[static_cast<std::uint8_t>(c)] & wanted) != 0;
}
inline lead starts(char c) {
    return detail::leads[static_cast<std::uint8_t>(c)];
}

}  // namespace fairlead::policy::postgres
