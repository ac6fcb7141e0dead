#pragma once

#include "config/settings.h"
#include "policy/catalogue.h"
#include "proxy/session/postgres/placement_scope.h"

#include <memory>

namespace fairlead::proxy::worker {

/// What sessions of a PostgreSQL placement go by. `catalogue`: pool placements only.
std::shared_ptr<const postgres::placement_scope> make_placement_scope(const config::Placement& placement,
                                                                      policy::CataloguePtr catalogue);

}  // namespace fairlead::proxy::worker
