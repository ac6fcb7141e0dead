#pragma once

#include <string_view>

namespace fairlead::config {

/// How a user's `password` is written.
enum class PasswordFormat { plain, scram_sha_256, md5, mysql_native };

/// By its beginning, as the servers do: "SCRAM-SHA-256$..." is a verifier; "md5" and 32 hexadecimal digits is
/// PostgreSQL's hash, "*" and 40 of them MySQL's; everything else is the password itself.
PasswordFormat password_format(std::string_view password);

/// What is wrong with a SCRAM verifier ("SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY", keys of 32 bytes
/// in base64), without showing any of it; empty when nothing is, and for the other formats.
std::string_view password_format_mistake(std::string_view password);

}  // namespace fairlead::config
