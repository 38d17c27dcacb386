// What a loader says that time was spent on, with clocks that only the tests move: chunks are read inside next().
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "data/pipeline/data_loader.h"
#include "data/pipeline/testing/fake_format.h"

namespace stoker::pipeline {
namespace {

using std::chrono::milliseconds;
using testing::FakeDataset;
using testing::FakeFiles;

// Whoever sleeps is late by a millisecond, for want of a core.
class LateClock final : public stoker::testing::FakeClock {
 public:
  void sleep_until(Instant deadline, const std::stop_token& stop) const override {
    FakeClock::sleep_until(deadline + milliseconds(1), stop);
    late_ += milliseconds(1);
  }
  [[nodiscard]] ThreadTimes thread_times() const override {
    ThreadTimes times = FakeClock::thread_times();
    times.runnable += late_;
    return times;
  }

 private:
  mutable Nanos late_{0};
};

dataset::PlanRequest request(std::uint64_t files, std::uint64_t rows, std::uint64_t batch) {
  return {.files = files, .samples_per_file = rows, .batch_size = batch};
}

LoaderOptions one_ms_per_sample() {
  LoaderOptions options;
  options.threads = 0;
  options.preprocess = {config::Duration::Kind::kConstant, 0.001, 0};
  return options;
}

// Two files of 10 rows in units of 4, 4 and 2.
TEST(LoaderTimes, PreprocessingIsWhatWasSleptAndTheWayBackIsTheCores) {
  const LateClock clock;
  FakeDataset data;
  FakeFiles files(data);
  DataLoader loader(files, clock, one_ms_per_sample());
  ASSERT_OK(loader.begin_epoch(dataset::EpochPlan(request(2, 10, 10)), 1, {}));
  for (int step = 0; step < 2; ++step) {
    const auto batch = loader.next();
    ASSERT_OK(batch);
    EXPECT_EQ(batch->wait.total, milliseconds(13));
    EXPECT_EQ(batch->wait.causes.preprocess, milliseconds(10));
    EXPECT_EQ(batch->wait.causes.core, milliseconds(3));
    EXPECT_EQ(batch->wait.causes.queue, Nanos{0});
    EXPECT_EQ(batch->wait.causes.total(), batch->wait.total);
  }
  const EpochTotals totals = loader.end_epoch();
  EXPECT_EQ(totals.loader.chunks, 6U);
  EXPECT_EQ(totals.loader.rows, 20U);
  EXPECT_EQ(totals.loader.bytes_useful, 160U);
  EXPECT_EQ(totals.loader.bytes_requested, 160U);
  EXPECT_EQ(totals.loader.requests, 6U);
  EXPECT_EQ(totals.loader.busy.preprocess, milliseconds(20));
  EXPECT_EQ(totals.loader.busy.core, milliseconds(6));
  EXPECT_EQ(totals.loader.busy.total(), milliseconds(26));
  EXPECT_EQ(totals.loader.idle, Nanos{0});
}

// Each epoch counts from the beginning.
TEST(LoaderTimes, TotalsAreThoseOfAnEpoch) {
  const stoker::testing::FakeClock clock;
  FakeDataset data;
  FakeFiles files(data);
  DataLoader loader(files, clock, one_ms_per_sample());
  for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
    ASSERT_OK(loader.begin_epoch(dataset::EpochPlan(request(1, 10, 10)), epoch, {}));
    ASSERT_OK(loader.next());
    const EpochTotals totals = loader.end_epoch();
    EXPECT_EQ(totals.loader.chunks, 3U);
    EXPECT_EQ(totals.loader.busy.preprocess, milliseconds(10));
  }
}

// A chunk that is placed in several goes was preprocessed once.
TEST(LoaderTimes, StagesOfAChunkAreToldOnceHoweverOftenItIsPlaced) {
  const stoker::testing::FakeClock clock;
  FakeDataset data;
  data.rows_per_file = data.unit_rows = 20;
  FakeFiles files(data);
  LoaderOptions options = one_ms_per_sample();
  options.collate = true;
  options.prefetch = 1;
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(dataset::EpochPlan(request(1, 20, 4)), 1, {}));
  for (std::uint64_t step = 0; step < 5; ++step) {
    const auto batch = loader.next();
    ASSERT_OK(batch);
    EXPECT_EQ(batch->wait.total, step == 0 ? milliseconds(20) : milliseconds(0));
  }
  const EpochTotals totals = loader.end_epoch();
  EXPECT_EQ(totals.loader.chunks, 1U);
  EXPECT_EQ(totals.rows_read, 20U);
  EXPECT_EQ(totals.loader.busy.preprocess, milliseconds(20));
  EXPECT_EQ(totals.loader.busy.total(), milliseconds(20));
}

// The first go may place a single row: of the second file's rows the ring of two batches has room for one.
TEST(LoaderTimes, StagesOfAChunkAreToldOnceAfterOneRow) {
  const stoker::testing::FakeClock clock;
  FakeDataset data;
  data.rows = {1, 5};
  data.unit_rows = 5;
  FakeFiles files(data);
  LoaderOptions options = one_ms_per_sample();
  options.collate = true;
  options.prefetch = 1;
  DataLoader loader(files, clock, options);
  dataset::PlanRequest rows = request(2, 5, 1);
  rows.row_counts = *dataset::RowCounts::of(data.rows);
  const dataset::EpochPlan plan(rows);
  ASSERT_EQ(plan.steps(), 6U);
  ASSERT_OK(loader.begin_epoch(plan, 1, {}));
  for (std::uint64_t step = 0; step < 6; ++step) ASSERT_OK(loader.next());
  EXPECT_EQ(loader.end_epoch().loader.busy.preprocess, milliseconds(6));
}

// What a checker takes is verifying, but for what it waited for a core; the storage has no part in it.
class SlowChecker final : public format::ValueChecker {
 public:
  explicit SlowChecker(stoker::testing::FakeClock& clock) : clock_(clock) {}
  Status check(const dataset::FileSpec&, std::uint64_t, const format::Chunk&) override {
    clock_.advance(milliseconds(5));
    ThreadTimes times = clock_.thread_times();
    times.runnable += milliseconds(2);
    clock_.set_thread_times(times);
    return {};
  }

 private:
  stoker::testing::FakeClock& clock_;
};

TEST(LoaderTimes, VerifyingIsToldApart) {
  stoker::testing::FakeClock clock;
  FakeDataset data;
  FakeFiles files(data);
  LoaderOptions options;
  options.threads = 0;
  options.verification = {
      .make_checker = [&]() -> Result<std::unique_ptr<format::ValueChecker>> {
        return std::unique_ptr<format::ValueChecker>(std::make_unique<SlowChecker>(clock));
      },
      .spec = [](std::uint64_t file) -> Result<dataset::FileSpec> { return dataset::FileSpec{.index = file}; }};
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(dataset::EpochPlan(request(1, 10, 10)), 1, {}));
  const auto batch = loader.next();
  ASSERT_OK(batch);
  EXPECT_EQ(batch->wait.causes.verify, milliseconds(9));
  EXPECT_EQ(batch->wait.causes.core, milliseconds(6));
  const EpochTotals totals = loader.end_epoch();
  EXPECT_EQ(totals.loader.busy.verify, milliseconds(9));
  EXPECT_EQ(totals.loader.busy.core, milliseconds(6));
  EXPECT_EQ(totals.loader.busy.total(), milliseconds(15));
  EXPECT_EQ(totals.loader.bytes_verified, 80U);
}

}  // namespace
}  // namespace stoker::pipeline
