#include "dal/pool/pool_limits.h"

namespace fairlead::dal {

PoolLimits limits_of(const config::Backend& backend) {
    return {.pool_size = backend.pool_size,
            .min_pool_size = backend.min_pool_size,
            .max_overflow = backend.max_overflow,
            .pool_timeout = backend.pool_timeout,
            .pool_recycle = backend.pool_recycle,
            .idle_timeout = backend.idle_timeout,
            .max_parallel_logins = backend.max_parallel_logins,
            .prefer_known_tenants = backend.engine == config::Engine::mysql};
}

FailureScope failure_scope(std::string_view sqlstate) {
    const bool database_only = sqlstate == "3D000" || sqlstate == "53300";
    return database_only ? FailureScope::database : FailureScope::backend;
}

}  // namespace fairlead::dal
