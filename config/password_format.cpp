#include "config/password_format.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace fairlead::config {

namespace {

constexpr std::string_view scram_prefix = "SCRAM-SHA-256$";
constexpr std::string_view md5_prefix = "md5";
constexpr std::size_t native_hash_digits = 40;
constexpr std::size_t key_base64_length = 44;  // 32 bytes

bool is_hexadecimal(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

bool is_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return false;
    std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/';
    });
}

bool is_key(std::string_view text) {
    return text.size() == key_base64_length && text.ends_with('=') && !text.ends_with("==") &&
           is_base64(text);
}

bool is_iteration_count(std::string_view text) {
    std::uint32_t count = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    return error == std::errc() && end == text.data() + text.size() && count >= 1 && count <= 10'000'000;
}

/// Takes the text up to `mark` off the front; everything when there is no mark.
std::string_view take_until(std::string_view& text, char mark) {
    auto at = text.find(mark);
    std::string_view taken = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return taken;
}

}  // namespace

PasswordFormat password_format(std::string_view password) {
    if (password.starts_with(scram_prefix)) return PasswordFormat::scram_sha_256;
    if (password.size() == 1 + native_hash_digits && password[0] == '*' && is_hexadecimal(password.substr(1)))
        return PasswordFormat::mysql_native;
    bool md5 = password.size() == md5_prefix.size() + 32 && password.starts_with(md5_prefix) &&
               is_hexadecimal(password.substr(md5_prefix.size()));
    return md5 ? PasswordFormat::md5 : PasswordFormat::plain;
}

std::string_view password_format_mistake(std::string_view password) {
    if (password_format(password) != PasswordFormat::scram_sha_256) return {};
    std::string_view rest = password.substr(scram_prefix.size());
    if (!is_iteration_count(take_until(rest, ':')))
        return "the SCRAM verifier has no iteration count of 1 to 10000000";
    if (!is_base64(take_until(rest, '$'))) return "the salt of the SCRAM verifier is not base64";
    if (!is_key(take_until(rest, ':')))
        return "the stored key of the SCRAM verifier is not 32 bytes in base64";
    if (!is_key(rest)) return "the server key of the SCRAM verifier is not 32 bytes in base64";
    return {};
}

}  // namespace fairlead::config
