#include "proxy/auth/scram_server.h"

#include "proxy/auth/base64.h"
#include "unit/proxy/fixed_random.h"

#include <gtest/gtest.h>

#include <algorithm>

// Messages and signatures were made with another implementation (Python hashlib, hmac).
namespace fairlead::proxy::auth {
namespace {

using test::ones;

constexpr std::string_view pencil =
    "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/5Y=:"
    "dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE=";
constexpr std::string_view nonce = "AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB";
constexpr std::string_view plain_final =
    "c=biws,r=AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB,p=GYTngnXvBG2nDhm258x++"
    "rbV1asDHM5KaHxPyXcNa9Q=";
constexpr std::string_view plus_final =
    "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=,"
    "r=AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB,p=YGw8KG4gegF8Z5raKWKkvbTJLdjCHFIWEXfM/OGt9bg=";

bool no_random(std::span<std::uint8_t>) {
    return false;
}

scram_server make_server(bool plus = false, bool doomed = false) {
    return scram_server(
        {*parse_scram_verifier(pencil), plus ? std::string(32, '\xab') : std::string(), doomed, &ones});
}

scram_outcome first(scram_server& server, std::string_view message,
                    std::string_view mechanism = scram_sha_256) {
    std::string reply;
    return server.first(mechanism, message, reply);
}

/// The outcome of client-final-message `message` after a good start.
scram_outcome last_of(std::string_view message) {
    scram_server server = make_server();
    std::string reply;
    EXPECT_EQ(server.first(scram_sha_256, "n,,n=,r=AgICAgICAgICAgICAgICAgIC", reply), scram_outcome::ok);
    reply.clear();
    scram_outcome outcome = server.last(message, reply);
    EXPECT_EQ(reply.empty(), outcome != scram_outcome::ok);
    return outcome;
}

TEST(scram_server, agrees_with_another_implementation) {
    scram_server server = make_server();
    std::string challenge;
    ASSERT_EQ(server.first(scram_sha_256, "n,,n=,r=AgICAgICAgICAgICAgICAgIC", challenge), scram_outcome::ok);
    EXPECT_EQ(challenge, "r=" + std::string(nonce) + ",s=AAECAwQFBgcICQoLDA0ODw==,i=4096");
    std::string signature;
    ASSERT_EQ(server.last(plain_final, signature), scram_outcome::ok);
    EXPECT_EQ(signature, "v=byI1nOO3UvegqdGtNx4mMynHJ+Tav8tqQGQQar/S0vA=");
}

TEST(scram_server, with_plus_agrees_with_another_implementation) {
    scram_server server = make_server(true);
    std::string reply;
    ASSERT_EQ(
        server.first(scram_sha_256_plus, "p=tls-server-end-point,,n=,r=AgICAgICAgICAgICAgICAgIC", reply),
        scram_outcome::ok);
    reply.clear();
    ASSERT_EQ(server.last(plus_final, reply), scram_outcome::ok);
    EXPECT_EQ(reply, "v=GwaL6rhXDWGzfDDFp5ds0D/I8CLtPMQ1uIw4hJXDOAM=");
}

TEST(scram_server, with_y_and_nothing_on_offer_goes_on) {
    scram_server server = make_server();
    std::string reply;
    ASSERT_EQ(server.first(scram_sha_256, "y,,n=,r=AgICAgICAgICAgICAgICAgIC", reply), scram_outcome::ok);
    EXPECT_EQ(
        server.last("c=eSws,r=" + std::string(nonce) + ",p=awawr/pb5+eX3t4Wl90i/wnnQhI7hvVfgIh7+zpaP8E=",
                    reply),
        scram_outcome::ok);
}

TEST(scram_server, with_y_where_plus_was_offered_is_a_downgrade) {
    scram_server server = make_server(true);
    EXPECT_EQ(first(server, "y,,n=,r=abc"), scram_outcome::downgrade);
}

TEST(scram_server, with_n_where_plus_was_offered_goes_on) {
    scram_server server = make_server(true);
    EXPECT_EQ(first(server, "n,,n=,r=abc"), scram_outcome::ok);
}

TEST(scram_server, binds_to_this_connection_only) {
    scram_server server({*parse_scram_verifier(pencil), std::string(32, '\xac'), false, &ones});
    std::string reply;
    ASSERT_EQ(
        server.first(scram_sha_256_plus, "p=tls-server-end-point,,n=,r=AgICAgICAgICAgICAgICAgIC", reply),
        scram_outcome::ok);
    EXPECT_EQ(server.last(plus_final, reply), scram_outcome::binding_mismatch);
}

TEST(scram_server, refuses_headers_that_do_not_fit_the_mechanism) {
    auto plus = [](std::string_view message, std::string_view mechanism) {
        scram_server server = make_server(true);
        return first(server, message, mechanism);
    };
    EXPECT_EQ(plus("n,,n=,r=abc", scram_sha_256_plus), scram_outcome::malformed);
    EXPECT_EQ(plus("y,,n=,r=abc", scram_sha_256_plus), scram_outcome::malformed);
    EXPECT_EQ(plus("p=tls-server-end-point,,n=,r=abc", scram_sha_256), scram_outcome::malformed);
    EXPECT_EQ(plus("p=tls-unique,,n=,r=abc", scram_sha_256_plus), scram_outcome::unsupported);
    EXPECT_EQ(plus("n,,n=,r=abc", "SCRAM-SHA-1"), scram_outcome::unsupported);
    EXPECT_EQ(plus("n,,n=,r=abc", ""), scram_outcome::unsupported);
    scram_server without_plus = make_server();
    EXPECT_EQ(first(without_plus, "p=tls-server-end-point,,n=,r=abc", scram_sha_256_plus),
              scram_outcome::unsupported);
}

TEST(scram_server, refuses_malformed_first_messages) {
    for (std::string_view message : {"",
                                     "n",
                                     "n,",
                                     "n,,",
                                     "n,,n=",
                                     "n,,n=x",
                                     "n,,n=x,",
                                     "n,,r=abc",
                                     "n,,r=abc,n=x",
                                     "n,,n=,r=",
                                     "n,,n=,r=a\tb",
                                     "n,,n=,r=a\x7f",
                                     "x,,n=,r=abc",
                                     "n,n=,r=abc",
                                     "nn,,n=,r=abc",
                                     "p=,,n=,r=abc",
                                     "n,,n=,r=abc,",
                                     "n,,n=,r=abc,x",
                                     "n,,n=,r=abc,1=x",
                                     ",,n=,r=abc",
                                     "n,,N=,r=abc"}) {
        scram_server server = make_server();
        EXPECT_EQ(first(server, message), scram_outcome::malformed) << message;
    }
    scram_server with_nul = make_server();
    EXPECT_EQ(first(with_nul, std::string_view("n,,n=\0,r=abc", 12)), scram_outcome::malformed);
    scram_server with_identity = make_server();
    EXPECT_EQ(first(with_identity, "n,a=admin,n=,r=abc"), scram_outcome::unsupported);
    scram_server with_extension = make_server();
    EXPECT_EQ(first(with_extension, "n,,m=x,n=,r=abc"), scram_outcome::unsupported);
    scram_server with_flood = make_server();
    EXPECT_EQ(first(with_flood, "n,,n=,r=" + std::string(5000, 'a')), scram_outcome::malformed);
    scram_server with_unknown_extension = make_server();
    EXPECT_EQ(first(with_unknown_extension, "n,,n=,r=abc,x=1"), scram_outcome::ok);
}

TEST(scram_server, refuses_malformed_last_messages) {
    ASSERT_EQ(last_of(plain_final), scram_outcome::ok);
    const std::string good(plain_final);
    auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = good;
        return changed.replace(changed.find(from), from.size(), to);
    };
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_NE(last_of(good.substr(0, size)), scram_outcome::ok) << size;
    EXPECT_EQ(last_of(with("c=biws", "c=eSws")), scram_outcome::malformed);      // y,, where n,, was said
    EXPECT_EQ(last_of(with("c=biws", "c=biwsYWJj")), scram_outcome::malformed);  // binding data without -PLUS
    EXPECT_EQ(last_of(with("c=biws", "c=")), scram_outcome::malformed);
    EXPECT_EQ(last_of(with("c=biws", "c=bi\nws")), scram_outcome::malformed);
    EXPECT_EQ(last_of(with("c=biws,", "")), scram_outcome::malformed);
    EXPECT_EQ(last_of(with("QEB,p", "QEC,p")), scram_outcome::malformed);  // nonce
    EXPECT_EQ(last_of(with("QEB,p", "QE,p")), scram_outcome::malformed);
    EXPECT_EQ(last_of(with("p=", "m=x,p=")), scram_outcome::unsupported);
    EXPECT_EQ(last_of(with("p=GYTn", "p=GYT")), scram_outcome::malformed);
    EXPECT_EQ(last_of(with("p=GYTn", "p=")), scram_outcome::malformed);
    EXPECT_EQ(last_of(good + ","), scram_outcome::malformed);
    EXPECT_EQ(last_of(good + ",x=1"), scram_outcome::malformed);
    EXPECT_EQ(last_of("r=" + std::string(nonce) + ",c=biws,p=AAAA"), scram_outcome::malformed);
    EXPECT_EQ(last_of(std::string(5000, 'a')), scram_outcome::malformed);
}

TEST(scram_server, refuses_a_wrong_proof_and_a_changed_signed_text) {
    const std::string good(plain_final);
    EXPECT_EQ(last_of(std::string(good).replace(good.find("p=G") + 2, 1, "H")),
              scram_outcome::wrong_password);
    // An extension is allowed before the proof, but it is under the signature.
    EXPECT_EQ(last_of(std::string(good).insert(good.find("p="), "x=1,")), scram_outcome::wrong_password);
}

TEST(scram_server, doomed_refuses_even_the_right_password) {
    scram_server server = make_server(false, true);
    std::string reply;
    ASSERT_EQ(server.first(scram_sha_256, "n,,n=,r=AgICAgICAgICAgICAgICAgIC", reply), scram_outcome::ok);
    EXPECT_EQ(server.last(plain_final, reply), scram_outcome::wrong_password);
}

TEST(scram_server, keeps_the_order_of_messages) {
    scram_server early = make_server();
    std::string reply;
    EXPECT_EQ(early.last(plain_final, reply), scram_outcome::malformed);

    scram_server twice = make_server();
    ASSERT_EQ(first(twice, "n,,n=,r=AgICAgICAgICAgICAgICAgIC"), scram_outcome::ok);
    EXPECT_EQ(first(twice, "n,,n=,r=AgICAgICAgICAgICAgICAgIC"), scram_outcome::malformed);

    scram_server again = make_server();
    ASSERT_EQ(first(again, "n,,n=,r=AgICAgICAgICAgICAgICAgIC"), scram_outcome::ok);
    ASSERT_EQ(again.last(plain_final, reply), scram_outcome::ok);
    EXPECT_EQ(again.last(plain_final, reply), scram_outcome::malformed);
}

TEST(scram_server, fails_without_randomness) {
    scram_server server({*parse_scram_verifier(pencil), {}, false, &no_random});
    EXPECT_EQ(first(server, "n,,n=,r=abc"), scram_outcome::failed);
}

}  // namespace
}  // namespace fairlead::proxy::auth
