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
  EXPECT_EQ(m.steps, 5U);
  EXPECT_EQ(m.measured_steps, 4U);
  EXPECT_NEAR(m.au_percent.value(), 86.9565, 5e-5);
  EXPECT_NEAR(m.samples_per_second.value(), 3.4783, 5e-5);

  const std::vector<EpochMetrics> ranks(2, epoch_metrics(std::vector{m}));
  const EpochMetrics both = over_ranks(ranks);
  EXPECT_NEAR(both.au_percent.value(), 86.9565, 5e-5);
  EXPECT_NEAR(both.samples_per_second.value(), 6.9565, 5e-5);
  EXPECT_EQ(both.measured_steps, 4U);
}

TEST(BlockMetrics, ExcludesEndSteps) {
  const BlockMetrics m = block_metrics(kExample, {.start = 1, .end = 2}, milliseconds(7600), 4);
  EXPECT_EQ(m.measured_steps, 2U);
  // D = 7.6 - 3.0 - 1.2 - 1.1
  EXPECT_DOUBLE_EQ(m.au_percent.value(), 100 * 2.0 / 2.3);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), 8 / 2.3);
}

TEST(BlockMetrics, SubtractsTheBarrierAfterAnExcludedStepOnly) {
  const std::vector<StepRecord> steps{step(500, 100, 400), step(0, 100, 100), step(0, 100, 300)};
  // Barriers inside the window count against the utilisation, those of excluded steps do not.
  const BlockMetrics first = block_metrics(steps, {.start = 1}, milliseconds(1600), 1);
  EXPECT_DOUBLE_EQ(first.au_percent.value(), 100 * 200.0 / 600);
  const BlockMetrics both = block_metrics(steps, {.start = 1, .end = 1}, milliseconds(1600), 1);
  EXPECT_DOUBLE_EQ(both.au_percent.value(), 100 * 100.0 / 200);
  EXPECT_DOUBLE_EQ(both.samples_per_second.value(), 1 / 0.2);
}

struct Empty {
  const char* name;
  std::size_t steps;
  Exclude exclude;
  int wall_ms;
};

// 3 of the last step's 4 seconds were a suspended process: they are not computing, and the time has passed.
TEST(BlockMetrics, WhatAStepWasLateIsNotComputing) {
  std::vector<StepRecord> steps{step(0, 1000), step(0, 1000), step(0, 4000)};
  steps.back().late = milliseconds(3000);
  const BlockMetrics m = block_metrics(steps, {.start = 1}, milliseconds(6000), 1);
  EXPECT_DOUBLE_EQ(m.au_percent.value(), 100 * 2.0 / 5);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), 2 / 5.0);
  // Outside the window it leaves with its step.
  EXPECT_DOUBLE_EQ(block_metrics(steps, {.end = 1}, milliseconds(6000), 1).au_percent.value(), 100);
}

class EmptyWindow : public ::testing::TestWithParam<Empty> {};

TEST_P(EmptyWindow, IsNotMeasured) {
  const Empty& p = GetParam();
  const std::vector<StepRecord> steps(kExample.begin(), kExample.begin() + static_cast<std::ptrdiff_t>(p.steps));
  const BlockMetrics m = block_metrics(steps, p.exclude, milliseconds(p.wall_ms), 4);
  EXPECT_EQ(m.au_percent, std::nullopt);
  EXPECT_EQ(m.samples_per_second, std::nullopt);
  EXPECT_EQ(m.measured_steps, 0U);
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

TEST(BlockMetrics, WhatAStepBeforeTheWindowOversleptTakesNothingBelowZero) {
  std::vector<StepRecord> steps{step(0, 200), step(0, 0)};
  steps.back().late = milliseconds(98);
  EXPECT_EQ(block_metrics(steps, {.start = 1}, milliseconds(201), 1).au_percent.value(), 0);
}

TEST(BlockMetrics, TheShortestTimeIsATime) {
  const std::vector<StepRecord> steps{{.compute = Nanos{1}}};
  EXPECT_DOUBLE_EQ(block_metrics(steps, {}, Nanos{1}, 3).au_percent.value(), 100);
  EXPECT_DOUBLE_EQ(eval_metrics(steps, {}, Nanos{1}, 3).samples_per_second.value(), 3e9);
}

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
  const std::vector<BlockMetrics> blocks{{90, 30, 29, 30}, {60, 10, 10, 10}};
  const EpochMetrics m = epoch_metrics(blocks);
  EXPECT_DOUBLE_EQ(m.au_percent.value(), (30 * 90 + 10 * 60) / 40.0);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), (30 * 30 + 10 * 10) / 40.0);
  EXPECT_EQ(m.steps, 40U);
  EXPECT_EQ(m.measured_steps, 39U);
}

TEST(EpochMetrics, ABlockThatMeasuredNothingHasNoSay) {
  const std::vector<BlockMetrics> blocks{{{}, {}, 0, 1}, {80, 20, 3, 3}};
  const EpochMetrics m = epoch_metrics(blocks);
  EXPECT_DOUBLE_EQ(m.au_percent.value(), 80);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), 20);
  EXPECT_EQ(m.steps, 4U);
}

TEST(EpochMetrics, NothingIsNotMeasured) {
  EXPECT_EQ(epoch_metrics({}).au_percent, std::nullopt);
  EXPECT_EQ(epoch_metrics(std::vector<BlockMetrics>{{{}, {}, 0, 1}}).samples_per_second, std::nullopt);
  EXPECT_EQ(over_ranks({}).au_percent, std::nullopt);
  EXPECT_EQ(over_ranks(std::vector<EpochMetrics>(2)).samples_per_second, std::nullopt);
  EXPECT_EQ(over_ranks(std::vector<EpochMetrics>(2)).au_percent, std::nullopt);
}

TEST(OverRanks, MeanOfAuAndSumOfThroughput) {
  const std::vector<EpochMetrics> ranks{{80, 10, 5, 7}, {60, 14, 6, 6}};
  const EpochMetrics m = over_ranks(ranks);
  EXPECT_DOUBLE_EQ(m.au_percent.value(), 70);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), 24);
  EXPECT_EQ(m.steps, 6U);
  EXPECT_EQ(m.measured_steps, 5U);
}

TEST(OverRanks, AreOfThoseThatMeasured) {
  const std::vector<EpochMetrics> ranks{{80, 10, 5, 7}, {{}, 14, 0, 7}, {{}, {}, 0, 7}};
  const EpochMetrics m = over_ranks(ranks);
  EXPECT_DOUBLE_EQ(m.au_percent.value(), 80);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), 24);
  EXPECT_EQ(m.measured_steps, 0U);
  EXPECT_DOUBLE_EQ(over_ranks(std::vector<EpochMetrics>{{80, 10, 5, 7}}).samples_per_second.value(), 10);
}

TEST(EvalMetrics, ThroughputLeavesNothingOut) {
  const EpochMetrics m = eval_metrics(kExample, {.start = 1}, milliseconds(7600), 4);
  EXPECT_NEAR(m.au_percent.value(), 86.9565, 5e-5);
  EXPECT_DOUBLE_EQ(m.samples_per_second.value(), 5 * 4 / 7.6);
  EXPECT_EQ(m.steps, 5U);
  EXPECT_EQ(m.measured_steps, 4U);
  EXPECT_EQ(eval_metrics(kExample, {}, Nanos{0}, 4).samples_per_second, std::nullopt);
  EXPECT_EQ(eval_metrics({}, {}, milliseconds(1), 4).samples_per_second, std::nullopt);
}

}  // namespace
}  // namespace stoker::metrics
