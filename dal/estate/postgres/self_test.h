#pragma once

#include "config/settings.h"
#include "dal/driver/postgres/connection.h"
#include "dal/estate/finding.h"
#include "dal/estate/postgres/inventory.h"
#include "policy/postgres/sealed_context.h"

#include <vector>

namespace fairlead::dal::postgres {

/// The tenant that the self-test signs for; it owns nothing.
inline constexpr std::string_view canary_tenant = "fairlead-canary";

/// Asks the database as the app role would: without context there is no tenant and no row; a false, expired
/// or foreign token names nobody; the proxy's own token names its tenant. An answer that differs is an error
/// finding. Changes nothing. `keys`: newest first; empty for isolation guc, where only the rows are asked
/// for. Fails when the database did not answer: the connection broke, the server stops, is overloaded, or a
/// table stays locked. That tells nothing about the placement.
SqlResult<std::vector<Finding>> self_test(Connection& connection, const Inventory& inventory,
                                          const config::Placement& placement,
                                          const std::vector<policy::postgres::ContextKey>& keys,
                                          const std::string& install_command);

}  // namespace fairlead::dal::postgres
