#include "policy/mysql/verifier/prepared_text.h"

#include "policy/mysql/utf8.h"

#include <algorithm>
#include <string_view>

namespace fairlead::policy::mysql::verifier {

namespace {

bool is_alone(const reading& r, const parse::statement& statement) {
    return r.tree().statements.size() == 1 && r.at(statement.at).parent == 0 &&
           std::none_of(r.tokens().begin(), r.tokens().end(), [](const token& t) { return t.in_comment; });
}

// Each of these characters stands for itself when it is there twice, and has no business there once.
bool halve(std::string& text, char doubled) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (text[i] != doubled) continue;
        if (++i == text.size() || text[i] != doubled) return false;
    }
    text = std::move(out);
    return true;
}

bool is_safe_text(std::string_view text, const lex_mode& mode) {
    if (mode.charset == client_charset::binary) return false;
    bool ascii = std::all_of(text.begin(), text.end(),
                             [](char c) { return c != 0 && static_cast<unsigned char>(c) < 0x80; });
    bool kept = mode.charset == client_charset::utf8mb4 && mode.server == flavour::mariadb && is_utf8(text);
    return ascii || (kept && text.find('\0') == std::string_view::npos);
}

}  // namespace

std::optional<std::string> prepared_text(reading& r, const parse::statement& statement) {
    auto fail = [&](std::string_view what) {
        r.fail("PREPARE " + std::string(what));
        return std::nullopt;
    };
    if (!is_alone(r, statement)) return fail("with other statements, or in an executable comment");
    const node_id source = r.at(statement.at).first_child;
    if (source == no_node || r.at(source).kind != node_kind::literal ||
        r.at(source).end != r.at(source).first + 1 || r.at(source).end != r.at(statement.at).end)
        return fail("of something else than one literal");
    const token_index literal = r.at(source).first;
    std::string_view written = r.text(literal);
    if (r.tokens()[literal].kind != token_kind::string || written.front() != '\'')
        return fail("of a literal of another kind");
    std::string text(written.substr(1, written.size() - 2));
    bool plain = halve(text, '\'') && (r.speaker.mode.no_backslash_escapes || halve(text, '\\'));
    if (!plain) return fail("of a literal that may be read in another way");
    if (!is_safe_text(text, r.speaker.mode)) return fail("of a text that may be converted");
    return text;
}

void check_execute(reading& r, const parse::statement& statement) {
    if (!is_alone(r, statement)) return r.fail("EXECUTE with other statements, or in an executable comment");
    for (node_id id = r.at(statement.at).first_child; id != no_node; id = r.at(id).next_sibling) {
        bool variable = r.at(id).kind == node_kind::user_variable && r.at(id).end == r.at(id).first + 1;
        if (!variable) return r.fail("EXECUTE with a value that is no variable");
    }
}

}  // namespace fairlead::policy::mysql::verifier
