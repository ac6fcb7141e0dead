#include "proxy/session/mysql/server_login.h"

#include "proxy/auth/ed25519_password.h"
#include "proxy/auth/native_password.h"
#include "unit/proxy/session/mysql/login_fixture.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::mysql {
namespace {

using namespace test;
using config::TlsMode;
using next = server_login::next;
using std::string_literals::operator""s;

constexpr capability_set able = server_login::required | capability::plugin_auth_lenenc |
                                capability::connect_with_db | capability::connect_attrs | capability::ssl;

server_login_parameters parameters(std::string user, std::string password = "pencil",
                                   TlsMode tls = TlsMode::disable) {
    server_login_parameters made;
    made.tls = tls;
    made.user = std::move(user);
    made.password = std::move(password);
    made.database = "shop";
    return made;
}

/// A server by hand.
struct dialogue {
    explicit dialogue(server_login_parameters p) : login(std::move(p)) {
        EXPECT_EQ(login.start(said).what, next::read_more);
        EXPECT_TRUE(said.empty());
    }
    next bytes(std::string_view input) {
        said.clear();
        pending += input;
        server_login::step step = login.on_bytes(as_bytes(pending), said);
        EXPECT_LE(step.consumed, pending.size());
        pending.erase(0, step.consumed);
        got = payloads(said);
        sequence = static_cast<std::uint8_t>(sequence + got.size());
        return step.what;
    }
    next send(std::string_view payload) {
        std::string packet;
        append_message(packet, sequence, payload);
        return bytes(packet);
    }
    next greet(capability_set capabilities = able, std::string_view plugin = auth_plugin::native) {
        std::string packet;
        append_greeting(
            packet, sequence,
            {"5.5.5-10.11.14-MariaDB", 9, "abcdefghijklmnopqrst", capabilities, 45, 2, std::string(plugin)});
        return bytes(packet);
    }
    next switch_to(std::string_view plugin, std::string data = "ABCDEFGHIJKLMNOPQRST\0"s) {
        std::string packet;
        append_auth_switch(packet, sequence, {std::string(plugin), std::move(data)});
        return bytes(packet);
    }
    next ok() {
        std::string packet;
        append_ok(packet, sequence, {}, able);
        return bytes(packet);
    }
    std::string failure() const { return login.failure().sqlstate + " " + login.failure().message; }

    server_login login;
    std::string said, pending;
    std::vector<std::string> got;
    std::uint8_t sequence = 0;
};

TEST(mysql_server_login, native_to_ready) {
    dialogue server(parameters("app"));
    ASSERT_EQ(server.greet(), next::read_more);
    auto response = parse_handshake_response(as_bytes(server.got.at(0)), able);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->user, "app");
    EXPECT_EQ(response->database, "shop");
    EXPECT_EQ(response->plugin, auth_plugin::native);
    EXPECT_EQ(response->auth_response, auth::native_response("pencil", "abcdefghijklmnopqrst"));
    EXPECT_EQ(*find_attribute(response->attributes, "program_name"), "fairlead");
    ASSERT_EQ(server.ok(), next::read_more);
    ASSERT_EQ(server.got.size(), 1u);
    EXPECT_TRUE(server.got[0].starts_with("\x03SELECT @@version"));
    EXPECT_EQ(server.bytes(identity_answer() + "rest"), next::ready);
    EXPECT_EQ(server.pending, "rest");
    const server_identity& identity = server.login.identity();
    EXPECT_EQ(identity.version, (server_version{policy::mysql::flavour::mariadb, 101114}));
    EXPECT_EQ(identity.sql_mode, "STRICT_TRANS_TABLES");
    EXPECT_EQ(identity.thread_id, 42u);
    EXPECT_EQ(identity.max_allowed_packet, 16777216u);
}

TEST(mysql_server_login, set_up_goes_in_the_same_write) {
    server_login_parameters made = parameters("app");
    made.setup = "SET a=1;SET b=2";
    dialogue server(made);
    ASSERT_EQ(server.greet(), next::read_more);
    ASSERT_EQ(server.ok(), next::read_more);
    ASSERT_EQ(server.got.size(), 2u);
    EXPECT_EQ(server.got[0], "\x03SET a=1;SET b=2");
    std::string oks;
    std::uint8_t sequence = 1;
    append_ok(oks, sequence, {.status = status::autocommit | status::more_results}, able);
    append_ok(oks, sequence, {}, able);
    EXPECT_EQ(server.bytes(oks), next::read_more);
    EXPECT_EQ(server.bytes(identity_answer()), next::ready);
}

TEST(mysql_server_login, a_failing_set_up_fails_the_login) {
    server_login_parameters made = parameters("app");
    made.setup = "SET nonsense=1";
    dialogue server(made);
    ASSERT_EQ(server.greet(), next::read_more);
    ASSERT_EQ(server.ok(), next::read_more);
    std::string err;
    std::uint8_t sequence = 1;
    append_err(err, sequence, {1193, "HY000", "Unknown system variable"});
    EXPECT_EQ(server.bytes(err), next::failed);
    EXPECT_EQ(server.failure(), "HY000 Unknown system variable");
    EXPECT_TRUE(server.login.failure().from_server);
}

