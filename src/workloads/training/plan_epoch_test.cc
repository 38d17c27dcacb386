#include "workloads/training/plan_epoch.h"

#include <gmock/gmock.h>

#include <array>

#include "base/testing/status_matchers.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using dataset::RowCounts;
using ::testing::ElementsAre;

config::Workload workload(std::int64_t batch, std::int64_t steps = 0) {
  config::Workload w;
  w.reader.batch_size = batch;
  w.reader.batch_size_eval = 2 * batch;
  w.reader.file_shuffle = w.reader.sample_shuffle = config::Shuffle::kOff;
  w.train.total_training_steps = steps;
  return w;
}

DataSplit split(const RowCounts& rows, const RowCounts& used) {
  return {
      dataset::FileTable::computed(dataset::Layout(config::Workload{}), dataset::Split::kTrain), {.rows = rows}, used};
}

struct Announced {
  Status status;
  std::vector<std::string> warnings;
};

Announced announce(const config::Workload& w, const DataSplit& data, Phase phase = Phase::kTrain, int ranks = 2) {
  io::testing::MemStorage storage;
  Announced announced;
  testing::on_ranks(ranks, storage, w, [&](Context& c) {
    const Status status = announce_plan(c, data, phase);
    if (c.root()) announced = {status, c.warnings};
  });
  return announced;
}

TEST(LeftOut, IsSplitByReason) {
  // 3 files of 50 rows, 45 of which are used: 135 rows are 6 steps of 2 x 10 and 15 rows.
  const DataSplit data = split(*RowCounts::equal(3, 50), *RowCounts::equal(3, 45));
  dataset::PlanRequest request{.batch_size = 10, .ranks = 2, .row_counts = data.used};
  LeftOut left = left_out(data, request);
  EXPECT_EQ(left.beyond_file_limit, 15U);
  EXPECT_EQ(left.no_full_batch, 15U);
  EXPECT_EQ(left.beyond_steps, 0U);
  EXPECT_EQ(left.total(), 30U);
  request.steps_limit = 4;
  left = left_out(data, request);
  EXPECT_EQ(left.no_full_batch, 15U);
  EXPECT_EQ(left.beyond_steps, 40U);
  EXPECT_EQ(left.total(), 70U);
  request.steps_limit = 7;
  EXPECT_EQ(left_out(data, request).beyond_steps, 0U);
}

TEST(AnnouncePlan, SaysNothingOfRowsWhenAllAreRead) {
  const RowCounts rows = *RowCounts::of({100, 150, 100});
  const Announced a = announce(workload(10), split(rows, rows), Phase::kTrain, 1);
  EXPECT_OK(a.status);
  EXPECT_TRUE(a.warnings.empty());
}

TEST(AnnouncePlan, SaysHowManyRowsAreLeftOutAndWhy) {
  const DataSplit data = split(*RowCounts::equal(30, 1500), *RowCounts::equal(30, 1001));
  EXPECT_THAT(announce(workload(1000, 14), data).warnings,
              ElementsAre("17,000 samples per epoch are read by no rank: 14,970 beyond the first 1,001 of each file "
                          "(dataset.num_samples_per_file), 30 for want of a full batch on every accelerator, 2,000 "
                          "beyond train.total_training_steps"));
  const RowCounts rows = *RowCounts::of({10, 11});
  EXPECT_THAT(announce(workload(10), split(rows, rows)).warnings,
              ElementsAre("1 sample per epoch is read by no rank: 1 for want of a full batch on every accelerator"));
}

TEST(AnnouncePlan, OfAnEvaluationGoesByItsOwnBatch) {
  const RowCounts rows = *RowCounts::of({10, 11, 20});
  EXPECT_THAT(announce(workload(10, 1), split(rows, rows), Phase::kEval).warnings,
              ElementsAre("1 sample per evaluation is read by no rank: 1 for want of a full batch on every "
                          "accelerator"));
}

TEST(AnnouncePlan, TrainingWithoutAStepIsAnErrorAndAnEvaluationIsNot) {
  const RowCounts equal = *RowCounts::equal(3, 5);
  const Announced a = announce(workload(8), split(equal, equal));
  EXPECT_ERROR(a.status, Code::kConfig,
               "no step can be made: 5 samples x 3 files do not fill one batch of 8 on 2 accelerators");
  EXPECT_THAT(a.status.error().hint, ::testing::HasSubstr("reader.batch_size"));
  const RowCounts other = *RowCounts::of({5, 6});
  EXPECT_ERROR(announce(workload(8), split(other, other)).status, Code::kConfig, "11 samples in 2 files do not fill");
  EXPECT_OK(announce(workload(8), split(equal, equal), Phase::kEval).status);
}

