#include "proxy/auth/crypto.h"

#include <climits>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

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

std::optional<sha256_digest> hmac_sha256(std::string_view key, std::string_view data) {
    if (key.size() > INT_MAX) return std::nullopt;
    sha256_digest digest;
    unsigned length = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(data), data.size(),
             digest.data(), &length) == nullptr ||
        length != digest.size())
        return std::nullopt;
    return digest;
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
