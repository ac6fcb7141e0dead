#pragma once

#include "config/settings.h"
#include "policy/postgres/guard.h"

namespace fairlead::dal::postgres {

/// What the guard goes by for this placement. `catalogue`: pool placements only.
policy::postgres::GuardScope make_guard_scope(const config::Placement& placement,
                                              policy::CataloguePtr catalogue);

}  // namespace fairlead::dal::postgres
