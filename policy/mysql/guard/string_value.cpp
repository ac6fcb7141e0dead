#include "policy/mysql/guard/string_value.h"

namespace fairlead::policy::mysql::guard {

namespace {

/// https://mariadb.com/kb/en/string-literals/#escape-sequences
void append_escaped(std::string& out, char c) {
    switch (c) {
        case 'n':
            out += '\n';
            return;
        case 't':
            out += '\t';
            return;
        case 'r':
            out += '\r';
            return;
        case 'b':
            out += '\b';
            return;
        case '0':
            out += '\0';
            return;
        case 'Z':
            out += '\x1A';
            return;
        case '%':
        case '_':
            out += '\\';  // for LIKE
            break;
        default:
            break;
    }
    out += c;
}

}  // namespace

std::string string_value(std::string_view token, const lex_mode& mode) {
    const char quote = token.front();
    std::string_view text = token.substr(1, token.size() - 2);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool escape = text[i] == '\\' && !mode.no_backslash_escapes;
        if (!escape) out += text[i];
        if (escape || text[i] == quote) ++i;  // a quote in it is doubled
        if (escape && i < text.size()) append_escaped(out, text[i]);
    }
    return out;
}

std::string quoted_string(std::string_view value, const lex_mode& mode) {
    std::string out = "'";
    for (char c : value) {
        bool twice = c == '\'' || (c == '\\' && !mode.no_backslash_escapes);
        out.append(twice ? 2 : 1, c);
    }
    return out += '\'';
}

}  // namespace fairlead::policy::mysql::guard
