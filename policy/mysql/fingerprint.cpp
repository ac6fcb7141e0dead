#include "policy/mysql/fingerprint.h"

#include "policy/cache/key_writer.h"

namespace fairlead::policy::mysql {

// The key is a sequence of heads. The low four bits of a head say what it is: a kind of token, or punctuation
// of two or three bytes; the next three bits are the token's flags. Punctuation is followed by its bytes, a
// literal by nothing, every other token by its length and text. The highest bit marks a literal in full,
// which is followed by its length and text, too.
namespace {

constexpr unsigned two_bytes = 14;
constexpr unsigned three_bytes = 15;
static_assert(static_cast<unsigned>(token_kind::real_number) < two_bytes);
static_assert(static_cast<unsigned>(token_kind::punctuation) == 0);

constexpr unsigned in_comment_bit = 0x10;
constexpr unsigned space_bit = 0x20;
constexpr unsigned comment_bit = 0x40;
constexpr unsigned in_full_bit = 0x80;

constexpr std::size_t longest_head = 1 + key_writer::longest_length;

// Spaces and comments decide what the server makes of a token in few places only (before a parenthesis,
// around a dot), but programs write a statement in one way, so keeping them all costs nothing and spares
// the question. Splices must know what stands in an executable comment.
unsigned flags_of(const token& t) {
    return (t.in_comment ? in_comment_bit : 0U) | (t.space_before ? space_bit : 0U) |
           (t.comment_before ? comment_bit : 0U);
}

void write_punctuation(key_writer& out, std::string_view text, unsigned flags) {
    unsigned size = text.size() == 1 ? 0U : text.size() == 2 ? two_bytes : three_bytes;
    out.byte(static_cast<char>(size | flags));
    out.bytes(text.data(), text.size());
}

}  // namespace

void append_fingerprint(std::string_view sql, const std::vector<token>& tokens, std::string& key) {
    std::size_t used = key.size();
    key.resize(used + sql.size() + tokens.size() * longest_head);
    key_writer out(key.data() + used);
    for (const token& t : tokens) {
        if (t.kind == token_kind::punctuation) {
            write_punctuation(out, t.text_in(sql), flags_of(t));
            continue;
        }
        out.byte(static_cast<char>(static_cast<unsigned>(t.kind) | flags_of(t)));
        if (!is_literal(t.kind)) out.text(t.text_in(sql));
    }
    key.resize(static_cast<std::size_t>(out.at() - key.data()));
}

void append_full(std::string_view sql, const token& t, std::string& key) {
    std::size_t used = key.size();
    key.resize(used + longest_head + (t.end - t.begin));
    key_writer out(key.data() + used);
    out.byte(static_cast<char>(static_cast<unsigned>(t.kind) | flags_of(t) | in_full_bit));
    out.text(t.text_in(sql));
    key.resize(static_cast<std::size_t>(out.at() - key.data()));
}

}  // namespace fairlead::policy::mysql