TEST(mysql_server_login, switches_to_each_method) {
    dialogue sha2(parameters("app"));
    ASSERT_EQ(sha2.greet(), next::read_more);
    ASSERT_EQ(sha2.switch_to(auth_plugin::caching_sha2), next::read_more);
    EXPECT_EQ(sha2.got.at(0), auth::caching_sha2_response("pencil", "ABCDEFGHIJKLMNOPQRST"));
    EXPECT_EQ(sha2.send("\x01\x03"), next::read_more);
    EXPECT_EQ(sha2.ok(), next::read_more);
    EXPECT_EQ(sha2.login.auth_plugin(), auth_plugin::caching_sha2);

    dialogue ed25519(parameters("app"));
    ASSERT_EQ(ed25519.greet(), next::read_more);
    std::string nonce(31, 'n');
    nonce += '\0';
    ASSERT_EQ(ed25519.switch_to(auth_plugin::ed25519, nonce), next::read_more);
    EXPECT_EQ(ed25519.got.at(0), auth::ed25519_response("pencil", nonce));

    dialogue unknown(parameters("app"));
    ASSERT_EQ(unknown.greet(), next::read_more);
    EXPECT_EQ(unknown.switch_to("auth_gssapi_client"), next::failed);
    EXPECT_TRUE(
        unknown.failure().starts_with("28000 the server asks for authentication method auth_gssapi_client"));

    dialogue ancient(parameters("app"));
    ASSERT_EQ(ancient.greet(), next::read_more);
    EXPECT_EQ(ancient.send("\xfe"), next::failed);

    dialogue endless(parameters("app"));
    ASSERT_EQ(endless.greet(), next::read_more);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(endless.switch_to(auth_plugin::native), next::read_more);
    EXPECT_EQ(endless.switch_to(auth_plugin::native), next::failed);

    for (std::string_view plugin : {auth_plugin::native, auth_plugin::caching_sha2, auth_plugin::ed25519}) {
        dialogue cut(parameters("app"));
        ASSERT_EQ(cut.greet(), next::read_more);
        EXPECT_EQ(cut.switch_to(plugin, "short"), next::failed);
    }
}

TEST(mysql_server_login, the_password_never_leaves_in_clear_text_without_tls) {
    dialogue open(parameters("app"));
    ASSERT_EQ(open.greet(), next::read_more);
    EXPECT_EQ(open.switch_to(auth_plugin::clear), next::failed);
    EXPECT_EQ(open.said, "");

    dialogue tls(parameters("app", "pencil", TlsMode::require));
    ASSERT_EQ(tls.greet(), next::start_tls);
    EXPECT_TRUE(is_ssl_request(as_bytes(tls.got.at(0))));
    tls.said.clear();
    ASSERT_EQ(tls.login.on_tls_established({}, tls.said).what, next::read_more);
    EXPECT_TRUE(parse_handshake_response(as_bytes(payloads(tls.said).at(0)), able));
    ++tls.sequence;
    EXPECT_EQ(tls.switch_to(auth_plugin::clear), next::read_more);
    EXPECT_EQ(tls.got.at(0), "pencil\0"s);

    dialogue sha2(parameters("app"));
    ASSERT_EQ(sha2.greet(able, auth_plugin::caching_sha2), next::read_more);
    ASSERT_EQ(sha2.send("\x01\x04"), next::read_more);
    EXPECT_EQ(sha2.got.at(0), "\x02");
    process here;
    ASSERT_EQ(sha2.send("\x01" + here.rsa.get()->public_pem()), next::read_more);
    auto mixed = here.rsa.get()->decrypt(sha2.got.at(0));
    ASSERT_TRUE(mixed);
    EXPECT_EQ(auth::xor_with_scramble(*mixed, "abcdefghijklmnopqrst"), "pencil\0"s);

    server_login_parameters careful = parameters("app");
    careful.trust_server_key = false;
    dialogue refused(careful);
    ASSERT_EQ(refused.greet(able, auth_plugin::caching_sha2), next::read_more);
    EXPECT_EQ(refused.send("\x01\x04"), next::failed);
}

