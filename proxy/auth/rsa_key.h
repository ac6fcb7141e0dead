#pragma once

#include "common/result.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

/// RSA with OAEP and SHA-1, as caching_sha2_password without TLS uses it.
namespace fairlead::proxy::auth {

/// A key pair of ours. Immutable; thread-safe.
class rsa_key {
public:
    /// 2048 bits. Takes some 100 ms: not on a worker's thread if it can be helped.
    static Result<std::shared_ptr<const rsa_key>> generate();
    /// A private key in PEM, unencrypted; at least 2048 bits.
    static Result<std::shared_ptr<const rsa_key>> load(std::string_view pem);

    ~rsa_key();
    rsa_key(const rsa_key&) = delete;
    rsa_key& operator=(const rsa_key&) = delete;

    const std::string& public_pem() const { return public_pem_; }
    /// About 0.6 ms. nullopt: not made with our public key.
    std::optional<std::string> decrypt(std::string_view encrypted) const;

private:
    explicit rsa_key(evp_pkey_st* key) : key_(key) {}
    static Result<std::shared_ptr<const rsa_key>> adopt(evp_pkey_st* key);

    evp_pkey_st* key_;
    std::string public_pem_;
};

/// The one key of the process, made when first asked for.
/// Thread-safe: others that ask meanwhile wait.
class lazy_rsa_key {
public:
    /// `given`: from the configuration; null: make one.
    explicit lazy_rsa_key(std::shared_ptr<const rsa_key> given = nullptr) : key_(std::move(given)) {}

    /// Null: it could not be made.
    std::shared_ptr<const rsa_key> get();

private:
    std::mutex mutex_;
    std::shared_ptr<const rsa_key> key_;
};

/// As a client, with the key in PEM that a server sent. nullopt: no RSA key, or too small for the text.
std::optional<std::string> rsa_encrypt(std::string_view public_pem, std::string_view text);

}  // namespace fairlead::proxy::auth
