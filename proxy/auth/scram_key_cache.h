#pragma once

#include "proxy/auth/scram_verifier.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace fairlead::proxy::auth {

/// Keys for our logins to servers, by password, salt and iteration count: the derivation costs milliseconds
/// and its result is the same until somebody changes the password. Passwords are not kept, only their hash.
/// Bounded; thread-safe (two threads that miss together both derive). One for the process, owned by the
/// engine.
class scram_key_cache {
public:
    explicit scram_key_cache(std::size_t max_entries = 1024) : max_entries_(max_entries) {}
    ~scram_key_cache();
    scram_key_cache(const scram_key_cache&) = delete;
    scram_key_cache& operator=(const scram_key_cache&) = delete;

    /// From memory, or derived now. The caller has bounded `iterations`.
    std::optional<scram_keys> keys(std::string_view password, std::string_view salt,
                                   std::uint32_t iterations);

    std::size_t size() const;

private:
    struct digest_hash {
        std::size_t operator()(const sha256_digest& digest) const;
    };

    mutable std::mutex mutex_;
    std::size_t max_entries_;
    std::unordered_map<sha256_digest, scram_keys, digest_hash> entries_;
};

}  // namespace fairlead::proxy::auth
