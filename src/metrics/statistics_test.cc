#include "metrics/statistics.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace stoker::metrics {
namespace {

TEST(Statistics, MeanAndPopulationDeviation) {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(mean(values), 5);
  EXPECT_DOUBLE_EQ(population_stdev(values), 2);
}

TEST(Statistics, OneValueHasNoDeviation) {
  const std::vector<double> values{3.5};
  EXPECT_DOUBLE_EQ(mean(values), 3.5);
  EXPECT_EQ(population_stdev(values), 0);
}

TEST(Statistics, EmptyIsZeroRatherThanNan) {
  EXPECT_EQ(mean({}), 0);
  EXPECT_EQ(population_stdev({}), 0);
}

TEST(Statistics, FiniteOrZero) {
  EXPECT_EQ(finite_or_zero(1.5), 1.5);
  EXPECT_EQ(finite_or_zero(std::numeric_limits<double>::quiet_NaN()), 0);
  EXPECT_EQ(finite_or_zero(-std::numeric_limits<double>::infinity()), 0);
}

}  // namespace
}  // namespace stoker::metrics
