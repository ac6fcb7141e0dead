#include "policy/mysql/lexer.h"

#include "policy/mysql/character_class.h"
#include "policy/mysql/utf8.h"

#include <cstring>

namespace fairlead::policy::mysql {

namespace {

class scanner {
public:
    scanner(std::string_view sql, const lex_mode& mode, std::vector<token>& tokens, std::uint32_t max_tokens)
        : begin_(sql.data()),
          at_(sql.data()),
          end_(sql.data() + sql.size()),
          mode_(mode),
          utf8_(mode.charset == client_charset::utf8mb4 || mode.charset == client_charset::utf8mb3),
          has_nul_(std::memchr(sql.data(), 0, sql.size()) != nullptr),
          tokens_(tokens),
          room_(max_tokens) {}

    lex_result run() {
        while (at_ != end_) {
            if (!step()) return result_;
        }
        if (in_comment_) fail(lex_error::unterminated_comment, end_);
        return result_;
    }

private:
    // One token, mark, comment or run of white space. False: result_ says what is wrong.
    bool step() {
        const char* start = at_++;
        switch (starts(*start)) {
            case lead::space:
                return space();
            case lead::word:
                return word(start);
            case lead::prefix:
                return prefixed(start);
            case lead::digit:
                return digits(start);
            case lead::quote:
                return string(start, '\'', token_kind::string);
            case lead::double_quote:
                return mode_.ansi_quotes ? quoted_name(start, '"', token_kind::quoted_identifier)
                                         : string(start, '"', token_kind::string);
            case lead::backquote:
                return quoted_name(start, '`', token_kind::quoted_identifier);
            case lead::high:
                return high(start);
            case lead::dot:
                return dot(start);
            case lead::at:
                return variable(start);
            case lead::hash:
                return line_comment(start);
            case lead::dash:
                return dash(start);
            case lead::slash:
                return slash(start);
            case lead::star:
                return star(start);
            case lead::backslash:
                return null_escape(start);
            case lead::placeholder:
                return next_has(class_word) || next_is_high() ? fail(lex_error::bad_character, start)
                                                              : emit(start, token_kind::placeholder);
            case lead::semicolon:
                return in_comment_ ? fail(lex_error::nested_comment, start)
                                   : emit(start, token_kind::punctuation);
            case lead::compare:
                return compare(start);
            case lead::doubling:
                return doubling(start);
            case lead::single:
                return emit(start, token_kind::punctuation);
            case lead::none:
                break;
        }
        return fail(*start == 0 ? lex_error::nul_byte : lex_error::bad_character, start);
    }

    bool emit(const char* start, token_kind kind) {
        if (room_-- == 0) return fail(lex_error::too_many_tokens, start);
        tokens_.push_back({offset(start), offset(at_), kind, in_comment_, space_before_ || comment_before_,
                           comment_before_});
        space_before_ = false;
        comment_before_ = false;
        return true;
    }
    bool fail(lex_error error, const char* where) {
        result_ = {error, offset(where)};
        return false;
    }
    std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    std::string_view rest() const { return {at_, left()}; }
    bool next_is(char c) const { return at_ != end_ && *at_ == c; }
    bool next_has(class_set wanted) const { return at_ != end_ && has_class(*at_, wanted); }
    bool next_is_high() const { return at_ != end_ && is_high(*at_) && !is_wide_space(*at_); }
    void skip(class_set wanted) {
        const char* p = at_;
        while (p != end_ && has_class(*p, wanted)) ++p;
        at_ = p;
    }
    // A no-break space under latin1 is white space to the server.
    bool is_wide_space(char c) const { return c == '\xA0' && mode_.charset == client_charset::latin1; }
    bool holds_nul(const char* first, const char* last) const {
        return has_nul_ && std::memchr(first, 0, static_cast<std::size_t>(last - first)) != nullptr;
    }

    bool space() {
        space_before_ = true;
        while (at_ != end_ && (has_class(*at_, class_space) || is_wide_space(*at_))) ++at_;
        return true;
    }
    bool high(const char* start) {
        if (is_wide_space(*start)) return space();
        --at_;
        return word(start);
    }

