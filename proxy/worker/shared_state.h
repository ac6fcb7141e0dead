#pragma once

#include "common/log.h"
#include "config/snapshot.h"
#include "proxy/auth/caching_sha2.h"
#include "proxy/auth/credential_store.h"
#include "proxy/auth/rsa_key.h"
#include "proxy/auth/scram_key_cache.h"
#include "proxy/session/prepared.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::worker {

class worker;

/// Counts the client connections of each tenant over all workers; holds only tenants that have some.
/// Thread-safe.
class tenant_gate {
public:
    /// False: the tenant has `limit` connections already (0: no limit). True must be paired with leave().
    bool enter(std::string_view tenant, std::uint32_t limit);
    void leave(std::string_view tenant);

private:
    std::mutex mutex_;
    config::NameMap<std::uint32_t> connections_;
};

/// What the workers of one engine share besides the backends. Everything in it is thread-safe or constant.
struct shared_state {
    explicit shared_state(Logger& logger);
    ~shared_state();  // where a worker's type is complete

    Logger& log;
    auth::scram_key_cache scram_keys;
    auth::lazy_rsa_key rsa_key;            // MySQL: passwords without TLS
    auth::caching_sha2_cache sha2_hashes;  // MySQL: of users whose stored secret gives none
    statement_registry statements;
    tenant_gate tenants;
    std::atomic<std::uint32_t> client_count{0};
    std::atomic<std::uint32_t> logging_in_count{0};
    std::atomic<bool> draining{false};
    std::vector<std::unique_ptr<worker>> workers;  // constant once they run
};

}  // namespace fairlead::proxy::worker
