#include "policy/postgres/quote.h"

namespace fairlead::policy::postgres {
namespace {

void append_doubled(std::string& out, std::string_view text, std::string_view doubled) {
    for (char c : text) {
        if (doubled.find(c) != std::string_view::npos) out += c;
        out += c;
    }
}

}  // namespace

std::string quote_identifier(std::string_view name) {
    std::string out = "\"";
    append_doubled(out, name, "\"");
    return out + '"';
}

std::string quote_qualified(std::string_view schema, std::string_view name) {
    return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string quote_literal(std::string_view text) {
    const bool escapes = text.find('\\') != std::string_view::npos;
    std::string out = escapes ? " E'" : "'";  // the blank keeps E from joining a word before it
    append_doubled(out, text, escapes ? "'\\" : "'");
    return out + "'";
}

}  // namespace fairlead::policy::postgres
