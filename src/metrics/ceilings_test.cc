#include "metrics/ceilings.h"

#include <gtest/gtest.h>

#include <vector>

namespace stoker::metrics {
namespace {

TEST(Knee, IsTheSmallestDepthNearTheBest) {
  EXPECT_EQ(knee(std::vector<double>{100, 190, 380, 396, 400, 398}), 2U);
  EXPECT_EQ(knee(std::vector<double>{100, 190, 379, 396, 400, 398}), 3U);
}

TEST(Knee, OfRatesThatOnlyFallIsTheFirst) {
  EXPECT_EQ(knee(std::vector<double>{9, 8, 7}), 0U);
}

TEST(Knee, OfRatesThatOnlyRiseIsTheLast) {
  EXPECT_EQ(knee(std::vector<double>{1, 2, 4, 8}), 3U);
}

TEST(Knee, IsNoneWhereNothingWasRead) {
  EXPECT_EQ(knee({}), std::nullopt);
  EXPECT_EQ(knee(std::vector<double>{0, 0}), std::nullopt);
}

TEST(Median, IsInTheMiddleWhateverTheOrder) {
  EXPECT_EQ(median(std::vector<double>{9, 1, 5}), 5);
  EXPECT_EQ(median(std::vector<double>{9, 1, 5, 7}), 6);
  EXPECT_EQ(median({}), 0);
}

TEST(Spread, IsAShareOfTheMedian) {
  EXPECT_DOUBLE_EQ(spread(std::vector<double>{10, 9, 12}), 0.3);
  EXPECT_DOUBLE_EQ(spread(std::vector<double>{0.2, 0.4}), 2.0 / 3) << "rates may be small";
  EXPECT_EQ(spread(std::vector<double>{0, 0}), 0);
}

TEST(AcceleratorsPerCore, IsHowManyBatchesACoreMakesInOneStep) {
  // A batch of 100 samples at 10 us takes the core 1 ms; a step lasts 8 ms.
  EXPECT_DOUBLE_EQ(*accelerators_per_core(10e-6, 100, 8e-3), 8);
  EXPECT_DOUBLE_EQ(*accelerators_per_core(10e-6, 0.5, 2), 400'000);
  EXPECT_DOUBLE_EQ(*accelerators_per_core(2, 1, 8), 4);
  EXPECT_EQ(accelerators_per_core(10e-6, 100, 0), std::nullopt);
  EXPECT_EQ(accelerators_per_core(10e-6, 0, 8e-3), std::nullopt);
  EXPECT_EQ(accelerators_per_core(0, 100, 8e-3), std::nullopt);
}

TEST(ShareOfCeiling, IsNoneWithoutACeiling) {
  EXPECT_EQ(share_of_ceiling(1, 4), 0.25);
  EXPECT_EQ(share_of_ceiling(1, 0.5), 2);
  EXPECT_EQ(share_of_ceiling(1, 0), std::nullopt);
}

}  // namespace
}  // namespace stoker::metrics
