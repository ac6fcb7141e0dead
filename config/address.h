#pragma once

#include "common/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::config {

/// Where to listen: host and port, or a unix socket path.
struct Address {
    std::string host;  // empty for a unix socket; IPv6 without brackets
    std::uint16_t port = 0;
    std::string unix_path;  // empty for TCP

    bool is_unix() const { return !unix_path.empty(); }
    bool operator==(const Address&) const = default;
};

/// The kernel's limit for a unix socket path, without the closing NUL.
inline constexpr std::size_t longest_unix_path = 107;

/// "host:port", "[::1]:port", "*:port" (every interface: host "*"), or "unix:/path". Ports are 1 to 65535.
/// Error: what was found and what was expected.
Result<Address> parse_address(std::string_view text);

}  // namespace fairlead::config
