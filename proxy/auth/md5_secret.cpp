#include "proxy/auth/md5_secret.h"

#include "proxy/auth/crypto.h"

namespace fairlead::proxy::auth {
namespace {

constexpr std::string_view prefix = "md5";

std::optional<std::string> prefixed_md5(std::string text) {
    std::optional<std::string> hex = md5_hex(text);
    wipe(text);
    if (!hex) return std::nullopt;
    return hex->insert(0, prefix);
}

}  // namespace

bool is_md5_secret(std::string_view secret) {
    return secret.size() == prefix.size() + 32 && secret.starts_with(prefix) &&
           secret.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

std::optional<std::string> make_md5_secret(std::string_view password, std::string_view user) {
    return prefixed_md5(std::string(password).append(user));
}

std::optional<std::string> md5_response(std::string_view md5_secret, Bytes salt) {
    if (!is_md5_secret(md5_secret)) return std::nullopt;
    return prefixed_md5(std::string(md5_secret.substr(prefix.size())).append(fairlead::as_text(salt)));
}

}  // namespace fairlead::proxy::auth