    // What goes on with a word, from at_.
    bool word(const char* start) {
        for (;;) {
            skip(class_word);
            if (!next_is_high()) return emit(start, token_kind::word);
            std::size_t size = utf8_ ? name_character(rest()) : 0;
            if (size == 0) return fail(lex_error::bad_encoding, at_);
            at_ += size;
        }
    }
    bool prefixed(const char* start) {
        if (!next_is('\'') || behind_dot(start)) return word(start);
        ++at_;
        switch (*start | 0x20) {
            case 'n':
                return string(start, '\'', token_kind::national_string);
            case 'x':
                return quoted_digits(start, class_hex_digit, token_kind::hex_literal);
            default:
                return quoted_digits(start, class_digit, token_kind::bit_literal);
        }
    }

    // Right behind a dot (or @@) the server reads a name, whatever it begins with: t.1e5, t.x'41' (a string
    // is the alias there).
    bool behind_dot(const char* start) const {
        if (tokens_.empty() || tokens_.back().end != offset(start)) return false;
        const token& last = tokens_.back();
        return last.kind == token_kind::system_variable ||
               (last.kind == token_kind::punctuation && begin_[last.begin] == '.');
    }
    bool behind_word(const char* start) const {
        return !tokens_.empty() && tokens_.back().end == offset(start) &&
               tokens_.back().kind == token_kind::word;
    }

    bool quoted_digits(const char* start, class_set wanted, token_kind kind) {
        const char* first = at_;
        skip(wanted);
        auto count = at_ - first;
        if (!next_is('\'')) return fail(lex_error::ambiguous_number, start);
        ++at_;
        if (kind == token_kind::hex_literal) {
            if (count % 2 != 0) return fail(lex_error::ambiguous_number, start);
        } else {
            for (const char* p = first; p != first + count; ++p) {
                if (*p > '1') return fail(lex_error::ambiguous_number, start);
            }
        }
        return emit(start, kind);
    }

    // at_ stands behind the opening quote; true when it stands behind the closing one.
    bool string_body(const char* start, char quote) {
        while (at_ != end_) {
            char c = *at_++;
            if (c == quote) {
                if (!next_is(quote)) return true;
                ++at_;
            } else if (c == '\\' && !mode_.no_backslash_escapes) {
                if (at_ == end_) break;
                ++at_;
            }
        }
        return fail(lex_error::unterminated_string, start);
    }
    bool string(const char* start, char quote, token_kind kind) {
        return string_body(start, quote) && emit(start, kind);
    }

    // at_ stands behind the opening quote.
    bool quoted_name(const char* start, char quote, token_kind kind) {
        const char* first = at_;
        for (;;) {
            const void* found = std::memchr(at_, quote, left());
            if (found == nullptr) return fail(lex_error::unterminated_identifier, start);
            at_ = static_cast<const char*>(found) + 1;
            if (!next_is(quote)) break;
            ++at_;
        }
        return valid_name(first, at_ - 1) && emit(start, kind);
    }
    bool valid_name(const char* first, const char* last) {
        if (first == last) return fail(lex_error::empty_identifier, first);
        for (const char* p = first; p != last;) {
            if (*p == 0) return fail(lex_error::nul_byte, p);
            std::size_t size = 1;
            if (is_high(*p)) size = utf8_ ? name_character({p, static_cast<std::size_t>(last - p)}) : 0;
            if (size == 0) return fail(lex_error::bad_encoding, p);
            p += size;
        }
        return true;
    }

