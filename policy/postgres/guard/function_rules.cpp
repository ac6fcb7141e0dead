#include "policy/postgres/guard/function_rules.h"

#include "policy/postgres/guard/expression_rules.h"
#include "policy/postgres/guard/function_list.h"
#include "policy/postgres/guard/relation_rules.h"
#include "policy/postgres/guard/setting_rules.h"
#include "policy/postgres/guard/walker.h"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

using call = PgQuery__FuncCall;

std::string shown(const qualified_name& name) {
    return (name.schema.empty() ? std::string() : std::string(name.schema) + ".") + std::string(name.name) +
           "()";
}

void refuse_call(analysis& a, rule why, const qualified_name& name, const call& function) {
    a.refuse(why, "function " + shown(name) + " is refused for " + std::string(whom(a.where)),
             function.location);
}

/// allowed_functions has "name" or "schema.name"; an unqualified call may mean the latter along the search
/// path.
bool allowed_by_operator(const analysis& a, const qualified_name& name) {
    const auto& allowed = a.scope.allowed_functions;
    auto listed = [&](std::string_view schema) {
        std::string wanted =
            schema.empty() ? std::string(name.name) : std::string(schema) + "." + std::string(name.name);
        return std::find(allowed.begin(), allowed.end(), wanted) != allowed.end();
    };
    if (listed(name.schema)) return true;
    if (!name.schema.empty()) return false;
    if (a.where == reach::own_schema) return listed(a.own_schema);
    if (!a.scope.catalogue) return false;
    const auto& path = a.scope.catalogue->search_path();
    return std::any_of(path.begin(), path.end(), [&](const std::string& schema) { return listed(schema); });
}

