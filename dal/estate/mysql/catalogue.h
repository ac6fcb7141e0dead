#pragma once

#include "config/settings.h"
#include "dal/estate/mysql/inventory.h"
#include "policy/catalogue.h"

namespace fairlead::dal::mysql {

/// Whether `global_tables` names it: as "table" or "database.table", by the server's rule for case.
bool is_global(const TableFacts& table, const Inventory& inventory, const config::Placement& placement);

/// What the guard must know; names as the server spells them. Equal facts give an equal epoch.
policy::CataloguePtr make_catalogue(const Inventory& inventory, const config::Placement& placement);

}  // namespace fairlead::dal::mysql