    bool digits(const char* start) {
        if (behind_dot(start)) return word(start);
        if (*start == '0' && at_ != end_ && ((*at_ | 0x20) == 'x' || (*at_ | 0x20) == 'b')) {
            return prefixed_digits(start);
        }
        skip(class_digit);
        if (next_is('.')) {
            ++at_;
            if (next_is('.')) return fail(lex_error::ambiguous_number, start);
            return fraction(start);
        }
        if (at_ == end_ || (!has_class(*at_, class_word) && !next_is_high())) {
            return emit(start, token_kind::integer);
        }
        if ((*at_ | 0x20) == 'e') return exponent(start);
        return word(start);  // 1a is a name
    }
    bool prefixed_digits(const char* start) {
        bool hex = *at_ == 'x';
        if (!hex && *at_ != 'b') return fail(lex_error::ambiguous_number, start);  // 0X1 is a name
        const char* first = ++at_;
        while (at_ != end_ && (hex ? has_class(*at_, class_hex_digit) : *at_ == '0' || *at_ == '1')) ++at_;
        if (at_ == first) return fail(lex_error::ambiguous_number, start);
        return number(start, hex ? token_kind::hex_literal : token_kind::bit_literal);
    }
    bool fraction(const char* start) {
        skip(class_digit);
        if (at_ != end_ && (*at_ | 0x20) == 'e') return exponent(start);
        return number(start, token_kind::decimal_number);
    }
    bool exponent(const char* start) {
        ++at_;
        if (next_is('+') || next_is('-')) ++at_;
        if (!next_has(class_digit)) return fail(lex_error::ambiguous_number, start);
        skip(class_digit);
        return number(start, token_kind::real_number);
    }
    bool number(const char* start, token_kind kind) {
        if (next_has(class_word) || next_is_high()) return fail(lex_error::ambiguous_number, start);
        return emit(start, kind);
    }

    bool dot(const char* start) {
        if (next_is('.')) return fail(lex_error::bad_character, start);
        if (next_has(class_digit) && !behind_word(start)) return fraction(start);
        return emit(start, token_kind::punctuation);
    }

    bool variable(const char* start) {
        if (at_ == end_) return fail(lex_error::empty_identifier, start);
        switch (char c = *at_) {
            case '@':
                ++at_;
                if (!next_is('`') && (!next_has(class_word) || next_has(class_digit))) {
                    return fail(lex_error::empty_identifier, start);
                }
                return emit(start, token_kind::system_variable);
            case '`':
                ++at_;
                return quoted_name(start, c, token_kind::user_variable);
            case '"':
            case '\'':
                return quoted_variable(start, c);
            default:
                skip(class_variable);
                if (next_is_high()) return fail(lex_error::bad_encoding, at_);
                if (at_ - start == 1) return fail(lex_error::empty_identifier, start);
                return emit(start, token_kind::user_variable);
        }
    }
    bool quoted_variable(const char* start, char quote) {
        ++at_;
        if (quote == '"' && mode_.ansi_quotes) return quoted_name(start, quote, token_kind::user_variable);
        return string_body(start, quote) && valid_name(start + 2, at_ - 1) &&
               emit(start, token_kind::user_variable);
    }

    bool line_comment(const char* start) {
        if (in_comment_) return fail(lex_error::nested_comment, start);
        const void* line_end = std::memchr(at_, '\n', left());
        at_ = line_end == nullptr ? end_ : static_cast<const char*>(line_end);
        return commented(start);
    }
    bool commented(const char* start) {
        comment_before_ = true;
        return !holds_nul(start, at_) || fail(lex_error::nul_byte, start);
    }
    bool dash(const char* start) {
        if (next_is('-')) {
            bool alone = left() < 2;
            if (alone || has_class(at_[1], class_after_dashes) || is_wide_space(at_[1])) {
                return line_comment(start);
            }
        } else if (next_is('>') && mode_.server == flavour::mysql) {
            ++at_;
            if (next_is('>')) ++at_;
        }
        return emit(start, token_kind::punctuation);
    }
    bool star(const char* start) {
        if (!in_comment_ || !next_is('/')) return emit(start, token_kind::punctuation);
        ++at_;
        in_comment_ = false;
        comment_before_ = true;
        return true;
    }

