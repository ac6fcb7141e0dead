#pragma once

#include "common/result.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres {

/// One signing key of a sealed placement. `id` is public (in the token and in the key table), the rest is secret.
struct ContextKey {
    std::string id;  // 8 hexadecimal digits derived from the secret
    std::array<std::uint8_t, 32> secret;
};

/// Keys from explicit secrets (newest first), or, when there are none, one derived from the backend's password and
/// names by PBKDF2 so that several proxies agree without sharing a file. Error: no secret and no password.
Result<std::vector<ContextKey>> context_keys(const std::vector<std::string>& secrets, std::string_view password,
                                             std::string_view user, std::string_view database);

/// Makes the value of the variable `fairlead.context` for one server connection. HMAC-SHA-256 over version, key id,
/// tenant, backend pid, a per-connection nonce, and expiry; fairlead.tenant() in the database verifies it.
/// Not thread-safe (one per worker); about a microsecond per call.
class ContextSealer {
public:
    explicit ContextSealer(const ContextKey& key);
    ~ContextSealer();
    ContextSealer(const ContextSealer&) = delete;
    ContextSealer& operator=(const ContextSealer&) = delete;

    /// Appends the token to `out`. `expiry`: seconds since 1970, by the proxy's clock.
    void seal(std::string& out, std::string_view tenant, std::int32_t backend_pid, std::int64_t backend_start_us,
              std::int64_t expiry_s);

private:
    struct State;
    std::unique_ptr<State> state_;
};

inline constexpr std::string_view context_variable = "fairlead.context";

}  // namespace fairlead::policy::postgres
