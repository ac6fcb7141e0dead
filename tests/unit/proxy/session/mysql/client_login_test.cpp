#include "proxy/session/mysql/client_login.h"

#include "proxy/auth/native_password.h"
#include "unit/proxy/session/mysql/login_fixture.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::mysql {
namespace {

using namespace test;
using next = client_login::next;
using config::TlsMode;
using std::string_literals::operator""s;

/// A client by hand: what it sends, and what it has got.
struct dialogue {
    explicit dialogue(client_login_context context) : login(std::move(context), 77) {
        EXPECT_EQ(login.start(said).what, next::read_more);
        auto hello = parse_greeting(as_bytes(payloads(said).at(0)));
        EXPECT_TRUE(hello);
        if (hello) greeted = *hello;
    }

    next bytes(std::string_view input) {
        said.clear();
        pending += input;
        client_login::step step = login.on_bytes(as_bytes(pending), said);
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
    handshake_response response(std::string user, std::string_view plugin) const {
        handshake_response made;
        made.capabilities = greeted.capabilities & ~(capability::compress | capability::zstd_compression);
        made.user = std::move(user);
        made.plugin = plugin;
        made.database = "shop";
        return made;
    }
    next respond(const handshake_response& made) {
        std::string packet;
        append_handshake_response(packet, sequence, made);
        return bytes(packet);
    }
    next native(std::string user, std::string_view password) {
        handshake_response made = response(std::move(user), auth_plugin::native);
        made.auth_response = *auth::native_response(password, greeted.scramble);
        return respond(made);
    }
    next caching_sha2(std::string user, std::string_view password) {
        handshake_response made = response(std::move(user), auth_plugin::caching_sha2);
        made.auth_response = *auth::caching_sha2_response(password, greeted.scramble);
        return respond(made);
    }
    next tls(auth::tls_peer peer = {}) {
        std::string packet;
        append_ssl_request(packet, sequence, response("", auth_plugin::native));
        EXPECT_EQ(bytes(packet), next::start_tls);
        said.clear();
        return login.on_tls_established(std::move(peer), said).what;
    }
    int error() const { return last_error(got).code; }

    client_login login;
    greeting greeted;
    std::string said, pending;
    std::vector<std::string> got;
    std::uint8_t sequence = 1;
};

const std::string fast_ok = "\x01\x03"s;
const std::string do_full = "\x01\x04"s;

class mysql_client_login : public testing::Test {
protected:
    process here;
};

TEST_F(mysql_client_login, greets_as_the_server_it_stands_for) {
    dialogue mariadb(here.context(TlsMode::prefer));
    EXPECT_EQ(mariadb.greeted.server_version, "10.11.14-MariaDB");
    EXPECT_EQ(mariadb.greeted.thread_id, 77u);
    EXPECT_EQ(mariadb.greeted.plugin, auth_plugin::native);
    EXPECT_TRUE(has(mariadb.greeted.capabilities, capability::ssl));
    client_login_context context = here.context();
    context.flavour = policy::mysql::flavour::mysql;
    dialogue mysql(context);
    EXPECT_EQ(mysql.greeted.plugin, auth_plugin::caching_sha2);
    EXPECT_FALSE(has(mysql.greeted.capabilities, capability::ssl));
    EXPECT_NE(mysql.greeted.scramble, mariadb.greeted.scramble);
}

TEST_F(mysql_client_login, native_with_secrets_that_can) {
    for (std::string user : {"plain", "native", "plain.acme"}) {
        dialogue client(here.context());
        ASSERT_EQ(client.native(user, "pencil"), next::authenticated) << user;
        EXPECT_TRUE(client.got.empty());
        std::string ok;
        client.login.finish(ok);
        EXPECT_EQ(ok[3], 2);
        EXPECT_TRUE(parse_ok(as_bytes(payloads(ok).at(0)), client.login.capabilities()));
        EXPECT_EQ(client.login.label(), user == "plain.acme" ? "acme" : "");
        EXPECT_EQ(client.login.parameters().database, "shop");
    }
}

TEST_F(mysql_client_login, wrong_passwords_and_strangers_hear_the_same) {
    std::vector<std::string> reasons;
    for (std::string user : {"plain", "stranger", "none", "native"}) {
        dialogue client(here.context());
        ASSERT_EQ(client.native(user, "wrong"), next::close);
        EXPECT_EQ(client.error(), 1045);
        EXPECT_EQ(last_error(client.got).message,
                  "Access denied for user '" + user + "' (using password: YES)");
        reasons.emplace_back(client.login.failure_reason());
    }
    EXPECT_EQ(reasons, (std::vector<std::string>{"wrong password", "unknown user",
                                                 "user has no usable password", "wrong password"}));
    for (std::string user : {"plain", "stranger", "none", "scram"}) {
        dialogue client(here.context());
        ASSERT_EQ(client.caching_sha2(user, "wrong"), next::read_more);
        EXPECT_EQ(client.got, std::vector<std::string>{do_full}) << user;
    }
    for (std::string_view plugin : {auth_plugin::native, auth_plugin::caching_sha2}) {
        dialogue client(here.context());
        ASSERT_EQ(client.respond(client.response("plain", plugin)), next::close);
        EXPECT_EQ(last_error(client.got).message, "Access denied for user 'plain' (using password: NO)");
    }
}

TEST_F(mysql_client_login, caching_sha2_goes_the_fast_way_where_the_secret_is_plain) {
    dialogue client(here.context());
    ASSERT_EQ(client.caching_sha2("plain", "pencil"), next::authenticated);
    EXPECT_EQ(client.got, std::vector<std::string>{fast_ok});
    std::string ok;
    client.login.finish(ok);
    EXPECT_EQ(ok[3], 3);
}

TEST_F(mysql_client_login, caching_sha2_over_tls_asks_for_the_password_once) {
    for (std::string user : {"scram", "native"}) {
        for (int login = 0; login < 2; ++login) {
            dialogue client(here.context(TlsMode::prefer));
            ASSERT_EQ(client.tls(), next::read_more);
            if (login == 1) {
                EXPECT_EQ(client.caching_sha2(user, "pencil"), next::authenticated);
                EXPECT_EQ(client.got, std::vector<std::string>{fast_ok});
                continue;
            }
            ASSERT_EQ(client.caching_sha2(user, "pencil"), next::read_more);
            EXPECT_EQ(client.got, std::vector<std::string>{do_full});
            EXPECT_EQ(client.send("pencil\0"s), next::authenticated);
        }
        dialogue wrong(here.context(TlsMode::prefer));
        ASSERT_EQ(wrong.tls(), next::read_more);
        ASSERT_EQ(wrong.caching_sha2(user, "Pencil"), next::read_more);
        EXPECT_EQ(wrong.send("Pencil\0"s), next::close);
        EXPECT_EQ(wrong.error(), 1045);
    }
}

TEST_F(mysql_client_login, caching_sha2_without_tls_takes_the_password_under_our_key_only) {
    for (std::string password : {"pencil", "wrong"}) {
        dialogue client(here.context());
        ASSERT_EQ(client.caching_sha2("scram", password), next::read_more);
        ASSERT_EQ(client.send("\x02"), next::read_more);
        ASSERT_EQ(client.got.size(), 1u);
        std::string pem = client.got[0].substr(1);
        auto encrypted =
            auth::rsa_encrypt(pem, auth::xor_with_scramble(password + '\0', client.greeted.scramble));
        ASSERT_TRUE(encrypted);
        EXPECT_EQ(client.send(*encrypted), password == "pencil" ? next::authenticated : next::close);
        here.cache.remember("scram", scram_pencil, {});  // forget, so that the next one goes the long way too
    }
    dialogue in_clear(here.context());
    ASSERT_EQ(in_clear.caching_sha2("scram", "pencil"), next::read_more);
    EXPECT_EQ(in_clear.send("pencil\0"s), next::close);
    EXPECT_EQ(in_clear.error(), 1045);
    client_login_context context = here.context();
    context.local = true;
    dialogue local(context);
    ASSERT_EQ(local.caching_sha2("scram", "pencil"), next::read_more);
    EXPECT_EQ(local.send("pencil\0"s), next::authenticated);
}

TEST_F(mysql_client_login, switches_to_a_method_that_both_can) {
    dialogue to_sha2(here.context());
    ASSERT_EQ(to_sha2.native("scram", "pencil"), next::read_more);
    auto request = parse_auth_switch(as_bytes(to_sha2.got.at(0)));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->plugin, auth_plugin::caching_sha2);
    ASSERT_EQ(request->data.size(), scramble_size + 1);
    std::string scramble = request->data.substr(0, scramble_size);
    EXPECT_NE(scramble, to_sha2.greeted.scramble);
    EXPECT_EQ(to_sha2.send(*auth::caching_sha2_response("pencil", scramble)), next::read_more);
    EXPECT_EQ(to_sha2.got, std::vector<std::string>{do_full});

