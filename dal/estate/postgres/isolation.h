#pragma once

#include "config/settings.h"
#include "dal/estate/postgres/inventory.h"
#include "policy/catalogue.h"

namespace fairlead::dal::postgres {

/// Whether the app role cannot read or write other tenants' rows of this relation: a table with an exact
/// tenant column, row security enabled and forced, and the policy that the placement's isolation asks for.
bool is_isolated(const RelationFacts& relation, const config::Placement& placement);

/// Whether the policy is there as `policy install` makes it, so that the table need not be locked to make it
/// again.
bool has_our_policies(const RelationFacts& relation, const config::Placement& placement);

/// Whether `global_tables` names it: as "schema.name", or as "name" for a schema on the search path.
bool is_global(const RelationFacts& relation, const config::Placement& placement,
               const std::vector<std::string>& search_path);

/// What the guard must know. Equal facts give an equal epoch.
policy::CataloguePtr make_catalogue(const Inventory& inventory, const config::Placement& placement);

/// Reads the database behind `connection` (as the app role, so that the search path is the one that clients
/// get).
SqlResult<policy::CataloguePtr> load_catalogue(Connection& connection, const config::Backend& backend,
                                               const config::Placement& placement);

}  // namespace fairlead::dal::postgres
