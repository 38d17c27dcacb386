#include "workloads/training/prove_coverage.h"

#include <gmock/gmock.h>

#include "base/testing/status_matchers.h"
#include "workloads/training/plan_epoch.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using dataset::RowCounts;

DataSplit split(const RowCounts& rows, const RowCounts& used) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.num_files_train = static_cast<std::int64_t>(rows.files());
  return {dataset::FileTable::computed(dataset::Layout(w), dataset::Split::kTrain), {.rows = rows}, used};
}

// Delivers what each rank's plan says, then whatever `more` does to it.
using More = std::function<void(int rank, dataset::Coverage&)>;
Result<results::EpochCoverage> prove(int ranks, const DataSplit& data, dataset::PlanRequest request,
                                     const More& more = {}, bool deliver = true) {
  io::testing::MemStorage storage;
  Result<results::EpochCoverage> proof = results::EpochCoverage{};
  testing::on_ranks(ranks, storage, config::Workload{}, [&](Context& c) {
    dataset::PlanRequest mine = request;
    mine.row_counts = data.used;
    mine.rank = c.comm.rank();
    mine.ranks = c.comm.size();
    const dataset::EpochPlan plan(mine);
    dataset::Coverage coverage(plan.row_counts());
    for (std::uint64_t k = 0; deliver && k < plan.visits(); ++k) {
      const dataset::Visit visit = plan.visit(k);
      coverage.add(visit.file, visit.first_row, visit.rows);
    }
    if (more) more(c.comm.rank(), coverage);
    auto result = prove_coverage(c, data, plan, coverage, 3);
    if (c.root()) {
      proof = std::move(result);
    } else {
      EXPECT_EQ(result.has_value(), true) << result.error().message;
    }
  });
  return proof;
}

TEST(ProveCoverage, OfEverythingReadIsTheSameHoweverItIsRead) {
  const RowCounts rows = *RowCounts::of({100, 150, 100, 50});
  const auto alone = prove(1, split(rows, rows), {.batch_size = 10});
  ASSERT_OK(alone);
  EXPECT_EQ(alone->planned, 400U);
  EXPECT_EQ(alone->read, 400U);
  EXPECT_EQ(alone->read_more_than_once, 0U);
  EXPECT_EQ(alone->left_out, 0U);
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < 4; ++i)
    digest =
        dataset::add_digests(digest, dataset::row_digest(fmt::format("img_{}_of_4.parquet", i), {0, rows.rows(i)}));
  EXPECT_EQ(alone->digest, fmt::format("{:016x}", digest));
  for (const int ranks : {2, 4, 5}) {
    for (const bool shuffle : {false, true}) {
      const auto other =
          prove(ranks, split(rows, rows),
                {.batch_size = 10, .shuffle_files = shuffle, .shuffle_samples = shuffle, .file_seed = 4});
      ASSERT_OK(other);
      EXPECT_EQ(*other, *alone) << ranks << shuffle;
    }
  }
}

TEST(ProveCoverage, WhatIsLeftOutIsCountedFromAllRowsOfTheFiles) {
  const auto proof = prove(2, split(*RowCounts::equal(3, 50), *RowCounts::equal(3, 45)), {.batch_size = 10});
  ASSERT_OK(proof);
  EXPECT_EQ(proof->planned, 120U);
  EXPECT_EQ(proof->read, 120U);
  EXPECT_EQ(proof->left_out, 30U);
}

TEST(ProveCoverage, MoreFilesThanASliceAreProvedToo) {
  const RowCounts rows = *RowCounts::equal((std::uint64_t{1} << 20) + 3, 1);
  const auto proof = prove(2, split(rows, rows), {.batch_size = 1});
  ASSERT_OK(proof);
  EXPECT_EQ(proof->planned, (std::uint64_t{1} << 20) + 2);
  EXPECT_EQ(proof->read, proof->planned);
  EXPECT_EQ(proof->left_out, 1U);
}

TEST(ProveCoverage, ARowThatAnotherRankReadTooIsAnError) {
  const RowCounts rows = *RowCounts::of({100, 150});
  const auto proof =
      prove(1, split(rows, rows), {.batch_size = 10}, [](int, dataset::Coverage& coverage) { coverage.add(1, 20, 7); });
  EXPECT_ERROR(proof, Code::kInternal, "epoch 3: of 250 samples planned, 250 were read, and 7 more than once");
}

TEST(ProveCoverage, ARowThatWasNotReadIsAnError) {
  const RowCounts rows = *RowCounts::of({1000, 1500});
  const auto proof = prove(
      1, split(rows, rows), {.batch_size = 10}, [](int, dataset::Coverage& coverage) { coverage.add(1, 0, 1499); },
      false);
  EXPECT_ERROR(proof, Code::kInternal, "epoch 3: of 2,500 samples planned, 1,499 were read, and 0 more than once");
}

TEST(ProveCoverage, RanksThatReadTheSameRowsAreSeen) {
  const RowCounts rows = *RowCounts::of({100, 60});
  const DataSplit data = split(rows, rows);
  io::testing::MemStorage storage;
  testing::on_ranks(2, storage, config::Workload{}, [&](Context& c) {
    dataset::PlanRequest request{.batch_size = 80, .rank = c.comm.rank(), .ranks = 2, .row_counts = rows};
    const dataset::EpochPlan plan(request);
    dataset::Coverage coverage(plan.row_counts());
    coverage.add(0, 0, 80);
    EXPECT_ERROR(prove_coverage(c, data, plan, coverage, 1), Code::kInternal,
                 "epoch 1: of 160 samples planned, 80 were read, and 80 more than once");
  });
}

}  // namespace
}  // namespace stoker::training
