#include "dal/estate/hit_ratio.h"

#include <gtest/gtest.h>

namespace fairlead::dal {
namespace {

TEST(HitRatio, IsUnknownBeforeAnythingWasRead) {
    HitRatio ratio;
    EXPECT_FALSE(ratio.total());
    ratio.observe(0, 0);
    EXPECT_FALSE(ratio.total());
    EXPECT_FALSE(ratio.interval());
}

TEST(HitRatio, TotalIsSinceResetAndIntervalSinceTheLastObservation) {
    HitRatio ratio;
    ratio.observe(900, 100);
    EXPECT_DOUBLE_EQ(*ratio.total(), 0.9);
    EXPECT_FALSE(ratio.interval()) << "one observation is no interval";
    ratio.observe(950, 150);
    EXPECT_DOUBLE_EQ(*ratio.total(), 950.0 / 1100);
    EXPECT_DOUBLE_EQ(*ratio.interval(), 0.5);
}

TEST(HitRatio, AnIdleIntervalHasNoRatio) {
    HitRatio ratio;
    ratio.observe(10, 10);
    ratio.observe(10, 10);
    EXPECT_FALSE(ratio.interval());
    EXPECT_DOUBLE_EQ(*ratio.total(), 0.5);
}

TEST(HitRatio, ResetStatisticsDoNotMakeNegativeIntervals) {
    HitRatio ratio;
    ratio.observe(1'000'000, 500);
    ratio.observe(30, 10);
    EXPECT_DOUBLE_EQ(*ratio.interval(), 0.75);
    EXPECT_DOUBLE_EQ(*ratio.total(), 0.75);
    ratio.observe(40, 5);  // one of them went back
    EXPECT_DOUBLE_EQ(*ratio.interval(), 40.0 / 45);
}

}  // namespace
}  // namespace fairlead::dal
