#include "proxy/wire/postgres/startup.h"

#include "proxy/wire/postgres/build.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::postgres {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

Result<startup_parameters, startup_error> parse(const pairs& parameters) {
    std::string packet;
    append_startup(packet, protocol_3_0, parameters);
    return parse_startup_parameters(as_bytes(packet).subspan(8));
}

/// Settings of an `options` text, or the SQLSTATE.
pairs options(std::string_view text) {
    auto parsed = parse({{"user", "u"}, {"options", std::string(text)}});
    return parsed ? parsed->settings : pairs{{parsed.error().sqlstate, ""}};
}

std::string sqlstate_of(const pairs& parameters) {
    auto parsed = parse(parameters);
    return parsed ? "" : parsed.error().sqlstate;
}

Decode read(std::string_view bytes, startup_packet& packet) {
    return read_startup_packet(as_bytes(bytes), packet);
}

TEST(startup_packet, is_read_when_it_is_whole) {
    std::string bytes;
    append_startup(bytes, 3 << 16 | 2, pairs{{"user", "u"}});
    startup_packet packet;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(read(bytes.substr(0, size), packet), Decode::need_more);
    ASSERT_EQ(read(bytes + "more", packet), Decode::ok);
    EXPECT_EQ(packet.kind, startup_kind::startup);
    EXPECT_EQ(packet.major(), 3);
    EXPECT_EQ(packet.minor(), 2);
    EXPECT_EQ(packet.total, bytes.size());
}

TEST(startup_packet, tells_the_kinds_apart) {
    startup_packet packet;
    using namespace std::string_view_literals;
    ASSERT_EQ(read("\0\0\0\x08\x04\xd2\x16\x2f"sv, packet), Decode::ok);
    EXPECT_EQ(packet.kind, startup_kind::ssl_request);
    ASSERT_EQ(read("\0\0\0\x08\x04\xd2\x16\x30"sv, packet), Decode::ok);
    EXPECT_EQ(packet.kind, startup_kind::gssenc_request);
    ASSERT_EQ(read("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1abcd"sv, packet), Decode::ok);
    EXPECT_EQ(packet.kind, startup_kind::cancel_request);
}

TEST(startup_packet, has_bounded_length_known_from_its_first_word) {
    startup_packet packet;
    using namespace std::string_view_literals;
    EXPECT_EQ(read("\0\0\0\x07"sv, packet), Decode::malformed);
    EXPECT_EQ(read("\0\0\0\0"sv, packet), Decode::malformed);
    EXPECT_EQ(read("\0\0\x27\x11"sv, packet), Decode::malformed);  // 10,001
    EXPECT_EQ(read("\0\0\x27\x10"sv, packet), Decode::need_more);
    EXPECT_EQ(read("\xff\xff\xff\xff"sv, packet), Decode::malformed);
    EXPECT_EQ(read("GET / HTTP/1.1\r\n"sv, packet), Decode::malformed);
    EXPECT_EQ(read("\0\0\0\x09\x04\xd2\x16\x2fx"sv, packet), Decode::malformed);  // SSLRequest with a tail
    EXPECT_EQ(read("\0\0\0\x0f\x04\xd2\x16\x2e\0\0\0\1abc"sv, packet), Decode::malformed);  // cancel key of 3
}

TEST(startup_packet, cancel_key_may_have_up_to_256_bytes) {
    for (std::size_t size : {3u, 4u, 32u, 256u, 257u}) {
        std::string bytes;
        append_cancel_request(bytes, 1, std::string(size, 'k'));
        startup_packet packet;
        EXPECT_EQ(read(bytes, packet), size >= 4 && size <= 256 ? Decode::ok : Decode::malformed) << size;
    }
}

TEST(startup_parameters, are_sorted_by_what_they_mean) {
    auto parsed = parse({{"user", "alice"},
                         {"database", "shop"},
                         {"Application_Name", "x y"},
                         {"options", "-c DateStyle=ISO"},
                         {"_pq_.one", "1"},
                         {"fairlead.tenant", "acme"},
                         {"replication", "database"},
                         {"datestyle", "SQL"}});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->user, "alice");
    EXPECT_EQ(parsed->database, "shop");
    EXPECT_EQ(parsed->replication, replication_mode::logical);
    EXPECT_EQ(parsed->tenant, "acme");
    EXPECT_EQ(parsed->protocol_options, std::vector<std::string>{"_pq_.one"});
    EXPECT_EQ(parsed->settings,
              (pairs{{"datestyle", "ISO"}, {"application_name", "x y"}, {"datestyle", "SQL"}}));
    EXPECT_EQ(*parsed->setting("datestyle"), "SQL");
    EXPECT_EQ(parsed->setting("nothing"), nullptr);
}

TEST(startup_parameters, database_is_the_user_where_none_is_named) {
    EXPECT_EQ(parse({{"user", "alice"}})->database, "alice");
    EXPECT_EQ(parse({{"user", "alice"}, {"database", ""}})->database, "alice");
}

TEST(startup_parameters, need_a_user) {
    EXPECT_EQ(sqlstate_of({}), "28000");
    EXPECT_EQ(sqlstate_of({{"user", ""}}), "28000");
    EXPECT_EQ(sqlstate_of({{"database", "shop"}}), "28000");
}

