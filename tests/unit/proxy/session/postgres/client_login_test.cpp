#include "proxy/session/postgres/client_login.h"

#include "proxy/auth/md5_secret.h"
#include "proxy/auth/scram_client.h"
#include "unit/proxy/fixed_random.h"
#include "unit/proxy/session/postgres/login_messages.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

using namespace test;
using proxy::test::ones;
using proxy::test::twos;
using next = client_login::next;
using config::TlsMode;

static_assert(sizeof(client_login) < 640, "thousands of half-open logins must not weigh much");

constexpr std::uint32_t ssl_code = 80877103;
constexpr std::uint32_t gssenc_code = 80877104;
constexpr std::uint32_t cancel_code = 80877102;
// Password "pencil", made with another implementation.
constexpr std::string_view pencil =
    "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/5Y=:"
    "dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE=";

std::shared_ptr<const auth::credential_store> make_store() {
    std::vector<config::User> users(5);
    users[0] = {
        .name = "alice", .password = std::string(pencil), .tenants = {}, .certificate_name = "alice.example"};
    users[1] = {.name = "bob",
                .password = *auth::make_md5_secret("pencil", "bob"),
                .tenants = {},
                .certificate_name = {}};
    users[2] = {.name = "nopass", .password = "", .tenants = {}, .certificate_name = "nopass.example"};
    users[3] = {.name = "plain", .password = "pencil", .tenants = {}, .certificate_name = {}};
    users[4] = {.name = "carol", .password = std::string(pencil), .tenants = {}, .certificate_name = {}};
    auto snapshot = std::make_shared<config::Snapshot>(config::Settings{}, std::vector<config::Tenant>{},
                                                       std::move(users), 1);
    return std::move(auth::credential_store::build(std::move(snapshot))).value();
}

login_context context(TlsMode tls = TlsMode::disable, auth_method method = auth_method::automatic) {
    static const std::shared_ptr<const auth::credential_store> store = make_store();
    return {.credentials = store, .tls = tls, .method = method, .random = &ones};
}

template <typename... Texts>
std::string startup(std::string_view user, Texts... more) {
    return untyped(protocol_3_0, strings("user", user, more...) + std::string(1, '\0'));
}

auth::tls_peer peer(std::string common_name = {}, bool verified = false) {
    return {.server_name = "acme.db.example",
            .certificate_verified = verified,
            .certificate_common_name = std::move(common_name),
            .end_point_hash = std::string(32, '\xab')};
}

/// A login, what it has said, and how it stands.
struct dialogue {
    explicit dialogue(login_context c) : login(std::move(c)) {}

    next say(std::string_view bytes) {
        said.clear();
        pending.append(bytes);
        client_login::step step = login.on_bytes(as_bytes(pending), said);
        EXPECT_LE(step.consumed, pending.size());
        pending.erase(0, step.consumed);
        return step.what;
    }
    next tls(auth::tls_peer p) {
        said.clear();
        return login.on_tls_established(std::move(p), said).what;
    }
    std::string sqlstate() const { return error_field(said, 'C'); }

    client_login login;
    std::string pending;
    std::string said;
};

/// From the server's AuthenticationSASL on.
next scram_with(dialogue& d, std::string password, bool plus = false, bool could_bind = false) {
    auth::scram_client client({.password = std::move(password),
                               .end_point_hash = plus || could_bind ? std::string(32, '\xab') : std::string(),
                               .plus = plus,
                               .keys = nullptr,
                               .random = &twos});
    next after = d.say(sasl_initial(client.mechanism(), client.first().value()));
    if (after != next::read_more) return after;
    EXPECT_EQ(d.said.substr(0, 1), "R");
    auto response = client.respond(d.said.substr(9));
    EXPECT_TRUE(response.ok());
    after = d.say(message('p', *response));
    if (after != next::authenticated) return after;
    EXPECT_EQ(types(d.said), "RR");
    std::size_t ok_size = authentication(0).size();
    EXPECT_EQ(d.said.substr(d.said.size() - ok_size), authentication(0));
    EXPECT_TRUE(client.verify(d.said.substr(9, d.said.size() - ok_size - 9)).ok());
    return after;
}

