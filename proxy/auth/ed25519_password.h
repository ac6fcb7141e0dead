#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::proxy::auth {

/// MariaDB's client_ed25519, the client's side (https://mariadb.com/kb/en/authentication-plugin-ed25519/):
/// Ed25519 (RFC 8032) with the password, of any length, where the RFC has a seed of 32 bytes. Libraries take
/// only 32, so the signature is made here, over OpenSSL's big numbers: about 4 ms, for our own logins to
/// servers. Secret scalars go through a ladder of equal steps; the arithmetic below it is not constant-time.
/// 64 bytes; nullopt: out of memory. Thread-safe.
std::optional<std::string> ed25519_response(std::string_view password, std::string_view scramble);

}  // namespace fairlead::proxy::auth
