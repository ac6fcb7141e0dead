#include "dal/estate/postgres/verify_placement.h"

#include "dal/estate/postgres/assess.h"
#include "dal/estate/postgres/inventory.h"
#include "dal/estate/postgres/isolation.h"
#include "dal/estate/postgres/self_test.h"

#include <iterator>

namespace fairlead::dal::postgres {

SqlResult<Verification> verify_placement(Connection& connection, const config::Backend& backend,
                                         const config::Placement& placement,
                                         const std::vector<policy::postgres::ContextKey>& keys,
                                         const std::vector<std::string>& bridge_schemas,
                                         const std::string& config_file) {
    Verification out;
    if (placement.model == config::Model::silo) return out;
    if (placement.model == config::Model::bridge) {
        SqlResult<Inventory> role = read_role_facts(connection, backend.user);
        if (!role) return role.error();
        out.findings = assess(*role, backend, placement, bridge_schemas, config_file);
        return out;
    }
    SqlResult<Inventory> inventory = read_inventory(connection, backend.user, placement.tenant_column);
    if (!inventory) return inventory.error();
    out.catalogue = make_catalogue(*inventory, placement);
    if (placement.isolation == config::Isolation::sealed && keys.empty()) {
        out.findings.push_back({Severity::error, "placement " + placement.name, "has no signing key",
                                "set `password` of the backend, or `context_keys` of the placement"});
    }
    // The self-test's errors come first: they are what happens, the others say why.
    const std::string install =
        "fairlead policy install --config " + config_file + " --placement " + placement.name + " --as OWNER";
    SqlResult<std::vector<Finding>> tried = self_test(connection, *inventory, placement, keys, install);
    if (!tried) return tried.error();
    std::vector<Finding> read = assess(*inventory, backend, placement, bridge_schemas, config_file);
    for (auto* findings : {&*tried, &read}) {
        std::move(findings->begin(), findings->end(), std::back_inserter(out.findings));
    }
    return out;
}

}  // namespace fairlead::dal::postgres
