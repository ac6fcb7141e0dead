#pragma once

#include "proxy/auth/crypto.h"

#include <optional>
#include <string>
#include <string_view>

/// mysql_native_password, both sides
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html).
/// The hash is as good as the password for whoever also sees one login; keep it as secret.
namespace fairlead::proxy::auth {

/// "*" and 40 hexadecimal digits, as mysql.user holds it: SHA1(SHA1(password)). nullopt: anything else.
std::optional<sha1_digest> parse_native_hash(std::string_view secret);

std::optional<sha1_digest> native_hash(std::string_view password);

/// What a client sends: 20 bytes, none for an empty password.
std::optional<std::string> native_response(std::string_view password, std::string_view scramble);

/// Takes the same time for right and wrong responses of 20 bytes; an empty one never matches.
bool native_matches(const sha1_digest& hash, std::string_view scramble, std::string_view response);

}  // namespace fairlead::proxy::auth
