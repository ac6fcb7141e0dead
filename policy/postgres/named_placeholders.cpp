#include "policy/postgres/named_placeholders.h"

#include "policy/postgres/lexer.h"

namespace fairlead::policy::postgres {

named_places find_named_placeholders(std::string_view sql) {
    named_places found;
    const auto fail = [&](std::string_view what, std::uint32_t at) {
        found.error = what;
        found.position = at + 1;
        return found;
    };
    std::vector<token> tokens;
    if (const lex_result read = lex(sql, tokens); !read) return fail(to_string(read.error), read.position);
    int brackets = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const token& t = tokens[i];
        if (t.kind == token_kind::parameter) return fail("$n and :name cannot be used together", t.begin);
        if (t.kind != token_kind::punctuation) continue;
        const char c = sql[t.begin];
        brackets += c == '[' ? 1 : c == ']' ? -1 : 0;
        const bool names = c == ':' && i + 1 < tokens.size() && tokens[i + 1].kind == token_kind::word &&
                           tokens[i + 1].begin == t.end;
        if (!names) continue;
        if (brackets > 0) return fail("a :name in brackets may be the bound of an array slice", t.begin);
        found.places.push_back({t.begin, tokens[i + 1].end});
    }
    return found;
}

}  // namespace fairlead::policy::postgres
