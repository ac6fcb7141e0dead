#include "policy/postgres/lexer.h"

#include "policy/postgres/character_class.h"
#include "policy/postgres/escape_string.h"

#include <algorithm>
#include <cstring>

namespace fairlead::policy::postgres {

namespace {

constexpr std::ptrdiff_t name_data_length = 64;  // NAMEDATALEN: the server takes operators shorter than this

class scanner {
public:
    scanner(std::string_view sql, std::vector<token>& tokens, std::uint32_t max_tokens)
        : begin_(sql.data()),
          at_(sql.data()),
          end_(sql.data() + sql.size()),
          tokens_(tokens),
          room_(max_tokens) {}

    lex_result run() {
        while (at_ != end_) {
            if (!step()) return result_;
        }
        return result_;
    }

private:
    // One token, comment or run of white space. False: result_ says what is wrong.
    bool step() {
        const char* start = at_++;
        switch (starts(*start)) {
            case lead::space:
                skip(class_space);
                return true;
            case lead::word:
                skip(class_word);
                return emit(start, token_kind::word);
            case lead::prefix:
                return prefixed(start);
            case lead::digit:
                return number(start);
            case lead::quote:
                return quoted(start, token_kind::string);
            case lead::double_quote:
                return quoted_name(start, token_kind::quoted_identifier);
            case lead::dollar:
                return dollar(start);
            case lead::dot:
                return dot(start);
            case lead::colon:
                return colon(start);
            case lead::punctuation:
                return emit(start, token_kind::punctuation);
            case lead::op:
                return op(start);
            case lead::none:
                break;
        }
        return fail(lex_error::unexpected_character, start);
    }

    bool emit(const char* start, token_kind kind) {
        if (room_-- == 0) return fail(lex_error::too_many_tokens, start);
        tokens_.push_back({offset(start), offset(at_), kind});
        return true;
    }
    bool fail(lex_error error, const char* where) {
        result_ = {error, offset(where)};
        return false;
    }
    std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }
    void skip(class_set classes) {
        while (at_ != end_ && has_class(*at_, classes)) ++at_;
    }
    bool next_is(char c) const { return at_ != end_ && *at_ == c; }

    // A word that starts with a letter which, right before a quote, makes another kind of literal.
    bool prefixed(const char* start) {
        if (next_is('\'')) {
            token_kind kind = literal_prefix(*start);
            if (kind != token_kind::word) {
                ++at_;
                return kind == token_kind::escape_string ? escape_string(start) : quoted(start, kind);
            }
        }
        if (next_is('&') && (*start | 0x20) == 'u' && end_ - at_ >= 2 && (at_[1] == '\'' || at_[1] == '"')) {
            at_ += 2;
            return at_[-1] == '"' ? quoted_name(start, token_kind::unicode_identifier)
                                  : quoted(start, token_kind::unicode_string);
        }
        skip(class_word);
        return emit(start, token_kind::word);
    }

    static token_kind literal_prefix(char c) {
        switch (c | 0x20) {
            case 'e':
                return token_kind::escape_string;
            case 'b':
                return token_kind::bit_string;
            case 'x':
                return token_kind::hex_string;
            case 'n':
                return token_kind::national_string;
            default:
                return token_kind::word;
        }
    }

    // at_ stands after the opening quote. In bit and hex strings '' does not stand for a quote: it ends one
    // literal and begins another.
    bool quoted(const char* start, token_kind kind) {
        bool doubling = kind != token_kind::bit_string && kind != token_kind::hex_string;
        for (;;) {
            const void* quote = std::memchr(at_, '\'', static_cast<std::size_t>(end_ - at_));
            if (quote == nullptr) return fail(lex_error::unterminated_string, start);
            at_ = static_cast<const char*>(quote) + 1;
            if (doubling && next_is('\'')) {
                ++at_;
                continue;
            }
            if (at_ == end_ || !has_class(*at_, class_gap)) return emit(start, kind);
            if (!continued()) return result_ && emit(start, kind);
        }
    }

    bool escape_string(const char* start) {
        const char* body = at_;
        bool doubtful = false;
        do {
            if (!escape_piece(doubtful)) return fail(lex_error::unterminated_string, start);
        } while (at_ != end_ && has_class(*at_, class_gap) && continued());
        if (!result_) return false;
        if (doubtful && !valid_escapes({body, static_cast<std::size_t>(at_ - 1 - body)})) {
            return fail(lex_error::bad_escape, start);
        }
        return emit(start, token_kind::escape_string);
    }

