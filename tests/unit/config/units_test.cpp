#include "config/units.h"

#include <gtest/gtest.h>

namespace fairlead::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, takes_one_number_and_one_unit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("2d"), 48h);
    EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Duration, refuses_everything_else) {
    for (const char* text : {"", "30", "s", "30 s", " 30s", "30s ", "-1s", "1.5s", "1h30m", "30S", "30sec",
                             "0x1s", "99999999999999999999s", "3651d"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    EXPECT_EQ(parse_duration("3650d"), 24h * 3650);
}

TEST(Size, takes_binary_and_decimal_units) {
    EXPECT_EQ(parse_size("512"), 512u);
    EXPECT_EQ(parse_size("512B"), 512u);
    EXPECT_EQ(parse_size("64KiB"), 65'536u);
    EXPECT_EQ(parse_size("128MiB"), 134'217'728u);
    EXPECT_EQ(parse_size("1GiB"), 1'073'741'824u);
    EXPECT_EQ(parse_size("1kB"), 1'000u);
    EXPECT_EQ(parse_size("1MB"), 1'000'000u);
    EXPECT_EQ(parse_size("1GB"), 1'000'000'000u);
}

TEST(Size, refuses_everything_else) {
    for (const char* text :
         {"", "MiB", "1 MiB", "1M", "-1", "1.5MiB", "9999999999999GiB", "18446744073709551616"})
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

}  // namespace
}  // namespace fairlead::config
