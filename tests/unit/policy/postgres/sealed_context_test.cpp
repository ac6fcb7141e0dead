#include "policy/postgres/sealed_context.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>
#include <string>

namespace fairlead::policy::postgres {
namespace {

ContextKey test_key(std::uint8_t fill) {
    ContextKey key{"0a1b2c3d", {}};
    key.secret.fill(fill);
    return key;
}

std::string hex(const unsigned char* bytes, std::size_t size) {
    std::string out;
    char buffer[3];
    for (std::size_t i = 0; i < size; ++i) {
        std::snprintf(buffer, sizeof buffer, "%02x", bytes[i]);
        out += buffer;
    }
    return out;
}

std::string plain_hmac(const ContextKey& key, std::string_view text) {
    unsigned char digest[32];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.secret.data(), static_cast<int>(key.secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
    return hex(digest, size);
}

std::string sealed(const ContextKey& key, std::string_view tenant, std::int32_t pid = 4711,
                   std::int64_t tag = 99, std::int64_t expiry_s = 946'684'801) {
    ContextSealer sealer(key);
    std::string token;
    sealer.seal(token, tenant, pid, tag, expiry_s);
    return token;
}

TEST(ContextSealer, FieldsStandAtTheDeclaredOffsets) {
    const std::string token = sealed(test_key(7), "acme");
    EXPECT_EQ(token.substr(64),
              "1"
              "0a1b2c3d"
              "00001267"
              "0000000000000063"
              "00000000000f4240"
              "acme");
    EXPECT_EQ(token.substr(context_tenant_position - 1), "acme");
}

TEST(ContextSealer, MacIsTheOrdinaryHmacForEveryLengthAcrossBlockBoundaries) {
    const ContextKey key = test_key(0xa5);
    for (std::size_t size = 0; size < 200; ++size) {
        const std::string token = sealed(key, std::string(size, 'x'));
        ASSERT_EQ(token.substr(0, 64), plain_hmac(key, token.substr(64))) << size;
    }
}

TEST(ContextSealer, EveryFieldAndTheKeyChangeTheMac) {
    const std::string base = sealed(test_key(7), "acme").substr(0, 64);
    EXPECT_NE(base, sealed(test_key(8), "acme").substr(0, 64));
    EXPECT_NE(base, sealed(test_key(7), "acmf").substr(0, 64));
    EXPECT_NE(base, sealed(test_key(7), "acme", 4712).substr(0, 64));
    EXPECT_NE(base, sealed(test_key(7), "acme", 4711, 100).substr(0, 64));
    EXPECT_NE(base, sealed(test_key(7), "acme", 4711, 99, 946'684'802).substr(0, 64));
}

TEST(ContextSealer, AppendsAndCanBeUsedAgain) {
    ContextSealer sealer(test_key(7));
    std::string out = "before ";
    sealer.seal(out, "acme", 1, 2, 946'684'801);
    const std::string first = out.substr(7);
    std::string again;
    sealer.seal(again, "globex", 1, 2, 946'684'801);
    again.clear();
    sealer.seal(again, "acme", 1, 2, 946'684'801);
    EXPECT_EQ(out.substr(0, 7), "before ");
    EXPECT_EQ(first, again);
}

TEST(ContextSealer, NegativeTagAndPastExpiryKeepTheLayout) {
    const std::string token = sealed(test_key(7), "acme", 1, -1, 0);
    EXPECT_EQ(token.substr(81, 32),
              "ffffffffffffffff"
              "0000000000000000");
}

TEST(ContextKeys, AreTheSameForEqualNamesAndDifferOtherwise) {
    const auto key = context_keys({}, "secret", "app", "shop");
    ASSERT_TRUE(key.ok());
    ASSERT_EQ(key->size(), 1u);
    EXPECT_EQ((*key)[0].secret, (*context_keys({}, "secret", "app", "shop"))[0].secret);
    EXPECT_NE((*key)[0].secret, (*context_keys({}, "secret", "app", "shop2"))[0].secret);
    EXPECT_NE((*key)[0].secret, (*context_keys({}, "secret", "apps", "hop"))[0].secret);
    EXPECT_NE((*key)[0].secret, (*context_keys({}, "Secret", "app", "shop"))[0].secret);
}

TEST(ContextKeys, IdIsTheStartOfTheSecretsDigest) {
    const auto keys = context_keys({"one"}, "", "app", "shop");
    ASSERT_TRUE(keys.ok());
    unsigned char digest[32];
    unsigned size = 0;
    EVP_Digest((*keys)[0].secret.data(), 32, digest, &size, EVP_sha256(), nullptr);
    EXPECT_EQ((*keys)[0].id, hex(digest, 4));
}

TEST(ContextKeys, KeepTheirOrderAndIgnoreThePasswordWhenSecretsAreGiven) {
    const auto keys = context_keys({"new", "old"}, "password", "app", "shop");
    ASSERT_TRUE(keys.ok());
    ASSERT_EQ(keys->size(), 2u);
    EXPECT_EQ((*keys)[0].id, (*context_keys({"new"}, "", "app", "shop"))[0].id);
    EXPECT_EQ((*keys)[1].id, (*context_keys({"old"}, "", "app", "shop"))[0].id);
}

TEST(ContextKeys, RefusesToDeriveFromNothing) {
    EXPECT_FALSE(context_keys({}, "", "app", "shop").ok());
    EXPECT_FALSE(context_keys({"good", ""}, "password", "app", "shop").ok());
}

TEST(ConnectionTag, ExpressionIsTheQueryWithoutSelect) {
    EXPECT_EQ("SELECT " + std::string(connection_tag_expression), connection_tag_query);
    EXPECT_EQ(connection_tag_expression.front(), '(');
}

}  // namespace
}  // namespace fairlead::policy::postgres
