#include "config/near_miss.h"

#include <gtest/gtest.h>

#include <vector>

namespace fairlead::config {
namespace {

const std::vector<std::string> keys = {"pool_size", "pool_timeout", "host", "port", "user"};

TEST(NearMiss, finds_the_nearest) {
    EXPECT_EQ(near_miss("pool_sise", keys), ", did you mean \"pool_size\"?");
    EXPECT_EQ(near_miss("poolsize", keys), ", did you mean \"pool_size\"?");
    EXPECT_EQ(near_miss("prot", keys), ", did you mean \"port\"?");
    EXPECT_EQ(near_miss("usr", keys), ", did you mean \"user\"?");
}

TEST(NearMiss, is_silent_when_nothing_is_near) {
    EXPECT_EQ(near_miss("tenant_column", keys), "");
    EXPECT_EQ(near_miss("x", keys), "");
    EXPECT_EQ(near_miss("", keys), "");
    EXPECT_EQ(near_miss(std::string(10'000, 'x'), keys), "");
}

}  // namespace
}  // namespace fairlead::config
