#include "policy/mysql/guard/variable_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/variable_list.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fairlead::policy::mysql::guard {

namespace {

/// Variables by which applications' own views, triggers and functions are told the tenant.
bool stands_for_tenant(const analysis& a, std::string_view name) {
    constexpr std::array<std::string_view, 6> usual = {"tenant",     "tenant_id",     "tenantid",
                                                       "app_tenant", "app_tenant_id", "current_tenant"};
    return could_be(name, a.scope.tenant_column) ||
           std::any_of(usual.begin(), usual.end(), [&](std::string_view n) { return could_be(name, n); });
}

Previous previous_of(std::string_view name) {
    if (name == "last_insert_id" || name == "identity") return Previous::last_insert_id;
    if (name == "warning_count" || name == "error_count") return Previous::diagnostics;
    return Previous::none;
}

}  // namespace

std::string variable_name(const analysis& a, token_index token) {
    std::string_view text = a.text(token).substr(1);
    std::string out;
    if (!text.empty() && (text.front() == '`' || text.front() == '\'' || text.front() == '"')) {
        char quote = text.front();
        text = text.substr(1, text.size() - 2);
        for (std::size_t i = 0; i < text.size(); ++i) {
            out += text[i];
            if (text[i] == quote) ++i;
        }
    } else {
        out = text;
    }
    return lower_case(out);
}

void check_variable_name(analysis& a, token_index token) {
    if (a.silo()) return;
    std::string name = variable_name(a, token);
    // What a backslash or a letter beyond ASCII stands for is the server's business.
    bool clear = std::all_of(name.begin(), name.end(),
                             [](char c) { return c != '\\' && static_cast<unsigned char>(c) < 0x80; });
    if (!clear) return a.refuse(rule::unknown_syntax, "a user variable with an unusual name", token);
    if (name.starts_with("fairlead") || (a.pool() && stands_for_tenant(a, name)))
        a.refuse(rule::tenant_variable, "user variable @" + name + " is refused", token);
}

void check_variable_read(analysis& a, const node& variable) {
    std::string name = lower_case(a.name(variable.name));
    a.verdict.reads_previous = a.verdict.reads_previous | previous_of(name);
    if (!a.pool()) return;
    if (variable.has(parse::keyword_syntax))
        return a.refuse(rule::system_variable, "a variable of several parts", variable.first);
    if (find_settable(name) == nullptr && !is_readable(name))
        a.refuse(rule::system_variable,
                 "system variable " + name + " cannot be read by " + std::string(a.whom()), variable.name);
}

}  // namespace fairlead::policy::mysql::guard
