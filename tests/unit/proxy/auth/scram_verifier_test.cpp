#include "proxy/auth/scram_verifier.h"

#include "proxy/auth/base64.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::auth {
namespace {

// Made with another implementation (Python hashlib): password "pencil", salt 00 01 .. 0f.
constexpr std::string_view pencil =
    "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/5Y=:"
    "dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE=";

TEST(scram_verifier, is_written_as_it_was_read) {
    auto verifier = parse_scram_verifier(pencil);
    ASSERT_TRUE(verifier);
    EXPECT_EQ(verifier->iterations, 4096u);
    EXPECT_EQ(verifier->salt.size(), 16u);
    EXPECT_EQ(to_string(*verifier), pencil);
}

TEST(scram_verifier, derived_from_a_password_equals_the_one_made_elsewhere) {
    auto parsed = parse_scram_verifier(pencil);
    ASSERT_TRUE(parsed);
    auto derived = derive_scram_verifier("pencil", parsed->salt, 4096);
    ASSERT_TRUE(derived);
    EXPECT_EQ(to_string(*derived), pencil);
}

TEST(scram_verifier, agrees_with_the_exchange_of_rfc_7677) {
    auto verifier = derive_scram_verifier("pencil", *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    ASSERT_TRUE(verifier);
    constexpr std::string_view auth_message =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    auto signature = hmac_sha256(text_of(verifier->server_key), auth_message);
    ASSERT_TRUE(signature);
    EXPECT_EQ(base64_encode(text_of(*signature)), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");

    auto keys = derive_scram_keys("pencil", verifier->salt, 4096);
    auto client_signature = hmac_sha256(text_of(verifier->stored_key), auth_message);
    ASSERT_TRUE(keys && client_signature);
    sha256_digest proof;
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = keys->client_key[i] ^ (*client_signature)[i];
    EXPECT_EQ(base64_encode(text_of(proof)), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
}

TEST(scram_verifier, malformed_in_any_field_is_none) {
    const std::string good(pencil);
    auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = good;
        return changed.replace(changed.find(from), from.size(), to);
    };
    ASSERT_TRUE(parse_scram_verifier(good));
    EXPECT_FALSE(parse_scram_verifier(""));
    EXPECT_FALSE(parse_scram_verifier("pencil"));
    EXPECT_FALSE(parse_scram_verifier("SCRAM-SHA-256$"));
    EXPECT_FALSE(parse_scram_verifier("SCRAM-SHA-256$4096"));
    EXPECT_FALSE(parse_scram_verifier(with("4096", "0")));
    EXPECT_FALSE(parse_scram_verifier(with("4096", "-1")));
    EXPECT_FALSE(parse_scram_verifier(with("4096", "")));
    EXPECT_FALSE(parse_scram_verifier(with("4096", "4096x")));
    EXPECT_FALSE(parse_scram_verifier(with("4096", "99999999999")));
    EXPECT_FALSE(parse_scram_verifier(with("AAECAwQFBgcICQoLDA0ODw==", "")));
    EXPECT_FALSE(parse_scram_verifier(with("AAECAwQFBgcICQoLDA0ODw==", "AAEC!wQFBgcICQoLDA0ODw==")));
    EXPECT_FALSE(parse_scram_verifier(with("d/5Y=", "d/5Y")));
    EXPECT_FALSE(parse_scram_verifier(with("zHCd", "")));
    EXPECT_FALSE(parse_scram_verifier(good + "AAAA"));
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_scram_verifier(good.substr(0, size)));
}

TEST(scram_verifier, any_salt_size_goes) {
    for (std::size_t size : {1u, 12u, 28u, 300u}) {
        auto verifier = derive_scram_verifier("p", std::string(size, 'x'), 1);
        ASSERT_TRUE(verifier);
        auto parsed = parse_scram_verifier(to_string(*verifier));
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->salt.size(), size);
    }
}

TEST(scram_verifier, checks_a_clear_text_password) {
    auto verifier = parse_scram_verifier(pencil);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verify_password(*verifier, "pencil"));
    EXPECT_FALSE(verify_password(*verifier, "Pencil"));
    EXPECT_FALSE(verify_password(*verifier, ""));
}

TEST(mock_scram_verifier, is_the_same_for_a_name_and_another_for_another) {
    auto first = mock_scram_verifier("secret", "mallory", 4096, 16);
    auto again = mock_scram_verifier("secret", "mallory", 4096, 16);
    auto other = mock_scram_verifier("secret", "mallor", 4096, 16);
    auto elsewhere = mock_scram_verifier("other secret", "mallory", 4096, 16);
    ASSERT_TRUE(first && again && other && elsewhere);
    EXPECT_EQ(to_string(*first), to_string(*again));
    EXPECT_NE(first->salt, other->salt);
    EXPECT_NE(first->salt, elsewhere->salt);
    EXPECT_EQ(mock_scram_verifier("secret", "mallory", 4096, 100)->salt.size(), 100u);
}

}  // namespace
}  // namespace fairlead::proxy::auth
