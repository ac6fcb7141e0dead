#pragma once

#include "config/settings.h"
#include "dal/estate/mysql/server_facts.h"
#include "policy/mysql/guard.h"

namespace fairlead::dal::mysql {

/// What the guard goes by for this placement on this server. `catalogue`: pool placements only.
policy::mysql::GuardScope make_guard_scope(const config::Placement& placement, const ServerFacts& server,
                                           policy::CataloguePtr catalogue);

}  // namespace fairlead::dal::mysql
