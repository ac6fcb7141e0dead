#include "policy/postgres/guard/expression_rules.h"

#include "policy/postgres/guard/relation_rules.h"
#include "policy/postgres/guard/walker.h"

#include <string>
#include <vector>

namespace fairlead::policy::postgres::guard {

namespace {

void check_type(walker& w, const PgQuery__TypeName& type) {
    std::string_view schema = qualified(type.names, type.n_names).schema;
    if (type.pct_type != 0)
        return w.a.refuse(rule::unknown_syntax, "%TYPE is refused for " + std::string(whom(w.a.where)),
                          type.location);
    if (w.a.strict() && !known_schema(w.a, schema))
        w.a.refuse(rule::unknown_type, "type of schema \"" + std::string(schema) + "\" is not known",
                   type.location);
}

void check_collation(walker& w, PgQuery__Node* const* name, std::size_t count, int location) {
    std::string_view schema = qualified(name, count).schema;
    if (w.a.strict() && !known_schema(w.a, schema))
        w.a.refuse(rule::unknown_type, "collation of schema \"" + std::string(schema) + "\" is not known",
                   location);
}

void check_operator_class(walker& w, PgQuery__Node* const* name, std::size_t count) {
    std::string_view schema = qualified(name, count).schema;
    if (w.a.strict() && !known_schema(w.a, schema))
        w.a.refuse(rule::unknown_operator,
                   "operator class of schema \"" + std::string(schema) + "\" is not known");
}

}  // namespace

void check_operator(walker& w, PgQuery__Node* const* name, std::size_t count, int location) {
    std::string_view schema = qualified(name, count).schema;
    if (!w.a.strict() || schema.empty() || schema == "pg_catalog" || schema == w.a.own_schema) return;
    w.a.refuse(rule::unknown_operator, "operator of schema \"" + std::string(schema) + "\" is refused",
               location);
}

void on_expression(walker& w, const tree_node& node) {
    const auto& expression = reinterpret_cast<const PgQuery__AExpr&>(node);
    check_operator(w, expression.name, expression.n_name, expression.location);
    w.children(node);
}

void on_type_name(walker& w, const tree_node& node) {
    check_type(w, reinterpret_cast<const PgQuery__TypeName&>(node));
    w.children(node);
}

void on_type_cast(walker& w, const tree_node& node) {
    const auto& cast = reinterpret_cast<const PgQuery__TypeCast&>(node);
    // 'other.table'::regclass: what such a name shows is the same for all tenants of shared tables, but not
    // between tenants with a schema each.
    if (w.a.where == reach::own_schema && cast.type_name != nullptr &&
        qualified(cast.type_name->names, cast.type_name->n_names).name.starts_with("reg"))
        if (literal name = string_literal(unwrap(cast.arg)); name.found)
            check_name_literal(w.a, name, "object");
    w.children(node);
}

void on_collate(walker& w, const tree_node& node) {
    const auto& clause = reinterpret_cast<const PgQuery__CollateClause&>(node);
    check_collation(w, clause.collname, clause.n_collname, clause.location);
    w.children(node);
}

void on_index_element(walker& w, const tree_node& node) {
    const auto& element = reinterpret_cast<const PgQuery__IndexElem&>(node);
    check_collation(w, element.collation, element.n_collation, -1);
    check_operator_class(w, element.opclass, element.n_opclass);
    w.children(node);
}

void on_partition_element(walker& w, const tree_node& node) {
    const auto& element = reinterpret_cast<const PgQuery__PartitionElem&>(node);
    check_collation(w, element.collation, element.n_collation, element.location);
    check_operator_class(w, element.opclass, element.n_opclass);
    w.children(node);
}

void on_constraint(walker& w, const tree_node& node) {
    const auto& constraint = reinterpret_cast<const PgQuery__Constraint&>(node);
    // EXCLUDE (element WITH operator, ...): pairs, the operator's name as a list.
    for (std::size_t i = 0; i < constraint.n_exclusions; ++i) {
        auto* pair = as<PgQuery__List>(unwrap(constraint.exclusions[i]), pg_query__list__descriptor);
        if (pair == nullptr || pair->n_items < 2) continue;
        if (auto* name = as<PgQuery__List>(unwrap(pair->items[1]), pg_query__list__descriptor))
            check_operator(w, name->items, name->n_items, constraint.location);
    }
    w.children(node);
}

void on_sort(walker& w, const tree_node& node) {
    const auto& sort = reinterpret_cast<const PgQuery__SortBy&>(node);
    check_operator(w, sort.use_op, sort.n_use_op, sort.location);
    w.children(node);
}

void on_table_sample(walker& w, const tree_node& node) {
    const auto& sample = reinterpret_cast<const PgQuery__RangeTableSample&>(node);
    qualified_name method = qualified(sample.method, sample.n_method);
    bool built_in = (method.schema.empty() || method.schema == "pg_catalog") &&
                    (method.name == "bernoulli" || method.name == "system");
    if (w.a.strict() && !built_in)
        w.a.refuse(rule::unknown_function, "sampling method \"" + std::string(method.name) + "\" is refused",
                   sample.location);
    w.children(node);
}

namespace {

/// The cast leaves the text as it is; varchar(3) or bytea would not.
bool keeps_text(const PgQuery__TypeName* type) {
    if (type == nullptr || type->n_typmods != 0 || type->n_array_bounds != 0) return false;
    qualified_name name = qualified(type->names, type->n_names);
    return (name.schema.empty() || name.schema == "pg_catalog") &&
           (name.name == "text" || name.name == "varchar" || name.name == "regclass");
}

}  // namespace

literal string_literal(const tree_node* node) {
    while (auto* cast = as<PgQuery__TypeCast>(node, pg_query__type_cast__descriptor)) {
        if (!keeps_text(cast->type_name)) return {};
        node = unwrap(cast->arg);
    }
    auto* constant = as<PgQuery__AConst>(node, pg_query__a__const__descriptor);
    if (constant == nullptr || constant->val_case != PG_QUERY__A__CONST__VAL_SVAL) return {};
    return {text(constant->sval->sval), constant->location, true};
}

name_in_literal schema_of_literal(std::string_view literal) {
    // A signature's arguments ('f(other.type)') end the name; quoted parts may hold anything.
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        char c = literal[i];
        if (quoted) {
            if (c != '"')
                parts.back() += c;
            else if (i + 1 < literal.size() && literal[i + 1] == '"')
                parts.back() += literal[++i];
            else
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '.') {
            parts.emplace_back();
        } else if (c == '(') {
            break;
        } else if (c != ' ') {
            parts.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
    }
    if (quoted || parts.size() > 3) return {"", false};
    return {parts.size() > 1 ? parts[parts.size() - 2] : std::string(), true};
}

void check_name_literal(analysis& a, const literal& name, std::string_view what) {
    a.examine(name.location);
    name_in_literal parsed = schema_of_literal(name.value);
    if (!parsed.ok || parsed.schema == "fairlead" || !known_schema(a, parsed.schema))
        a.refuse(rule::other_schema, std::string(what) + " '" + std::string(name.value) + "' is out of reach",
                 name.location);
}

}  // namespace fairlead::policy::postgres::guard
