#include "workloads/training/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/host_name.h"
#include "base/testing/status_matchers.h"
#include "cluster/dist/local.h"

namespace stoker::training {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

EpochRun run_of(Nanos wall, std::uint64_t bytes, std::size_t steps) {
  EpochRun run;
  run.end = run.begin + wall;
  run.steps.resize(steps);
  run.loader.loader.bytes_requested = bytes;
  return run;
}

TEST(EpochOverRanks, IsTheMeanOfAuTheSumOfRatesAndTheSlowestWall) {
  static_cast<void>(dist::run_local(3, [](dist::Communicator& comm) {
    const auto n = static_cast<std::uint64_t>(comm.rank());
    const metrics::EpochMetrics mine{
        .au_percent = 60.0 + 10.0 * comm.rank(), .samples_per_second = 5, .measured_steps = 9 - n, .steps = 12};
    const auto all = epoch_over_ranks(comm, mine, run_of(milliseconds(100 + 50 * comm.rank()), 1000 + n, 12));
    EXPECT_OK(all);
    EXPECT_DOUBLE_EQ(all->metrics.au_percent.value(), 70);
    EXPECT_DOUBLE_EQ(all->metrics.samples_per_second.value(), 15);
    EXPECT_EQ(all->metrics.measured_steps, 7U);
    EXPECT_EQ(all->metrics.steps, 12U);
    EXPECT_EQ(all->bytes_read, 3003U);
    EXPECT_EQ(all->wall, milliseconds(200));
    EXPECT_FALSE(all->coverage);
    return 0;
  }));
}

// As metrics::over_ranks has it.
TEST(EpochOverRanks, RanksThatMeasuredNothingHaveNoSay) {
  for (const int measured : {0, 1}) {
    static_cast<void>(dist::run_local(2, [measured](dist::Communicator& comm) {
      metrics::EpochMetrics mine;
      if (comm.rank() < measured) mine = {.au_percent = 80, .samples_per_second = 5, .measured_steps = 3};
      const auto all = epoch_over_ranks(comm, mine, run_of(seconds(1), 0, 3));
      EXPECT_OK(all);
      EXPECT_EQ(all->metrics.au_percent, measured > 0 ? std::optional(80.0) : std::nullopt);
      EXPECT_EQ(all->metrics.samples_per_second, measured > 0 ? std::optional(5.0) : std::nullopt);
      EXPECT_EQ(all->metrics.measured_steps, 0U);
      return 0;
    }));
  }
}

TEST(MergeRanks, MakesTheSumsOfAllRanksTheRootsAndNamesTheSlowOne) {
  static_cast<void>(dist::run_local(3, [](dist::Communicator& comm) {
    TrainOutcome mine;
    mine.steps.wait.storage = seconds(comm.rank() == 1 ? 30 : 2);
    mine.steps.steps = 10;
    mine.loader.rows = 100;
    const TrainOutcome before = mine;
    EXPECT_OK(merge_ranks(comm, mine));
    if (comm.rank() != 0) {
      EXPECT_EQ(mine.steps, before.steps);
      EXPECT_EQ(mine.loader, before.loader);
      EXPECT_FALSE(mine.slow);
      return 0;
    }
    EXPECT_EQ(mine.steps.wait.storage, seconds(34));
    EXPECT_EQ(mine.steps.steps, 30U);
    EXPECT_EQ(mine.loader.rows, 300U);
    EXPECT_TRUE(mine.slow);
    EXPECT_EQ(mine.slow->rank, 1);
    EXPECT_EQ(mine.slow->host, host_name());
    EXPECT_EQ(mine.slow->waited, (metrics::StepWait{seconds(30), metrics::StepWait::Cause::kStorage}));
    EXPECT_EQ(mine.slow->others, seconds(2));
    return 0;
  }));
}

// A rank's text that is damaged on the way.
TEST(MergeRanks, WhatCannotBeReadIsAnErrorOfAllRanks) {
  class Damaging final : public dist::Communicator {
   public:
    Damaging(dist::Communicator& comm, int from) : comm_(comm), from_(from) {}
    [[nodiscard]] int rank() const override { return comm_.rank(); }
    [[nodiscard]] int size() const override { return comm_.size(); }
    [[nodiscard]] const dist::Node& node() const override { return comm_.node(); }
    Status barrier() override { return comm_.barrier(); }
    Status all_reduce(std::span<double> values, dist::Op op) override { return comm_.all_reduce(values, op); }
    Result<std::vector<std::string>> gather(std::string_view text, int root) override {
      return comm_.gather(gathers_++ == from_ && rank() == 1 ? "damaged" : text, root);
    }
    Result<std::string> broadcast(std::string_view text, int root) override { return comm_.broadcast(text, root); }
    void abort(int exit_code) override { comm_.abort(exit_code); }
    void fail(const Error& why) override { comm_.fail(why); }

   private:
    dist::Communicator& comm_;
    const int from_;
    int gathers_ = 0;
  };
  const std::vector<std::string> told{"step totals", "loader totals"};
  for (std::size_t gather = 0; gather < told.size(); ++gather) {
    static_cast<void>(dist::run_local(2, [&](dist::Communicator& comm) {
      Damaging damaging(comm, static_cast<int>(gather));
      TrainOutcome mine;
      EXPECT_ERROR(merge_ranks(damaging, mine), Code::kCorrupt, told[gather]);
      return 0;
    }));
  }
}

}  // namespace
}  // namespace stoker::training