    // Up to and with the closing quote. `doubtful`: holds escapes that the server checks.
    bool escape_piece(bool& doubtful) {
        while (at_ != end_) {
            char c = *at_++;
            if (c == '\\') {
                if (at_ == end_) return false;
                doubtful |= has_class(*at_++, class_checked_escape);
            } else if (c == '\'') {
                if (!next_is('\'')) return true;
                ++at_;
            }
        }
        return false;
    }

    // After a closing quote: white space with a line end in it, and then another quote, goes on with the same
    // literal. Moves behind that quote. The server lets comments stand in the white space; libpg_query takes
    // the two pieces for two literals then, so such a text is refused (result_ is set).
    bool continued() {
        bool line_end = false;
        const char* comment = nullptr;
        const char* p = at_;
        while (p != end_) {
            if (has_class(*p, class_space)) {
                line_end |= *p == '\n' || *p == '\r';
                ++p;
            } else if (*p == '-' && end_ - p >= 2 && p[1] == '-') {
                comment = p;
                while (p != end_ && *p != '\n' && *p != '\r') ++p;
            } else {
                break;
            }
        }
        if (p == end_ || *p != '\'' || !line_end) return false;
        if (comment != nullptr) return fail(lex_error::continued_past_comment, comment);
        at_ = p + 1;
        return true;
    }

    bool quoted_name(const char* start, token_kind kind) {
        const char* first = at_;
        for (;;) {
            const void* quote = std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_));
            if (quote == nullptr) return fail(lex_error::unterminated_identifier, start);
            at_ = static_cast<const char*>(quote) + 1;
            if (!next_is('"')) break;
            ++at_;
        }
        if (at_ - first == 1) return fail(lex_error::empty_identifier, start);
        return emit(start, kind);
    }

    bool number(const char* start) {
        skip(class_digit);
        if (end_ - at_ >= 2 && at_[0] == '.' && at_[1] == '.') return emit(start, integer_kind(start));
        if (next_is('.')) {
            ++at_;
            return fraction(start);
        }
        if (at_ != end_ && has_class(*at_, class_word_start)) return exponent(start);
        return emit(start, integer_kind(start));
    }
    bool fraction(const char* start) {
        skip(class_digit);
        return exponent(start);
    }
    bool exponent(const char* start) {
        if (at_ != end_ && (*at_ | 0x20) == 'e') {
            ++at_;
            if (next_is('+') || next_is('-')) ++at_;
            const char* digits = at_;
            skip(class_digit);
            if (at_ == digits) return fail(lex_error::junk_after_number, start);
        }
        if (at_ != end_ && has_class(*at_, class_word_start))
            return fail(lex_error::junk_after_number, start);
        return emit(start, token_kind::number);
    }
    token_kind integer_kind(const char* start) const {
        while (at_ - start > 1 && *start == '0') ++start;
        std::string_view digits(start, static_cast<std::size_t>(at_ - start));
        bool fits = digits.size() < 10 || (digits.size() == 10 && digits <= "2147483647");
        return fits ? token_kind::integer : token_kind::number;
    }

    bool dollar(const char* start) {
        if (at_ == end_) return fail(lex_error::unexpected_character, start);
        if (has_class(*at_, class_digit)) return parameter(start);
        if (has_class(*at_, class_word_start)) skip(class_tag);
        if (!next_is('$')) return fail(lex_error::unexpected_character, start);
        ++at_;
        std::string_view delimiter(start, static_cast<std::size_t>(at_ - start));
        std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
        std::size_t close = rest.find(delimiter);
        if (close == std::string_view::npos) return fail(lex_error::unterminated_string, start);
        at_ += close + delimiter.size();
        return emit(start, token_kind::dollar_string);
    }
    bool parameter(const char* start) {
        std::uint32_t value = 0;
        for (; at_ != end_ && has_class(*at_, class_digit); ++at_) {
            value = value * 10 + static_cast<std::uint32_t>(*at_ - '0');
            if (value > 65535) return fail(lex_error::parameter_too_large, start);
        }
        if (at_ != end_ && has_class(*at_, class_word_start))
            return fail(lex_error::junk_after_parameter, start);
        return emit(start, token_kind::parameter);
    }

    bool dot(const char* start) {
        if (next_is('.')) {
            ++at_;
            return emit(start, token_kind::operator_symbol);
        }
        if (at_ != end_ && has_class(*at_, class_digit)) return fraction(start);
        return emit(start, token_kind::punctuation);
    }
    bool colon(const char* start) {
        if (!next_is(':') && !next_is('=')) return emit(start, token_kind::punctuation);
        ++at_;
        return emit(start, token_kind::operator_symbol);
    }

    static bool opens_comment(char first, char second) {
        return (first == '-' && second == '-') || (first == '/' && second == '*');
    }

    // The longest run of operator characters in which no comment opens; then a trailing + or - goes back,
    // unless the run holds a character that no standard operator has.
    bool op(const char* start) {
        if (at_ == end_ || !has_class(*at_, class_operator)) return emit_operator(start);
        if (opens_comment(*start, *at_)) return *start == '-' ? line_comment() : block_comment(start);
        while (at_ != end_ && has_class(*at_, class_operator)) {
            if (end_ - at_ >= 2 && opens_comment(at_[0], at_[1])) break;
            ++at_;
        }
        auto special = [](char c) { return has_class(c, class_special_operator); };
        if ((at_[-1] == '+' || at_[-1] == '-') && !std::any_of(start, at_, special)) {
            while (at_ - start > 1 && (at_[-1] == '+' || at_[-1] == '-')) --at_;
        }
        if (at_ - start >= name_data_length) return fail(lex_error::operator_too_long, start);
        return emit_operator(start);
    }
    bool emit_operator(const char* start) {
        bool self = at_ - start == 1 && has_class(*start, class_self);
        return emit(start, self ? token_kind::punctuation : token_kind::operator_symbol);
    }

    bool line_comment() {
        while (at_ != end_ && *at_ != '\n' && *at_ != '\r') ++at_;
        return true;
    }
    bool block_comment(const char* start) {
        ++at_;
        for (std::uint32_t depth = 1; end_ - at_ >= 2;) {
            if (at_[0] == '/' && at_[1] == '*') {
                ++depth;
                at_ += 2;
            } else if (at_[0] == '*' && at_[1] == '/') {
                at_ += 2;
                if (--depth == 0) return true;
            } else {
                ++at_;
            }
        }
        return fail(lex_error::unterminated_comment, start);
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    std::vector<token>& tokens_;
    std::uint32_t room_;
    lex_result result_;
};

}  // namespace