TEST(startup_parameters, are_refused_where_they_would_be_ambiguous) {
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"user", "b"}}), "08P01");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"database", "x"}, {"database", "x"}}), "08P01");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"options", ""}, {"options", ""}}), "08P01");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"replication", "1"}, {"replication", "1"}}), "08P01");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"USER", "b"}}), "42704");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"Database", "b"}}), "42704");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"options", "-c user=b"}}), "42704");
}

TEST(startup_parameters, tenant_may_be_named_twice_but_only_the_same) {
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"options", "-c fairlead.tenant=x"}, {"fairlead.tenant", "y"}}),
              "28000");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"options", "-c Fairlead.Tenant=x -c fairlead.tenant=y"}}),
              "28000");
    EXPECT_EQ(sqlstate_of({{"user", "a"}, {"fairlead.tenant", ""}}), "22023");
    auto parsed = parse({{"user", "a"}, {"options", "-c FAIRLEAD.tenant=x"}, {"fairlead.tenant", "x"}});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->tenant, "x");
    EXPECT_TRUE(parsed->settings.empty());
}

TEST(startup_parameters, names_of_settings_are_identifiers) {
    for (const char* name :
         {"a b", "a=b", "a;b", "1a", ".a", "a.", "a..b", "a\"b", "a'b", "a-b", "\xc3\xa4", "a\n"})
        EXPECT_EQ(sqlstate_of({{"user", "u"}, {name, "x"}}), "42704") << name;
    for (const char* name : {"a", "_a", "a1$", "a.b", "a.b.c", "TimeZone"})
        EXPECT_EQ(sqlstate_of({{"user", "u"}, {name, "x'; DROP TABLE y"}}), "") << name;
}

TEST(startup_parameters, replication_is_read_as_the_server_does) {
    auto mode = [](std::string value) {
        auto parsed = parse({{"user", "u"}, {"replication", std::move(value)}});
        return parsed ? static_cast<int>(parsed->replication) : -1;
    };
    for (const char* value : {"true", "on", "yes", "1", "t", "Y", "TRUE"}) EXPECT_EQ(mode(value), 1) << value;
    for (const char* value : {"false", "off", "no", "0", "f", "of"}) EXPECT_EQ(mode(value), 0) << value;
    EXPECT_EQ(mode("Database"), 2);
    for (const char* value : {"", "o", "databases", "2", "truely"}) EXPECT_EQ(mode(value), -1) << value;
}

TEST(startup_parameters, end_with_one_terminator) {
    using namespace std::string_view_literals;
    for (std::string_view body : {""sv, "user"sv, "user\0"sv, "user\0u"sv, "user\0u\0"sv, "user\0u\0\0x"sv,
                                  "user\0u\0\0\0"sv, "user\0u\0database\0\0"sv, "user\0u\0x"sv}) {
        auto parsed = parse_startup_parameters(as_bytes(body));
        ASSERT_FALSE(parsed) << body;
        EXPECT_EQ(parsed.error().sqlstate, "08P01");
    }
    EXPECT_TRUE(parse_startup_parameters(as_bytes("user\0u\0\0"sv)));
}

TEST(startup_options, take_every_spelling_of_a_setting) {
    EXPECT_EQ(options("-c a=1"), (pairs{{"a", "1"}}));
    EXPECT_EQ(options("-ca=1"), (pairs{{"a", "1"}}));
    EXPECT_EQ(options("--a=1"), (pairs{{"a", "1"}}));
    EXPECT_EQ(options("  -c\ta=1\n -c B.c=2  "), (pairs{{"a", "1"}, {"b.c", "2"}}));
    EXPECT_EQ(options("--search-path=x-y"), (pairs{{"search_path", "x-y"}}));
    EXPECT_EQ(options("-c a="), (pairs{{"a", ""}}));
    EXPECT_EQ(options("-c a=b=c"), (pairs{{"a", "b=c"}}));
    EXPECT_EQ(options(""), pairs{});
    EXPECT_EQ(options("   "), pairs{});
}

TEST(startup_options, backslash_takes_the_next_character_as_it_is) {
    EXPECT_EQ(options(R"(-c a=x\ y)"), (pairs{{"a", "x y"}}));
    EXPECT_EQ(options(R"(-c a=x\\y)"), (pairs{{"a", "x\\y"}}));
    EXPECT_EQ(options(R"(-c\ a=x)"), (pairs{{"42704", ""}}));  // one word: the name is " a"
    EXPECT_EQ(options("-c a=x\\"), (pairs{{"a", "x"}}));
    EXPECT_EQ(options(R"(-c a='x y')"), (pairs{{"0A000", ""}}));  // quotes mean nothing here
}

TEST(startup_options, refuse_everything_else) {
    for (const char* text : {"-d 5", "-E", "x", "-", "--", "-c a=1 x", "-s", "-e -c a=1", "\\"})
        EXPECT_EQ(options(text), (pairs{{"0A000", ""}})) << text;
    for (const char* text : {"-c", "-c a", "-ca", "--a", "-c a=1 -c"})
        EXPECT_EQ(options(text), (pairs{{"42601", ""}})) << text;
    EXPECT_EQ(options("-c =1"), (pairs{{"42704", ""}}));
    EXPECT_EQ(options("--=1"), (pairs{{"42704", ""}}));
}

}  // namespace
}  // namespace fairlead::proxy::postgres
