#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_CTX, see hmac_sha256()
#include "proxy/auth/crypto.h"

#include <climits>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

namespace fairlead::proxy::auth {
namespace {

const unsigned char* data_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<sha256_digest> sha256(std::string_view data) {
    sha256_digest digest;
    if (SHA256(data_of(data), data.size(), digest.data()) == nullptr) return std::nullopt;
    return digest;
}

std::optional<sha1_digest> sha1(std::string_view data) {
    sha1_digest digest;
    if (SHA1(data_of(data), data.size(), digest.data()) == nullptr) return std::nullopt;
    return digest;
}

std::optional<sha512_digest> sha512(std::string_view data) {
    sha512_digest digest;
    if (SHA512(data_of(data), data.size(), digest.data()) == nullptr) return std::nullopt;
    return digest;
}

/// RFC 2104 over the deprecated SHA256_CTX: OpenSSL 3's HMAC() looks its algorithm up by name and allocates
/// each time, 16,000 instructions of which the hash is a third, and a login takes four of them.
std::optional<sha256_digest> hmac_sha256(std::string_view key, std::string_view data) {
    std::array<unsigned char, SHA256_CBLOCK> inner_pad{}, outer_pad;
    if (key.size() <= inner_pad.size()) {
        std::copy(key.begin(), key.end(), inner_pad.begin());
    } else if (SHA256(data_of(key), key.size(), inner_pad.data()) == nullptr) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < inner_pad.size(); ++i) {
        outer_pad[i] = inner_pad[i] ^ 0x5c;
        inner_pad[i] ^= 0x36;
    }
    SHA256_CTX context;
    sha256_digest digest;
    bool ok = SHA256_Init(&context) == 1 &&
              SHA256_Update(&context, inner_pad.data(), inner_pad.size()) == 1 &&
              SHA256_Update(&context, data.data(), data.size()) == 1 &&
              SHA256_Final(digest.data(), &context) == 1 && SHA256_Init(&context) == 1 &&
              SHA256_Update(&context, outer_pad.data(), outer_pad.size()) == 1 &&
              SHA256_Update(&context, digest.data(), digest.size()) == 1 &&
              SHA256_Final(digest.data(), &context) == 1;
    wipe(inner_pad.data(), inner_pad.size());
    wipe(outer_pad.data(), outer_pad.size());
    return ok ? std::optional(digest) : std::nullopt;
}

std::optional<sha256_digest> pbkdf2_sha256(std::string_view password, std::string_view salt,
                                           std::uint32_t iterations) {
    if (iterations == 0 || iterations > INT_MAX || password.size() > INT_MAX || salt.size() > INT_MAX)
        return std::nullopt;
    sha256_digest digest;
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), data_of(salt),
                          static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                          static_cast<int>(digest.size()), digest.data()) != 1)
        return std::nullopt;
    return digest;
}

std::optional<std::string> md5_hex(std::string_view data) {
    std::array<unsigned char, 16> digest;
    unsigned length = 0;
    if (EVP_Digest(data.data(), data.size(), digest.data(), &length, EVP_md5(), nullptr) != 1 ||
        length != digest.size())
        return std::nullopt;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * digest.size());
    for (unsigned char byte : digest) {
        hex.push_back(digits[byte >> 4]);
        hex.push_back(digits[byte & 15]);
    }
    return hex;
}

bool constant_time_equal(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

void wipe(void* memory, std::size_t size) {
    OPENSSL_cleanse(memory, size);
}

}  // namespace fairlead::proxy::auth
