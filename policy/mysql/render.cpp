#include "policy/mysql/render.h"

#include "policy/mysql/character_class.h"
#include "policy/mysql/utf8.h"

#include <algorithm>
#include <charconv>

namespace fairlead::policy::mysql {

namespace {

constexpr std::size_t longest_id = 63;
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_number = 18;  // fits every bigint

bool is_database_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool any_in_comment(const std::vector<token>& tokens, std::uint32_t first, std::uint32_t last) {
    return std::any_of(tokens.begin() + first, tokens.begin() + last,
                       [](const token& t) { return t.in_comment; });
}

// Whether the token that an insertion touches stands in an executable comment.
bool inserts_into_comment(const std::vector<token>& tokens, std::uint32_t at) {
    if (tokens.empty()) return false;
    return at == tokens.size() ? tokens.back().in_comment : tokens[at].in_comment;
}

// What is put into a comment stands behind a blank: right behind its opening, a digit or a mark would mean
// something else.
bool fits(const Splice& splice, const std::vector<token>& tokens, std::uint32_t done) {
    if (splice.first < done || splice.last < splice.first || splice.last > tokens.size()) return false;
    if (splice.first != splice.last) return !any_in_comment(tokens, splice.first, splice.last);
    return !inserts_into_comment(tokens, splice.first) || splice.text.starts_with(' ');
}

// Bytes that could go on with a name, a number, a variable or an introducer; quotes of two strings merge,
// too, and a placeholder is none right before a name.
bool is_wordlike(char c) {
    return has_class(c, class_word) || is_high(c) ||
           std::string_view("`'\"@?").find(c) != std::string_view::npos;
}
bool is_operator(char c) {
    return std::string_view("-+*/<>=!&|:#").find(c) != std::string_view::npos;
}
bool would_merge(char left, char right) {
    if (left == '.') return right == '.' || has_class(right, class_digit);
    if (right == '.')
        return left == '.' || has_class(left, class_word) || is_high(left);  // a.5 is no a and .5
    return (is_wordlike(left) && is_wordlike(right)) || (is_operator(left) && is_operator(right));
}

class renderer {
public:
    renderer(std::string_view sql, const std::vector<token>& tokens, const render_values& values,
             std::string& out)
        : sql_(sql), tokens_(tokens), values_(values), out_(out), start_(out.size()) {}

    bool run(const std::vector<Splice>& splices) {
        out_.reserve(start_ + sql_.size() + room_for(splices));
        std::uint32_t done = 0;
        for (const Splice& splice : splices) {
            if (!fits(splice, tokens_, done) || !put(splice)) {
                out_.resize(start_);
                return false;
            }
            done = splice.last;
        }
        if (copied_ == sql_.size() && !splices.empty() && std::string_view(out_).ends_with("--"))
            safe_ = false;
        copy_to(sql_.size());
        if (!safe_) out_.resize(start_);
        return safe_;
    }

private:
    static std::size_t room_for(const std::vector<Splice>& splices) {
        std::size_t bytes = 0;
        for (const Splice& s : splices) bytes += s.text.size() + 2 * longest_name + 2;
        return bytes;
    }

    bool put(const Splice& splice) {
        bool at_end = splice.first == tokens_.size();
        copy_to(!at_end ? tokens_[splice.first].begin : tokens_.empty() ? 0 : tokens_.back().end);
        for (std::string_view rest = splice.text; !rest.empty();) {
            bool done = rest[0] == source_mark ? put_source(rest) : put(rest[0]);
            if (!done) return false;
            rest.remove_prefix(1);
        }
        if (splice.last > splice.first) copied_ = tokens_[splice.last - 1].end;
        return true;
    }

