#include "policy/mysql/parse/parser.h"

#include "policy/mysql/parse/keywords.h"
#include "policy/mysql/parse/reader.h"

namespace fairlead::policy::mysql::parse {

parse_result parser::parse(std::string_view sql, const lex_mode& mode, std::span<const token> tokens,
                           tree& into, const parse_limits& limits) {
    into.clear();
    if (tokens.size() > limits.max_tokens) {
        return {.error = parse_error::too_many_tokens, .token = limits.max_tokens, .expected = {}};
    }
    classify(sql, tokens, symbols_);
    reader one(sql, mode, tokens, symbols_, into, limits);
    return one.text();
}

std::string identifier(std::string_view sql, const token& token) {
    const std::string_view text = token.text_in(sql);
    if (token.kind != token_kind::quoted_identifier) return std::string(text);
    std::string name;
    name.reserve(text.size());
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        name.push_back(text[i]);
        if (text[i] == text.front()) ++i;  // two quotes stand for one
    }
    return name;
}

std::string_view to_string(parse_error error) {
    switch (error) {
        case parse_error::none:
            return "";
        case parse_error::syntax:
            return "syntax error";
        case parse_error::not_supported:
            return "not supported";
        case parse_error::ambiguous:
            return "ambiguous";
        case parse_error::too_deep:
            return "nested too deeply";
        case parse_error::too_many_nodes:
        case parse_error::too_many_tokens:
            return "too long";
    }
    return "";
}

}  // namespace fairlead::policy::mysql::parse
