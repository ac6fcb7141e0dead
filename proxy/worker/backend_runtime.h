#pragma once

#include "config/settings.h"
#include "dal/pool/backend_pool.h"
#include "proxy/auth/scram_key_cache.h"
#include "proxy/net/socket.h"
#include "proxy/net/tls_context.h"
#include "proxy/session/postgres/server_session.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::worker {

using baseline_ptr = std::shared_ptr<const postgres::parameter_list>;

/// One backend, shared by all workers: its one budget, its address, what its servers report. `mutex` guards
/// everything that is not const or atomic; it is held for the time of a pool call and never across I/O.
struct backend_runtime {
    backend_runtime(unsigned number, std::shared_ptr<const config::Backend> from,
                    std::shared_ptr<const net::tls_context> tls_settings, std::uint64_t seed);

    const unsigned index;  // position among all backends the process has ever had; part of connection keys
    const std::string name;

    std::mutex mutex;
    dal::BackendPool pool;
    std::shared_ptr<const config::Backend> settings;
    std::shared_ptr<const net::tls_context> tls;  // null: TLS is off

    // Name look-up, kept for dns_ttl.
    std::vector<net::endpoint> addresses;
    dal::TimePoint addresses_expire{};
    std::size_t next_address = 0;

    /// What a fresh connection to a database reports; clients are greeted with it before they have a link.
    std::unordered_map<std::string, baseline_ptr> baselines;
};

}  // namespace fairlead::proxy::worker
