#include "proxy/auth/native_password.h"

namespace fairlead::proxy::auth {
namespace {

std::optional<std::uint8_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    return std::nullopt;
}

/// The one-time pad over SHA1(password): only who knows its hash can take it off.
std::optional<sha1_digest> pad(const sha1_digest& hash, std::string_view scramble) {
    return sha1(std::string(scramble).append(text_of(hash)));
}

}  // namespace

std::optional<sha1_digest> parse_native_hash(std::string_view secret) {
    sha1_digest hash;
    if (secret.size() != 1 + 2 * hash.size() || secret[0] != '*') return std::nullopt;
    for (std::size_t i = 0; i < hash.size(); ++i) {
        std::optional<std::uint8_t> high = hex_digit(secret[1 + 2 * i]);
        std::optional<std::uint8_t> low = hex_digit(secret[2 + 2 * i]);
        if (!high || !low) return std::nullopt;
        hash[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    }
    return hash;
}

std::optional<sha1_digest> native_hash(std::string_view password) {
    auto once = sha1(password);
    return once ? sha1(text_of(*once)) : std::nullopt;
}

std::optional<std::string> native_response(std::string_view password, std::string_view scramble) {
    if (password.empty()) return std::string();
    auto once = sha1(password);
    auto hash = once ? sha1(text_of(*once)) : std::nullopt;
    auto mask = hash ? pad(*hash, scramble) : std::nullopt;
    if (!mask) return std::nullopt;
    for (std::size_t i = 0; i < mask->size(); ++i) (*mask)[i] ^= (*once)[i];
    wipe(once->data(), once->size());
    return std::string(text_of(*mask));
}

bool native_matches(const sha1_digest& hash, std::string_view scramble, std::string_view response) {
    auto mask = pad(hash, scramble);
    if (!mask || response.size() != mask->size()) return false;
    for (std::size_t i = 0; i < mask->size(); ++i) (*mask)[i] ^= static_cast<std::uint8_t>(response[i]);
    auto claimed = sha1(text_of(*mask));
    return claimed && constant_time_equal(text_of(*claimed), text_of(hash));
}

}  // namespace fairlead::proxy::auth
