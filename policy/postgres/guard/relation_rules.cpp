#include "policy/postgres/guard/relation_rules.h"

#include "policy/postgres/guard/catalogue_rules.h"
#include "policy/postgres/guard/walker.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

std::string display_name(const PgQuery__RangeVar& reference) {
    std::string name;
    if (!text(reference.schemaname).empty()) name = std::string(text(reference.schemaname)) + ".";
    return name + std::string(text(reference.relname));
}

bool is_temporary(const PgQuery__RangeVar& reference) {
    return text(reference.relpersistence) == "t" || text(reference.schemaname).starts_with("pg_temp");
}

std::string_view words_for(RelationKind kind) {
    switch (kind) {
        case RelationKind::materialized_view:
            return "materialized view";
        case RelationKind::sequence:
            return "sequence";
        case RelationKind::foreign_table:
            return "foreign table";
        case RelationKind::view:
            return "view";
        default:
            return "table";
    }
}

void check_table(analysis& a, const Relation& relation, const PgQuery__RangeVar& reference, access wanted) {
    std::string name = display_name(reference);
    int location = reference.location;
    bool writes = wanted != access::read;
    switch (relation.kind) {
        case RelationKind::materialized_view:
        case RelationKind::foreign_table:
        case RelationKind::sequence:
            return a.refuse(rule::relation_kind,
                            std::string(words_for(relation.kind)) + " \"" + name + "\" is refused for " +
                                std::string(whom(a.where)),
                            location);
        case RelationKind::view:
            if (!relation.security_invoker)
                return a.refuse(rule::view_not_invoker, "view \"" + name + "\" runs with its owner's rights",
                                location);
            if (writes) return a.refuse(rule::view_write, "view \"" + name + "\" can only be read", location);
            return;
        case RelationKind::table:
        case RelationKind::partitioned_table:
            break;
    }
    if (relation.isolated) return;
    if (!relation.global)
        return a.refuse(rule::table_not_isolated,
                        "table \"" + name + "\" is neither isolated by a row policy nor a global table",
                        location);
    if (writes)
        a.refuse(rule::global_table_write,
                 wanted == access::lock ? "rows of global table \"" + name + "\" cannot be locked by a tenant"
                                        : "global table \"" + name + "\" cannot be written by a tenant",
                 location);
}

const Relation* find_table(analysis& a, const PgQuery__RangeVar& reference, access wanted) {
    const Relation* relation =
        a.scope.catalogue ? a.scope.catalogue->find(text(reference.schemaname), text(reference.relname))
                          : nullptr;
    if (relation == nullptr) {
        a.refuse(rule::unknown_table, "relation \"" + display_name(reference) + "\" does not exist",
                 reference.location);
        return nullptr;
    }
    check_table(a, *relation, reference, wanted);
    return a.refused() ? nullptr : relation;
}

/// Reaches beyond shared tables: what must not be touched although the tenant owns the rest.
void check_own(analysis& a, const PgQuery__RangeVar& reference) {
    if (is_temporary(reference)) return a.pin(Pin::temporary_object);
    if (a.where != reach::own_schema) return;
    std::string_view schema = text(reference.schemaname);
    if (!schema.empty() && schema != a.own_schema)
        a.refuse(rule::other_schema, "schema \"" + std::string(schema) + "\" is out of reach for this tenant",
                 reference.location);
}

}  // namespace

bool known_schema(const analysis& a, std::string_view schema) {
    if (schema.empty() || schema == "pg_catalog" || schema == "information_schema") return true;
    if (a.where == reach::own_schema) return schema == a.own_schema;
    if (!a.strict()) return true;
    if (schema == "fairlead" || !a.scope.catalogue) return false;
    const auto& path = a.scope.catalogue->search_path();
    const auto& relations = a.scope.catalogue->relations();
    return std::find(path.begin(), path.end(), schema) != path.end() ||
           std::any_of(relations.begin(), relations.end(),
                       [&](const Relation& r) { return r.schema == schema; });
}

const Relation* check_relation(walker& w, const PgQuery__RangeVar& reference, access wanted) {
    analysis& a = w.a;
    std::string_view schema = text(reference.schemaname);
    std::string_view name = text(reference.relname);
    column_facts::source source;
    source.name = reference.alias != nullptr ? text(reference.alias->aliasname) : name;
    source.columns = alias_columns(reference.alias);
    if (schema == "fairlead") {
        a.refuse(rule::fairlead_schema, "schema \"fairlead\" is out of reach for clients",
                 reference.location);
        return nullptr;
    }
    if (a.pool() && is_temporary(reference)) {
        a.refuse(rule::temporary_object, "temporary tables are refused for " + std::string(whom(a.where)),
                 reference.location);
        return nullptr;
    }
    // The target of a write never is a common table expression; everything else may be.
    if (schema.empty() && wanted == access::read && w.is_cte(name)) {
        w.facts.sources.push_back(source);
        return nullptr;
    }
    if (is_catalogue(schema, name)) {
        source.statistics = check_catalogue(a, reference, wanted);
        // psql's \d names the roles of a table's policies; judged at the end of the statement.
        if (name == "pg_roles" && a.strict() && wanted == access::read)
            w.facts.roles_location = reference.location;
        if (name == "pg_policy") w.facts.reads_policies = true;
        if (source.statistics) {
            w.facts.statistics = true;
            w.facts.statistics_location = reference.location;
        }
        w.facts.sources.push_back(source);
        return nullptr;
    }
    a.touches_data = true;
    if (a.pool())
        source.relation = find_table(a, reference, wanted);
    else
        check_own(a, reference);
    w.facts.sources.push_back(source);
    return source.relation;
}

void on_range_variable(walker& w, const tree_node& node) {
    check_relation(w, reinterpret_cast<const PgQuery__RangeVar&>(node), access::read);
}

}  // namespace fairlead::policy::postgres::guard
