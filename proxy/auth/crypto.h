#pragma once

#include "common/bytes.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// The few primitives that the login methods of both engines stand on. Thread-safe, no state. A failure of
/// the crypto library (out of memory, algorithm switched off by policy) is nullopt, never a made-up digest.
namespace fairlead::proxy::auth {

inline constexpr std::size_t sha256_size = 32;
using sha256_digest = std::array<std::uint8_t, sha256_size>;

inline constexpr std::size_t sha1_size = 20;
using sha1_digest = std::array<std::uint8_t, sha1_size>;

inline constexpr std::size_t sha512_size = 64;
using sha512_digest = std::array<std::uint8_t, sha512_size>;

std::optional<sha256_digest> sha256(std::string_view data);
/// For mysql_native_password, which is made of it.
std::optional<sha1_digest> sha1(std::string_view data);
std::optional<sha512_digest> sha512(std::string_view data);
std::optional<sha256_digest> hmac_sha256(std::string_view key, std::string_view data);
/// RFC 8018 PBKDF2-HMAC-SHA-256, one block. About 0.6 us an iteration: never call it with an unchecked count.
std::optional<sha256_digest> pbkdf2_sha256(std::string_view password, std::string_view salt,
                                           std::uint32_t iterations);
/// 32 lower-case hexadecimal digits. nullopt also where md5 is forbidden (FIPS).
std::optional<std::string> md5_hex(std::string_view data);

/// Takes time that depends on the lengths only.
bool constant_time_equal(std::string_view left, std::string_view right);

/// Overwrites memory that held a secret; not optimised away.
void wipe(void* memory, std::size_t size);
inline void wipe(std::string& text) {
    wipe(text.data(), text.size());
}

template <std::size_t Size>
std::string_view text_of(const std::array<std::uint8_t, Size>& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace fairlead::proxy::auth
