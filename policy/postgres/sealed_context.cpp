#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_CTX, see ContextSealer::State
#include "policy/postgres/sealed_context.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fairlead::policy::postgres {
namespace {

using Digest = SHA256_CTX;

constexpr int derivation_iterations = 310'000;
constexpr std::string_view derivation_label = "fairlead sealed context v1";
constexpr std::int64_t seconds_1970_to_2000 = 946'684'800;
constexpr std::size_t mac_digits = 64;
constexpr std::size_t signed_prefix = context_tenant_position - 1 - mac_digits;

/// The digits of four bytes at once, in a register: a table of digits would be one more cache line that a
/// transaction finds cold.
char* put_hex(char* out, std::uint32_t value) {
    std::uint64_t spread = value;
    spread = (spread | (spread << 16)) & 0x0000'ffff'0000'ffffU;
    spread = (spread | (spread << 8)) & 0x00ff'00ff'00ff'00ffU;
    spread = (spread | (spread << 4)) & 0x0f0f'0f0f'0f0f'0f0fU;  // a digit's value in each byte
    std::uint64_t letters = ((spread + 0x0606'0606'0606'0606U) >> 4) & 0x0101'0101'0101'0101U;
    std::uint64_t digits = spread + 0x3030'3030'3030'3030U + letters * ('a' - '0' - 10);
    digits = __builtin_bswap64(digits);  // one store instead of eight: 5 % of a transaction's instructions
    std::memcpy(out, &digits, sizeof digits);
    return out + sizeof digits;
}

char* put_hex(char* out, std::uint64_t value) {
    return put_hex(put_hex(out, static_cast<std::uint32_t>(value >> 32)), static_cast<std::uint32_t>(value));
}

char* put_hex(char* out, const std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i + 4 <= size; i += 4) {
        out = put_hex(out, static_cast<std::uint32_t>(bytes[i]) << 24 |
                               static_cast<std::uint32_t>(bytes[i + 1]) << 16 |
                               static_cast<std::uint32_t>(bytes[i + 2]) << 8 | bytes[i + 3]);
    }
    return out;
}

ContextPad padded(const std::array<std::uint8_t, 32>& secret, std::uint8_t with) {
    ContextPad pad;
    pad.fill(with);
    for (std::size_t i = 0; i < secret.size(); ++i) pad[i] ^= secret[i];
    return pad;
}

void append_part(std::string& salt, std::string_view part) {
    salt += std::to_string(part.size()) + ":";  // lengths, so that ("ab", "c") and ("a", "bc") differ
    salt += part;
}

Result<ContextKey> derive(std::string_view secret, std::string_view user, std::string_view database) {
    std::string salt;
    append_part(salt, derivation_label);
    append_part(salt, user);
    append_part(salt, database);
    ContextKey key;
    const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());
    if (PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()), salt_bytes,
                          static_cast<int>(salt.size()), derivation_iterations, EVP_sha256(),
                          static_cast<int>(key.secret.size()), key.secret.data()) != 1) {
        return Error{"deriving the context key failed", "OpenSSL refused PBKDF2-HMAC-SHA-256"};
    }
    std::uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(key.secret.data(), key.secret.size(), digest);
    key.id.resize(8);
    put_hex(key.id.data(), digest, 4);
    return key;
}

Digest begin_digest(const ContextPad& pad) {
    Digest digest;
    if (SHA256_Init(&digest) != 1 || SHA256_Update(&digest, pad.data(), pad.size()) != 1) {
        std::abort();  // nothing could ever be signed
    }
    return digest;
}

/// `out` may be `data`. On failure it gets zeros: a token that the database does not accept, so no rows.
void finish_digest(Digest digest, const void* data, std::size_t size, std::uint8_t* out) {
    if (SHA256_Update(&digest, data, size) != 1 || SHA256_Final(out, &digest) != 1)
        std::fill_n(out, SHA256_DIGEST_LENGTH, std::uint8_t{0});
}

}  // namespace

ContextPad ContextKey::inner_pad() const {
    return padded(secret, 0x36);
}
ContextPad ContextKey::outer_pad() const {
    return padded(secret, 0x5c);
}

Result<std::vector<ContextKey>> context_keys(const std::vector<std::string>& secrets,
                                             std::string_view password, std::string_view user,
                                             std::string_view database) {
    std::vector<std::string_view> sources(secrets.begin(), secrets.end());
    if (sources.empty()) sources.push_back(password);
    std::vector<ContextKey> keys;
    for (std::string_view source : sources) {
        if (source.empty()) {
            return Error{"there is nothing to derive the context key from",
                         "set `password` of the backend, or `context_keys` of the placement"};
        }
        Result<ContextKey> key = derive(source, user, database);
        if (!key) return key.error();
        keys.push_back(std::move(key).value());
    }
    return keys;
}

/// The digests after their key blocks, computed once: a token then costs two or three blocks of SHA-256. The
/// deprecated SHA256_CTX: warm it is no faster than an EVP context (190 ns a token; HMAC() takes 1,200), but
/// copying that one allocates, and goes through code that is cold at each transaction: 4 % of a transaction.
struct ContextSealer::State {
    std::string key_id;
    Digest inner;
    Digest outer;
};

ContextSealer::ContextSealer(const ContextKey& key) : state_(std::make_unique<State>()) {
    state_->key_id = key.id;
    state_->inner = begin_digest(key.inner_pad());
    state_->outer = begin_digest(key.outer_pad());
}

ContextSealer::~ContextSealer() = default;

void ContextSealer::seal(std::string& out, std::string_view tenant, std::int32_t backend_pid,
                         std::int64_t connection_tag, std::int64_t expiry_s) {
    const std::size_t start = out.size();
    out.resize(start + mac_digits + signed_prefix + tenant.size());
    char* const token = out.data() + start;
    char* const signed_part = token + mac_digits;
    const std::int64_t expiry_us = std::max<std::int64_t>(expiry_s - seconds_1970_to_2000, 0) * 1'000'000;

    char* at = signed_part;
    *at++ = '1';
    at = std::copy(state_->key_id.begin(), state_->key_id.end(), at);
    at = put_hex(at, static_cast<std::uint32_t>(backend_pid));
    at = put_hex(at, static_cast<std::uint64_t>(connection_tag));
    at = put_hex(at, static_cast<std::uint64_t>(expiry_us));
    std::copy(tenant.begin(), tenant.end(), at);

    std::uint8_t digest[SHA256_DIGEST_LENGTH] = {};
    finish_digest(state_->inner, signed_part, signed_prefix + tenant.size(), digest);
    finish_digest(state_->outer, digest, sizeof digest, digest);
    put_hex(token, digest, sizeof digest);
}

}  // namespace fairlead::policy::postgres
