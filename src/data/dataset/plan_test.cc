#include "data/dataset/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace stoker::dataset {
namespace {

using Row = std::pair<std::uint64_t, std::uint64_t>;  // file, row

// Rows of one rank in the order of its visits; checks on the way that positions are gapless.
std::vector<Row> rows_of(const EpochPlan& plan) {
  std::vector<Row> rows;
  for (std::uint64_t k = 0; k < plan.visits(); ++k) {
    const Visit visit = plan.visit(k);
    EXPECT_EQ(visit.position, rows.size()) << "visit " << k;
    EXPECT_GT(visit.rows, 0U) << "visit " << k;
    for (std::uint64_t i = 0; i < visit.rows; ++i) rows.emplace_back(visit.file, visit.first_row + i);
  }
  return rows;
}

// The rule's text, with tables: which rows rank r reads, in unshuffled order, for a given file order.
std::vector<Row> rule(const PlanRequest& q, const std::vector<std::uint64_t>& order) {
  const auto n = static_cast<std::uint64_t>(q.ranks);
  const auto r = static_cast<std::uint64_t>(q.rank);
  const std::uint64_t samples = q.samples_per_file;
  std::uint64_t steps = q.files * samples / (q.batch_size * n);
  if (q.steps_limit > 0 && q.steps_limit < steps) steps = q.steps_limit;
  const std::uint64_t c = steps * q.batch_size;
  std::vector<Row> mine;
  if (q.files >= n) {
    const std::uint64_t w = q.files / n;
    for (std::uint64_t p = 0; p < w * n; ++p) {
      if (p % n != r) continue;
      for (std::uint64_t row = 0; row < samples; ++row) mine.emplace_back(order[p], row);
    }
    if (c <= w * samples) {
      mine.resize(c);
      return mine;
    }
    std::vector<Row> remainder;
    for (std::uint64_t p = w * n; p < q.files; ++p) {
      for (std::uint64_t row = 0; row < samples; ++row) remainder.emplace_back(order[p], row);
    }
    const std::uint64_t x = c - w * samples;
    for (std::uint64_t t = r * x; t < (r + 1) * x; ++t) mine.push_back(remainder.at(t));
    return mine;
  }
  for (std::uint64_t id = r * c; id < (r + 1) * c; ++id) mine.emplace_back(order[id / samples], id % samples);
  return mine;
}

std::string describe(const PlanRequest& q) {
  return fmt::format("F={} S={} B={} n={} r={} limit={} shuffle={}/{} by_sample={} seed={}", q.files,
                     q.samples_per_file, q.batch_size, q.ranks, q.rank, q.steps_limit, q.shuffle_files,
                     q.shuffle_samples, q.by_sample, q.file_seed);
}

PlanRequest random_request(std::mt19937_64& random) {
  const auto up_to = [&random](std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); };
  return PlanRequest{.files = up_to(1, 40),
                     .samples_per_file = up_to(1, 9),
                     .batch_size = up_to(1, 7),
                     .ranks = static_cast<int>(up_to(1, 9)),
                     .steps_limit = up_to(0, 1) == 0 ? 0 : up_to(1, 12),
                     .shuffle_files = up_to(0, 1) == 1,
                     .shuffle_samples = up_to(0, 1) == 1,
                     .file_seed = random(),
                     .sample_seed = random(),
                     .by_sample = up_to(0, 1) == 1};
}

