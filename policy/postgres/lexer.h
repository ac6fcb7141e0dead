#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres {

/// What a token is. `string` to `number` are literals: the fingerprint keeps their kind only.
enum class token_kind : std::uint8_t {
    punctuation,         // one of , ( ) [ ] . ; : + - * / % ^ < > =
    operator_symbol,     // every other operator; also :: := .. => <= >= <> !=
    word,                // unquoted identifier or keyword (NULL, TRUE and FALSE too), case as written
    quoted_identifier,   // "a""b"
    unicode_identifier,  // U&"d\0061t"; a UESCAPE clause after it is a word and a string of its own
    parameter,           // $1
    string,              // 'a', and 'a' <newline> 'b', which is one string
    escape_string,       // E'a\n'
    unicode_string,      // U&'d\0061t'; UESCAPE as above
    national_string,     // N'a', one token
    dollar_string,       // $tag$a$tag$
    bit_string,          // B'01'
    hex_string,          // X'1F'
    integer,             // digits that fit 32 bits: the grammar treats only these as integers
    number,              // every other number
};

/// One token: bytes [begin, end) of the text. Comments and white space make no token.
struct token {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    token_kind kind = token_kind::punctuation;

    std::string_view text_in(std::string_view sql) const { return sql.substr(begin, end - begin); }
    bool operator==(const token&) const = default;
};

constexpr bool is_literal(token_kind kind) {
    return kind >= token_kind::string;
}
/// An integer or any other number.
constexpr bool is_numeric(token_kind kind) {
    return kind >= token_kind::integer;
}

enum class lex_error : std::uint8_t {
    none,
    nul_byte,
    unterminated_string,
    unterminated_identifier,
    unterminated_comment,
    continued_past_comment,  // 'a' -- comment <newline> 'b': one string to the server, two to libpg_query
    empty_identifier,
    bad_escape,         // in E'...': \u without its digits, half a surrogate pair, bytes that are not UTF-8
    junk_after_number,  // 123abc, 0x1F, 1_000: versions differ in what they make of it
    junk_after_parameter,
    parameter_too_large,
    operator_too_long,
    unexpected_character,  // belongs to no token of PostgreSQL 15 (\v is white space only since 16)
    too_many_tokens,
    too_long,
};
/// What happened, as a sentence for a client: "unterminated quoted string".
std::string_view to_string(lex_error error);

struct lex_result {
    lex_error error = lex_error::none;
    std::uint32_t position = 0;  // byte offset of the error

    explicit operator bool() const { return error == lex_error::none; }
};

struct lex_limits {
    std::uint32_t max_tokens = 400'000;
    std::uint32_t max_bytes = 1U << 30;
};

/// Splits `sql` into tokens exactly as PostgreSQL 15 does with standard_conforming_strings = on, for
/// encodings whose multi-byte characters hold no ASCII byte (UTF-8, LATIN*, EUC_*; not SJIS, BIG5, GBK,
/// GB18030, UHC, JOHAB). What it does not know for certain is an error, never a guess. `tokens` is cleared
/// and filled; its capacity is kept, so a caller that reuses it allocates nothing. On error `tokens` holds
/// those before the error. Pure and thread-safe.
lex_result lex(std::string_view sql, std::vector<token>& tokens, const lex_limits& limits = {});

/// The token that covers byte `byte_offset` (a `location` of libpg_query), or nullopt between tokens and past
/// the end.
std::optional<std::uint32_t> token_at(const std::vector<token>& tokens, std::uint32_t byte_offset);

/// The literal that a constant's `location` means. That is the literal at the offset, or the number after it
/// where the parser folded a sign into the constant (`-1` has the location of the minus). Nullopt if there is
/// none: whoever examines such a constant must mark every literal of the text.
std::optional<std::uint32_t> literal_at(std::string_view sql, const std::vector<token>& tokens,
                                        std::uint32_t byte_offset);

}  // namespace fairlead::policy::postgres
