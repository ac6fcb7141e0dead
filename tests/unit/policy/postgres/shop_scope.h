#pragma once

#include "policy/postgres/guard.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The shop that the isolation statements are about, as a guard scope for each model.
namespace fairlead::policy::postgres::testing {

inline Relation relation(std::string name, std::vector<std::string> columns, bool isolated) {
    Relation made;
    made.schema = "public";
    made.name = std::move(name);
    made.columns = std::move(columns);
    made.has_tenant_column = made.isolated = isolated;
    return made;
}

inline CataloguePtr shop_catalogue() {
    std::vector<Relation> relations = {
        relation("customers", {"tenant_id", "id", "name", "email"}, true),
        relation("orders", {"tenant_id", "id", "customer_id", "total", "note"}, true),
        relation("order_items", {"tenant_id", "order_id", "sku", "qty"}, true),
        relation("coupons", {"id", "tenant_id", "code"}, true),
        relation("plans", {"id", "name"}, false),
        relation("forgotten", {"id", "secret"}, false),
        relation("v_all_orders", {"tenant_id", "id", "note"}, false),
        relation("v_own_orders", {"tenant_id", "id", "note"}, false),
        relation("m_totals", {"total"}, false),
        relation("f_remote", {"id"}, false),
        relation("orders_id_seq", {}, false),
        relation("part", {"tenant_id", "id"}, true),
        relation("part_globex", {"tenant_id", "id"}, false),
        relation("Odd \"name\"", {"tenant_id", "id"}, true),
    };
    auto named = [&](std::string_view name) -> Relation& {
        for (Relation& r : relations)
            if (r.name == name) return r;
        std::abort();
    };
    named("coupons").unique_keys_without_tenant = {"coupons_pkey", "coupons_code_key"};
    named("plans").global = true;
    named("v_all_orders").kind = RelationKind::view;
    named("v_own_orders").kind = RelationKind::view;
    named("v_own_orders").security_invoker = true;
    named("m_totals").kind = RelationKind::materialized_view;
    named("f_remote").kind = RelationKind::foreign_table;
    named("orders_id_seq").kind = RelationKind::sequence;
    named("part").kind = RelationKind::partitioned_table;
    Relation archived = relation("archived", {"tenant_id", "id"}, true);
    archived.schema = "archive";
    relations.push_back(archived);
    return std::make_shared<Catalogue>(std::move(relations), std::vector<std::string>{"public"}, 1);
}

inline GuardScope pool_scope() {
    GuardScope scope;
    scope.tenant_column = "tenant_id";
    scope.catalogue = shop_catalogue();
    return scope;
}

inline GuardScope scope_of(config::Model model, bool by_schema = false) {
    GuardScope scope;
    scope.model = model;
    scope.isolation = config::Isolation::none;
    scope.bridge_by_schema = by_schema;
    return scope;
}

/// A statement and the rule that refuses it; an empty rule: it passes.
struct verdict_case {
    const char* sql;
    const char* rule;
};

/// "" or the rule, to be compared with verdict_case::rule; the statement is printed on failure by the
/// caller's trace.
inline std::string rule_of(const GuardScope& scope, std::string_view sql, std::string_view own_schema = "") {
    Verdict verdict = analyse(scope, own_schema, sql, nullptr);
    return verdict.refused ? verdict.refusal.rule : std::string();
}

}  // namespace fairlead::policy::postgres::testing
