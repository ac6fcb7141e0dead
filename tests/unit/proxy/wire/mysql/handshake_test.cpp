#include "proxy/wire/mysql/handshake.h"

#include "proxy/wire/mysql/packet.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::mysql {
namespace {

using namespace std::string_view_literals;
using policy::mysql::flavour;

constexpr capability_set mariadb = offered_to_clients(flavour::mariadb, true);
constexpr capability_set mysql8 = offered_to_clients(flavour::mysql, true);

greeting make_greeting(capability_set capabilities) {
    return {"10.11.14-MariaDB",
            77,
            "abcdefghijklmnopqrst",
            capabilities,
            45,
            2,
            std::string(auth_plugin::native)};
}

template <typename Write>
std::string payload_of(Write write) {
    std::string bytes;
    std::uint8_t sequence = 0;
    write(bytes, sequence);
    auto packet = read_packet(as_bytes(bytes));
    return packet ? std::string(as_text(packet->payload)) : "";
}

std::string payload_of(const handshake_response& response) {
    return payload_of([&](auto& out, auto& sequence) { append_handshake_response(out, sequence, response); });
}

handshake_response make_response(capability_set capabilities) {
    handshake_response response;
    response.capabilities = capabilities;
    response.max_packet = 1 << 24;
    response.user = "app.acme";
    response.auth_response = std::string("\x01\x00\x02", 3);
    response.database = "shop";
    response.plugin = auth_plugin::caching_sha2;
    response.attributes = {{"program_name", "test"}, {"fairlead_tenant", "acme"}};
    response.zstd_level = 7;
    return response;
}

TEST(mysql_greeting, comes_back_and_is_refused_when_cut) {
    for (capability_set capabilities : {mariadb, mysql8}) {
        greeting hello = make_greeting(capabilities);
        std::string payload =
            payload_of([&](auto& out, auto& sequence) { append_greeting(out, sequence, hello); });
        auto parsed = parse_greeting(as_bytes(payload));
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->server_version, hello.server_version);
        EXPECT_EQ(parsed->thread_id, 77u);
        EXPECT_EQ(parsed->scramble, hello.scramble);
        EXPECT_EQ(parsed->capabilities, capabilities);
        EXPECT_EQ(parsed->plugin, hello.plugin);
        std::size_t without_plugin = payload.size() - hello.plugin.size() - 1;
        for (std::size_t size = 0; size < without_plugin; ++size)
            EXPECT_FALSE(parse_greeting(as_bytes(payload).first(size))) << size;
    }
}

TEST(mysql_greeting, extended_capabilities_are_mariadbs_only) {
    EXPECT_TRUE(has(mariadb, capability::mariadb_bulk_operations));
    EXPECT_FALSE(has(mariadb, capability::long_password));
    EXPECT_EQ(mysql8 & capability::mariadb_all, 0u);
    greeting hello = make_greeting(mysql8 | capability::mariadb_bulk_operations);
    std::string payload =
        payload_of([&](auto& out, auto& sequence) { append_greeting(out, sequence, hello); });
    EXPECT_EQ(parse_greeting(as_bytes(payload))->capabilities, mysql8);
}

TEST(mysql_response, comes_back_with_what_its_flags_announce) {
    handshake_response response = make_response(mariadb);
    auto parsed = parse_handshake_response(as_bytes(payload_of(response)), mariadb);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->capabilities, mariadb);
    EXPECT_EQ(parsed->user, "app.acme");
    EXPECT_EQ(parsed->auth_response, response.auth_response);
    EXPECT_EQ(parsed->database, "shop");
    EXPECT_EQ(parsed->plugin, auth_plugin::caching_sha2);
    EXPECT_EQ(parsed->attributes, response.attributes);
    EXPECT_EQ(parsed->zstd_level, 7);

    response.capabilities =
        capability::protocol_41 | capability::secure_connection | capability::long_password;
    auto small = parse_handshake_response(as_bytes(payload_of(response)), mariadb);
    ASSERT_TRUE(small);
    EXPECT_EQ(small->auth_response, response.auth_response);
    EXPECT_EQ(small->database, std::nullopt);
    EXPECT_TRUE(small->attributes.empty());
}

