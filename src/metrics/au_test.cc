#include "metrics/au.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace stoker::metrics {
namespace {

using std::chrono::milliseconds;

StepRecord step(int load_ms, int compute_ms, int barrier_ms = 0) {
  return {.load = milliseconds(load_ms), .compute = milliseconds(compute_ms), .barrier = milliseconds(barrier_ms)};
}

// The worked example of the specification: proc = 3.0, 1.1, 1.1, 1.2, 1.1 with 1.0 s of compute each; the block
// took 7.6 s.
const std::vector<StepRecord> kExample{step(2000, 1000), step(100, 1000), step(100, 1000), step(200, 1000),
                                       step(100, 1000)};

TEST(BlockMetrics, WorkedExample) {
  const BlockMetrics m = block_metrics(kExample, {.start = 1}, milliseconds(7600), 4);
  EXPECT_TRUE(m.measured);
  EXPECT_EQ(m.steps, 5U);
  EXPECT_EQ(m.steps_in_window, 4U);
  EXPECT_NEAR(m.au_percent, 86.9565, 5e-5);
  EXPECT_NEAR(m.samples_per_second, 3.4783, 5e-5);

  const std::vector<EpochMetrics> ranks(2, epoch_metrics(std::vector{m}));
  const EpochMetrics both = over_ranks(ranks);
  EXPECT_NEAR(both.au_percent, 86.9565, 5e-5);
  EXPECT_NEAR(both.samples_per_second, 6.9565, 5e-5);
}

TEST(BlockMetrics, ExcludesEndSteps) {
  const BlockMetrics m = block_metrics(kExample, {.start = 1, .end = 2}, milliseconds(7600), 4);
  EXPECT_EQ(m.steps_in_window, 2U);
  // D = 7.6 - 3.0 - 1.2 - 1.1
  EXPECT_DOUBLE_EQ(m.au_percent, 100 * 2.0 / 2.3);
  EXPECT_DOUBLE_EQ(m.samples_per_second, 8 / 2.3);
}

TEST(BlockMetrics, SubtractsTheBarrierAfterAnExcludedStepOnly) {
  const std::vector<StepRecord> steps{step(500, 100, 400), step(0, 100, 100), step(0, 100, 300)};
  // Barriers inside the window count against the utilisation, those of excluded steps do not.
  const BlockMetrics first = block_metrics(steps, {.start = 1}, milliseconds(1600), 1);
  EXPECT_DOUBLE_EQ(first.au_percent, 100 * 200.0 / 600);
  const BlockMetrics both = block_metrics(steps, {.start = 1, .end = 1}, milliseconds(1600), 1);
  EXPECT_DOUBLE_EQ(both.au_percent, 100 * 100.0 / 200);
  EXPECT_DOUBLE_EQ(both.samples_per_second, 1 / 0.2);
}

struct Empty {
  const char* name;
  std::size_t steps;
  Exclude exclude;
  int wall_ms;
};

class EmptyWindow : public ::testing::TestWithParam<Empty> {};

TEST_P(EmptyWindow, IsZeroAndSaysSo) {
  const Empty& p = GetParam();
  const std::vector<StepRecord> steps(kExample.begin(), kExample.begin() + static_cast<std::ptrdiff_t>(p.steps));
  const BlockMetrics m = block_metrics(steps, p.exclude, milliseconds(p.wall_ms), 4);
  EXPECT_FALSE(m.measured);
  EXPECT_EQ(m.au_percent, 0);
  EXPECT_EQ(m.samples_per_second, 0);
  EXPECT_EQ(m.steps, p.steps);
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0};
INSTANTIATE_TEST_SUITE_P(Table, EmptyWindow,
                         ::testing::Values(Empty{"no_steps", 0, {}, 7600}, Empty{"one_step_excluded", 1, {1, 0}, 7600},
                                           Empty{"all_from_the_start", 5, {5, 0}, 7600},
                                           Empty{"all_from_both_ends", 5, {3, 2}, 7600},
                                           Empty{"more_than_all", 5, {kHuge, kHuge}, 7600},
                                           Empty{"no_time", 5, {1, 0}, 3000}, Empty{"negative_time", 5, {1, 0}, 100}),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(BlockExclude, StartBelongsToTheFirstBlockAndEndToTheLast) {
  const Exclude epoch{.start = 2, .end = 3};
  const auto of = [&](std::uint64_t block, std::uint64_t blocks) {
    const Exclude e = block_exclude(epoch, block, blocks);
    return std::pair(e.start, e.end);
  };
  EXPECT_EQ(of(0, 1), std::pair(2UL, 3UL));
  EXPECT_EQ(of(0, 3), std::pair(2UL, 0UL));
  EXPECT_EQ(of(1, 3), std::pair(0UL, 0UL));
  EXPECT_EQ(of(2, 3), std::pair(0UL, 3UL));
}

TEST(EpochMetrics, WeighsBlocksByTheirSteps) {
  const std::vector<BlockMetrics> blocks{{90, 30, 29, 30, true}, {60, 10, 10, 10, true}};
  const EpochMetrics m = epoch_metrics(blocks);
  EXPECT_DOUBLE_EQ(m.au_percent, (30 * 90 + 10 * 60) / 40.0);
  EXPECT_DOUBLE_EQ(m.samples_per_second, (30 * 30 + 10 * 10) / 40.0);
  EXPECT_EQ(m.steps, 40U);
}

TEST(EpochMetrics, ABlockThatMeasuredNothingHasNoSay) {
  const std::vector<BlockMetrics> blocks{{0, 0, 0, 1, false}, {80, 20, 3, 3, true}};
  const EpochMetrics m = epoch_metrics(blocks);
  EXPECT_DOUBLE_EQ(m.au_percent, 80);
  EXPECT_DOUBLE_EQ(m.samples_per_second, 20);
  EXPECT_EQ(m.steps, 4U);
}

TEST(EpochMetrics, NothingIsZero) {
  EXPECT_EQ(epoch_metrics({}).au_percent, 0);
  EXPECT_EQ(epoch_metrics(std::vector<BlockMetrics>{{0, 0, 0, 1, false}}).samples_per_second, 0);
  EXPECT_EQ(over_ranks({}).au_percent, 0);
}

TEST(OverRanks, MeanOfAuAndSumOfThroughput) {
  const std::vector<EpochMetrics> ranks{{80, 10, 7}, {60, 14, 6}};
  const EpochMetrics m = over_ranks(ranks);
  EXPECT_DOUBLE_EQ(m.au_percent, 70);
  EXPECT_DOUBLE_EQ(m.samples_per_second, 24);
  EXPECT_EQ(m.steps, 6U);
}

TEST(EvalMetrics, ThroughputLeavesNothingOut) {
  const EpochMetrics m = eval_metrics(kExample, {.start = 1}, milliseconds(7600), 4);
  EXPECT_NEAR(m.au_percent, 86.9565, 5e-5);
  EXPECT_DOUBLE_EQ(m.samples_per_second, 5 * 4 / 7.6);
  EXPECT_EQ(m.steps, 5U);
  EXPECT_EQ(eval_metrics(kExample, {}, Nanos{0}, 4).samples_per_second, 0);
}

}  // namespace
}  // namespace stoker::metrics
