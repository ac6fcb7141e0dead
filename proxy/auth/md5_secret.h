#pragma once

#include "common/bytes.h"

#include <optional>
#include <string>
#include <string_view>

/// PostgreSQL's md5 login: "md5" + md5(md5(password + user) + salt), everything in lower-case hexadecimal.
namespace fairlead::proxy::auth {

/// "md5" and 32 lower-case hexadecimal digits, as pg_authid holds it.
bool is_md5_secret(std::string_view secret);

/// `secret` as it is when it is an md5 secret already, else the md5 secret of that password for `user`.
std::optional<std::string> make_md5_secret(std::string_view secret, std::string_view user);

/// The answer to AuthenticationMD5Password: what a client sends and a server expects.
std::optional<std::string> md5_response(std::string_view md5_secret, Bytes salt);

}  // namespace fairlead::proxy::auth