/// Cut behind a whole field the packet is that of an older client; inside a field it is malformed.
TEST(mysql_response, is_refused_when_cut_inside_a_field) {
    std::string payload = payload_of(make_response(mariadb));
    std::size_t user_end = 32 + 9, auth_end = user_end + 4;
    std::size_t database_end = auth_end + 5, plugin_end = database_end + auth_plugin::caching_sha2.size() + 1;
    for (std::size_t size = 0; size < payload.size(); ++size) {
        bool whole = size == auth_end || size == database_end || size == payload.size() - 1 ||
                     (size > database_end && size <= plugin_end);  // an unterminated plugin name is its rest
        EXPECT_EQ(parse_handshake_response(as_bytes(payload).first(size), mariadb).has_value(), whole)
            << size;
    }
}

TEST(mysql_response, attributes_longer_than_the_packet_are_malformed) {
    handshake_response response = make_response(mariadb & ~capability::zstd_compression);
    response.attributes = {{"a", "b"}};
    std::string payload = payload_of(response);
    ASSERT_TRUE(parse_handshake_response(as_bytes(payload), mariadb));
    for (std::size_t back : {1u, 2u, 3u, 4u, 5u}) {
        std::string broken = payload;
        broken[broken.size() - back] = '\x7f';
        if (back == 1 || back == 3) continue;  // those are the texts
        EXPECT_FALSE(parse_handshake_response(as_bytes(broken), mariadb)) << back;
    }
}

TEST(mysql_response, flags_that_were_not_offered_do_not_move_fields) {
    std::string payload = payload_of(make_response(mariadb & ~capability::plugin_auth_lenenc));
    auto forged = payload;
    forged[2] = static_cast<char>(forged[2] | 0x20);  // plugin_auth_lenenc
    auto parsed = parse_handshake_response(as_bytes(forged), mariadb & ~capability::plugin_auth_lenenc);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->database, "shop");
}

TEST(mysql_response, one_of_before_4_1_is_none) {
    EXPECT_FALSE(parse_handshake_response(as_bytes("\x85\xa4\x00\x00\x00"
                                                   "root\0"sv),
                                          mariadb));
    EXPECT_FALSE(parse_handshake_response(as_bytes(std::string(40, '\0')), mariadb));
}

TEST(mysql_ssl_request, is_the_head_alone) {
    handshake_response response = make_response(mariadb);
    std::string payload =
        payload_of([&](auto& out, auto& sequence) { append_ssl_request(out, sequence, response); });
    EXPECT_TRUE(is_ssl_request(as_bytes(payload)));
    EXPECT_EQ(peek_capabilities(as_bytes(payload)), mariadb);
    EXPECT_FALSE(is_ssl_request(as_bytes(payload).first(31)));
    EXPECT_FALSE(is_ssl_request(as_bytes(payload + "u")));
    response.capabilities &= ~capability::ssl;
    EXPECT_FALSE(is_ssl_request(as_bytes(
        payload_of([&](auto& out, auto& sequence) { append_ssl_request(out, sequence, response); }))));
}

TEST(mysql_change_user, comes_back_and_is_refused_when_cut) {
    change_user_request request{"app", "12345678901234567890",  "shop",
                                2304,  "mysql_native_password", {{"k", "v"}}};
    std::string payload =
        payload_of([&](auto& out, auto& sequence) { append_change_user(out, sequence, request, mariadb); });
    auto parsed = parse_change_user(as_bytes(payload), mariadb);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->user, "app");
    EXPECT_EQ(parsed->auth_response, request.auth_response);
    EXPECT_EQ(parsed->database, "shop");
    EXPECT_EQ(parsed->collation, 2304);
    EXPECT_EQ(parsed->plugin, request.plugin);
    EXPECT_EQ(parsed->attributes, request.attributes);
    std::size_t database_end = 1 + 4 + 21 + 5;
    for (std::size_t size = 0; size < database_end; ++size)
        EXPECT_FALSE(parse_change_user(as_bytes(payload).first(size), mariadb)) << size;
    EXPECT_FALSE(parse_change_user(as_bytes(payload).first(database_end + 1), mariadb));
    EXPECT_FALSE(parse_change_user(as_bytes(payload).first(payload.size() - 1), mariadb));
}

TEST(mysql_auth_switch, comes_back) {
    std::string payload = payload_of([&](auto& out, auto& sequence) {
        append_auth_switch(out, sequence, {"caching_sha2_password", "12345678901234567890"});
    });
    auto parsed = parse_auth_switch(as_bytes(payload));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->plugin, "caching_sha2_password");
    EXPECT_EQ(parsed->data, "12345678901234567890");
    EXPECT_FALSE(parse_auth_switch(as_bytes("\xfe"sv)));
    EXPECT_FALSE(
        parse_auth_switch(as_bytes("\xfe"
                                   "name without end"sv)));
}

}  // namespace
}  // namespace fairlead::proxy::mysql
