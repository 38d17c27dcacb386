#include "workloads/training/epoch.h"

#include <atomic>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/dist/local.h"
#include "data/pipeline/testing/fake_format.h"
#include "metrics/au.h"

namespace stoker::training {
namespace {

using pipeline::testing::FakeDataset;

// What a rank needs for run_epoch, over files that are only numbers.
struct Rank {
  Rank(dist::Communicator& comm, const Environment& environment, FakeDataset& the_data)
      : data(the_data),
        reporter(environment.clock, comm.rank(), comm.size(), true),
        context{environment, loaded, loaded.workload, format, comm, reporter, {}} {}

  Result<EpochRun> run(std::uint64_t files, std::uint64_t batch, double compute_seconds, Phase phase = Phase::kTrain,
                       unsigned threads = 2) {
    dataset::PlanRequest request;
    request.files = files;
    request.samples_per_file = 10;
    request.batch_size = batch;
    request.rank = context.comm.rank();
    request.ranks = context.comm.size();
    pipeline::LoaderOptions options;
    options.threads = threads;
    pipeline::testing::FakeFiles fake(data);
    pipeline::DataLoader loader(fake, context.clock(), options);
    Accelerator accelerator(context.clock(), {config::Duration::Kind::kConstant, compute_seconds, 0}, 1);
    return run_epoch(context, loader, dataset::EpochPlan(request), accelerator, phase, 1);
  }

  FakeDataset& data;
  config::Loaded loaded;
  format::Format format{};
  Reporter reporter;
  Context context;
};

// Runs body on each of n ranks.
void on_ranks(int n, const std::function<void(dist::Communicator&, const Environment&)>& body,
              std::stop_token stop = {}) {
  const SteadyClock clock;
  const host::Proc proc;
  const auto storage = io::make_posix_storage();
  Progress progress(clock, ProgressMode::kOff);
  const Environment environment{*storage, clock, progress, proc, std::move(stop), n};
  static_cast<void>(dist::run_local(n, [&](dist::Communicator& comm) {
    body(comm, environment);
    return 0;
  }));
}

TEST(RunEpoch, EveryRankDoesTheSameStepsAndTogetherReadEverythingOnce) {
  FakeDataset data;
  std::atomic<std::uint64_t> rows{0};
  on_ranks(3, [&](dist::Communicator& comm, const Environment& environment) {
    Rank rank(comm, environment, data);
    const auto run = rank.run(9, 5, 0.0001);
    ASSERT_OK(run);
    EXPECT_EQ(run->steps.size(), 6U);
    EXPECT_EQ(run->totals.steps, 6U);
    rows += run->loader.rows_read;
  });
  EXPECT_EQ(rows.load(), 90U);
  EXPECT_EQ(data.decoded.size(), 90U);
  for (const auto& [row, times] : data.decoded) EXPECT_EQ(times, 1);
}

TEST(RunEpoch, StepTimesAddUpToTheWallTime) {
  FakeDataset data;
  data.jitter = std::chrono::microseconds(500);
  on_ranks(2, [&](dist::Communicator& comm, const Environment& environment) {
    Rank rank(comm, environment, data);
    const auto run = rank.run(8, 4, 0.002);
    ASSERT_OK(run);
    Nanos sum{0};
    for (const auto& step : run->steps) {
      EXPECT_GE(step.compute, Nanos{0});
      sum += step.proc() + step.barrier;
    }
    EXPECT_LE(sum, run->wall());
    // What lies between is the bookkeeping of ten steps, not work.
    EXPECT_GT(to_seconds(sum), 0.9 * to_seconds(run->wall()));
    EXPECT_EQ(run->totals.wait.total(), [&] {
      Nanos load{0};
      for (const auto& step : run->steps) load += step.load;
      return load;
    }()) << "waits by cause do not add up to the loads";
  });
}

TEST(RunEpoch, OneRanksErrorEndsAllRanksWithThatError) {
  for (const auto phase : {Phase::kTrain, Phase::kEval}) {
    FakeDataset data;
    data.fail_decode = 7;  // a file of one rank only
    std::atomic<int> failed{0};
    on_ranks(4, [&](dist::Communicator& comm, const Environment& environment) {
      Rank rank(comm, environment, data);
      const auto run = rank.run(12, 5, 0.0001, phase);
      ASSERT_FALSE(run.has_value());
      EXPECT_THAT(run.error().message, ::testing::HasSubstr("file 7: decoding fails on purpose"));
      EXPECT_EQ(static_cast<int>(run.error().code), static_cast<int>(Code::kCorrupt));
      ++failed;
    });
    EXPECT_EQ(failed.load(), 4);
  }
}

TEST(RunEpoch, AStopEndsAllRanks) {
  FakeDataset data;
  data.jitter = std::chrono::milliseconds(5);
  std::stop_source stop;
  std::atomic<int> interrupted{0};
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    stop.request_stop();
  });
  on_ranks(
      2,
      [&](dist::Communicator& comm, const Environment& environment) {
        Rank rank(comm, environment, data);
        const auto run = rank.run(2000, 5, 0.001);
        ASSERT_FALSE(run.has_value());
        EXPECT_EQ(static_cast<int>(run.error().code), static_cast<int>(Code::kInterrupted)) << run.error().message;
        ++interrupted;
      },
      stop.get_token());
  EXPECT_EQ(interrupted.load(), 2);
}

// A stop cuts the computing of the steps that are left short. With all their batches read ahead nothing else would
// fail, and the epoch would seem to have ended very fast.
TEST(RunEpoch, AStopWhileComputingIsNoFastEnd) {
  for (const auto phase : {Phase::kTrain, Phase::kEval}) {
    FakeDataset data;
    std::stop_source stop;
    std::atomic<int> interrupted{0};
    std::jthread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      stop.request_stop();
    });
    on_ranks(
        2,
        [&](dist::Communicator& comm, const Environment& environment) {
          Rank rank(comm, environment, data);
          const auto run = rank.run(2, 5, 3600, phase);
          ASSERT_FALSE(run.has_value());
          EXPECT_EQ(static_cast<int>(run.error().code), static_cast<int>(Code::kInterrupted)) << run.error().message;
          ++interrupted;
        },
        stop.get_token());
    EXPECT_EQ(interrupted.load(), 2);
  }
}

// With a clock that only compute moves, the load of a step is 0 and AU is 100 % to the last digit.
TEST(RunEpoch, UtilisationIsExactWhenNothingWaits) {
  FakeDataset data;
  const testing::FakeClock clock;
  const host::Proc proc;
  const auto storage = io::make_posix_storage();
  Progress progress(clock, ProgressMode::kOff);
  const Environment environment{*storage, clock, progress, proc, {}};
  static_cast<void>(dist::run_local(1, [&](dist::Communicator& comm) {
    Rank rank(comm, environment, data);
    const auto run = rank.run(5, 5, 0.5, Phase::kTrain, 0);
    EXPECT_OK(run);
    const auto block = metrics::block_metrics(run->steps, {1, 0}, run->wall(), 5);
    EXPECT_DOUBLE_EQ(block.au_percent.value(), 100.0);
    EXPECT_DOUBLE_EQ(block.samples_per_second.value(), 10.0);
    return 0;
  }));
}

}  // namespace
}  // namespace stoker::training
