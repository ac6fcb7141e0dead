#include "proxy/auth/scram_client.h"

#include "proxy/auth/scram_server.h"
#include "unit/proxy/fixed_random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fairlead::proxy::auth {
namespace {

using test::ones;
using test::twos;

constexpr std::string_view challenge =
    "r=AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB,s=AAECAwQFBgcICQoLDA0ODw==,i=4096";

scram_client::parameters pencil(scram_key_cache* keys = nullptr) {
    return {.password = "pencil", .end_point_hash = {}, .plus = false, .keys = keys, .random = &twos};
}

TEST(scram_client, agrees_with_another_implementation) {
    scram_client client(pencil());
    EXPECT_EQ(client.mechanism(), "SCRAM-SHA-256");
    EXPECT_EQ(client.first().value(), "n,,n=,r=AgICAgICAgICAgICAgICAgIC");
    EXPECT_EQ(client.respond(challenge).value(),
              "c=biws,r=AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB,"
              "p=GYTngnXvBG2nDhm258x++rbV1asDHM5KaHxPyXcNa9Q=");
    EXPECT_TRUE(client.verify("v=byI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=").ok());
}

TEST(scram_client, with_plus_agrees_with_another_implementation) {
    scram_client client({.password = "pencil",
                         .end_point_hash = std::string(32, '\xab'),
                         .plus = true,
                         .keys = nullptr,
                         .random = &twos});
    EXPECT_EQ(client.mechanism(), "SCRAM-SHA-256-PLUS");
    EXPECT_EQ(client.first().value(), "p=tls-server-end-point,,n=,r=AgICAgICAgICAgICAgICAgIC");
    EXPECT_EQ(
        client.respond(challenge).value(),
        "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=,"
        "r=AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB,p=YGw8KG4gegF8Z5raKWKkvbTJLdjCHFIWEXfM/OGt9bg=");
    EXPECT_TRUE(client.verify("v=GwaL6rhXDWGzfDDFp5ds0D/I8CLtPMQ1uIw4hJXDOAM=").ok());
}

TEST(scram_client, says_y_where_it_could_bind_and_the_server_does_not_offer) {
    scram_client client(
        {.password = "pencil", .end_point_hash = "hash", .plus = false, .keys = nullptr, .random = &twos});
    EXPECT_TRUE(client.first().value().starts_with("y,,"));
}

TEST(scram_client, and_server_agree_for_any_password) {
    for (std::string password :
         {std::string("x"), std::string("p\xc3\xa4ss w\xc3\xb6rd"), std::string(5000, 'z')}) {
        scram_client client({.password = password, .end_point_hash = {}, .plus = false, .keys = nullptr});
        scram_server server({*derive_scram_verifier(password, "salty", 10), {}, false, &ones});
        std::string reply;
        ASSERT_EQ(server.first(client.mechanism(), client.first().value(), reply), scram_outcome::ok);
        std::string signature;
        ASSERT_EQ(server.last(client.respond(reply).value(), signature), scram_outcome::ok);
        EXPECT_TRUE(client.verify(signature).ok());
    }
}

TEST(scram_client, refuses_malformed_and_greedy_challenges) {
    const std::string nonce = "AgICAgICAgICAgICAgICAgIC";
    const std::string messages[] = {
        "",
        "r=",
        "r=" + nonce + ",s=AAEC,i=4096",           // nothing of the server in the nonce
        "r=BgICAgICAgICAgICAgICAgICx,s=AAEC,i=1",  // not our nonce
        "r=" + nonce + "x y,s=AAEC,i=1",
        "r=" + nonce + "x,s=,i=1",
        "r=" + nonce + "x,s=AA,i=1",
        "r=" + nonce + "x,s=AAEC",
        "r=" + nonce + "x,s=AAEC,i=",
        "r=" + nonce + "x,s=AAEC,i=0",
        "r=" + nonce + "x,s=AAEC,i=-1",
        "r=" + nonce + "x,s=AAEC,i=1x",
        "r=" + nonce + "x,s=AAEC,i=1000001",
        "r=" + nonce + "x,s=AAEC,i=4294967297",
        "r=" + nonce + "x,s=AAEC,i=1,x=1",
        "r=" + nonce + "x,i=1,s=AAEC",
        "m=x,r=" + nonce + "x,s=AAEC,i=1",
        "r=" + nonce + std::string(600, 'x') + ",s=AAEC,i=1",
        "r=" + nonce + "x,s=" + std::string(2000, 'A') + ",i=1",
        std::string(100'000, 'r'),
    };
    for (const std::string& message : messages) {
        scram_client client(pencil());
        ASSERT_TRUE(client.first().ok());
        EXPECT_FALSE(client.respond(message).ok()) << message.substr(0, 100);
    }
}

TEST(scram_client, refuses_a_server_that_does_not_know_the_password) {
    for (std::string_view last : {"", "v=", "v=AAAA", "v=cyI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=",
                                  "e=other-error", "x=byI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=",
                                  "v=byI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=,x=1"}) {
        scram_client client(pencil());
        ASSERT_TRUE(client.first().ok());
        ASSERT_TRUE(client.respond(challenge).ok());
        EXPECT_FALSE(client.verify(last).ok()) << last;
    }
    scram_client early(pencil());
    EXPECT_FALSE(early.verify("v=byI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=").ok());
    EXPECT_FALSE(early.respond(challenge).ok());
}

TEST(scram_client, reuses_keys_of_the_cache) {
    scram_key_cache cache;
    for (int i = 0; i < 3; ++i) {
        scram_client client(pencil(&cache));
        ASSERT_TRUE(client.first().ok());
        ASSERT_TRUE(client.respond(challenge).ok());
        EXPECT_TRUE(client.verify("v=byI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=").ok());
    }
    EXPECT_EQ(cache.size(), 1u);
}

TEST(scram_key_cache, tells_password_salt_and_count_apart_and_is_bounded) {
    scram_key_cache cache(4);
    auto same = [&](std::string_view password, std::string_view salt, std::uint32_t iterations) {
        auto cached = cache.keys(password, salt, iterations);
        auto again = cache.keys(password, salt, iterations);
        auto derived = derive_scram_keys(password, salt, iterations);
        return cached && again && derived && cached->client_key == derived->client_key &&
               again->client_key == derived->client_key && again->server_key == derived->server_key;
    };
    EXPECT_TRUE(same("ab", "c", 1));
    EXPECT_TRUE(same("a", "bc", 1));
    EXPECT_TRUE(same("ab", "c", 2));
    EXPECT_TRUE(same("abc", "c", 1));
    EXPECT_EQ(cache.size(), 4u);
    EXPECT_TRUE(same("more", "c", 1));
    EXPECT_EQ(cache.size(), 4u);
}

}  // namespace
}  // namespace fairlead::proxy::auth
