#pragma once

#include "common/bytes.h"

#include <optional>
#include <string>
#include <string_view>

/// PostgreSQL's md5 login: "md5" + md5(md5(password + user) + salt), everything in lower-case hexadecimal.
namespace fairlead::proxy::auth {

/// "md5" and 32 lower-case hexadecimal digits, as pg_authid holds it.
bool is_md5_secret(std::string_view secret);

/// The md5 secret of a plain password for `user`; a password that looks like a secret is still taken as a
/// password.
std::optional<std::string> make_md5_secret(std::string_view password, std::string_view user);

/// The answer to AuthenticationMD5Password: what a client sends and a server expects.
std::optional<std::string> md5_response(std::string_view md5_secret, Bytes salt);

}  // namespace fairlead::proxy::auth
