#include "workloads/ceilings/client_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "cluster/host/proc.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::ceilings {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Repeat, TakesTheMedianOfThreeRunsThatAgree) {
  std::vector<Nanos> cpu{100ms, 101ms, 99ms};
  std::size_t i = 0;
  const auto figure =
      repeat("x", [&]() -> Result<Work> { return Work{.cpu = cpu.at(i++), .bytes = 1000, .samples = 10}; });
  ASSERT_OK(figure);
  EXPECT_EQ(figure->runs, 3U);
  EXPECT_DOUBLE_EQ(figure->samples_per_second, 100);
  EXPECT_DOUBLE_EQ(figure->bytes_per_second, 10'000);
  EXPECT_DOUBLE_EQ(figure->cpu_seconds_per_gb, 1e5);
  EXPECT_NEAR(figure->spread, 0.02, 0.001);
}

TEST(Repeat, GoesOnUntilTheLastThreeAgreeAndShowsTheSpreadOfAll) {
  std::vector<Nanos> cpu{200ms, 100ms, 100ms, 100ms};
  std::size_t i = 0;
  const auto figure =
      repeat("x", [&]() -> Result<Work> { return Work{.cpu = cpu.at(i++), .bytes = 1000, .samples = 10}; });
  ASSERT_OK(figure);
  EXPECT_EQ(figure->runs, 4U);
  EXPECT_DOUBLE_EQ(figure->samples_per_second, 100);
  EXPECT_DOUBLE_EQ(figure->spread, 0.5);
}

TEST(Repeat, EndsAfterTenRunsThatDoNotAgree) {
  int n = 0;
  const auto figure = repeat(
      "x", [&]() -> Result<Work> { return Work{.cpu = ++n % 2 == 0 ? 100ms : 200ms, .bytes = 1, .samples = 1}; });
  ASSERT_OK(figure);
  EXPECT_EQ(figure->runs, 10U);
}

TEST(Repeat, WithoutAClockOfCpuTimeIsAnError) {
  EXPECT_EQ(repeat("x", []() -> Result<Work> { return Work{}; }).error().code, Code::kFailed);
}

TEST(MeanSeconds, IsThatOfTheDistribution) {
  using Kind = config::Duration::Kind;
  EXPECT_EQ(mean_seconds({}), 0);
  EXPECT_EQ(mean_seconds({Kind::kConstant, 2, 0}), 2);
  EXPECT_EQ(mean_seconds({Kind::kNormal, 2, 1}), 2);
  EXPECT_EQ(mean_seconds({Kind::kUniform, 2, 4}), 3);
  EXPECT_EQ(mean_seconds({Kind::kGamma, 2, 4}), 8);
}

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.num_samples_per_file = 3000;
  w.dataset.record_length_bytes = 1000;
  w.dataset.parquet.row_group_size = 500;
  w.reader.batch_size = 100;
  w.train.computation_time = {config::Duration::Kind::kConstant, 0.1, 0};
  return w;
}

TEST(BenchClient, MeasuresEachKindOfWorkAndTouchesNoStorage) {
  io::testing::MemStorage storage;
  const SteadyClock clock;
  const config::Workload w = workload();
  const auto ceiling = bench_client({.workload = w,
                                     .format = **format::find_format(w.dataset.format),
                                     .storage = storage,
                                     .clock = clock,
                                     .process_cpu = [] { return from_seconds(host::process_cpu_times().total()); },
                                     .seconds = 0.005,
                                     .say = [](const std::string&) {}},
                                    {});
  ASSERT_OK(ceiling);
  EXPECT_THAT(storage.calls(), SizeIs(0));
  std::vector<std::string> names;
  for (const auto& figure : ceiling->figures) {
    names.push_back(figure.name);
    EXPECT_GE(figure.runs, 3U) << figure.name;
    EXPECT_GT(figure.samples_per_second, 0) << figure.name;
    // A sample is 1000 bytes and its share of headers.
    EXPECT_NEAR(figure.bytes_per_second / figure.samples_per_second, 1000, 60) << figure.name;
    // Medians of an even number of runs are not the inverse of each other, by less than the runs' spread.
    EXPECT_NEAR(figure.bytes_per_second * figure.cpu_seconds_per_gb, 1e9, 1e9 * (0.001 + figure.spread)) << figure.name;
  }
  EXPECT_THAT(names, ElementsAre("memory copy", "generation", "decode", "hand-over"));
  EXPECT_LT(ceiling->buffered.samples_per_second, ceiling->direct.samples_per_second);
  EXPECT_LT(ceiling->direct.samples_per_second, ceiling->figures[2].samples_per_second);
  ASSERT_TRUE(ceiling->direct.accelerators);
  // A batch of 100 each 0.1 s.
  EXPECT_NEAR(*ceiling->direct.accelerators, ceiling->direct.samples_per_second / 1000,
              ceiling->direct.samples_per_second / 1e6);
}

TEST(BenchClient, AStopEndsIt) {
  io::testing::MemStorage storage;
  const SteadyClock clock;
  const config::Workload w = workload();
  std::stop_source stop;
  stop.request_stop();
  const auto ceiling = bench_client({.workload = w,
                                     .format = **format::find_format(w.dataset.format),
                                     .storage = storage,
                                     .clock = clock,
                                     .process_cpu = [] { return Nanos{1}; },
                                     .say = [](const std::string&) {}},
                                    stop.get_token());
  EXPECT_EQ(ceiling.error().code, Code::kInterrupted);
}

}  // namespace
}  // namespace stoker::ceilings
