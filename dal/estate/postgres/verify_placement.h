#pragma once

#include "config/settings.h"
#include "dal/driver/postgres/connection.h"
#include "dal/estate/finding.h"
#include "dal/estate/verification.h"
#include "policy/postgres/sealed_context.h"

#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// Whether a placement holds, asked as the app role: facts, what they mean, and a self-test that really
/// tries. Changes nothing; a second or less. Of a bridge only role and server version are looked at; a
/// silo has no findings. `bridge_schemas`: config::bridge_schemas() of this database. Error: the database
/// could not be read, which is a reason not to serve either.
SqlResult<Verification> verify_placement(Connection& connection, const config::Backend& backend,
                                         const config::Placement& placement,
                                         const std::vector<policy::postgres::ContextKey>& keys,
                                         const std::vector<std::string>& bridge_schemas,
                                         const std::string& config_file);

}  // namespace fairlead::dal::postgres
