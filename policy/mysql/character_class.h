#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// What each byte means to the MySQL lexer, as two tables: one for how a token starts, one for how it goes
/// on. Bytes from 0x80 depend on the character set and are decided outside the tables.
namespace fairlead::policy::mysql {

enum class lead : std::uint8_t {
    none,  // begins no token: control characters, [ ], a lone backslash
    space,
    word,
    prefix,  // b n x: another kind of literal when a quote follows
    digit,
    quote,
    double_quote,
    backquote,
    high,  // 0x80 and above
    dot,
    at,
    hash,
    dash,
    slash,
    star,
    backslash,
    placeholder,
    semicolon,
    compare,   // < > = !
    doubling,  // & | : what may be written twice, or with = behind it
    single,    // stands for itself
};

using class_set = std::uint8_t;

constexpr class_set class_word = 1;  // goes on with a word, among ASCII
constexpr class_set class_digit = 2;
constexpr class_set class_hex_digit = 4;
constexpr class_set class_space = 8;
constexpr class_set class_after_dashes = 16;  // -- and one of these is a comment
constexpr class_set class_variable = 32;      // goes on with the name behind @
constexpr class_set class_compare = 64;

namespace detail {

constexpr bool is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(int c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_space(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool is_control(int c) {
    return c < 32 || c == 127;
}
constexpr bool is_compare(int c) {
    return c == '<' || c == '>' || c == '=' || c == '!';
}

constexpr class_set classes_of(int c) {
    unsigned bits = 0;
    bool alphanumeric = is_letter(c) || is_digit(c);
    if (alphanumeric || c == '_' || c == '$') bits |= class_word;
    if (alphanumeric || c == '_' || c == '$' || c == '.') bits |= class_variable;
    if (is_digit(c)) bits |= class_digit;
    if (is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) bits |= class_hex_digit;
    if (is_space(c)) bits |= class_space;
    if (is_space(c) || is_control(c)) bits |= class_after_dashes;
    if (is_compare(c)) bits |= class_compare;
    return static_cast<class_set>(bits);
}

constexpr lead lead_of(int c) {
    if (c >= 128) return lead::high;
    if (is_space(c)) return lead::space;
    if (is_digit(c)) return lead::digit;
    if (is_compare(c)) return lead::compare;
    switch (c) {
        case 'b':
        case 'B':
        case 'n':
        case 'N':
        case 'x':
        case 'X':
            return lead::prefix;
        case '\'':
            return lead::quote;
        case '"':
            return lead::double_quote;
        case '`':
            return lead::backquote;
        case '.':
            return lead::dot;
        case '@':
            return lead::at;
        case '#':
            return lead::hash;
        case '-':
            return lead::dash;
        case '/':
            return lead::slash;
        case '*':
            return lead::star;
        case '\\':
            return lead::backslash;
        case '?':
            return lead::placeholder;
        case ';':
            return lead::semicolon;
        case '&':
        case '|':
        case ':':
            return lead::doubling;
        case '(':
        case ')':
        case ',':
        case '+':
        case '%':
        case '^':
        case '~':
        case '{':
        case '}':
            return lead::single;
        default:
            return is_letter(c) || c == '_' || c == '$' ? lead::word : lead::none;
    }
}

template <typename T, typename Of>
constexpr std::array<T, 256> make_table(Of of) {
    std::array<T, 256> table{};
    for (int c = 0; c < 256; ++c) table[static_cast<std::size_t>(c)] = of(c);
    return table;
}

inline constexpr std::array<class_set, 256> classes = make_table<class_set>(classes_of);
inline constexpr std::array<lead, 256> leads = make_table<lead>(lead_of);

}  // namespace detail

inline bool has_class(char c, class_set wanted) {
    return (detail::classes[static_cast<std::uint8_t>(c)] & wanted) != 0;
}
inline lead starts(char c) {
    return detail::leads[static_cast<std::uint8_t>(c)];
}
inline bool is_high(char c) {
    return static_cast<std::uint8_t>(c) >= 0x80;
}

}  // namespace fairlead::policy::mysql