TEST(mysql_server_login, tls_as_the_mode_says) {
    dialogue prefer(parameters("app", "pencil", TlsMode::prefer));
    EXPECT_EQ(prefer.greet(able & ~capability::ssl), next::read_more);
    EXPECT_EQ(prefer.got.size(), 1u);
    dialogue require(parameters("app", "pencil", TlsMode::verify_full));
    EXPECT_EQ(require.greet(able & ~capability::ssl), next::failed);
    EXPECT_EQ(require.failure(), "08001 the server does not support TLS, but tls.mode requires it");
    dialogue allow(parameters("app", "pencil", TlsMode::allow));
    EXPECT_EQ(allow.greet(), next::read_more);
    dialogue injected(parameters("app", "pencil", TlsMode::prefer));
    std::string packet;
    std::uint8_t sequence = 0;
    append_greeting(packet, sequence, {"10.11.14-MariaDB", 9, "abcdefghijklmnopqrst", able, 45, 2, "x"});
    EXPECT_EQ(injected.bytes(packet + "x"), next::failed);
}

TEST(mysql_server_login, passes_the_servers_error_on) {
    dialogue full(parameters("app"));
    EXPECT_EQ(full.send("\xff\x10\x04Too many connections"), next::failed);
    EXPECT_EQ(full.failure(), "HY000 Too many connections");
    dialogue denied(parameters("app"));
    ASSERT_EQ(denied.greet(), next::read_more);
    EXPECT_EQ(denied.send("\xff\x15\x04#28000Access denied"), next::failed);
    EXPECT_EQ(denied.failure(), "28000 Access denied");
    EXPECT_TRUE(denied.login.failure().from_server);
}

TEST(mysql_server_login, a_server_that_cannot_be_pooled_is_refused) {
    for (capability_set missing :
         {capability::session_track, capability::deprecate_eof, capability::plugin_auth}) {
        dialogue server(parameters("app"));
        EXPECT_EQ(server.greet(able & ~missing), next::failed);
        EXPECT_TRUE(server.failure().starts_with("08001 server version 5.5.5-10.11.14-MariaDB lacks"));
    }
}

TEST(mysql_server_login, nonsense_fails) {
    dialogue http(parameters("app"));
    EXPECT_EQ(http.bytes("HTTP/1.1 400 Bad Request"), next::failed);
    dialogue empty(parameters("app"));
    EXPECT_EQ(empty.send(""), next::failed);
    for (std::string_view identity : {"", "10", "10.x.1", "100.200.300", "10.11"}) {
        dialogue server(parameters("app"));
        ASSERT_EQ(server.greet(), next::read_more);
        ASSERT_EQ(server.ok(), next::read_more);
        EXPECT_EQ(server.bytes(identity_answer(identity)), next::failed) << identity;
    }
    dialogue out_of_order(parameters("app"));
    ASSERT_EQ(out_of_order.greet(), next::read_more);
    out_of_order.sequence = 7;
    EXPECT_EQ(out_of_order.ok(), next::failed);
}

TEST(mysql_server_login, versions) {
    using policy::mysql::flavour;
    EXPECT_EQ(parse_server_version("5.5.5-10.11.14-MariaDB-0+deb12u2"),
              (server_version{flavour::mariadb, 101114}));
    EXPECT_EQ(parse_server_version("11.4.2-MariaDB"), (server_version{flavour::mariadb, 110402}));
    EXPECT_EQ(parse_server_version("10.6.12", "mariadb.org binary distribution"),
              (server_version{flavour::mariadb, 100612}));
    EXPECT_EQ(parse_server_version("8.0.36"), (server_version{flavour::mysql, 80036}));
    EXPECT_EQ(parse_server_version("8.0.mysql_aurora.3.04.0"), std::nullopt);
}

/// Our two sides against each other, byte by byte, by every way that does not need TLS.
TEST(mysql_server_login, agrees_with_our_own_client_side) {
    process here;
    for (std::string user : {"plain", "native", "scram", "app.acme"})
        for (auto flavour : {policy::mysql::flavour::mariadb, policy::mysql::flavour::mysql})
            for (std::string password : {"pencil", "wrong"}) {
                client_login_context context = here.context();
                context.flavour = flavour;
                client_login front(context, 5);
                server_login back(parameters(user, password));
                std::string to_back, to_front;
                ASSERT_EQ(back.start(to_front).what, next::read_more);
                ASSERT_EQ(front.start(to_back).what, client_login::next::read_more);
                client_login::next front_next = client_login::next::read_more;
                next back_next = next::read_more;
                for (int turn = 0; turn < 8 && back_next == next::read_more; ++turn) {
                    back_next = back.on_bytes(as_bytes(std::exchange(to_back, {})), to_front).what;
                    if (front_next != client_login::next::read_more) break;
                    front_next = front.on_bytes(as_bytes(std::exchange(to_front, {})), to_back).what;
                    if (front_next == client_login::next::authenticated) front.finish(to_back);
                }
                bool right = password == "pencil";
                EXPECT_EQ(front_next, right ? client_login::next::authenticated : client_login::next::close)
                    << user;
                EXPECT_EQ(back_next, right ? next::read_more : next::failed) << user;
                if (!right) continue;
                EXPECT_EQ(back.on_bytes(as_bytes(identity_answer()), to_front).what, next::ready);
            }
}

}  // namespace
}  // namespace fairlead::proxy::mysql
