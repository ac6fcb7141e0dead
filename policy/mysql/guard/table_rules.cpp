#include "policy/mysql/guard/table_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/with_rules.h"
#include "policy/mysql/render.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::table_reference;
using parse::table_role;

bool is_target(table_role role) {
    return role == table_role::insert_target || role == table_role::update_target ||
           role == table_role::delete_target || role == table_role::load_target;
}

/// By the server's rule for names. The catalogue of a pool placement holds one database.
const Relation* find_relation(const analysis& a, const std::string& name) {
    if (a.scope.catalogue == nullptr) return nullptr;
    const Catalogue& catalogue = *a.scope.catalogue;
    auto find = [&](std::string_view wanted) {
        const Relation* found = catalogue.find(a.speaker.database, wanted);
        return found != nullptr ? found : catalogue.find({}, wanted);
    };
    if (a.scope.lower_case_table_names == 0) return find(name);
    if (const Relation* found = find(lower_case(name))) return found;
    if (a.scope.lower_case_table_names == 1) return nullptr;
    std::string folded = lower_case(name);
    for (const Relation& relation : catalogue.relations())
        if (lower_case(relation.name) == folded) return &relation;
    return nullptr;
}

resolved_table refuse_table(analysis& a, rule why, std::string message, token_index at) {
    a.refuse(why, std::move(message), at);
    return {};
}

resolved_table shared_table(analysis& a, const table_reference& reference) {
    std::string name = a.name(reference.name);
    const Relation* relation = find_relation(a, name);
    if (relation == nullptr)
        return refuse_table(a, rule::unknown_table, "table " + name + " is not known", reference.name);
    if (relation->kind == RelationKind::view && !relation->global)
        return refuse_table(a, rule::view, "view " + name + " is refused for " + std::string(a.whom()),
                            reference.name);
    if (relation->global) {
        if (is_target(reference.role))
            return refuse_table(a, rule::global_table_write,
                                "table " + name + " is global: it can be read only", reference.name);
        return {table_class::global, relation};
    }
    if (relation->kind != RelationKind::table && relation->kind != RelationKind::partitioned_table)
        return refuse_table(a, rule::relation_kind, name + " is not a table", reference.name);
    if (!relation->has_tenant_column)
        return refuse_table(a, rule::table_not_isolated,
                            "table " + name + " has no column " + a.scope.tenant_column, reference.name);
    if (!relation->tenant_compares_exactly)
        return refuse_table(
            a, rule::tenant_collation,
            "table " + name + ": the collation of " + a.scope.tenant_column + " mixes tenants up",
            reference.name);
    // A verdict that passes may be shared: render() takes no id for tenant_number_mark that is no number.
    if (!relation->tenant_is_text && !is_tenant_number(a.speaker.tenant)) {
        a.verdict.depends_on_tenant = true;
        return refuse_table(
            a, rule::tenant_collation,
            "table " + name + ": " + a.scope.tenant_column + " is a number, and this tenant's id is none",
            reference.name);
    }
    return {table_class::tenant, relation};
}

resolved_table resolve(analysis& a, const table_reference& reference) {
    if (reference.name == no_token) return {};
    if (reference.qualifier != no_token) {
        if (!a.silo() && same_word(a.name(reference.qualifier), "information_schema"))
            return {table_class::dictionary, nullptr};
        if (!a.own_qualifier(reference.qualifier)) return {};
    } else {
        std::string name = a.name(reference.name);
        match found = find_common_table(a, reference.at, name);
        if (!a.pool()) return {found == match::yes ? table_class::common_table : table_class::own, nullptr};
        if (found == match::unsure || (found == match::yes && is_target(reference.role)))
            return refuse_table(a, rule::with_name,
                                name + " may be the table or an element of WITH: servers differ",
                                reference.name);
        if (found == match::yes) return {table_class::common_table, nullptr};
    }
    if (!a.pool()) return {table_class::own, nullptr};
    return shared_table(a, reference);
}

}  // namespace

void resolve_tables(analysis& a, node_id statement) {
    for (std::size_t i = 0; i < a.tree.tables.size() && !a.refused(); ++i) {
        const table_reference& reference = a.tree.tables[i];
        if (a.at(reference.at).first < a.at(statement).first || a.at(reference.at).end > a.at(statement).end)
            continue;
        a.touches_data = true;
        a.tables[i] = resolve(a, reference);
    }
}

const resolved_table& resolved(const analysis& a, const table_reference& reference) {
    return a.tables[static_cast<std::size_t>(&reference - a.tree.tables.data())];
}

const table_reference* find_reference(const analysis& a, node_id block, std::string_view name) {
    for (const table_reference& reference : a.tree.tables) {
        if (reference.block != block || reference.exposed() == no_token) continue;
        if (a.same_table_name(a.name(reference.exposed()), name)) return &reference;
    }
    return nullptr;
}

}  // namespace fairlead::policy::mysql::guard
