#pragma once

#include "config/settings.h"
#include "dal/driver/postgres/connection.h"
#include "dal/estate/postgres/inventory.h"
#include "policy/postgres/policy_ddl.h"

#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// `installing`: leaves out what is right already, and what the connected role may not do. `printing`:
/// everything, for whoever will run it.
enum class PlanFor { installing, printing };

/// What has to be done to the database for this placement, from what it holds. Error, when installing: a
/// tenant table that the connected role may not alter.
Result<policy::postgres::PolicyPlan> make_policy_plan(const Inventory& inventory,
                                                      const config::Backend& backend,
                                                      const config::Placement& placement, PlanFor purpose);

/// The plan that needs no database: names only, no tables.
policy::postgres::PolicyPlan make_policy_plan(const config::Backend& backend,
                                              const config::Placement& placement);

struct InstallReport {
    std::vector<std::string> tables;         // "schema.name" of every tenant table
    std::vector<std::string> for_superuser;  // statements that the installing role may not run
    std::vector<std::string> notices;        // warnings of the server
};

/// Runs the DDL in one transaction, as the role of `connection` (which then owns the schema fairlead).
/// Idempotent; tables that are already right are not locked. Keys that are not in `keys` stop being accepted.
SqlResult<InstallReport> install_policy(Connection& connection, const config::Backend& backend,
                                        const config::Placement& placement,
                                        const std::vector<policy::postgres::ContextKey>& keys);

}  // namespace fairlead::dal::postgres
