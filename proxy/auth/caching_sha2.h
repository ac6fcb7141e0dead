#pragma once

#include "proxy/auth/crypto.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

/// caching_sha2_password, both sides
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html).
namespace fairlead::proxy::auth {

/// What AuthMoreData carries: the server's word after the first response, and the client's wish for a key.
inline constexpr char caching_sha2_fast_ok = '\x03';
inline constexpr char caching_sha2_full = '\x04';
inline constexpr char caching_sha2_request_key = '\x02';

/// SHA256(SHA256(password)): with it the fast path can be checked.
std::optional<sha256_digest> caching_sha2_hash(std::string_view password);

/// What a client sends first: 32 bytes, none for an empty password.
std::optional<std::string> caching_sha2_response(std::string_view password, std::string_view scramble);

/// Takes the same time for right and wrong responses of 32 bytes; an empty one never matches.
bool caching_sha2_matches(const sha256_digest& hash, std::string_view scramble, std::string_view response);

/// The password under the scramble, repeated over its length: what RSA encrypts (with its NUL), and back.
std::string xor_with_scramble(std::string_view text, std::string_view scramble);

/// Hashes for the fast path of users whose stored secret cannot give one (SCRAM verifiers and the like),
/// learned when they logged in the long way. The key contains the stored secret, so a changed password finds
/// nothing. Bounded; thread-safe. One for the process, owned by the engine.
class caching_sha2_cache {
public:
    explicit caching_sha2_cache(std::size_t max_entries = 100'000) : max_entries_(max_entries) {}
    ~caching_sha2_cache();
    caching_sha2_cache(const caching_sha2_cache&) = delete;
    caching_sha2_cache& operator=(const caching_sha2_cache&) = delete;

    std::optional<sha256_digest> find(std::string_view user, std::string_view stored) const;
    void remember(std::string_view user, std::string_view stored, const sha256_digest& hash);

private:
    struct digest_hash {
        std::size_t operator()(const sha256_digest& digest) const;
    };

    mutable std::mutex mutex_;
    std::size_t max_entries_;
    std::unordered_map<sha256_digest, sha256_digest, digest_hash> entries_;
};

}  // namespace fairlead::proxy::auth
