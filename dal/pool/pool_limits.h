#pragma once

#include "config/settings.h"
#include "dal/pool/backend_pool.h"

namespace fairlead::dal {

/// What a backend's settings allow its pool.
PoolLimits limits_of(const config::Backend& backend);

/// Whom a failed login concerns. `sqlstate`: the server's; empty when it did not speak. A database that does
/// not exist (3D000), or is full (53300), is the trouble of those who want it and not the backend's.
FailureScope failure_scope(std::string_view sqlstate);

}  // namespace fairlead::dal
