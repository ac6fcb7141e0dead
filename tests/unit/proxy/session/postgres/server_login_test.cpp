#include "proxy/session/postgres/server_login.h"

#include "proxy/auth/md5_secret.h"
#include "proxy/auth/scram_server.h"
#include "proxy/wire/postgres/build.h"
#include "unit/proxy/fixed_random.h"
#include "unit/proxy/session/postgres/login_messages.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

using namespace test;
using proxy::test::ones;
using proxy::test::twos;
using next = server_login::next;
using config::TlsMode;

server_login_parameters make_parameters(TlsMode tls = TlsMode::disable) {
    server_login_parameters p;
    p.tls = tls;
    p.user = "app";
    p.password = "pencil";
    p.database = "shop";
    p.settings = {{"application_name", "fairlead"}};
    p.random = &twos;
    return p;
}

const std::string ok = authentication(0);
const std::string idle = message('Z', "I");
const std::string key = message('K', big_endian(4711) + "wxyz");
const std::string sasl = authentication(10, strings("SCRAM-SHA-256") + std::string(1, '\0'));
const std::string sasl_both =
    authentication(10, strings("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256") + std::string(1, '\0'));

std::string status(std::string_view name, std::string_view value) {
    return message('S', strings(name, value));
}

struct dialogue {
    explicit dialogue(server_login_parameters p) : login(std::move(p)) {
        EXPECT_EQ(login.start(said).what, next::read_more);
    }

    /// The server says `bytes`.
    next hear(std::string_view bytes) {
        said.clear();
        pending.append(bytes);
        server_login::step step = login.on_bytes(as_bytes(pending), said);
        EXPECT_LE(step.consumed, pending.size());
        pending.erase(0, step.consumed);
        return step.what;
    }
    next tls(std::string end_point_hash) {
        said.clear();
        auth::tls_peer peer;
        peer.end_point_hash = std::move(end_point_hash);
        return login.on_tls_established(std::move(peer), said).what;
    }

    server_login login;
    std::string pending;
    std::string said;
};

const std::string startup_message =
    untyped(3 << 16, strings("user", "app", "database", "shop", "application_name", "fairlead") +
                         std::string(1, '\0'));

/// Fails the test unless the login fails, by us and not by the server, after `bytes`.
void expect_violation(std::string_view bytes, server_login_parameters p = make_parameters()) {
    dialogue d(std::move(p));
    ASSERT_EQ(d.hear(bytes), next::failed) << types(bytes);
    EXPECT_EQ(d.login.failure().sqlstate.size(), 5u);
    EXPECT_FALSE(d.login.failure().message.empty());
    EXPECT_FALSE(d.login.failure().from_server);
    EXPECT_EQ(d.said, "");
    EXPECT_EQ(d.hear(ok + idle), next::failed);  // and stays failed
}

TEST(server_login, with_trust) {
    dialogue d(make_parameters());
    EXPECT_EQ(d.said, startup_message);
    ASSERT_EQ(d.hear(ok + status("server_version", "15.1") + status("TimeZone", "UTC") + key +
                     status("TimeZone", "Asia/Tokyo") + idle + "rest"),
              next::ready);
    EXPECT_EQ(d.pending, "rest");
    EXPECT_EQ(d.login.pid(), 4711u);
    EXPECT_EQ(d.login.cancel_key(), "wxyz");
    EXPECT_EQ(d.login.parameters(), (std::vector<std::pair<std::string, std::string>>{
                                        {"server_version", "15.1"}, {"TimeZone", "Asia/Tokyo"}}));
    EXPECT_EQ(*d.login.parameter("TimeZone"), "Asia/Tokyo");
    EXPECT_EQ(d.login.parameter("nothing"), nullptr);
    EXPECT_TRUE(d.login.setup_row().empty());
}

TEST(server_login, with_cleartext) {
    dialogue d(make_parameters());
    ASSERT_EQ(d.hear(authentication(3)), next::read_more);
    EXPECT_EQ(d.said, message('p', strings("pencil")));
    EXPECT_EQ(d.hear(ok + idle), next::ready);
    EXPECT_EQ(d.login.cancel_key(), "");  // some servers give none
}

