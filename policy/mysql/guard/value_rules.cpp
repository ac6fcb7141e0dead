#include "policy/mysql/guard/value_rules.h"

#include "policy/mysql/guard/names.h"

#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

enum class constant : std::uint8_t { own, foreign, computed };

/// A string without escapes and doubled quotes, a number, NULL and the like. Anything else counts as
/// computed: the server will compare it.
constant constant_of(analysis& a, node_id value) {
    const node& literal = a.at(value);
    if (literal.kind != node_kind::literal) return constant::computed;
    if (literal.end != literal.first + 1) return constant::computed;
    std::string_view text = a.text(literal.first);
    switch (a.tokens[literal.first].kind) {
        case token_kind::string: {
            char quote = text.front();
            text = text.substr(1, text.size() - 2);
            if (text.find(quote) != std::string_view::npos) return constant::computed;
            if (!a.speaker.mode.no_backslash_escapes && text.find('\\') != std::string_view::npos)
                return constant::computed;
            break;
        }
        case token_kind::integer:
        case token_kind::word:  // NULL, TRUE
        case token_kind::null_escape:
            break;
        default:
            return constant::computed;
    }
    a.examine(literal.first);
    a.verdict.depends_on_tenant = true;
    bool is_value = a.tokens[literal.first].kind == token_kind::string ||
                    a.tokens[literal.first].kind == token_kind::integer;
    return is_value && text == a.speaker.tenant ? constant::own : constant::foreign;
}

}  // namespace

bool is_tenant_column(const analysis& a, std::string_view name) {
    return could_be(name, a.scope.tenant_column);
}

bool is_own_tenant(analysis& a, node_id value) {
    return constant_of(a, value) == constant::own;
}

std::string own_tenant(const Relation& relation) {
    return std::string(1, tenant_mark_for(relation.tenant_is_text));
}

void force_tenant_value(analysis& a, const Relation& relation, node_id value, bool ignore) {
    const node& expression = a.at(value);
    const std::string own = own_tenant(relation);
    if (expression.kind == node_kind::default_value)
        return a.edits.replace(expression.first, expression.end, own);
    switch (constant_of(a, value)) {
        case constant::own:
            return;
        case constant::foreign:
            return a.refuse(rule::tenant_value,
                            a.scope.tenant_column + " is given the value of another tenant",
                            expression.first);
        case constant::computed:
            break;
    }
    if (ignore)
        return a.refuse(rule::tenant_value,
                        "INSERT IGNORE: the value for " + a.scope.tenant_column + " is not a constant",
                        expression.first);
    // Two rows where one is expected are an error in every mode, and only when this branch is taken.
    a.edits.around(expression.first, expression.end, "IF((",
                   ") = " + own + ", " + own + ", (SELECT 1 UNION SELECT 2))");
}

}  // namespace fairlead::policy::mysql::guard
