#include "config/address.h"

#include <gtest/gtest.h>

namespace fairlead::config {
namespace {

std::string refusal(std::string_view text) {
    auto address = parse_address(text);
    return address ? "accepted" : address.error().message;
}

TEST(ParseAddress, host_and_port) {
    EXPECT_EQ(*parse_address("127.0.0.1:6432"), (Address{"127.0.0.1", 6432, ""}));
    EXPECT_EQ(*parse_address("localhost:1"), (Address{"localhost", 1, ""}));
    EXPECT_EQ(*parse_address("*:65535"), (Address{"*", 65'535, ""}));
    EXPECT_EQ(*parse_address("[::1]:6432"), (Address{"::1", 6432, ""}));
}

TEST(ParseAddress, unix_socket) {
    auto address = parse_address("unix:/run/x/.s.PGSQL.6432");
    ASSERT_TRUE(address);
    EXPECT_TRUE(address->is_unix());
    EXPECT_EQ(address->unix_path, "/run/x/.s.PGSQL.6432");
}

TEST(ParseAddress, unix_paths_end_at_the_limit_of_the_kernel) {
    std::string longest = "/" + std::string(longest_unix_path - 1, 'a');
    EXPECT_TRUE(parse_address("unix:" + longest));
    EXPECT_EQ(refusal("unix:" + longest + "a"),
              "the unix socket path is 108 bytes long, at most 107 fit into a socket address");
}

TEST(ParseAddress, says_what_is_wrong) {
    const std::string expected = "; expected \"host:port\", \"[::1]:port\" or \"unix:/path\"";
    EXPECT_EQ(refusal("localhost"), "not an address: there is no port" + expected);
    EXPECT_EQ(refusal(""), "not an address: there is no port" + expected);
    EXPECT_EQ(refusal(":6432"),
              "not an address: there is no host (\"*\" stands for every interface)" + expected);
    EXPECT_EQ(refusal("::1:6432"), "not an address: an IPv6 address needs brackets" + expected);
    EXPECT_EQ(refusal("[::1]6432"), "not an address: there is no port after \"]\"" + expected);
    EXPECT_EQ(refusal("a b:1"), "not an address: the host has a character that no host name has" + expected);
    EXPECT_EQ(refusal("host:port"), "not an address: the port is not a number" + expected);
    EXPECT_EQ(refusal("host:"), "not an address: the port is not a number" + expected);
    EXPECT_EQ(refusal("host:12x"), "not an address: the port is not a number" + expected);
    EXPECT_EQ(refusal("unix:relative"),
              "not an address: the path of a unix socket must be absolute" + expected);
    EXPECT_EQ(refusal("host:0"), "the port must be 1 to 65535, found 0");
    EXPECT_EQ(refusal("host:65536"), "the port must be 1 to 65535, found 65536");
    EXPECT_EQ(refusal("host:99999999999999"), "the port must be 1 to 65535, found 99999999999999");
}

}  // namespace
}  // namespace fairlead::config