TEST(server_login, with_md5_from_password_or_hash) {
    for (std::string password : {std::string("pencil"), *auth::make_md5_secret("pencil", "app")}) {
        server_login_parameters p = make_parameters();
        p.password = password;
        dialogue d(p);
        ASSERT_EQ(d.hear(authentication(5, "\1\1\1\1")), next::read_more);
        const std::uint8_t salt[] = {1, 1, 1, 1};
        EXPECT_EQ(d.said,
                  message('p', strings(*auth::md5_response(*auth::make_md5_secret("pencil", "app"), salt))));
        EXPECT_EQ(d.hear(ok + key + idle), next::ready);
    }
}

/// Plays the server's SCRAM up to and with AuthenticationSASLFinal.
void scram(dialogue& d, std::string_view mechanism, const std::string& offer,
           const std::string& binding = {}) {
    auth::scram_server server(
        {*auth::derive_scram_verifier("pencil", "salt and pepper", 4096), binding, false, &ones});
    ASSERT_EQ(d.hear(offer), next::read_more);
    std::string prefix = strings(mechanism);
    ASSERT_EQ(d.said.substr(5, prefix.size()), prefix);
    std::string reply;
    ASSERT_EQ(server.first(mechanism, d.said.substr(5 + prefix.size() + 4), reply), auth::scram_outcome::ok);
    ASSERT_EQ(d.hear(authentication(11, reply)), next::read_more);
    reply.clear();
    ASSERT_EQ(server.last(d.said.substr(5), reply), auth::scram_outcome::ok);
    ASSERT_EQ(d.hear(authentication(12, reply)), next::read_more);
}

TEST(server_login, with_scram) {
    auth::scram_key_cache cache;
    for (int i = 0; i < 2; ++i) {
        server_login_parameters p = make_parameters();
        p.scram_keys = &cache;
        dialogue d(p);
        scram(d, "SCRAM-SHA-256", sasl_both);  // no TLS, so -PLUS is not for us
        EXPECT_EQ(d.hear(ok + key + idle), next::ready);
    }
    EXPECT_EQ(cache.size(), 1u);
}

TEST(server_login, with_scram_plus_over_tls) {
    dialogue d(make_parameters(TlsMode::verify_full));
    ASSERT_EQ(d.hear("S"), next::start_tls);
    ASSERT_EQ(d.tls(std::string(32, '\xab')), next::read_more);
    EXPECT_EQ(d.said, startup_message);
    scram(d, "SCRAM-SHA-256-PLUS", sasl_both, std::string(32, '\xab'));
    EXPECT_EQ(d.hear(ok + key + idle), next::ready);
    EXPECT_TRUE(d.login.has_tls());
}

TEST(server_login, over_tls_without_a_certificate_hash_does_not_bind) {
    dialogue d(make_parameters(TlsMode::require));
    ASSERT_EQ(d.hear("S"), next::start_tls);
    ASSERT_EQ(d.tls({}), next::read_more);
    scram(d, "SCRAM-SHA-256", sasl_both);
    EXPECT_EQ(d.hear(ok + key + idle), next::ready);
}

TEST(server_login, asks_for_tls_by_mode) {
    for (TlsMode mode : {TlsMode::disable, TlsMode::allow})
        EXPECT_EQ(dialogue(make_parameters(mode)).said, startup_message);
    for (TlsMode mode : {TlsMode::prefer, TlsMode::require, TlsMode::verify_ca, TlsMode::verify_full}) {
        dialogue d(make_parameters(mode));
        EXPECT_EQ(d.said, untyped(80877103));
        bool goes_on = mode == TlsMode::prefer;
        ASSERT_EQ(d.hear("N"), goes_on ? next::read_more : next::failed);
        EXPECT_EQ(d.said, goes_on ? startup_message : "");
        if (goes_on) {
            EXPECT_EQ(d.hear(ok + idle), next::ready);
        } else {
            EXPECT_EQ(d.login.failure().sqlstate, "08001");
        }
    }
}