lex_result lex(std::string_view sql, std::vector<token>& tokens, const lex_limits& limits) {
    tokens.clear();
    if (sql.empty()) return {};
    if (sql.size() > limits.max_bytes) return {lex_error::too_long, 0};
    const void* nul = std::memchr(sql.data(), 0, sql.size());
    if (nul != nullptr) {
        auto position = static_cast<std::uint32_t>(static_cast<const char*>(nul) - sql.data());
        return {lex_error::nul_byte, position};
    }
    return scanner(sql, tokens, limits.max_tokens).run();
}

std::optional<std::uint32_t> token_at(const std::vector<token>& tokens, std::uint32_t byte_offset) {
    auto after = std::upper_bound(tokens.begin(), tokens.end(), byte_offset,
                                  [](std::uint32_t offset, const token& t) { return offset < t.begin; });
    if (after == tokens.begin()) return std::nullopt;
    auto found = after - 1;
    if (byte_offset >= found->end) return std::nullopt;
    return static_cast<std::uint32_t>(found - tokens.begin());
}

std::optional<std::uint32_t> literal_at(std::string_view sql, const std::vector<token>& tokens,
                                        std::uint32_t byte_offset) {
    auto index = token_at(tokens, byte_offset);
    if (!index) return std::nullopt;
    if (is_literal(tokens[*index].kind)) return index;
    auto is_sign = [&](const token& t) {
        return t.kind == token_kind::punctuation && (sql[t.begin] == '-' || sql[t.begin] == '+');
    };
    std::uint32_t at = *index;
    while (at < tokens.size() && is_sign(tokens[at])) ++at;
    if (at == *index || at == tokens.size() || !is_numeric(tokens[at].kind)) return std::nullopt;
    return at;
}

}  // namespace fairlead::policy::postgres
