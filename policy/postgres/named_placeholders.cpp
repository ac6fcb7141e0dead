#include "policy/postgres/named_placeholders.h"

#include "policy/postgres/lexer.h"

#include <algorithm>
#include <vector>

namespace fairlead::policy::postgres {

namespace {

/// The brackets around a place. In those that make an array (ARRAY[...] and what is nested in it) a colon is
/// no bound of a slice.
class open_brackets {
public:
    void open(std::string_view sql, const std::vector<token>& tokens, std::size_t at) {
        makes_array_.push_back(at > 0 && (is_array_word(sql, tokens, at - 1) || nests(sql, tokens[at - 1])));
    }
    void close() {
        if (!makes_array_.empty()) makes_array_.pop_back();
    }
    bool may_be_a_slice() const { return !makes_array_.empty() && !makes_array_.back(); }

private:
    bool nests(std::string_view sql, const token& before) const {
        const std::string_view text = before.text_in(sql);
        return !makes_array_.empty() && makes_array_.back() && (text == "[" || text == ",");
    }
    /// Behind a dot it is the name of a column.
    static bool is_array_word(std::string_view sql, const std::vector<token>& tokens, std::size_t at) {
        constexpr std::string_view array = "array";
        const std::string_view text = tokens[at].text_in(sql);
        const bool same = std::equal(text.begin(), text.end(), array.begin(), array.end(),
                                     [](char a, char b) { return (a | 0x20) == b; });
        return same && tokens[at].kind == token_kind::word && (at == 0 || tokens[at - 1].text_in(sql) != ".");
    }

    std::vector<bool> makes_array_;
};

}  // namespace

named_places find_named_placeholders(std::string_view sql) {
    named_places found;
    const auto fail = [&](std::string_view what, std::uint32_t at) {
        found.error = what;
        found.position = at + 1;
        return found;
    };
    std::vector<token> tokens;
    if (const lex_result read = lex(sql, tokens); !read) return fail(to_string(read.error), read.position);
    open_brackets brackets;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const token& t = tokens[i];
        if (t.kind == token_kind::parameter) return fail("$n and :name cannot be used together", t.begin);
        if (t.kind != token_kind::punctuation) continue;
        const char c = sql[t.begin];
        if (c == '[') brackets.open(sql, tokens, i);
        if (c == ']') brackets.close();
        const bool names = c == ':' && i + 1 < tokens.size() && tokens[i + 1].kind == token_kind::word &&
                           tokens[i + 1].begin == t.end;
        if (!names) continue;
        if (brackets.may_be_a_slice())
            return fail("a :name in brackets may be the bound of an array slice", t.begin);
        found.places.push_back({t.begin, tokens[i + 1].end});
    }
    return found;
}

}  // namespace fairlead::policy::postgres