TEST(server_login, refuses_other_answers_to_the_request_for_tls) {
    for (std::string_view answer : {"SS", "NN", "X", "R\0\0\0\10"})
        expect_violation(answer, make_parameters(TlsMode::prefer));
    std::string error;
    append_error(error, {.message = "text of anybody", .detail = {}, .hint = {}});
    dialogue d(make_parameters(TlsMode::prefer));
    ASSERT_EQ(d.hear(error), next::failed);
    EXPECT_EQ(d.login.failure().message.find("anybody"), std::string::npos);
    dialogue early(make_parameters(TlsMode::require));
    ASSERT_EQ(early.hear("S"), next::start_tls);
    EXPECT_EQ(early.hear("R"), next::failed);
    dialogue unasked(make_parameters());
    EXPECT_EQ(unasked.tls({}), next::failed);
}

TEST(server_login, does_not_believe_a_server_that_skips_its_proof) {
    auto challenge = [] {
        return authentication(11, "r=AgICAgICAgICAgICAgICAgICxx,s=AAECAwQFBgcICQoLDA0ODw==,i=1");
    };
    for (const std::string& tail :
         {ok, challenge() + ok, authentication(12, "v=AAAA"), challenge() + challenge(),
          challenge() + authentication(12, "v="), sasl, authentication(3), authentication(5, "abcd")}) {
        dialogue d(make_parameters());
        ASSERT_EQ(d.hear(sasl), next::read_more);
        ASSERT_EQ(d.hear(tail), next::failed) << types(tail);
    }
    dialogue again(make_parameters());
    ASSERT_EQ(again.hear(authentication(3)), next::read_more);
    EXPECT_EQ(again.hear(authentication(3)), next::failed);  // asks for the password twice
}

TEST(server_login, refuses_malformed_authentication) {
    using namespace std::string_literals;
    for (const std::string& bytes : {message('R', ""),
                                     message('R', "\0\0\0"s),
                                     authentication(0, "x"),
                                     authentication(3, "x"),
                                     authentication(5),
                                     authentication(5, "abc"),
                                     authentication(5, "abcde"),
                                     authentication(7),
                                     authentication(2),
                                     authentication(99),
                                     authentication(11),
                                     authentication(12),
                                     authentication(10),
                                     authentication(10, "SCRAM-SHA-256"),
                                     authentication(10, strings("SCRAM-SHA-256")),
                                     authentication(10, strings("SCRAM-SHA-256") + "\0x"s),
                                     authentication(10, strings("SCRAM-SHA-256-PLUS") + "\0"s),
                                     authentication(10, strings("PLAIN") + "\0"s),
                                     authentication(10, "\0"s),
                                     message('Z', "I"),
                                     key,
                                     status("a", "b"),
                                     message('D', "\0\0"s),
                                     message('T', ""),
                                     "\0\0\0\0\0"s,
                                     "R\0\0\0\3"s,
                                     "R\x7f\xff\xff\xff"s,
                                     "R\0\1\0\5"s,
                                     "HTTP/1.1 400 Bad Request\r\n"s})
        expect_violation(bytes);
}

TEST(server_login, without_the_right_kind_of_secret_says_so) {
    for (std::string password :
         {std::string(), *auth::make_md5_secret("x", "app"), std::string("SCRAM-SHA-256$1:AA==$x:y")}) {
        server_login_parameters p = make_parameters();
        p.password = password;
        expect_violation(authentication(3), p);
    }
    server_login_parameters p = make_parameters();
    p.password.clear();
    expect_violation(sasl, p);
    expect_violation(authentication(5, "abcd"), p);
}

TEST(server_login, refuses_more_iterations_than_allowed) {
    server_login_parameters p = make_parameters();
    p.max_scram_iterations = 5000;
    dialogue d(p);
    ASSERT_EQ(d.hear(sasl), next::read_more);
    ASSERT_EQ(d.hear(authentication(11, "r=AgICAgICAgICAgICAgICAgICxx,s=AAEC,i=5001")), next::failed);
    EXPECT_NE(d.login.failure().message.find("5001"), std::string::npos);
}

