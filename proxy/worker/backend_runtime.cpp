#include "proxy/worker/backend_runtime.h"

namespace fairlead::proxy::worker {

backend_runtime::backend_runtime(unsigned number, std::shared_ptr<const config::Backend> from,
                                 std::shared_ptr<const net::tls_context> tls_settings, std::uint64_t seed)
    : index(number),
      name(from->name),
      pool(limits_of(*from), seed),
      settings(std::move(from)),
      tls(std::move(tls_settings)) {}

dal::PoolLimits backend_runtime::limits_of(const config::Backend& backend) {
    return {.pool_size = backend.pool_size,
            .min_pool_size = backend.min_pool_size,
            .max_overflow = backend.max_overflow,
            .pool_timeout = backend.pool_timeout,
            .pool_recycle = backend.pool_recycle,
            .idle_timeout = backend.idle_timeout,
            .max_parallel_logins = backend.max_parallel_logins};
}

}  // namespace fairlead::proxy::worker