TEST(client_login, by_scram) {
    dialogue d(context());
    ASSERT_EQ(d.say(startup("alice", "database", "shop", "application_name", "psql")), next::read_more);
    EXPECT_EQ(d.said, authentication(10, strings("SCRAM-SHA-256") + std::string(1, '\0')));
    ASSERT_EQ(scram_with(d, "pencil"), next::authenticated);
    EXPECT_EQ(d.login.user()->name, "alice");
    EXPECT_EQ(d.login.parameters().database, "shop");
    EXPECT_EQ(*d.login.parameters().setting("application_name"), "psql");
    EXPECT_EQ(d.login.protocol_minor(), 0);
    EXPECT_FALSE(d.login.by_certificate());
}

TEST(client_login, by_scram_for_a_plain_secret_and_with_a_tenant_suffix) {
    dialogue d(context());
    ASSERT_EQ(d.say(startup("plain.acme")), next::read_more);
    ASSERT_EQ(scram_with(d, "pencil"), next::authenticated);
    EXPECT_EQ(d.login.user()->name, "plain");
    EXPECT_EQ(d.login.label(), "acme");
    EXPECT_EQ(d.login.parameters().database, "plain.acme");
}

TEST(client_login, leaves_what_follows_for_the_session) {
    dialogue d(context());
    ASSERT_EQ(d.say(startup("bob")), next::read_more);
    const std::uint8_t salt[] = {1, 1, 1, 1};
    std::string response = *auth::md5_response(*auth::make_md5_secret("pencil", "bob"), salt);
    ASSERT_EQ(d.say(message('p', strings(response)) + "Qrest"), next::authenticated);
    EXPECT_EQ(d.pending, "Qrest");
}

TEST(client_login, by_md5) {
    dialogue d(context());
    ASSERT_EQ(d.say(startup("bob")), next::read_more);
    EXPECT_EQ(d.said, authentication(5, "\1\1\1\1"));
    const std::uint8_t salt[] = {1, 1, 1, 1};
    ASSERT_EQ(
        d.say(message('p', strings(*auth::md5_response(*auth::make_md5_secret("pencil", "bob"), salt)))),
        next::authenticated);
    EXPECT_EQ(d.said, authentication(0));

    for (std::string wrong :
         {std::string(), std::string("pencil"), *auth::make_md5_secret("pencil", "bob")}) {
        dialogue w(context());
        ASSERT_EQ(w.say(startup("bob")), next::read_more);
        ASSERT_EQ(w.say(message('p', strings(wrong))), next::close);
        EXPECT_EQ(w.sqlstate(), "28P01");
    }
}

TEST(client_login, a_stranger_and_a_wrong_password_get_the_same_bytes) {
    auto attempt = [](std::string_view user) {
        dialogue d(context());
        std::string all;
        EXPECT_EQ(d.say(startup(user)), next::read_more);
        all += d.said;
        EXPECT_EQ(scram_with(d, "wrong"), next::close);
        return std::pair(all + d.said, std::string(d.login.failure_reason()));
    };
    auto [known, known_reason] = attempt("alice");
    auto [stranger, stranger_reason] = attempt("mallo");
    for (std::size_t at; (at = stranger.find("mallo")) != std::string::npos;)
        stranger.replace(at, 5, "alice");
    EXPECT_EQ(known, stranger);
    EXPECT_EQ(error_field(known, 'M'), "password authentication failed for user \"alice\"");
    EXPECT_EQ(error_field(known, 'C'), "28P01");
    EXPECT_EQ(error_field(known, 'S'), "FATAL");
    EXPECT_EQ(known_reason, "wrong password");
    EXPECT_EQ(stranger_reason, "unknown user");
}

TEST(client_login, without_a_secret_nobody_comes_in) {
    dialogue d(context());
    ASSERT_EQ(d.say(startup("nopass")), next::read_more);
    EXPECT_EQ(scram_with(d, ""), next::close);
    EXPECT_EQ(d.sqlstate(), "28P01");
}