TEST(server_login, protocol_3_2_and_its_negotiation) {
    server_login_parameters p = make_parameters();
    p.protocol_minor = 2;
    dialogue d(p);
    EXPECT_EQ(d.said.substr(4, 4), big_endian(3 << 16 | 2));
    ASSERT_EQ(d.hear(ok + message('K', big_endian(1) + std::string(256, 'k')) + idle), next::ready);
    EXPECT_EQ(d.login.cancel_key(), std::string(256, 'k'));
    EXPECT_EQ(d.login.protocol_minor(), 2);

    const std::string down = message('v', big_endian(3 << 16) + big_endian(0));  // as PostgreSQL 15 answers
    const std::string by_manual = message('v', big_endian(0) + big_endian(0));
    for (const std::string& answer : {down, by_manual}) {
        dialogue old(p);
        ASSERT_EQ(old.hear(answer + ok + key + idle), next::ready);
        EXPECT_EQ(old.login.protocol_minor(), 0);
    }
    dialogue tolerated(make_parameters());
    EXPECT_EQ(tolerated.hear(down + ok + key + idle), next::ready);

    expect_violation(down + down, p);
    expect_violation(message('v', big_endian(3) + big_endian(0)), p);
    expect_violation(message('v', big_endian(3 << 16 | 3) + big_endian(0)), p);
    expect_violation(message('v', big_endian(4 << 16) + big_endian(0)), p);
    expect_violation(message('v', big_endian(2 << 16) + big_endian(0)), p);
    expect_violation(message('v', big_endian(2) + big_endian(0)));  // asked for 3.0
    expect_violation(message('v', big_endian(0)), p);
    expect_violation(message('v', big_endian(0) + big_endian(1) + strings("_pq_.x")), p);
    expect_violation(message('v', big_endian(0) + big_endian(0xffffffff)), p);
    expect_violation(ok + down, p);
}

TEST(server_login, refuses_malformed_messages_after_authentication) {
    using namespace std::string_literals;
    for (const std::string& tail :
         {message('K', ""), message('K', big_endian(1)), message('K', big_endian(1) + "abc"),
          message('K', big_endian(1) + "abcde") /* 3.0 has four bytes */, key + key, message('S', ""),
          message('S', "a"), message('S', strings("a")), message('S', strings("a", "b") + "x"),
          message('S', strings("", "b")), message('Z', ""), message('Z', "T"), message('Z', "E"),
          message('Z', "II"), message('D', "\0\0"s), message('C', strings("SELECT")), ok, message('G', ""),
          message('A', "")})
        expect_violation(ok + tail);
}

