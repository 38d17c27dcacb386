// Plans over files that differ in length: the rule of plan.cc, written out with tables, against EpochPlan.
#include "data/dataset/row_line.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "base/testing/status_matchers.h"
#include "data/dataset/plan.h"

namespace stoker::dataset {
namespace {

using Row = std::pair<std::uint64_t, std::uint64_t>;  // file, row

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

TEST(BlockSums, FindSumsAndElementsAcrossBlocks) {
  const auto size = [](std::uint64_t i) { return i % 5 + 1; };
  const BlockSums sums(100, size);
  std::uint64_t before = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(sums.before(i, size), before) << i;
    for (const std::uint64_t x : {before, before + size(i) - 1}) {
      const BlockSums::Element found = sums.holding(x, size);
      EXPECT_EQ(found.index, i) << x;
      EXPECT_EQ(found.before, before) << x;
    }
    before += size(i);
  }
}

TEST(RowLine, AStretchIsWholeFilesButForTheFirstAndTheLast) {
  const RowLine line(*RowCounts::of({4, 1, 6, 3}), {2, 10}, std::nullopt, std::nullopt);
  ASSERT_EQ(line.visits(), 4U);
  EXPECT_EQ(line.visit(0), (Visit{.file = 0, .first_row = 2, .rows = 2, .position = 0}));
  EXPECT_EQ(line.visit(1), (Visit{.file = 1, .first_row = 0, .rows = 1, .position = 2}));
  EXPECT_EQ(line.visit(2), (Visit{.file = 2, .first_row = 0, .rows = 6, .position = 3}));
  EXPECT_EQ(line.visit(3), (Visit{.file = 3, .first_row = 0, .rows = 1, .position = 9}));
  EXPECT_EQ(line.row(0), (Visit{.file = 0, .first_row = 2, .rows = 1}));
  EXPECT_EQ(line.row(2), (Visit{.file = 1, .first_row = 0, .rows = 1}));
  EXPECT_EQ(line.row(8), (Visit{.file = 2, .first_row = 5, .rows = 1}));
  EXPECT_EQ(line.row(9), (Visit{.file = 3, .first_row = 0, .rows = 1}));
}

TEST(RowLine, AStretchInsideOneFileIsCutOnBothSides) {
  const RowLine line(*RowCounts::of({4, 20}), {7, 5}, std::nullopt, std::nullopt);
  ASSERT_EQ(line.visits(), 1U);
  EXPECT_EQ(line.visit(0), (Visit{.file = 1, .first_row = 3, .rows = 5, .position = 0}));
}

TEST(RowLine, FilesWithoutRowsAreNotVisited) {
  const RowLine line(*RowCounts::of({0, 3, 0, 2, 0}), {0, 5}, std::nullopt, std::nullopt);
  ASSERT_EQ(line.visits(), 2U);
  EXPECT_EQ(line.visit(0), (Visit{.file = 1, .first_row = 0, .rows = 3, .position = 0}));
  EXPECT_EQ(line.visit(1), (Visit{.file = 3, .first_row = 0, .rows = 2, .position = 3}));
}

TEST(RowLine, AnEmptyStretchHasNoVisits) {
  EXPECT_EQ(RowLine(*RowCounts::of({4, 5}), {9, 0}, 1, 2).visits(), 0U);
}

TEST(EpochPlanOfUnequalFiles, ReadsEveryRowOfTheCaseOnce) {
  // Rows 100, 150, 100: with batches of 10 every row is read.
  const PlanRequest q{.batch_size = 10, .row_counts = *RowCounts::of({100, 150, 100})};
  const EpochPlan plan(q);
  EXPECT_EQ(plan.steps(), 35U);
  EXPECT_EQ(plan.rows(), 350U);
  EXPECT_EQ(plan.dropped_rows(), 0U);
  ASSERT_EQ(plan.visits(), 3U);
  EXPECT_EQ(plan.visit(1), (Visit{.file = 1, .first_row = 0, .rows = 150, .position = 100}));
}

PlanRequest random_request(std::mt19937_64& random, std::vector<std::uint64_t>& rows) {
  const auto up_to = [&random](std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); };
  rows.resize(up_to(2, 70));
  const std::uint64_t most = up_to(1, 12);
  do {
    for (std::uint64_t& n : rows) n = up_to(0, most);
  } while (RowCounts::of(rows)->common());
  return {.batch_size = up_to(1, 7),
          .ranks = static_cast<int>(up_to(1, 9)),
          .steps_limit = up_to(0, 2) == 0 ? up_to(1, 12) : 0,
          .shuffle_files = up_to(0, 1) == 1,
          .shuffle_samples = up_to(0, 1) == 1,
          .file_seed = random(),
          .sample_seed = random(),
          .by_sample = up_to(0, 2) == 0,
          .row_counts = *RowCounts::of(rows)};
}