/// nextval('schema.sequence'): the only built-in that takes an object to change by a name in a literal.
void check_sequence_name(walker& w, const qualified_name& name, const call& function) {
    literal sequence = function.n_args > 0 ? string_literal(unwrap(function.args[0])) : literal{};
    w.a.touches_data = true;
    if (sequence.found) return check_name_literal(w.a, sequence, "sequence");
    // Which sequence a computed name means is not known; among shared tables it is anyone's all the same.
    if (w.a.where == reach::own_schema) refuse_call(w.a, rule::other_schema, name, function);
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Functions that take objects by name, in any of their arguments.
bool names_objects(std::string_view name) {
    return name.starts_with("to_reg") || name.starts_with("pg_partition_") ||
           (name.starts_with("has_") && name.ends_with("_privilege")) || name.ends_with("_is_updatable") ||
           name.ends_with("_has_property") ||
           is_one_of(name, {"pg_get_serial_sequence", "pg_get_viewdef", "pg_get_replica_identity_index",
                            "pg_sequence_parameters", "row_security_active"});
}

/// Text search functions take the name of a configuration or dictionary first, where one stands before the
/// text.
bool begins_with_name(std::string_view name, std::size_t arguments) {
    if (name == "ts_headline") return arguments >= 3;
    bool takes = name.ends_with("to_tsvector") || name.ends_with("to_tsquery") ||
                 is_one_of(name, {"ts_debug", "ts_lexize"});
    return takes && arguments >= 2;
}

/// to_regclass('other.t') and the like: names of other tenants' schemas. The argument's type makes a name of
/// a text, without any cast to be seen.
void check_name_argument(walker& w, const qualified_name& name, const call& function) {
    if (w.a.where != reach::own_schema) return;
    std::size_t names = names_objects(name.name)                       ? function.n_args
                        : begins_with_name(name.name, function.n_args) ? 1
                                                                       : 0;
    for (std::size_t i = 0; i < names; ++i)
        if (literal object = string_literal(unwrap(function.args[i])); object.found)
            check_name_literal(w.a, object, "object");
}

rule rule_for(function_family family) {
    switch (family) {
        case function_family::advisory_transaction:
        case function_family::advisory:
            return rule::advisory_lock;
        case function_family::text_search_rewrite:
        case function_family::dynamic_sql:
            return rule::dynamic_sql;
        case function_family::server_file:
            return rule::server_file;
        case function_family::large_object:
            return rule::large_object;
        case function_family::sleep:
            return rule::sleep;
        case function_family::signal:
            return rule::server_control;
        case function_family::replication:
            return rule::replication;
        case function_family::activity:
            return rule::catalogue_activity;
        case function_family::snapshot:
            return rule::snapshot;
        case function_family::sequence_state:
            return rule::sequence_state;
        case function_family::random_seed:
            return rule::session_state;
        case function_family::size:
            return rule::size_function;
        case function_family::notify:
            return rule::notification;
        default:
            return rule::internal_function;
    }
}

/// Functions that tenants with a schema of their own may call although those of shared tables may not.
bool own_schema_may_call(const analysis& a, function_family family, std::string_view name) {
    if (a.where != reach::own_schema) return false;
    if (family == function_family::sleep) return true;
    if (family != function_family::sequence_state || name == "pg_sequence_last_value") return false;
    return name == "setval" || a.scope.session_pooling;
}

/// SELECT f() and nothing else: it is certain to be called, and not in front of another call.
bool is_whole_statement(const analysis& a, const qualified_name& name, const call& function) {
    if (function.location < 0) return false;
    std::size_t first = a.first_token(static_cast<std::uint32_t>(function.location));
    if (first == 0 || !a.is_word(first - 1, "select")) return false;
    if (first > 1 && a.token_text(first - 2) != ";") return false;
    std::size_t end = first + (name.schema.empty() ? 1 : 3);
    bool empty = a.token_text(end) == "(" && a.token_text(end + 1) == ")";
    return empty && (end + 2 >= a.tokens.size() || a.token_text(end + 2) == ";");
}

void check_strict(walker& w, function_family family, const qualified_name& name, const call& function) {
    switch (family) {
        case function_family::allowed:
            return check_name_argument(w, name, function);
        case function_family::sequence:
            return check_sequence_name(w, name, function);
        case function_family::session_setting:
            return check_setting_function(w, function);
        case function_family::advisory_unlock_all:
            if (is_whole_statement(w.a, name, function)) w.a.end_pins(Pin::advisory_lock);
            return;
        case function_family::text_search_rewrite:
            if (function.n_args == 3) return;
            break;
        default:
            break;
    }
    if (!own_schema_may_call(w.a, family, name.name))
        return refuse_call(w.a, rule_for(family), name, function);
    if (name.name == "setval") check_sequence_name(w, name, function);
}

/// Own database or server: the traits, and what reaches beyond the own database on a shared server.
void check_lenient(walker& w, function_family family, const qualified_name& name, const call& function) {
    switch (family) {
        case function_family::advisory:
            return w.a.pin(Pin::advisory_lock);
        case function_family::advisory_unlock_all:
            if (is_whole_statement(w.a, name, function)) w.a.end_pins(Pin::advisory_lock);
            return;
        case function_family::random_seed:
            return w.a.pin(Pin::setting);
        case function_family::session_setting:
            return check_setting_function(w, function);
        case function_family::text_search_rewrite:
            if (function.n_args == 3) return;
            [[fallthrough]];
        case function_family::dynamic_sql:
        case function_family::server_file:
        case function_family::activity:
        case function_family::signal:
        case function_family::replication:
            if (w.a.where == reach::own_database) refuse_call(w.a, rule_for(family), name, function);
            return;
        default:
            return;
    }
}

void check_call(walker& w, const qualified_name& name, const call& function) {
    analysis& a = w.a;
    if (name.schema == "fairlead")
        return a.refuse(rule::fairlead_schema, "function " + shown(name) + " is out of reach for clients",
                        function.location);
    bool may_be_built_in = name.schema.empty() || name.schema == "pg_catalog";
    auto family = may_be_built_in ? find_built_in(name.name) : std::nullopt;
    if (!a.strict()) {
        if (family) check_lenient(w, *family, name, function);
        return;
    }
    // Settings are judged by their names even if somebody lists set_config among the functions.
    if (family != function_family::session_setting && allowed_by_operator(a, name)) {
        a.touches_data = true;
        return;
    }
    if (family) return check_strict(w, *family, name, function);
    // A helper of the information schema that JDBC drivers call to read keys.
    if (name.schema == "information_schema" && name.name == "_pg_expandarray") return;
    bool own = a.where == reach::own_schema &&
               (name.schema == a.own_schema || (name.schema.empty() && !looks_built_in(name.name)));
    if (!own) return refuse_call(a, rule::unknown_function, name, function);
    a.touches_data = true;
}

}  // namespace

void check_attribute_call(walker& w, std::string_view name, int location) {
    call function = PG_QUERY__FUNC_CALL__INIT;
    function.location = location;
    check_call(w, {{}, name}, function);
}

void on_function_call(walker& w, const tree_node& node) {
    const auto& function = reinterpret_cast<const call&>(node);
    check_call(w, qualified(function.funcname, function.n_funcname), function);
    w.children(node);
}

}  // namespace fairlead::policy::postgres::guard