TEST(server_login, ends_a_login_that_does_not_end) {
    std::string parameters = ok;
    for (std::size_t i = 0; i <= server_login::max_parameters; ++i)
        parameters += status("p" + std::to_string(i), "v");
    expect_violation(parameters);

    dialogue d(make_parameters());
    next after = d.hear(ok);
    std::size_t heard = 0;
    const std::string notice = message('N', std::string(60'000, 'x'));
    while (after == next::read_more && heard < 10 * server_login::max_total) {
        after = d.hear(notice);
        heard += notice.size();
    }
    EXPECT_EQ(after, next::failed);
    EXPECT_LE(heard, server_login::max_total + notice.size());
}

TEST(server_login, passes_the_servers_error_on) {
    dialogue d(make_parameters());
    std::string error;
    append_error(error,
                 {.severity = "FATAL", .sqlstate = "53300", .message = "too many", .detail = {}, .hint = {}});
    ASSERT_EQ(d.hear(error), next::failed);
    EXPECT_EQ(d.login.failure().sqlstate, "53300");
    EXPECT_EQ(d.login.failure().message, "too many");
    EXPECT_TRUE(d.login.failure().from_server);
}

TEST(server_login, takes_errors_with_missing_or_broken_fields) {
    using namespace std::string_literals;
    for (const std::string& body :
         {""s, "\0"s, "M"s, "Mtext"s, "C"s, strings("C1"), strings("C12\n45", "M") + "\0"s,
          strings("SFATAL") + "\0"s, strings("Cabcde") + "\0"s}) {
        dialogue d(make_parameters());
        ASSERT_EQ(d.hear(message('E', body)), next::failed);
        EXPECT_EQ(d.login.failure().sqlstate, "08001");
        EXPECT_FALSE(d.login.failure().message.empty());
    }
    dialogue longer(make_parameters());
    ASSERT_EQ(longer.hear(message('E', strings("M" + std::string(50'000, 'x')) + "\0"s)), next::failed);
    EXPECT_LE(longer.login.failure().message.size(), 1024u);
}

TEST(server_login, ignores_notices) {
    dialogue d(make_parameters());
    const std::string notice = message('N', strings("Mhello"));
    EXPECT_EQ(d.hear(notice + ok + notice + key + notice + idle), next::ready);
}

server_login_parameters with_setup() {
    server_login_parameters p = make_parameters();
    p.setup = "the set-up";
    return p;
}

TEST(server_login, sets_up_and_keeps_the_first_row) {
    using namespace std::string_literals;
    dialogue d(with_setup());
    ASSERT_EQ(d.hear(ok + key + idle), next::read_more);
    EXPECT_EQ(d.said, "the set-up");
    std::string row = message('D', "\0\3"s + big_endian(2) + "ab" + big_endian(0xffffffff) + big_endian(0));
    std::string other = message('D', "\0\1"s + big_endian(1) + "z");
    ASSERT_EQ(d.hear(message('1', "") + message('T', "\0\0"s) + row + other + status("search_path", "x") +
                     message('C', strings("SELECT 2")) + idle + "rest"),
              next::ready);
    EXPECT_EQ(d.said, "");
    EXPECT_EQ(d.pending, "rest");
    EXPECT_EQ(d.login.setup_row(), (std::vector<std::optional<std::string>>{"ab", std::nullopt, ""}));
    EXPECT_EQ(*d.login.parameter("search_path"), "x");
}

TEST(server_login, fails_when_the_setup_fails) {
    using namespace std::string_literals;
    dialogue d(with_setup());
    ASSERT_EQ(d.hear(ok + idle), next::read_more);
    std::string error;
    append_error(error, {.sqlstate = "42883", .message = "no such function", .detail = {}, .hint = {}});
    ASSERT_EQ(d.hear(message('1', "") + error + idle), next::failed);
    EXPECT_EQ(d.login.failure().sqlstate, "42883");

    for (const std::string& tail :
         {message('D', ""), message('D', "\0\1"s), message('D', "\0\1"s + big_endian(5) + "abcd"),
          message('D', "\0\1"s + big_endian(0xfffffffe)), message('D', "\0\0x"s),
          message('D', "\xff\xff"s + big_endian(1) + "a"), message('Z', "T"), ok, key, message('G', ""),
          message('H', ""), message('W', ""), message('d', "x")}) {
        dialogue broken(with_setup());
        ASSERT_EQ(broken.hear(ok + idle), next::read_more);
        ASSERT_EQ(broken.hear(tail), next::failed) << types(tail);
        EXPECT_FALSE(broken.login.failure().from_server);
    }
}

/// One login, cut at every byte, always with the same end.
TEST(server_login, does_not_care_where_messages_are_cut) {
    using namespace std::string_literals;
    const std::string bytes = message('v', big_endian(0) + big_endian(0)) + authentication(3) + ok +
                              status("server_version", "15.1") + key + message('N', strings("Mx")) + idle +
                              message('1', "") + message('D', "\0\1"s + big_endian(2) + "ab") +
                              message('C', strings("SELECT 1")) + idle;
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        dialogue d(with_setup());
        ASSERT_EQ(d.hear(bytes.substr(0, cut)), next::read_more) << cut;
        std::string said = d.said;
        ASSERT_EQ(d.hear(bytes.substr(cut)), next::ready) << cut;
        said += d.said;
        EXPECT_EQ(said, message('p', strings("pencil")) + "the set-up");
        EXPECT_EQ(d.login.setup_row(), (std::vector<std::optional<std::string>>{"ab"}));
        EXPECT_EQ(d.login.pid(), 4711u);
        EXPECT_EQ(d.login.parameters().size(), 1u);
        EXPECT_EQ(d.pending, "");
    }
}

}  // namespace
}  // namespace fairlead::proxy::postgres
