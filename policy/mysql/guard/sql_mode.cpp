#include "policy/mysql/guard/sql_mode.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/setting_value.h"
#include "policy/mysql/guard/variable_list.h"

#include <algorithm>
#include <array>

namespace fairlead::policy::mysql::guard {

namespace {

std::string upper_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; });
    return out;
}

bool changes_tokens(std::string_view mode) {
    constexpr std::array<std::string_view, 6> lexical = {
        "ANSI",         "ANSI_QUOTES",          "HIGH_NOT_PRECEDENCE",
        "IGNORE_SPACE", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT"};
    return std::find(lexical.begin(), lexical.end(), mode) != lexical.end();
}

template <typename Test>
bool all_modes(std::string_view list, Test test) {
    while (!list.empty()) {
        std::size_t comma = list.find(',');
        std::string mode = upper_case(list.substr(0, comma));
        if (!mode.empty() && !test(mode)) return false;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return true;
}

}  // namespace

bool are_allowed_modes(std::string_view list) {
    return all_modes(list, [](const std::string& mode) { return is_allowed_mode(mode); });
}

std::optional<std::string> modes_added(const analysis& a, node_id id) {
    const node& call = a.at(id);
    if (call.kind != node_kind::function_call || call.detail != 0 || !a.is_word(call.name, "concat"))
        return std::nullopt;
    node_id base = call.first_child;
    if (base == no_node || a.at(base).kind != node_kind::system_variable ||
        !same_word(a.name(a.at(base).name), "sql_mode"))
        return std::nullopt;
    std::string sql = "CONCAT(@@sql_mode";
    for (node_id part = a.at(base).next_sibling; part != no_node; part = a.at(part).next_sibling) {
        auto text = constant_of(a, part);
        bool harmless = text && text->is_string && all_modes(text->text, [](const std::string& mode) {
                            return is_allowed_mode(mode) && !changes_tokens(mode);
                        });
        if (!harmless) return std::nullopt;
        sql += ", " + text->sql;
    }
    return sql + ")";
}

}  // namespace fairlead::policy::mysql::guard
