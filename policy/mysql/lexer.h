#pragma once

#include "policy/mysql/lex_mode.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {

/// What a token is. `string` to `real_number` are literals: the fingerprint keeps their kind only.
enum class token_kind : std::uint8_t {
    punctuation,  // one or more bytes: ( ) , ; . + - * / % ^ ~ ! & | < > = := <> != <= >= <=> << >>
                  // && || -> ->> { } and the like
    word,         // unquoted identifier or keyword, case as written; also _utf8mb4 and other introducers
    quoted_identifier,  // `a``b`, and "a" under ANSI_QUOTES
    user_variable,      // @a, @'a', @`a`, @"a": one token with its @; also the host of 'user'@'host'
    system_variable,    // the @@ alone; the names and the dots behind it are tokens of their own
    placeholder,        // ?
    null_escape,        // \N
    string,             // 'a' or "a"; adjacent strings are tokens of their own
    national_string,    // N'a', one token
    hex_literal,        // x'1F' or 0x1F
    bit_literal,        // b'01' or 0b01
    integer,
    decimal_number,  // 1.5
    real_number,     // 1e5
};

/// One token: bytes [begin, end) of the text. Comments and white space make no token; what stands inside an
/// executable comment that this server runs does, with `in_comment` set, and the comment's own marks do not.
struct token {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    token_kind kind = token_kind::punctuation;
    bool in_comment = false;
    bool space_before =
        false;  // `func (` and `func(` differ; so do `a.b` and `a .b` in places; comments count
    bool comment_before = false;  // a comment stands before it: under IGNORE_SPACE `func /**/(` is no `func(`

    std::string_view text_in(std::string_view sql) const { return sql.substr(begin, end - begin); }
    bool operator==(const token&) const = default;
};

constexpr bool is_literal(token_kind kind) {
    return kind >= token_kind::string;
}

enum class lex_error : std::uint8_t {
    none,
    nul_byte,
    bad_character,
    bad_encoding,  // identifiers or text that are not valid in the client's character set
    unterminated_string,
    unterminated_identifier,
    unterminated_comment,
    nested_comment,   // servers differ in what ends where
    comment_version,  // /*!123 */: what the digits are differs
    optimizer_hint,   // /*+ ... */ where the server reads it
    empty_identifier,
    ambiguous_number,  // 1e, 1e5x, 1.5a, 0x without digits, 0X1: few would guess what the server makes of it
    too_many_tokens,
    too_long,
};
/// What happened, as a sentence for a client: "unterminated string".
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

/// Splits `sql` into tokens exactly as a server of this mode does. What it does not know for certain is an
/// error, never a guess. `tokens` is cleared and filled; its capacity is kept, so a caller that reuses it
/// allocates nothing. Pure and thread-safe.
lex_result lex(std::string_view sql, const lex_mode& mode, std::vector<token>& tokens,
               const lex_limits& limits = {});

}  // namespace fairlead::policy::mysql
