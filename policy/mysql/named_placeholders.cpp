#include "policy/mysql/named_placeholders.h"

#include "policy/mysql/lexer.h"

namespace fairlead::policy::mysql {

named_places find_named_placeholders(std::string_view sql, const lex_mode& mode) {
    named_places found;
    const auto fail = [&](std::string_view what, std::uint32_t at) {
        found.error = what;
        found.position = at + 1;
        return found;
    };
    std::vector<token> tokens;
    if (const lex_result read = lex(sql, mode, tokens); !read)
        return fail(to_string(read.error), read.position);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const token& t = tokens[i];
        if (t.kind == token_kind::placeholder) return fail("? and :name cannot be used together", t.begin);
        if (t.kind != token_kind::punctuation || t.text_in(sql) != ":" || i + 1 == tokens.size()) continue;
        const token& name = tokens[i + 1];
        if (name.kind != token_kind::word || name.begin != t.end) continue;
        if (t.in_comment) return fail("a :name in an executable comment", t.begin);
        found.places.push_back({t.begin, name.end});
    }
    return found;
}

}  // namespace fairlead::policy::mysql
