#include "dal/estate/mysql/catalogue.h"

#include "dal/estate/catalogue_epoch.h"
#include "policy/mysql/guard/names.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

policy::Relation relation_of(const TableFacts& facts, const Inventory& inventory,
                             const config::Placement& placement) {
    policy::Relation relation;
    relation.schema = inventory.database;
    relation.name = facts.name;
    relation.kind = facts.kind;
    relation.has_tenant_column = facts.tenant_column.has_value();
    relation.global = is_global(facts, inventory, placement);
    relation.security_invoker = facts.kind == policy::RelationKind::view && !facts.definer_rights;
    relation.columns = facts.columns;
    for (const KeyFacts& key : facts.keys) {
        if (key.unique && !key.holds_tenant) relation.unique_keys_without_tenant.push_back(key.name);
    }
    if (facts.tenant_column) {
        relation.tenant_is_text = !is_integer(*facts.tenant_column);
        relation.tenant_compares_exactly = compares_exactly(*facts.tenant_column);
    }
    relation.temporal = facts.temporal;
    relation.has_triggers = !facts.triggers.empty();
    relation.hidden_columns = facts.hidden_columns;
    relation.generated_columns = facts.generated_columns;
    return relation;
}

}  // namespace

bool is_global(const TableFacts& table, const Inventory& inventory, const config::Placement& placement) {
    const auto folded = [&](const std::string& name) {
        return inventory.server.lower_case_table_names == 0 ? name : policy::mysql::guard::lower_case(name);
    };
    const std::string name = folded(table.name);
    const std::string qualified = folded(inventory.database) + "." + name;
    return std::any_of(
        placement.global_tables.begin(), placement.global_tables.end(),
        [&](const std::string& named) { return folded(named) == name || folded(named) == qualified; });
}

policy::CataloguePtr make_catalogue(const Inventory& inventory, const config::Placement& placement) {
    std::vector<policy::Relation> relations;
    relations.reserve(inventory.tables.size());
    for (const TableFacts& facts : inventory.tables) {
        relations.push_back(relation_of(facts, inventory, placement));
    }
    std::vector<std::string> path{inventory.database};
    const std::uint64_t epoch = catalogue_epoch(relations, path);
    return std::make_shared<const policy::Catalogue>(std::move(relations), std::move(path), epoch);
}

}  // namespace fairlead::dal::mysql