TEST(client_login, over_tls_with_channel_binding) {
    dialogue d(context(TlsMode::prefer));
    ASSERT_EQ(d.say(untyped(ssl_code)), next::start_tls);
    EXPECT_EQ(d.said, "S");
    ASSERT_EQ(d.tls(peer()), next::read_more);
    ASSERT_EQ(d.say(startup("alice")), next::read_more);
    EXPECT_EQ(d.said,
              authentication(10, strings("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256") + std::string(1, '\0')));
    EXPECT_EQ(scram_with(d, "pencil", true), next::authenticated);
    EXPECT_EQ(d.login.tls().server_name, "acme.db.example");
}

TEST(client_login, over_direct_tls) {
    dialogue d(context(TlsMode::require));
    ASSERT_EQ(d.tls(peer()), next::read_more);
    ASSERT_EQ(d.say(startup("alice")), next::read_more);
    EXPECT_EQ(scram_with(d, "pencil"), next::authenticated);
}

TEST(client_login, over_tls_a_stripped_offer_is_found_out) {
    dialogue d(context(TlsMode::prefer));
    ASSERT_EQ(d.tls(peer()), next::read_more);
    ASSERT_EQ(d.say(startup("alice")), next::read_more);
    EXPECT_EQ(scram_with(d, "pencil", false, true), next::close);  // the client says 'y'
    EXPECT_EQ(d.sqlstate(), "28000");
    EXPECT_EQ(d.login.failure_reason(), "channel binding downgrade");
}

TEST(client_login, encryption_requests_come_in_any_order_and_once_each) {
    dialogue d(context());
    ASSERT_EQ(d.say(untyped(gssenc_code)), next::read_more);
    EXPECT_EQ(d.said, "N");
    ASSERT_EQ(d.say(untyped(ssl_code)), next::read_more);
    EXPECT_EQ(d.said, "N");
    ASSERT_EQ(d.say(startup("alice")), next::read_more);

    dialogue other(context(TlsMode::prefer));
    ASSERT_EQ(other.say(untyped(gssenc_code)), next::read_more);
    ASSERT_EQ(other.say(untyped(ssl_code)), next::start_tls);

    for (std::uint32_t code : {ssl_code, gssenc_code}) {
        dialogue twice(context());
        ASSERT_EQ(twice.say(untyped(code)), next::read_more);
        ASSERT_EQ(twice.say(untyped(code)), next::close);
        EXPECT_EQ(twice.sqlstate(), "08P01");
        dialogue inside(context(TlsMode::prefer));
        ASSERT_EQ(inside.tls(peer()), next::read_more);
        ASSERT_EQ(inside.say(untyped(code)), next::close);
        EXPECT_EQ(inside.sqlstate(), "08P01");
    }
}

TEST(client_login, clear_text_behind_an_encryption_request_is_refused) {
    for (std::uint32_t code : {ssl_code, gssenc_code}) {
        dialogue d(context(TlsMode::prefer));
        ASSERT_EQ(d.say(untyped(code) + startup("alice")), next::close);
        EXPECT_EQ(d.sqlstate(), "08P01");
        EXPECT_EQ(types(d.said), "E");
        dialogue one_byte(context(TlsMode::disable));
        ASSERT_EQ(one_byte.say(untyped(code) + "x"), next::close);
    }
}

TEST(client_login, bytes_while_tls_is_awaited_are_refused) {
    dialogue d(context(TlsMode::prefer));
    ASSERT_EQ(d.say(untyped(ssl_code)), next::start_tls);
    EXPECT_EQ(d.say(startup("alice")), next::close);
}

TEST(client_login, tls_that_nobody_asked_for_is_refused) {
    dialogue off(context(TlsMode::disable));
    EXPECT_EQ(off.tls(peer()), next::close);
    dialogue late(context(TlsMode::prefer));
    ASSERT_EQ(late.say(startup("alice")), next::read_more);
    EXPECT_EQ(late.tls(peer()), next::close);
    dialogue twice(context(TlsMode::prefer));
    ASSERT_EQ(twice.tls(peer()), next::read_more);
    EXPECT_EQ(twice.tls(peer()), next::close);
}