    dialogue to_native(here.context());
    ASSERT_EQ(to_native.respond(to_native.response("plain", "client_ed25519")), next::read_more);
    request = parse_auth_switch(as_bytes(to_native.got.at(0)));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->plugin, auth_plugin::native);
    EXPECT_EQ(to_native.send(*auth::native_response("pencil", request->data.substr(0, scramble_size))),
              next::authenticated);
}

TEST_F(mysql_client_login, a_response_to_the_greeting_is_no_response_to_the_switch) {
    dialogue client(here.context());
    ASSERT_EQ(client.respond(client.response("plain", "dialog")), next::read_more);
    EXPECT_EQ(client.send(*auth::native_response("pencil", client.greeted.scramble)), next::close);
}

TEST_F(mysql_client_login, clear_text_passwords_travel_under_tls_only) {
    client_login_context context = here.context(TlsMode::prefer);
    context.method = auth_method::password;
    dialogue open(context);
    EXPECT_EQ(open.native("plain", "pencil"), next::close);
    EXPECT_EQ(open.error(), 1045);
    dialogue client(context);
    ASSERT_EQ(client.tls(), next::read_more);
    ASSERT_EQ(client.native("scram", "pencil"), next::read_more);
    EXPECT_EQ(parse_auth_switch(as_bytes(client.got.at(0)))->plugin, auth_plugin::clear);
    EXPECT_EQ(client.send("pencil\0"s), next::authenticated);
}