    bool slash(const char* start) {
        if (!next_is('*')) return emit(start, token_kind::punctuation);
        if (in_comment_) return fail(lex_error::nested_comment, start);
        ++at_;
        if (next_is('!')) {
            ++at_;
            return executable_comment(start, false);
        }
        if (mode_.server == flavour::mariadb && left() >= 2 && at_[0] == 'M' && at_[1] == '!') {
            at_ += 2;
            return executable_comment(start, true);
        }
        if (next_is('+') && reads_hints()) return fail(lex_error::optimizer_hint, start);
        return block_comment(start, false);
    }
    bool reads_hints() const { return mode_.server == flavour::mysql || mode_.server_version >= 120000; }

    // at_ stands behind the comment's opening. `skipped`: an executable one that this server does not run.
    bool block_comment(const char* start, bool skipped) {
        std::size_t close = rest().find("*/");
        if (close == std::string_view::npos) return fail(lex_error::unterminated_comment, start);
        if (skipped && rest().substr(0, close).find("/*") != std::string_view::npos) {
            return fail(lex_error::nested_comment, start);
        }
        at_ += close + 2;
        return commented(start);
    }

    // at_ stands behind the exclamation mark: five digits (six for MariaDB, too) are a version, none means
    // any.
    bool executable_comment(const char* start, bool for_mariadb) {
        const char* first = at_;
        std::uint32_t version = 0;
        for (; next_has(class_digit) && at_ - first < 7; ++at_) {
            version = version * 10 + static_cast<std::uint32_t>(*at_ - '0');
        }
        if (at_ != first) {
            bool known = mode_.server == flavour::mariadb
                             ? at_ - first == 5 || at_ - first == 6
                             : at_ - first == 5 && !next_has(class_word) && !next_is_high();
            if (!known) return fail(lex_error::comment_version, start);
            if (!runs(version, for_mariadb)) return block_comment(start, true);
        }
        in_comment_ = true;
        comment_before_ = true;
        return true;
    }
    // MariaDB leaves out what is for MySQL 5.7 to 9, unless it is marked as MariaDB's.
    bool runs(std::uint32_t version, bool for_mariadb) const {
        if (version > mode_.server_version) return false;
        return for_mariadb || mode_.server == flavour::mysql || version < 50700 || version > 99999;
    }

    bool null_escape(const char* start) {
        bool known = next_is('N') && mode_.server == flavour::mariadb;
        if (!known) return fail(lex_error::bad_character, start);
        ++at_;
        if (next_has(class_word) || next_is_high()) return fail(lex_error::bad_character, start);
        return emit(start, token_kind::null_escape);
    }

    bool compare(const char* start) {
        if (*start == '<') {
            if (next_is('=')) {
                ++at_;
                if (next_is('>')) ++at_;
            } else if (next_is('>') || next_is('<')) {
                ++at_;
            }
        } else if (*start == '>') {
            if (next_is('=') || next_is('>')) ++at_;
        } else if (*start == '!') {
            if (next_is('=')) ++at_;
        }
        // MySQL reads two such characters at once and drops the second when they make no operator together.
        if (mode_.server == flavour::mysql && next_has(class_compare)) {
            return fail(lex_error::bad_character, start);
        }
        return emit(start, token_kind::punctuation);
    }
    bool doubling(const char* start) {
        if (next_is(*start == ':' ? '=' : *start)) ++at_;
        return emit(start, token_kind::punctuation);
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    const lex_mode& mode_;
    const bool utf8_;
    const bool has_nul_;
    bool in_comment_ = false;
    bool space_before_ = false;
    bool comment_before_ = false;
    std::vector<token>& tokens_;
    std::uint32_t room_;
    lex_result result_;
};

}  // namespace

lex_result lex(std::string_view sql, const lex_mode& mode, std::vector<token>& tokens,
               const lex_limits& limits) {
    tokens.clear();
    if (sql.empty()) return {};
    if (sql.size() > limits.max_bytes) return {lex_error::too_long, 0};
    return scanner(sql, mode, tokens, limits.max_tokens).run();
}

}  // namespace fairlead::policy::mysql
