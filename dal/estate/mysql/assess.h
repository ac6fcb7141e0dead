#pragma once

#include "config/settings.h"
#include "dal/estate/finding.h"
#include "dal/estate/mysql/inventory.h"

#include <string>
#include <vector>

namespace fairlead::dal::mysql {

/// What the facts mean for isolation. Pure; errors first. `databases`: config::databases_of() the backend,
/// since one account serves all its placements. Of a bridge only server and account are looked at.
std::vector<Finding> assess(const Inventory& inventory, const config::Backend& backend,
                            const config::Placement& placement, const std::vector<std::string>& databases);

/// The grants that a placement needs, as statements for an administrator.
std::vector<std::string> recommended_grants(const config::Backend& backend,
                                            const config::Placement& placement);

}  // namespace fairlead::dal::mysql