    bool put(char c) {
        switch (c) {
            case tenant_mark:
                if (!is_tenant_id(values_.tenant)) return false;
                separate('\'');
                out_ += '\'';
                out_ += values_.tenant;
                out_ += '\'';
                return true;
            case tenant_number_mark:
                if (!is_tenant_number(values_.tenant)) return false;
                separate('0');
                out_ += values_.tenant;
                return true;
            case database_mark:
                return put_database();
            case connection_mark:
                put_connection();
                return true;
            default:
                separate(c);
                out_ += c;
                return true;
        }
    }
    bool put_database() {
        if (!is_database_name(values_.database)) return false;
        separate('`');
        out_ += '`';
        for (char c : values_.database) {
            if (c == '`') out_ += c;
            out_ += c;
        }
        out_ += '`';
        return true;
    }
    // Leaves `rest` at the mark's last byte.
    bool put_source(std::string_view& rest) {
        std::uint32_t first = 0;
        std::uint32_t end = 0;
        const char* stop = rest.data() + rest.size();
        auto [dash, bad_first] = std::from_chars(rest.data() + 1, stop, first);
        if (bad_first != std::errc() || dash == stop || *dash != '-') return false;
        auto [semicolon, bad_end] = std::from_chars(dash + 1, stop, end);
        if (bad_end != std::errc() || semicolon == stop || *semicolon != ';') return false;
        if (first >= end || end > tokens_.size()) return false;
        separate('`');
        put_name(sql_.substr(tokens_[first].begin, tokens_[end - 1].end - tokens_[first].begin));
        rest.remove_prefix(static_cast<std::size_t>(semicolon - rest.data()));
        return true;
    }
    // The server's own names have a question mark for what an identifier cannot hold.
    void put_name(std::string_view text) {
        out_ += '`';
        while (!text.empty()) {
            std::size_t length = is_high(text[0]) ? name_character(text) : 1;
            if (text[0] == '`') out_ += '`';
            if (length == 0 || text[0] == '\0') {
                out_ += '?';
            } else {
                out_ += text.substr(0, length);
            }
            text.remove_prefix(length == 0 ? unreadable(text) : length);
        }
        out_ += '`';
    }
    // Bytes of a character of four bytes, else one.
    static std::size_t unreadable(std::string_view text) {
        return static_cast<unsigned char>(text[0]) >= 0xF0 ? std::min<std::size_t>(4, text.size()) : 1;
    }
    void put_connection() {
        char digits[10];
        char* end = std::to_chars(digits, digits + sizeof digits, values_.connection_id).ptr;
        separate('0');
        out_.append(digits, end);
    }

    // At the seam between the text and a splice only; within each of them nothing is changed.
    void separate(char next) {
        if (at_seam_ && out_.size() > start_) {
            bool apart = would_merge(out_.back(), next);
            // 5--a: a blank would make a comment of the two minus signs.
            if (std::string_view(out_).ends_with("--") && (apart || has_class(next, class_after_dashes))) {
                safe_ = false;
            }
            if (apart) out_ += ' ';
        }
        at_seam_ = false;
    }

    void copy_to(std::size_t offset) {
        at_seam_ = true;
        if (copied_ == offset) return;
        separate(sql_[copied_]);
        out_.append(sql_, copied_, offset - copied_);
        copied_ = offset;
        at_seam_ = true;
    }

    std::string_view sql_;
    const std::vector<token>& tokens_;
    const render_values& values_;
    std::string& out_;
    const std::size_t start_;
    std::size_t copied_ = 0;
    bool at_seam_ = false;
    bool safe_ = true;
};

}  // namespace

bool is_tenant_id(std::string_view id) {
    auto allowed = [](char c) { return detail::is_letter(c) || detail::is_digit(c) || c == '_' || c == '-'; };
    return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), allowed);
}

bool is_tenant_number(std::string_view id) {
    return !id.empty() && id.size() <= longest_number &&
           std::all_of(id.begin(), id.end(), detail::is_digit) && (id[0] != '0' || id.size() == 1);
}

bool render(std::string_view sql, const std::vector<token>& tokens, const std::vector<Splice>& splices,
            const render_values& values, std::string& out) {
    return renderer(sql, tokens, values, out).run(splices);
}

}  // namespace fairlead::policy::mysql
