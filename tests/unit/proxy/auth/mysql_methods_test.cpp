#include "proxy/auth/caching_sha2.h"
#include "proxy/auth/ed25519_password.h"
#include "proxy/auth/native_password.h"
#include "proxy/auth/rsa_key.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>

namespace fairlead::proxy::auth {
namespace {

constexpr std::string_view scramble = "abcdefghijklmnopqrst";

std::string hex(std::string_view bytes) {
    std::string text;
    for (char c : bytes) {
        text += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
        text += "0123456789ABCDEF"[c & 15];
    }
    return text;
}

TEST(native_password, hash_is_the_servers) {
    // SELECT PASSWORD('pencil') on MariaDB.
    EXPECT_EQ("*" + hex(text_of(*native_hash("pencil"))), "*7614BE58636C810A9D8970A50B3B2A78450413E4");
    EXPECT_EQ(parse_native_hash("*7614BE58636C810A9D8970A50B3B2A78450413E4"), native_hash("pencil"));
    EXPECT_FALSE(parse_native_hash(""));
    EXPECT_FALSE(parse_native_hash("*" + std::string(39, 'A')));
    EXPECT_FALSE(parse_native_hash("*" + std::string(39, 'A') + "G"));
    EXPECT_FALSE(parse_native_hash("+" + std::string(40, 'A')));
}

TEST(native_password, only_the_right_response_matches) {
    auto hash = *native_hash("pencil");
    std::string response = *native_response("pencil", scramble);
    ASSERT_EQ(response.size(), 20u);
    EXPECT_TRUE(native_matches(hash, scramble, response));
    EXPECT_FALSE(native_matches(hash, "abcdefghijklmnopqrsT", response));
    EXPECT_FALSE(native_matches(hash, scramble, *native_response("Pencil", scramble)));
    EXPECT_FALSE(native_matches(hash, scramble, ""));
    EXPECT_FALSE(native_matches(*native_hash(""), scramble, ""));
    EXPECT_FALSE(native_matches(hash, scramble, response.substr(1)));
    EXPECT_EQ(*native_response("", scramble), "");
}

TEST(caching_sha2, only_the_right_response_matches) {
    auto hash = *caching_sha2_hash("pencil");
    std::string response = *caching_sha2_response("pencil", scramble);
    ASSERT_EQ(response.size(), 32u);
    EXPECT_TRUE(caching_sha2_matches(hash, scramble, response));
    EXPECT_FALSE(caching_sha2_matches(hash, "abcdefghijklmnopqrsT", response));
    EXPECT_FALSE(caching_sha2_matches(hash, scramble, *caching_sha2_response("Pencil", scramble)));
    EXPECT_FALSE(caching_sha2_matches(hash, scramble, ""));
    EXPECT_EQ(*caching_sha2_response("", scramble), "");
}

TEST(caching_sha2_cache, forgets_a_changed_secret_and_is_bounded) {
    caching_sha2_cache cache(2);
    auto hash = *caching_sha2_hash("pencil");
    cache.remember("app", "stored", hash);
    EXPECT_EQ(cache.find("app", "stored"), hash);
    EXPECT_FALSE(cache.find("app", "changed"));
    EXPECT_FALSE(cache.find("other", "stored"));
    cache.remember("b", "stored", hash);
    cache.remember("c", "stored", hash);
    int kept = 0;
    for (std::string_view user : {"app", "b", "c"}) kept += cache.find(user, "stored").has_value() ? 1 : 0;
    EXPECT_EQ(kept, 2);
    EXPECT_TRUE(cache.find("c", "stored"));
}

TEST(rsa_key, what_is_encrypted_with_its_public_part_comes_back) {
    lazy_rsa_key lazy;
    auto key = lazy.get();
    ASSERT_TRUE(key);
    EXPECT_EQ(lazy.get(), key);
    EXPECT_TRUE(key->public_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    std::string mixed = xor_with_scramble(std::string("pencil\0", 7), scramble);
    auto encrypted = rsa_encrypt(key->public_pem(), mixed);
    ASSERT_TRUE(encrypted);
    EXPECT_EQ(encrypted->size(), 256u);
    auto back = key->decrypt(*encrypted);
    ASSERT_TRUE(back);
    EXPECT_EQ(xor_with_scramble(*back, scramble), std::string("pencil\0", 7));
    encrypted->back() = static_cast<char>(encrypted->back() ^ 1);
    EXPECT_FALSE(key->decrypt(*encrypted));
    EXPECT_FALSE(key->decrypt(""));
    EXPECT_FALSE(rsa_encrypt("no key", "text"));
    EXPECT_FALSE(rsa_encrypt(key->public_pem(), std::string(250, 'x')));
    EXPECT_FALSE(rsa_key::load("no key"));
    EXPECT_FALSE(rsa_key::load(key->public_pem()));
}

/// OpenSSL's own, which takes seeds of 32 bytes only.
std::string reference_signature(std::string_view seed, std::string_view message) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                     reinterpret_cast<const unsigned char*>(seed.data()), seed.size()),
        &EVP_PKEY_free);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size()),
              1);
    return signature;
}

TEST(ed25519_password, signs_as_ed25519_where_the_password_is_a_seed) {
    for (char first : {'a', 'b', 'c', 'd', 'e', 'f'}) {
        std::string seed(32, first);
        std::string message(32, static_cast<char>(first + 7));
        EXPECT_EQ(hex(ed25519_response(seed, message).value_or("")), hex(reference_signature(seed, message)));
    }
}

TEST(ed25519_password, takes_passwords_of_any_length) {
    std::string message(32, 'm');
    EXPECT_EQ(ed25519_response("secret", message)->size(), 64u);
    EXPECT_NE(*ed25519_response("secret", message), *ed25519_response("secret2", message));
    EXPECT_EQ(ed25519_response("", message)->size(), 64u);
}

}  // namespace
}  // namespace fairlead::proxy::auth
