#include "metrics/run_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace stoker::metrics {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Optional;

TEST(RateMetrics, WorkedExample) {
  const std::vector<EpochMetrics> epochs{{86.95652173913044, 6.956521739130435, 4, 5}};
  const RateMetrics m = rate_metrics(epochs, 1048576, 0.90);
  EXPECT_EQ(m.au_percent.size(), 1U);
  EXPECT_NEAR(m.io_mean_mib_per_second.value(), 6.9565, 5e-5);
  EXPECT_EQ(m.io_stdev_mib_per_second, 0);
  EXPECT_FALSE(m.meets_expectation);
  EXPECT_TRUE(rate_metrics(epochs, 1048576, 0.86).meets_expectation);
}

TEST(RateMetrics, TheTargetItselfIsEnough) {
  const std::vector<EpochMetrics> epochs{{90, 1, 4, 5}, {90, 1, 4, 5}};
  EXPECT_TRUE(rate_metrics(epochs, 1, 0.90).meets_expectation);
}

TEST(RateMetrics, NothingMeetsNoTargetAndHasNoMean) {
  for (const std::vector<EpochMetrics>& epochs : {std::vector<EpochMetrics>{}, std::vector<EpochMetrics>(2)}) {
    const RateMetrics m = rate_metrics(epochs, 1, 0);
    EXPECT_FALSE(m.meets_expectation);
    EXPECT_EQ(m.au_mean_percent, std::nullopt);
    EXPECT_EQ(m.au_stdev_percent, std::nullopt);
    EXPECT_EQ(m.samples_stdev_per_second, std::nullopt);
    EXPECT_EQ(m.io_mean_mib_per_second, std::nullopt);
    EXPECT_EQ(m.au_percent.size(), epochs.size());
    EXPECT_EQ(m.measured_steps.size(), epochs.size());
  }
}

TEST(RateMetrics, AnEpochThatMeasuredNothingHasNoSay) {
  const std::vector<EpochMetrics> epochs{{90, 3, 4, 5}, {{}, {}, 0, 1}, {70, 5, 2, 3}};
  const RateMetrics m = rate_metrics(epochs, 1 << 20, 0.8);
  EXPECT_THAT(m.au_percent, ElementsAre(Optional(90.0), std::nullopt, Optional(70.0)));
  EXPECT_THAT(m.measured_steps, ElementsAre(4U, 0U, 2U));
  EXPECT_DOUBLE_EQ(m.au_mean_percent.value(), 80);
  EXPECT_DOUBLE_EQ(m.au_stdev_percent.value(), 10);
  EXPECT_DOUBLE_EQ(m.samples_mean_per_second.value(), 4);
  EXPECT_DOUBLE_EQ(m.samples_stdev_per_second.value(), 1);
  EXPECT_DOUBLE_EQ(m.io_mean_mib_per_second.value(), 4);
  EXPECT_TRUE(m.meets_expectation);
}

TEST(CheckpointMetrics, MeansOverCheckpoints) {
  const std::vector<Nanos> durations{seconds(1), seconds(2)};
  const CheckpointMetrics m = checkpoint_metrics(durations, std::uint64_t{4} << 30);
  EXPECT_DOUBLE_EQ(m.duration_mean_seconds, 1.5);
  EXPECT_DOUBLE_EQ(m.duration_stdev_seconds, 0.5);
  EXPECT_DOUBLE_EQ(m.io_mean_gib_per_second, 3);
  EXPECT_DOUBLE_EQ(m.io_stdev_gib_per_second, 1);
}

TEST(CheckpointMetrics, NoTimeIsNoRate) {
  EXPECT_EQ(gib_per_second(1 << 30, Nanos{0}), 0);
  EXPECT_EQ(gib_per_second(1 << 30, Nanos{-5}), 0);
  EXPECT_DOUBLE_EQ(gib_per_second(1 << 30, Nanos{1}), 1e9);
  EXPECT_EQ(checkpoint_metrics({}, 1).io_mean_gib_per_second, 0);
}

TEST(StorageMean, IsOverEpochs) {
  const std::vector<EpochBytes> epochs{{std::uint64_t{100} << 20, seconds(1)},
                                       {std::uint64_t{100} << 20, milliseconds(500)}};
  EXPECT_DOUBLE_EQ(storage_mean_mib_per_second(epochs), 150);
  EXPECT_DOUBLE_EQ(storage_mean_mib_per_second(std::vector<EpochBytes>{{1 << 20, Nanos{0}}}), 0);
  EXPECT_EQ(storage_mean_mib_per_second({}), 0);
}

TEST(GenerationMetrics, Rate) {
  const GenerationMetrics m = generation_metrics(3, std::uint64_t{512} << 20, milliseconds(500));
  EXPECT_EQ(m.files, 3U);
  EXPECT_EQ(m.bytes, std::uint64_t{512} << 20);
  EXPECT_DOUBLE_EQ(m.seconds, 0.5);
  EXPECT_DOUBLE_EQ(m.mib_per_second, 1024);
}

}  // namespace
}  // namespace stoker::metrics
