#pragma once

#include "config/settings.h"
#include "dal/estate/postgres/finding.h"
#include "dal/estate/postgres/inventory.h"

#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// What the facts of a pool placement's database mean for isolation. Pure; errors first.
/// `config_file` only goes into the commands that remedies name.
std::vector<Finding> assess(const Inventory& inventory, const config::Backend& backend,
                            const config::Placement& placement, const std::string& config_file);

}  // namespace fairlead::dal::postgres