TEST(client_login, where_tls_is_required_clear_text_is_refused_with_a_hint) {
    for (TlsMode mode : {TlsMode::require, TlsMode::verify_ca, TlsMode::verify_full}) {
        dialogue d(context(mode));
        ASSERT_EQ(d.say(startup("alice")), next::close);
        EXPECT_EQ(d.sqlstate(), "28000");
        EXPECT_NE(error_field(d.said, 'H'), "");
    }
}

TEST(client_login, by_certificate) {
    for (TlsMode mode : {TlsMode::verify_ca, TlsMode::verify_full}) {
        for (std::string user : {"alice", "alice.acme", "nopass"}) {
            dialogue d(context(mode));
            ASSERT_EQ(d.tls(peer(user.substr(0, user.find('.')) + ".example", true)), next::read_more);
            ASSERT_EQ(d.say(startup(user)), next::authenticated) << user;
            EXPECT_EQ(d.said, authentication(0));
            EXPECT_TRUE(d.login.by_certificate());
        }
    }
}

TEST(client_login, a_certificate_replaces_the_password_of_its_own_user_only) {
    auto asked_for_password = [](std::string_view user, std::string name, bool verified, TlsMode mode) {
        dialogue d(context(mode));
        EXPECT_EQ(d.tls(peer(std::move(name), verified)), next::read_more);
        return d.say(startup(user)) == next::read_more && types(d.said) == "R" && d.said != authentication(0);
    };
    EXPECT_TRUE(asked_for_password("alice", "nopass.example", true, TlsMode::verify_full));
    EXPECT_TRUE(asked_for_password("alice", "ALICE.example", true, TlsMode::verify_full));
    EXPECT_TRUE(
        asked_for_password("carol", "", true, TlsMode::verify_full));  // no certificate_name configured
    EXPECT_TRUE(asked_for_password("carol", "carol", true, TlsMode::verify_full));
    EXPECT_TRUE(asked_for_password("mallory", "mallory", true, TlsMode::verify_full));
    EXPECT_TRUE(
        asked_for_password("alice", "alice.example", true, TlsMode::require));  // nobody verified for login
    EXPECT_TRUE(asked_for_password("alice", "alice.example", false, TlsMode::prefer));
}

TEST(client_login, where_certificates_are_verified_none_is_refused) {
    dialogue d(context(TlsMode::verify_ca));
    ASSERT_EQ(d.tls(peer("alice.example", false)), next::read_more);
    ASSERT_EQ(d.say(startup("alice")), next::close);
    EXPECT_EQ(d.sqlstate(), "28000");
}

TEST(client_login, by_password_under_tls) {
    for (std::string user : {"alice", "bob", "bob.acme", "plain", "mallory", "nopass"}) {
        for (std::string password : {"pencil", "pencils", ""}) {
            dialogue d(context(TlsMode::prefer, auth_method::password));
            ASSERT_EQ(d.tls(peer()), next::read_more);
            ASSERT_EQ(d.say(startup(user)), next::read_more);
            EXPECT_EQ(d.said, authentication(3));
            bool right = password == "pencil" && user != "mallory" && user != "nopass";
            EXPECT_EQ(d.say(message('p', strings(password))), right ? next::authenticated : next::close)
                << user;
            EXPECT_EQ(d.sqlstate(), right ? "" : "28P01");
        }
    }
    dialogue clear(context(TlsMode::prefer, auth_method::password));
    ASSERT_EQ(clear.say(startup("alice")), next::close);
    EXPECT_EQ(clear.sqlstate(), "28000");
}

