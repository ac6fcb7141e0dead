#include "dal/driver/postgres/parameters.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace fairlead::dal::postgres {
namespace {

TEST(Parameters, TextButForBytes) {
    const Bytes bytes{std::byte{0}, std::byte{1}};
    const std::array<Argument, 6> arguments{Argument(nullptr), Argument(false),  Argument(-5),
                                            Argument(0.1),     Argument("text"), Argument(bytes)};
    Parameters parameters;
    parameters.set(arguments);
    ASSERT_EQ(parameters.count(), 6);
    EXPECT_EQ(parameters.values()[0], nullptr);
    EXPECT_STREQ(parameters.values()[1], "f");
    EXPECT_STREQ(parameters.values()[2], "-5");
    EXPECT_STREQ(parameters.values()[3], "0.1");
    EXPECT_STREQ(parameters.values()[4], "text");
    EXPECT_EQ(parameters.lengths()[5], 2);
    EXPECT_EQ(parameters.formats()[4], 0);
    EXPECT_EQ(parameters.formats()[5], 1);
    ASSERT_NE(parameters.types(), nullptr);
    EXPECT_EQ(parameters.types()[4], 0u);
    EXPECT_EQ(parameters.types()[5], 17u);
}

TEST(Parameters, TypesReachToTheLastValue) {
    const std::array<Argument, 2> arguments{Argument(BytesView()), Argument(1)};
    Parameters parameters;
    parameters.set(arguments);
    EXPECT_EQ(parameters.types()[0], 17u);
    EXPECT_EQ(parameters.types()[1], 0u);
    EXPECT_NE(parameters.values()[0], nullptr) << "no bytes are not NULL";
    parameters.set(std::span(arguments).subspan(1));
    EXPECT_EQ(parameters.types(), nullptr) << "those of the statement before";
}

TEST(Parameters, LongestNumbersFit) {
    const std::vector<Argument> arguments{Argument(std::numeric_limits<std::int64_t>::min()),
                                          Argument(std::numeric_limits<std::uint64_t>::max()),
                                          Argument(-std::numeric_limits<double>::denorm_min()),
                                          Argument(-std::numeric_limits<double>::max())};
    Parameters parameters;
    parameters.set(arguments);
    EXPECT_STREQ(parameters.values()[0], "-9223372036854775808");
    EXPECT_STREQ(parameters.values()[1], "18446744073709551615");
    EXPECT_EQ(std::stod(parameters.values()[3]), -std::numeric_limits<double>::max());
}

TEST(Parameters, WhatLibpqWouldCutOff) {
    Diagnostics failed;
    const std::array<Argument, 1> zero{Argument(std::string_view("a\0b", 3))};
    EXPECT_FALSE(is_sendable("SELECT $1", zero, failed));
    EXPECT_EQ(failed.kind(), errc::data);
    EXPECT_FALSE(is_sendable(std::string_view("SELECT\0", 7), {}, failed));
    EXPECT_EQ(failed.kind(), errc::usage);
    const std::array<Argument, 1> bytes{Argument(BytesView(reinterpret_cast<const std::byte*>("a\0b"), 3))};
    EXPECT_TRUE(is_sendable("SELECT $1", bytes, failed));
    EXPECT_FALSE(is_sendable("SELECT 1", std::vector<Argument>(65536, Argument(1)), failed));
    EXPECT_TRUE(is_sendable("SELECT 1", std::vector<Argument>(65535, Argument(1)), failed));
}

TEST(Parameters, KeyNamesTheBytes) {
    const std::array<Argument, 3> arguments{Argument(1), Argument(BytesView()), Argument("x")};
    std::string key;
    append_types_key(arguments, key);
    EXPECT_EQ(key, "1,");
}

}  // namespace
}  // namespace fairlead::dal::postgres