TEST_F(mysql_client_login, old_clients_know_one_method) {
    for (std::string user : {"plain", "scram"}) {
        dialogue client(here.context());
        handshake_response made = client.response(user, "");
        made.capabilities &= ~(capability::plugin_auth | capability::plugin_auth_lenenc);
        made.auth_response = *auth::native_response("pencil", client.greeted.scramble);
        EXPECT_EQ(client.respond(made), user == "plain" ? next::authenticated : next::close);
        EXPECT_EQ(client.error(), user == "plain" ? 0 : 1251);
    }
}

TEST_F(mysql_client_login, tls_can_be_required) {
    dialogue open(here.context(TlsMode::require));
    EXPECT_EQ(open.native("plain", "pencil"), next::close);
    EXPECT_EQ(open.error(), 3159);
    dialogue client(here.context(TlsMode::require));
    ASSERT_EQ(client.tls(), next::read_more);
    EXPECT_EQ(client.native("plain", "pencil"), next::authenticated);
    dialogue none(here.context(TlsMode::verify_full));
    ASSERT_EQ(none.tls(), next::read_more);
    EXPECT_EQ(none.native("plain", "pencil"), next::close);
    EXPECT_EQ(none.error(), 1045);
}

TEST_F(mysql_client_login, a_certificate_replaces_the_password) {
    auto peer = [](std::string name, bool verified) {
        auth::tls_peer made;
        made.certificate_common_name = std::move(name);
        made.certificate_verified = verified;
        return made;
    };
    dialogue client(here.context(TlsMode::verify_ca));
    ASSERT_EQ(client.tls(peer("none.example", true)), next::read_more);
    EXPECT_EQ(client.native("none", "whatever"), next::authenticated);
    EXPECT_TRUE(client.login.by_certificate());
    dialogue other(here.context(TlsMode::verify_ca));
    ASSERT_EQ(other.tls(peer("none.example", true)), next::read_more);
    EXPECT_EQ(other.native("plain", "wrong"), next::close);
    dialogue forged(here.context(TlsMode::prefer));
    ASSERT_EQ(forged.tls(peer("plain.example", false)), next::read_more);
    EXPECT_EQ(forged.native("plain", "wrong"), next::close);
}

