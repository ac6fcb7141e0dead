#include "policy/mysql/guard/setting_value.h"

#include "policy/mysql/guard/names.h"

#include <algorithm>

namespace fairlead::policy::mysql::guard {

namespace {

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c >= 0x20 && c < 0x7F && c != '\'' && c != '"' && c != '\\' && c != '`';
    });
}

std::optional<constant_value> string_of(std::string_view token) {
    std::string_view text = token.substr(1, token.size() - 2);
    if (!is_plain(text)) return std::nullopt;
    return constant_value{"'" + std::string(text) + "'", std::string(text), true, false};
}

std::optional<constant_value> one_token(const analysis& a, const node& value) {
    std::string text(a.text(value.first));
    switch (a.tokens[value.first].kind) {
        case token_kind::string:
            return string_of(text);
        case token_kind::integer:
        case token_kind::decimal_number:
        case token_kind::real_number:
        case token_kind::hex_literal:
        case token_kind::bit_literal:
            return constant_value{text, text, false, false};
        case token_kind::null_escape:
            return constant_value{"NULL", "NULL", false, false};
        case token_kind::word:
            if (same_word(text, "default")) return constant_value{"DEFAULT", "DEFAULT", false, true};
            return constant_value{text, text, false, false};
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<constant_value> constant_of(const analysis& a, node_id id) {
    const node& value = a.at(id);
    bool simple = value.kind == node_kind::literal || value.kind == node_kind::default_value ||
                  value.kind == node_kind::column_reference || value.kind == node_kind::words;
    if (simple && value.end == value.first + 1) return one_token(a, value);
    if (value.kind != node_kind::unary || value.operation != parse::op::minus) return std::nullopt;
    const node& operand = a.at(value.first_child);
    if (operand.kind != node_kind::literal || operand.end != operand.first + 1) return std::nullopt;
    auto positive = one_token(a, operand);
    if (!positive || positive->is_string) return std::nullopt;
    return constant_value{"-" + positive->sql, "-" + positive->text, false, false};
}

}  // namespace fairlead::policy::mysql::guard
