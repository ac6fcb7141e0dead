#include "proxy/worker/backend_runtime.h"

#include "dal/pool/pool_limits.h"

namespace fairlead::proxy::worker {

backend_runtime::backend_runtime(unsigned number, std::shared_ptr<const config::Backend> from,
                                 std::shared_ptr<const net::tls_context> tls_settings, std::uint64_t seed)
    : index(number),
      name(from->name),
      pool(dal::limits_of(*from), seed),
      settings(std::move(from)),
      tls(std::move(tls_settings)) {}

}  // namespace fairlead::proxy::worker
