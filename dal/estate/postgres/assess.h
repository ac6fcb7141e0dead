#pragma once

#include "config/settings.h"
#include "dal/estate/finding.h"
#include "dal/estate/postgres/inventory.h"

#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// What the facts of a placement's database mean for isolation; of a bridge only server version and role,
/// since its tenants have no tables in common. Pure; errors first. `bridge_schemas`: patterns of schemas that
/// belong to bridge tenants of the same database; their tables have no row policies and are out of reach of
/// pool tenants by the guard, which lets them name isolated and global tables only. `config_file` only goes
/// into the commands that remedies name.
std::vector<Finding> assess(const Inventory& inventory, const config::Backend& backend,
                            const config::Placement& placement,
                            const std::vector<std::string>& bridge_schemas, const std::string& config_file);

}  // namespace fairlead::dal::postgres
