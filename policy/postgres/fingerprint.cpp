#include "policy/postgres/fingerprint.h"

#include "policy/cache/key_writer.h"

namespace fairlead::policy::postgres {

// The key is a prefix code over bytes:
//   32..126                      one character of punctuation
//   kind                         a literal of that kind, its value left out
//   kind, length, text           every other token
//   full_literal, kind, length, text
// Kinds are below full_literal and that is below 32, so the first byte says how to read on. A length is one
// byte, or 255 and four bytes.
namespace {

constexpr char full_literal = 31;
static_assert(static_cast<int>(token_kind::number) < full_literal);

constexpr std::size_t longest_head = 2 + key_writer::longest_length;  // full_literal, kind, length

class writer : public key_writer {
public:
    using key_writer::key_writer;
    void kind(token_kind k) { byte(static_cast<char>(k)); }
};

// The value of UESCAPE decides which identifier the U&"..." before it names, so it belongs to the shape.
bool is_uescape(std::string_view word) {
    constexpr std::string_view name = "uescape";
    if (word.size() != name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if ((word[i] | 0x20) != name[i]) return false;
    }
    return true;
}

// Whether the value may be the empty string. In libpg_query's tree an empty string looks like none: COPY t
// FROM '' like COPY t FROM STDIN. An analysis that takes it for none would not know that there is a literal
// to report, so such a literal must not share its shape with others. ('' also begins the values that begin
// with a quote; they are few.)
bool may_be_empty(std::string_view sql, const token& t) {
    const char* first = sql.data() + t.begin;
    switch (t.kind) {
        case token_kind::string:
            return first[1] == '\'';
        case token_kind::escape_string:
        case token_kind::national_string:
        case token_kind::bit_string:
        case token_kind::hex_string:
            return first[2] == '\'';
        case token_kind::unicode_string:
            return first[3] == '\'';
        case token_kind::dollar_string: {
            std::string_view text = t.text_in(sql);
            return text.size() == 2 * (text.find('$', 1) + 1);
        }
        default:
            return false;
    }
}

void write_full_literal(writer& out, std::string_view sql, const token& t) {
    out.byte(full_literal);
    out.kind(t.kind);
    out.text(t.text_in(sql));
}

}  // namespace

void append_fingerprint(std::string_view sql, const std::vector<token>& tokens, std::string& key) {
    std::size_t used = key.size();
    key.resize(used + sql.size() + tokens.size() * longest_head);
    writer out(key.data() + used);
    bool after_uescape = false;
    for (const token& t : tokens) {
        bool keep = after_uescape;
        after_uescape = false;
        if (t.kind == token_kind::punctuation) {
            out.byte(sql[t.begin]);
        } else if (!is_literal(t.kind)) {
            std::string_view text = t.text_in(sql);
            out.kind(t.kind);
            out.text(text);
            after_uescape = t.kind == token_kind::word && is_uescape(text);
        } else if (keep || may_be_empty(sql, t)) {
            write_full_literal(out, sql, t);
        } else {
            out.kind(t.kind);
        }
    }
    key.resize(static_cast<std::size_t>(out.at() - key.data()));
}

void append_full(std::string_view sql, const token& t, std::string& key) {
    std::size_t used = key.size();
    key.resize(used + longest_head + (t.end - t.begin));
    writer out(key.data() + used);
    write_full_literal(out, sql, t);
    key.resize(static_cast<std::size_t>(out.at() - key.data()));
}

}  // namespace fairlead::policy::postgres