TEST(EpochPlanOfUnequalFiles, EveryRankReadsItsShareOfRandomShapesOnce) {
  std::mt19937_64 random(2026);
  int fewer_files_than_ranks = 0;
  int with_steps = 0;
  for (int shape = 0; shape < 5000; ++shape) {
    std::vector<std::uint64_t> counts;
    PlanRequest q = random_request(random, counts);
    const auto n = static_cast<std::uint64_t>(q.ranks);
    SCOPED_TRACE(fmt::format("shape {}: files {}, B {}, n {}, limit {}, shuffle {}/{}, by sample {}", shape,
                             counts.size(), q.batch_size, n, q.steps_limit, q.shuffle_files, q.shuffle_samples,
                             q.by_sample));
    std::uint64_t total = 0;
    for (const std::uint64_t rows : counts) total += rows;
    std::uint64_t steps = total / (q.batch_size * n);
    if (q.steps_limit > 0) steps = std::min(steps, q.steps_limit);

    // The line that all ranks share: in file order, or as one rank alone sees it.
    std::vector<Row> line;
    PlanRequest alone = q;
    alone.batch_size = 1;
    alone.ranks = 1;
    alone.shuffle_samples = false;
    alone.steps_limit = 0;
    if (q.shuffle_files) {
      line = rows_of(EpochPlan(alone));
      ASSERT_EQ(std::set(line.begin(), line.end()).size(), total);
    } else {
      for (std::uint64_t f = 0; f < counts.size(); ++f) {
        for (std::uint64_t row = 0; row < counts[f]; ++row) line.emplace_back(f, row);
      }
      ASSERT_EQ(rows_of(EpochPlan(alone)), line);
    }
    ASSERT_EQ(line.size(), total);

    std::set<Row> all;
    for (q.rank = 0; q.rank < q.ranks; ++q.rank) {
      const EpochPlan plan(q);
      ASSERT_EQ(plan.steps(), steps);
      ASSERT_EQ(plan.rows(), steps * q.batch_size);
      ASSERT_EQ(plan.dropped_rows(), total - plan.rows() * n);
      const std::vector<Row> rows = rows_of(plan);
      const auto begin = line.begin() + static_cast<std::ptrdiff_t>(static_cast<std::uint64_t>(q.rank) * plan.rows());
      const std::vector<Row> expected(begin, begin + static_cast<std::ptrdiff_t>(plan.rows()));
      if (q.shuffle_samples) {
        ASSERT_THAT(rows, ::testing::UnorderedElementsAreArray(expected));
      } else {
        ASSERT_EQ(rows, expected);
      }
      all.insert(rows.begin(), rows.end());
    }
    ASSERT_EQ(all.size(), steps * q.batch_size * n);
    with_steps += steps > 0 ? 1 : 0;
    fewer_files_than_ranks += steps > 0 && counts.size() < n ? 1 : 0;
  }
  EXPECT_GT(with_steps, 4000);
  EXPECT_GT(fewer_files_than_ranks, 20);
}

TEST(EpochPlanOfUnequalFiles, EqualCountsAreThePlanThatNeedsNoTable) {
  PlanRequest equal{.files = 10,
                    .samples_per_file = 7,
                    .batch_size = 3,
                    .rank = 1,
                    .ranks = 3,
                    .shuffle_files = true,
                    .shuffle_samples = true,
                    .file_seed = 5,
                    .sample_seed = 6};
  PlanRequest counted = equal;
  counted.files = counted.samples_per_file = 0;
  counted.row_counts = *RowCounts::of(std::vector<std::uint64_t>(10, 7));
  const EpochPlan a(equal);
  const EpochPlan b(counted);
  ASSERT_EQ(a.visits(), b.visits());
  EXPECT_EQ(a.steps(), b.steps());
  EXPECT_EQ(a.dropped_rows(), b.dropped_rows());
  for (std::uint64_t k = 0; k < a.visits(); ++k) EXPECT_EQ(a.visit(k), b.visit(k)) << k;
}

TEST(EpochPlanOfUnequalFiles, ShufflesFollowTheirSeeds) {
  std::vector<std::uint64_t> rows;
  for (std::uint64_t i = 0; i < 100; ++i) rows.push_back(1 + i % 3);
  PlanRequest q{
      .batch_size = 1, .shuffle_files = true, .file_seed = 1, .sample_seed = 1, .row_counts = *RowCounts::of(rows)};
  const std::vector<Row> first = rows_of(EpochPlan(q));
  EXPECT_EQ(rows_of(EpochPlan(q)), first);
  q.file_seed = 2;
  EXPECT_NE(rows_of(EpochPlan(q)), first);
  q.shuffle_files = false;
  const std::vector<Row> in_order = rows_of(EpochPlan(q));
  EXPECT_EQ(in_order[0], Row(0, 0));
  EXPECT_EQ(in_order[3], Row(2, 0));
  EXPECT_EQ(EpochPlan(q).visit(5).order_seed, 0U);
  q.shuffle_samples = true;
  const EpochPlan shuffled(q);
  EXPECT_NE(rows_of(shuffled), in_order);
  EXPECT_NE(shuffled.visit(0).order_seed, 0U);
  EXPECT_NE(shuffled.visit(0).order_seed, shuffled.visit(1).order_seed);
  q.sample_seed = 3;
  EXPECT_NE(rows_of(EpochPlan(q)), rows_of(shuffled));
  q.by_sample = true;
  const EpochPlan single(q);
  ASSERT_EQ(single.visits(), single.rows());
  EXPECT_EQ(single.visit(7).rows, 1U);
  EXPECT_EQ(single.visit(7).order_seed, 0U);
  EXPECT_EQ(single.visit(7).position, 7U);
}

}  // namespace
}  // namespace stoker::dataset
