#include "dal/estate/postgres/isolation.h"

#include "dal/estate/catalogue_epoch.h"
#include "policy/postgres/policy_ddl.h"
#include "policy/postgres/quote.h"

#include <algorithm>
#include <string_view>

namespace fairlead::dal::postgres {
namespace {

namespace ddl = policy::postgres;
using config::Isolation;

bool covers_everything(const PolicyFacts& policy) {
    return policy.all_commands && policy.to_public;
}

bool is_sealed_policy(const PolicyFacts& policy, const TenantColumnFacts& column) {
    const auto expected = ddl::shown_policy_expression(column.shown_name, column.type);
    return expected && !policy.permissive && covers_everything(policy) &&
           policy.using_expression == expected &&
           (!policy.check_expression || policy.check_expression == expected);
}

bool mentions(const std::optional<std::string>& expression, const std::string& call) {
    return expression && expression->find(call) != std::string::npos;
}

bool reads_variable(const PolicyFacts& policy, const std::string& variable) {
    const std::string call = "current_setting(" + ddl::quote_literal(variable) + "::text";
    if (!policy.using_expression && !policy.check_expression) return false;
    return (!policy.using_expression || mentions(policy.using_expression, call)) &&
           (!policy.check_expression || mentions(policy.check_expression, call));
}

/// Either one restrictive policy holds for all, or every permissive one reads the variable (as policies
/// written by hand usually do).
bool guc_policies_hold(const RelationFacts& relation, const std::string& variable) {
    bool any = false;
    bool all_permissive_read_it = true;
    for (const PolicyFacts& policy : relation.policies) {
        const bool reads = reads_variable(policy, variable);
        if (!policy.permissive && covers_everything(policy) && reads) return true;
        if (policy.permissive) {
            any = true;
            all_permissive_read_it = all_permissive_read_it && reads;
        }
    }
    return any && all_permissive_read_it;
}

bool is_table(const RelationFacts& relation) {
    return relation.kind == policy::RelationKind::table ||
           relation.kind == policy::RelationKind::partitioned_table;
}

}  // namespace

bool is_isolated(const RelationFacts& relation, const config::Placement& placement) {
    if (!is_table(relation) || !relation.tenant_column || !relation.row_security || !relation.forced)
        return false;
    if (!relation.tenant_column->exact_collation) return false;
    if (placement.isolation == Isolation::guc) return guc_policies_hold(relation, placement.context_variable);
    if (placement.isolation != Isolation::sealed) return false;
    return std::any_of(relation.policies.begin(), relation.policies.end(), [&](const PolicyFacts& policy) {
        return is_sealed_policy(policy, *relation.tenant_column);
    });
}

bool has_our_policies(const RelationFacts& relation, const config::Placement& placement) {
    if (placement.isolation != Isolation::sealed || !is_isolated(relation, placement)) return false;
    bool open = false;
    bool own = false;
    for (const PolicyFacts& policy : relation.policies) {
        open = open || (policy.name == ddl::permissive_policy && policy.permissive &&
                        covers_everything(policy) && policy.using_expression == "true");
        own = own ||
              (policy.name == ddl::restrictive_policy && is_sealed_policy(policy, *relation.tenant_column));
    }
    return open && own;
}

bool is_global(const RelationFacts& relation, const config::Placement& placement,
               const std::vector<std::string>& search_path) {
    const bool on_path =
        std::find(search_path.begin(), search_path.end(), relation.schema) != search_path.end();
    return std::any_of(
        placement.global_tables.begin(), placement.global_tables.end(), [&](const std::string& named) {
            return named == relation.schema + "." + relation.name || (on_path && named == relation.name);
        });
}

policy::CataloguePtr make_catalogue(const Inventory& inventory, const config::Placement& placement) {
    std::vector<policy::Relation> relations;
    const auto& path = inventory.search_path;
    for (const RelationFacts& facts : inventory.relations) {
        // What the role cannot touch is still listed on the search path: it decides which table a bare name
        // means.
        if (!facts.reachable && std::find(path.begin(), path.end(), facts.schema) == path.end()) continue;
        policy::Relation& relation = relations.emplace_back();
        relation.schema = facts.schema;
        relation.name = facts.name;
        relation.kind = facts.kind;
        relation.has_tenant_column = facts.tenant_column.has_value();
        relation.isolated = is_isolated(facts, placement);
        relation.global = is_global(facts, placement, path);
        relation.security_invoker = facts.security_invoker;
        relation.columns = facts.columns;
        relation.unique_keys_without_tenant = facts.unique_keys_without_tenant;
    }
    const std::uint64_t epoch = catalogue_epoch(relations, path);
    return std::make_shared<const policy::Catalogue>(std::move(relations), path, epoch);
}

SqlResult<policy::CataloguePtr> load_catalogue(Connection& connection, const config::Backend& backend,
                                               const config::Placement& placement) {
    SqlResult<Inventory> inventory = read_inventory(connection, backend.user, placement.tenant_column);
    if (!inventory) return inventory.error();
    return make_catalogue(*inventory, placement);
}

}  // namespace fairlead::dal::postgres