TEST(PlanEpoch, GoesByTheRowsThatAreUsed) {
  io::testing::MemStorage storage;
  const RowCounts used = *RowCounts::of({100, 150, 100});
  const config::Workload w = workload(10);
  testing::on_ranks(2, storage, w, [&](Context& c) {
    const auto plan = plan_epoch(c, split(used, used), Phase::kTrain, 1);
    ASSERT_OK(plan);
    EXPECT_EQ(plan->steps(), 17U);
    EXPECT_EQ(plan->dropped_rows(), 10U);
    EXPECT_EQ(plan->visit(0).file, c.root() ? 0U : 1U);
    EXPECT_EQ(plan->visit(0).first_row, c.root() ? 0U : 70U);
    const auto eval = plan_epoch(c, split(used, used), Phase::kEval, 1);
    ASSERT_OK(eval);
    EXPECT_EQ(eval->steps(), 8U);
  });
}

TEST(PlanEpoch, RandomOrdersAreOfTheirRunAndSeededOnesOfTheirSeed) {
  io::testing::MemStorage storage;
  const RowCounts used = *RowCounts::equal(64, 1);
  config::Workload w = workload(1);
  const auto order = [&](std::uint64_t epoch) {
    std::vector<std::uint64_t> files;
    testing::on_ranks(1, storage, w, [&](Context& c) {
      const auto plan = plan_epoch(c, split(used, used), Phase::kTrain, epoch);
      ASSERT_OK(plan);
      for (std::uint64_t k = 0; k < plan->visits(); ++k) files.push_back(plan->visit(k).file);
    });
    return files;
  };
  for (config::Shuffle* shuffle : {&w.reader.file_shuffle, &w.reader.sample_shuffle}) {
    const std::vector<std::uint64_t> unshuffled = order(1);
    *shuffle = config::Shuffle::kSeed;
    EXPECT_EQ(order(1), order(1));
    EXPECT_NE(order(1), unshuffled);
    EXPECT_NE(order(1), order(2));
    w.train.seed_change_epoch = false;
    EXPECT_EQ(order(1), order(2));
    w.train.seed_change_epoch = true;
    *shuffle = config::Shuffle::kRandom;
    EXPECT_NE(order(1), order(1));
    *shuffle = config::Shuffle::kOff;
  }
}

TEST(PlanEpoch, RandomOrdersAreTheSameOnAllRanksAndSeedsChangeWithTheEpoch) {
  io::testing::MemStorage storage;
  std::vector<std::uint64_t> rows;
  for (std::uint64_t i = 0; i < 64; ++i) rows.push_back(1 + i % 2);
  const RowCounts used = *RowCounts::of(rows);
  config::Workload w = workload(1);
  for (const auto shuffle : {config::Shuffle::kRandom, config::Shuffle::kSeed}) {
    w.reader.file_shuffle = shuffle;
    // By rank and epoch: a cut through a file makes one visit more, so epochs differ in their number.
    std::vector<std::array<std::vector<std::uint64_t>, 2>> firsts(2);
    testing::on_ranks(2, storage, w, [&](Context& c) {
      for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
        const auto plan = plan_epoch(c, split(used, used), Phase::kTrain, epoch);
        ASSERT_OK(plan);
        for (std::uint64_t k = 0; k < plan->visits(); ++k)
          firsts[static_cast<std::size_t>(c.comm.rank())][epoch - 1].push_back(plan->visit(k).file * 2 +
                                                                               plan->visit(k).first_row);
      }
    });
    // What one rank reads in the first epoch the other does not, so the order is one.
    EXPECT_NE(firsts[0][0], firsts[0][1]);
    for (std::size_t epoch = 0; epoch < 2; ++epoch) {
      for (const std::uint64_t first : firsts[0][epoch])
        EXPECT_THAT(firsts[1][epoch], ::testing::Not(::testing::Contains(first)));
    }
  }
}

}  // namespace
}  // namespace stoker::training