TEST(EpochPlan, EveryRankReadsItsShareOfRandomShapesOnce) {
  std::mt19937_64 random(2024);
  int with_tail = 0;
  int few_files = 0;
  for (int shape = 0; shape < 20'000; ++shape) {
    PlanRequest q = random_request(random);
    std::set<Row> all;
    std::uint64_t steps = 0;
    std::vector<std::uint64_t> order;
    for (std::uint64_t p = 0; p < q.files; ++p) order.push_back(p);
    for (q.rank = 0; q.rank < q.ranks; ++q.rank) {
      SCOPED_TRACE(describe(q));
      const EpochPlan plan(q);
      steps = plan.steps();
      ASSERT_EQ(plan.rows(), steps * q.batch_size);
      const std::vector<Row> rows = rows_of(plan);
      ASSERT_EQ(rows.size(), plan.rows());
      for (const auto& [file, row] : rows) {
        ASSERT_LT(file, q.files);
        ASSERT_LT(row, q.samples_per_file);
      }
      all.insert(rows.begin(), rows.end());
      ASSERT_EQ(plan.dropped_rows(), q.files * q.samples_per_file - plan.rows() * static_cast<std::uint64_t>(q.ranks));
      if (!q.shuffle_files) {
        const std::vector<Row> expected = rule(q, order);
        if (q.shuffle_samples) {
          ASSERT_THAT(rows, ::testing::UnorderedElementsAreArray(expected));
        } else {
          ASSERT_EQ(rows, expected);
        }
      }
    }
    ASSERT_EQ(all.size(), steps * q.batch_size * static_cast<std::uint64_t>(q.ranks)) << describe(q);
    few_files += q.files < static_cast<std::uint64_t>(q.ranks) && steps > 0 ? 1 : 0;
    with_tail += q.files % static_cast<std::uint64_t>(q.ranks) != 0 && steps > 0 ? 1 : 0;
  }
  // The shapes did reach the rare branches.
  EXPECT_GT(few_files, 500);
  EXPECT_GT(with_tail, 5000);
}

TEST(EpochPlan, ShuffledFilesFollowTheRuleOverOneOrderThatAllRanksShare) {
  std::mt19937_64 random(7);
  for (int shape = 0; shape < 2000; ++shape) {
    PlanRequest q = random_request(random);
    q.shuffle_files = true;
    q.shuffle_samples = false;
    q.steps_limit = 0;
    // The order, seen by a single rank that reads everything.
    PlanRequest alone = q;
    alone.ranks = 1;
    alone.rank = 0;
    alone.batch_size = 1;
    const EpochPlan whole(alone);
    std::vector<std::uint64_t> order;
    for (std::uint64_t k = 0; k < whole.visits(); ++k) order.push_back(whole.visit(k).file);
    ASSERT_EQ(std::set(order.begin(), order.end()).size(), q.files);
    for (q.rank = 0; q.rank < q.ranks; ++q.rank) {
      ASSERT_EQ(rows_of(EpochPlan(q)), rule(q, order)) << describe(q);
    }
  }
}

TEST(EpochPlan, FilesAreShuffledDifferentlyByEachSeedAndEquallyByTheSame) {
  PlanRequest q{
      .files = 100, .samples_per_file = 1, .batch_size = 1, .shuffle_files = true, .file_seed = 1, .sample_seed = 1};
  const std::vector<Row> first = rows_of(EpochPlan(q));
  EXPECT_EQ(rows_of(EpochPlan(q)), first);
  q.file_seed = 2;
  EXPECT_NE(rows_of(EpochPlan(q)), first);
  q.shuffle_files = false;
  EXPECT_NE(rows_of(EpochPlan(q)), first);
}

TEST(EpochPlan, ShuffledSamplesPermuteWholeFilesAndSeedTheOrderInside) {
  PlanRequest q{
      .files = 50, .samples_per_file = 10, .batch_size = 7, .shuffle_samples = true, .file_seed = 5, .sample_seed = 5};
  const EpochPlan plan(q);
  q.shuffle_samples = false;
  const EpochPlan plain(q);
  ASSERT_EQ(plan.visits(), plain.visits());
  int moved = 0;
  std::set<std::uint64_t> seeds;
  for (std::uint64_t k = 0; k < plan.visits(); ++k) {
    EXPECT_NE(plan.visit(k).order_seed, 0U);
    EXPECT_EQ(plain.visit(k).order_seed, 0U);
    seeds.insert(plan.visit(k).order_seed);
    moved += plan.visit(k).file != plain.visit(k).file ? 1 : 0;
  }
  EXPECT_EQ(seeds.size(), plan.visits());
  EXPECT_GT(moved, 30);
}

