#pragma once

#include "config/settings.h"
#include "dal/estate/finding.h"
#include "dal/estate/mysql/inventory.h"

#include <string>
#include <vector>

namespace fairlead::dal::mysql {

/// What the backend's account may do beyond its work: the filters are the proxy's, so on the server itself
/// nothing but the account's rights stands behind them. See assess().
std::vector<Finding> assess_account(const Inventory& inventory, const config::Placement& placement,
                                    const std::vector<std::string>& databases);

}  // namespace fairlead::dal::mysql