/// Real clients send SSLRequest and the first bytes of TLS at once.
TEST_F(mysql_client_login, reads_nothing_that_may_be_tls) {
    dialogue client(here.context(TlsMode::prefer));
    std::string packet;
    append_ssl_request(packet, client.sequence, client.response("", auth_plugin::native));
    std::string stream = packet + "\x16\x03\x01 ClientHello";
    std::string buffered;
    next last = next::read_more;
    for (int reads = 0; last == next::read_more && reads < 3; ++reads) {
        std::size_t size = client.login.read_limit(as_bytes(buffered));
        ASSERT_GE(size, 1u);
        buffered += stream.substr(0, size);
        stream.erase(0, size);
        client_login::step step = client.login.on_bytes(as_bytes(buffered), client.said);
        buffered.erase(0, step.consumed);
        last = step.what;
    }
    EXPECT_EQ(last, next::start_tls);
    EXPECT_EQ(buffered, "");
    EXPECT_EQ(stream, "\x16\x03\x01 ClientHello");
    ASSERT_EQ(client.login.on_tls_established({}, client.said).what, next::read_more);
    EXPECT_EQ(client.login.read_limit(as_bytes("abc")), client_login::max_buffered() - 3);
    dialogue without(here.context());
    EXPECT_EQ(without.login.read_limit({}), client_login::max_buffered());
}

TEST_F(mysql_client_login, clear_text_behind_an_ssl_request_is_refused) {
    dialogue client(here.context(TlsMode::prefer));
    std::string packet;
    append_ssl_request(packet, client.sequence, client.response("", auth_plugin::native));
    EXPECT_EQ(client.bytes(packet + "x"), next::close);
    EXPECT_EQ(client.error(), 1043);
    dialogue twice(here.context(TlsMode::prefer));
    ASSERT_EQ(twice.tls(), next::read_more);
    packet.clear();
    append_ssl_request(packet, twice.sequence, twice.response("", auth_plugin::native));
    EXPECT_EQ(twice.bytes(packet), next::close);
    dialogue not_offered(here.context());
    handshake_response forged = not_offered.response("", auth_plugin::native);
    forged.capabilities |= capability::ssl;
    packet.clear();
    append_ssl_request(packet, not_offered.sequence, forged);
    EXPECT_EQ(not_offered.bytes(packet), next::close);
}

TEST_F(mysql_client_login, what_is_no_login_is_refused_at_once) {
    dialogue http(here.context());
    EXPECT_EQ(http.bytes("GET "), next::close);
    EXPECT_EQ(http.error(), 1156);
    dialogue large(here.context());
    EXPECT_EQ(large.bytes("\xff\xff\xff\x01"), next::close);
    EXPECT_EQ(large.error(), 1153);
    dialogue old(here.context());
    EXPECT_EQ(old.send("\x05\xa6\x03\x00\x00\x01root\0"s), next::close);
    EXPECT_EQ(old.error(), 1043);
    EXPECT_EQ(old.bytes("more"), next::close);
}

TEST_F(mysql_client_login, comes_whole_however_it_is_cut) {
    dialogue whole(here.context());
    handshake_response made = whole.response("plain", auth_plugin::native);
    made.auth_response = *auth::native_response("pencil", whole.greeted.scramble);
    std::string packet;
    append_handshake_response(packet, whole.sequence, made);
    for (std::size_t i = 0; i + 1 < packet.size(); ++i)
        ASSERT_EQ(whole.bytes(packet.substr(i, 1)), next::read_more) << i;
    EXPECT_EQ(whole.bytes(packet.substr(packet.size() - 1) + "\x01\0\0\0\x0e"s), next::authenticated);
    EXPECT_EQ(whole.pending, "\x01\0\0\0\x0e"s);  // the session's
}

TEST_F(mysql_client_login, capabilities_are_what_both_have) {
    dialogue client(here.context());
    handshake_response made = client.response("plain", auth_plugin::native);
    made.capabilities = (made.capabilities & ~capability::deprecate_eof) | capability::optional_metadata |
                        capability::no_schema | capability::zstd_compression | capability::mariadb_progress;
    made.zstd_level = 9;
    made.auth_response = *auth::native_response("pencil", client.greeted.scramble);
    made.attributes = {{"_client_name", "x"}, {"fairlead_tenant", "acme"}};
    made.collation = 33;
    ASSERT_EQ(client.respond(made), next::authenticated);
    capability_set agreed = client.login.capabilities();
    EXPECT_FALSE(has(agreed, capability::deprecate_eof));
    EXPECT_FALSE(has(agreed, capability::optional_metadata) || has(agreed, capability::no_schema));
    EXPECT_FALSE(has(agreed, capability::mariadb_progress));
    EXPECT_EQ(client.login.compression().method, compression_method::zstd);
    EXPECT_EQ(client.login.compression().level, 9);
    EXPECT_EQ(client.login.parameters().tenant, "acme");
    EXPECT_EQ(client.login.parameters().collation, 33);
}