TEST(client_login, negotiates_the_protocol_once) {
    struct {
        std::uint32_t minor;
        bool option;
        std::uint16_t spoken;
        bool told;
    } cases[] = {{0, false, 0, false}, {0, true, 0, true},  {1, false, 0, true},  {2, false, 2, false},
                 {2, true, 2, true},   {3, false, 2, true}, {9999, true, 2, true}};
    for (auto& c : cases) {
        dialogue d(context());
        std::string body = strings("user", "alice");
        if (c.option) body += strings("_pq_.first", "x", "_pq_.second", "y");
        ASSERT_EQ(d.say(untyped(protocol_3_0 | c.minor, body + std::string(1, '\0'))), next::read_more);
        EXPECT_EQ(types(d.said), c.told ? "vR" : "R") << c.minor;
        EXPECT_EQ(d.login.protocol_minor(), c.spoken);
        std::string options = c.option ? strings("_pq_.first", "_pq_.second") : std::string();
        std::string answer =
            message('v', big_endian(protocol_3_0 | c.spoken) + big_endian(c.option ? 2 : 0) + options);
        EXPECT_EQ(d.said.starts_with(answer), c.told);
        EXPECT_EQ(scram_with(d, "pencil"), next::authenticated);
    }
}

TEST(client_login, refuses_other_major_versions) {
    for (std::uint32_t version : {2u << 16, 4u << 16, 0u, 1234u << 16 | 5681u}) {
        dialogue d(context());
        ASSERT_EQ(d.say(untyped(version, "x")), next::close);
        EXPECT_EQ(d.sqlstate(), "0A000");
    }
}

TEST(client_login, hands_a_cancel_request_over) {
    for (std::size_t size : {4u, 32u, 256u}) {
        std::string key(size, '\xfe');
        for (TlsMode mode : {TlsMode::disable, TlsMode::verify_full}) {
            dialogue d(context(mode));
            ASSERT_EQ(d.say(untyped(cancel_code, big_endian(77) + key)), next::cancel);
            EXPECT_EQ(d.said, "");
            EXPECT_EQ(d.login.cancel_request().pid, 77u);
            EXPECT_EQ(d.login.cancel_request().key, key);
        }
    }
}

TEST(client_login, refuses_bad_startup_packets_with_an_error) {
    using namespace std::string_view_literals;
    for (std::string_view bytes : {"\0\0\0\4"sv, "\x7f\xff\xff\xff"sv, "GET / HTTP/1.1\r\n\r\n"sv,
                                   "\x16\x03\x01\x02\0"sv, "\0\0\0\x0b\x04\xd2\x16\x2e\0\0\0"sv}) {
        dialogue d(context(TlsMode::prefer));
        ASSERT_EQ(d.say(bytes), next::close);
        EXPECT_EQ(d.sqlstate(), "08P01");
        EXPECT_TRUE(d.pending.empty());
    }
    dialogue nameless(context());
    ASSERT_EQ(nameless.say(untyped(protocol_3_0, std::string(1, '\0'))), next::close);
    EXPECT_EQ(nameless.sqlstate(), "28000");
    dialogue switches(context());
    ASSERT_EQ(switches.say(startup("alice", "options", "-B 5")), next::close);
    EXPECT_EQ(switches.sqlstate(), "0A000");
}