TEST(EpochPlan, ShuffledSamplesOfAFormatThatSeeksAreSingleRowsInFullyPermutedOrder) {
  const PlanRequest q{.files = 4,
                      .samples_per_file = 100,
                      .batch_size = 10,
                      .rank = 1,
                      .ranks = 2,
                      .shuffle_samples = true,
                      .file_seed = 9,
                      .sample_seed = 9,
                      .by_sample = true};
  const EpochPlan plan(q);
  ASSERT_EQ(plan.visits(), 200U);
  int neighbours = 0;
  for (std::uint64_t k = 0; k + 1 < plan.visits(); ++k) {
    EXPECT_EQ(plan.visit(k).rows, 1U);
    EXPECT_EQ(plan.visit(k).order_seed, 0U);
    const bool next =
        plan.visit(k + 1).file == plan.visit(k).file && plan.visit(k + 1).first_row == plan.visit(k).first_row + 1;
    neighbours += next ? 1 : 0;
  }
  EXPECT_LT(neighbours, 20);
}

TEST(EpochPlan, WithoutSampleShuffleByteSeekingFormatsReadWholeFilesInOrder) {
  const EpochPlan plan({.files = 3, .samples_per_file = 5, .batch_size = 5, .by_sample = true});
  ASSERT_EQ(plan.visits(), 3U);
  EXPECT_EQ(plan.visit(1), (Visit{.file = 1, .first_row = 0, .rows = 5, .position = 5}));
}

TEST(EpochPlan, OneBigFileIsCutIntoEqualRowRanges) {
  for (int rank = 0; rank < 4; ++rank) {
    const EpochPlan plan({.files = 1, .samples_per_file = 1003, .batch_size = 10, .rank = rank, .ranks = 4});
    ASSERT_EQ(plan.visits(), 1U);
    const auto first = static_cast<std::uint64_t>(rank) * 250;
    EXPECT_EQ(plan.visit(0), (Visit{.file = 0, .first_row = first, .rows = 250, .position = 0}));
    EXPECT_EQ(plan.dropped_rows(), 3U);
  }
}

TEST(EpochPlan, MlperfUnet3dShapeHasTheStepsOfTheRules) {
  // 168 files of one sample, 8 accelerators, batches of 7.
  const EpochPlan plan({.files = 168, .samples_per_file = 1, .batch_size = 7, .rank = 3, .ranks = 8});
  EXPECT_EQ(plan.steps(), 3U);
  EXPECT_EQ(plan.visits(), 21U);
  EXPECT_EQ(plan.visit(2).file, 19U);
}

TEST(EpochPlan, TooFewSamplesForOneStepMakeAnEmptyPlan) {
  const EpochPlan plan({.files = 3, .samples_per_file = 1, .batch_size = 4});
  EXPECT_EQ(plan.steps(), 0U);
  EXPECT_EQ(plan.visits(), 0U);
  EXPECT_EQ(plan.dropped_rows(), 3U);
}

TEST(EpochPlan, RanksThatDoNotExistAndBatchesOfNothingAreOurOwnMistake) {
  const PlanRequest one{.files = 4, .samples_per_file = 1, .batch_size = 1};
  PlanRequest q = one;
  for (const int rank : {-1, 1}) {
    q.rank = rank;
    EXPECT_DEATH(EpochPlan{q}, "rank < request.ranks");
  }
  q = one;
  q.batch_size = 0;
  EXPECT_DEATH((void)steps_per_epoch(q), "batch_size > 0");
  q = one;
  q.ranks = 0;
  EXPECT_DEATH((void)steps_per_epoch(q), "ranks > 0");
}

TEST(EpochPlan, HundredMillionFilesTakeMicroseconds) {
  const PlanRequest q{.files = 100'000'000,
                      .samples_per_file = 1'000'000,
                      .batch_size = 2048,
                      .rank = 999,
                      .ranks = 4096,
                      .shuffle_files = true,
                      .shuffle_samples = true,
                      .file_seed = 3,
                      .sample_seed = 3};
  std::chrono::duration<double> best{1};
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const EpochPlan plan(q);
    const Visit last = plan.visit(plan.visits() - 1);
    best = std::min<std::chrono::duration<double>>(best, std::chrono::steady_clock::now() - begin);
    EXPECT_EQ(last.position + last.rows, plan.rows());
  }
  EXPECT_LT(best.count(), 1e-3);  // a loop over the files would take a hundred times as long
}

}  // namespace
}  // namespace stoker::dataset