TEST_F(mysql_client_login, contradicting_tenants_are_refused) {
    for (std::string second : {"acme", "globex"}) {
        dialogue client(here.context());
        handshake_response made = client.response("plain", auth_plugin::native);
        made.auth_response = *auth::native_response("pencil", client.greeted.scramble);
        made.attributes = {{"fairlead_tenant", "acme"}, {"fairlead_tenant", second}};
        EXPECT_EQ(client.respond(made), second == "acme" ? next::authenticated : next::close);
    }
}

TEST_F(mysql_client_login, the_caller_may_refuse_at_any_time) {
    client_login login(here.context(), 1);
    std::string out;
    EXPECT_EQ(login.refuse(out, errors::too_many_connections, "Too many connections", "client cap").what,
              next::close);
    EXPECT_EQ(out.substr(0, 13), "\x1d\0\0\0\xff\x10\x04#08004"s);
    EXPECT_EQ(login.failure_sqlstate(), "08004");
    dialogue client(here.context());
    ASSERT_EQ(client.native("plain", "pencil"), next::authenticated);
    std::string err;
    client.login.refuse(err, errors::unknown_database, "Unknown database 'x'", "routing");
    EXPECT_EQ(err[3], 2);
    EXPECT_EQ(last_error(payloads(err)).code, 1049);
}

TEST_F(mysql_client_login, change_user_always_asks_anew) {
    capability_set capabilities = offered_to_clients(policy::mysql::flavour::mariadb, false);
    for (std::string password : {"pencil", "wrong"}) {
        client_login login(
            here.context(), 77,
            {.capabilities = capabilities, .collation = 33, .scramble = "the scramble before!", .tls = {}});
        std::string out;
        ASSERT_EQ(login.start(out).what, next::read_more);
        EXPECT_TRUE(out.empty());
        std::string packet;
        std::uint8_t sequence = 0;
        append_change_user(packet, sequence,
                           {"app.globex",
                            "an answer to something old",
                            "shop",
                            0,
                            std::string(auth_plugin::native),
                            {{"fairlead_tenant", "globex"}}},
                           capabilities);
        ASSERT_EQ(login.on_bytes(as_bytes(packet), out).what, next::read_more);
        EXPECT_EQ(out[3], 1);
        auto request = parse_auth_switch(as_bytes(payloads(out).at(0)));
        ASSERT_TRUE(request);
        EXPECT_EQ(request->data, "the scramble before!\0"s);
        packet.clear();
        out.clear();
        sequence = 2;
        append_message(packet, sequence,
                       *auth::native_response(password, request->data.substr(0, scramble_size)));
        EXPECT_EQ(login.on_bytes(as_bytes(packet), out).what,
                  password == "pencil" ? next::authenticated : next::close);
        EXPECT_EQ(last_error(payloads(out)).code, password == "pencil" ? 0 : 1045);
        if (password != "pencil") continue;
        EXPECT_EQ(login.label(), "globex");
        EXPECT_EQ(login.parameters().tenant, "globex");
        EXPECT_EQ(login.parameters().collation, 33);
        login.finish(out);
        EXPECT_EQ(out[3], 3);
    }
}

TEST_F(mysql_client_login, change_user_must_be_the_first_packet) {
    client_login login(here.context(), 77,
                       {.capabilities = offered_to_every_client, .scramble = {}, .tls = {}});
    std::string out;
    ASSERT_EQ(login.start(out).what, next::read_more);
    EXPECT_EQ(login.on_bytes(as_bytes("\x01\0\0\0\x0e"s), out).what, next::close);
    EXPECT_EQ(last_error(payloads(out)).code, 1835);
}

}  // namespace
}  // namespace fairlead::proxy::mysql