TEST(client_login, refuses_malformed_replies) {
    using namespace std::string_literals;
    const std::string first = "n,,n=,r=AgIC";
    for (const std::string& reply :
         {message('Q', strings("SELECT 1")), "p\0\0\0\3"s, "p\x7f\xff\xff\xff"s, "p\0\1\0\4"s /* 65,536 */,
          message('p', ""), message('p', "SCRAM-SHA-256"), message('p', strings("SCRAM-SHA-256")),
          message('p', strings("SCRAM-SHA-256") + big_endian(5) + first),
          message('p', strings("SCRAM-SHA-256") + big_endian(0xffffffff)),
          message('p', strings("SCRAM-SHA-256") + big_endian(0xffffffff) + first),
          sasl_initial("SCRAM-SHA-256", ""), sasl_initial("SCRAM-SHA-256", "n,,"),
          sasl_initial("SCRAM-SHA-256", std::string(60'000, 'n'))}) {
        dialogue d(context());
        ASSERT_EQ(d.say(startup("alice")), next::read_more);
        ASSERT_EQ(d.say(reply), next::close) << reply.substr(0, 60);
        EXPECT_EQ(d.sqlstate(), "08P01");
    }
    for (std::string_view mechanism : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "OAUTHBEARER", ""}) {
        dialogue d(context());
        ASSERT_EQ(d.say(startup("alice")), next::read_more);
        ASSERT_EQ(d.say(sasl_initial(mechanism, first)), next::close);
        EXPECT_EQ(d.sqlstate(), "0A000");
    }
    for (const std::string& reply : {message('p', ""), message('p', "x"), message('p', strings("x", "y"))}) {
        dialogue d(context());
        ASSERT_EQ(d.say(startup("bob")), next::read_more);
        ASSERT_EQ(d.say(reply), next::close);
        EXPECT_EQ(d.sqlstate(), "08P01");
    }
}

TEST(client_login, ends_without_a_word_when_the_client_leaves) {
    dialogue d(context());
    ASSERT_EQ(d.say(startup("alice")), next::read_more);
    ASSERT_EQ(d.say(message('X', "")), next::close);
    EXPECT_EQ(d.said, "");
    EXPECT_EQ(d.login.failure_sqlstate(), "");
}

TEST(client_login, stays_closed) {
    dialogue d(context());
    ASSERT_EQ(d.say(untyped(2 << 16, "x")), next::close);
    EXPECT_EQ(d.login.failure_sqlstate(), "0A000");
    EXPECT_EQ(d.say(startup("alice")), next::close);
    dialogue done(context());
    ASSERT_EQ(done.say(startup("alice")), next::read_more);
    ASSERT_EQ(scram_with(done, "pencil"), next::authenticated);
    EXPECT_EQ(done.say(startup("alice")), next::close);
}

TEST(client_login, fails_without_randomness) {
    for (std::string_view user : {"alice", "bob"}) {
        login_context c = context();
        c.random = [](std::span<std::uint8_t>) { return false; };
        dialogue d(c);
        next after = d.say(startup(user));
        if (after == next::read_more) after = d.say(sasl_initial("SCRAM-SHA-256", "n,,n=,r=AgIC"));
        EXPECT_EQ(after, next::close);
        EXPECT_EQ(d.sqlstate(), "XX000");
    }
}

/// The whole of a login, its messages cut at `cut`: the same bytes must come out wherever that is.
std::string run_split(const std::vector<std::string>& messages, std::size_t which, std::size_t cut,
                      next& end) {
    dialogue d(context());
    std::string all;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        std::string_view whole = messages[i];
        if (i == which) {
            EXPECT_EQ(d.say(whole.substr(0, cut)), next::read_more);
            all += d.said;
            whole.remove_prefix(cut);
        }
        end = d.say(whole);
        all += d.said;
    }
    return all;
}

TEST(client_login, does_not_care_where_messages_are_cut) {
    const std::vector<std::string> messages = {
        untyped(gssenc_code), untyped(ssl_code), startup("alice", "options", "-c a=b", "_pq_.x", "y"),
        sasl_initial("SCRAM-SHA-256", "n,,n=,r=AgICAgICAgICAgICAgICAgIC"),
        message('p',
                "c=biws,r=AgICAgICAgICAgICAgICAgICAQEBAQEBAQEBAQEBAQEBAQEB,"
                "p=GYTngnXvBG2nDhm258x++rbV1asDHM5KaHxPyXcNa9Q=")};
    next end = next::close;
    const std::string expected = run_split(messages, 0, 0, end);
    ASSERT_EQ(end, next::authenticated);
    for (std::size_t which = 0; which < messages.size(); ++which)
        for (std::size_t cut = 0; cut < messages[which].size(); ++cut) {
            EXPECT_EQ(run_split(messages, which, cut, end), expected) << which << " " << cut;
            EXPECT_EQ(end, next::authenticated);
        }
}

}  // namespace
}  // namespace fairlead::proxy::postgres
