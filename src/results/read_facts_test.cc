#include "results/read_facts.h"

#include <gtest/gtest.h>

#include <vector>

namespace stoker::results {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

metrics::RunTotals some_run() {
  metrics::RunTotals run{.cpu_seconds = 3, .device_bytes = 500'000'000};
  run.steps = {.wait = {.storage = seconds(1),
                        .decompress = seconds(2),
                        .decode = seconds(3),
                        .verify = seconds(18),
                        .preprocess = seconds(4),
                        .place = seconds(5),
                        .queue = seconds(6)},
               .compute = seconds(7),
               .barrier = seconds(8),
               .barrier_for = {.storage = seconds(1), .client = seconds(2), .queue = seconds(3)},
               .steps = 9};
  run.loader.busy = {.storage = seconds(11),
                     .decompress = seconds(12),
                     .decode = seconds(13),
                     .verify = seconds(19),
                     .preprocess = seconds(14),
                     .place = seconds(15),
                     .other = seconds(16)};
  run.loader.idle = seconds(17);
  run.loader.bytes_requested = 2'000'000'000;
  run.loader.bytes_useful = 1'900'000'000;
  run.loader.read_latency.add(milliseconds(2));
  run.loader.requests_seen_late = 1;
  run.wall = milliseconds(4);
  run.io_depth = 16;
  run.device = {.busy = 0.75, .in_flight = 3};
  run.pressure = {.cpu = 0.25, .io = 0.5};
  run.hosts_busy = 0.875;
  return run;
}

TEST(ReadFacts, EveryMeasurementFindsItsPlace) {
  const std::vector<metrics::EpochBytes> epochs{{1'048'576'000, seconds(1)}, {951'424'000, seconds(2)}};
  const ReadFacts facts = read_facts(some_run(), epochs);
  EXPECT_EQ(facts.train_bytes_read, (std::vector<std::uint64_t>{1'048'576'000, 951'424'000}));
  EXPECT_EQ(facts.useful_bytes, 1'900'000'000U);
  EXPECT_DOUBLE_EQ(facts.storage_io_mean_mib_per_second, (1000 + 951'424'000.0 / 1048576 / 2) / 2);
  EXPECT_DOUBLE_EQ(facts.cpu_seconds_per_gb, 1.5);
  EXPECT_EQ(facts.latency,
            (LatencyMs{.p50 = 2, .p90 = 2, .p99 = 2, .p99_9 = 2, .max = 2, .requests = 1, .seen_late = 1}));
  EXPECT_EQ(facts.depth, (DepthFacts{.per_thread = 16, .reached = 0.5, .device = 3, .device_busy = 0.75}));
  EXPECT_EQ(facts.pressure, (PressureFacts{.cpu = 0.25, .io = 0.5}));
  EXPECT_EQ(facts.hosts_busy, 0.875);
  EXPECT_EQ(facts.step_time, (StepTimeSplit{.compute = 7,
                                            .wait_storage = 1,
                                            .wait_decompress = 2,
                                            .wait_decode = 3,
                                            .wait_verify = 18,
                                            .wait_preprocess = 4,
                                            .wait_place = 5,
                                            .wait_queue = 6,
                                            .barrier = 8,
                                            .barrier_storage = 1,
                                            .barrier_client = 2,
                                            .barrier_queue = 3}));
  EXPECT_EQ(facts.reader_time, (ReaderTimeSplit{.storage = 11,
                                                .decompress = 12,
                                                .decode = 13,
                                                .verify = 19,
                                                .preprocess = 14,
                                                .place = 15,
                                                .other = 16,
                                                .idle = 17}));
  EXPECT_EQ(facts.device_bytes, 500'000'000U);
  EXPECT_EQ(facts.cache_share, 0.75);
  EXPECT_EQ(facts.verified, std::nullopt);
}

TEST(ReadFacts, TellsWhatVerifyingCost) {
  metrics::RunTotals run = some_run();
  run.verifies = true;
  run.loader.bytes_verified = 123;
  run.loader.verify_cpu = milliseconds(750);
  const VerificationFacts expected{.bytes = 123, .cpu_seconds = 0.75, .cpu_share = 0.25};
  EXPECT_EQ(read_facts(run, {}).verified, expected);
  run.cpu_seconds = 0;
  EXPECT_EQ(read_facts(run, {}).verified->cpu_share, 0);
}

TEST(ReadFacts, DevicesThatReadNothingAreKnown) {
  metrics::RunTotals run = some_run();
  run.device_bytes = 0;
  const ReadFacts facts = read_facts(run, {});
  EXPECT_EQ(facts.device_bytes, 0U);
  EXPECT_EQ(facts.cache_share, 1);
}

TEST(ReadFacts, UnknownDevicesStayUnknown) {
  metrics::RunTotals run = some_run();
  run.device_bytes = -1;
  const ReadFacts facts = read_facts(run, {});
  EXPECT_EQ(facts.device_bytes, std::nullopt);
  EXPECT_EQ(facts.cache_share, std::nullopt);
}

TEST(ReadFacts, QuantilesGoToTheirKeys) {
  metrics::Histogram h;
  for (int i = 1; i <= 1000; ++i) h.add(milliseconds(i));
  const LatencyMs l = latency_ms(h);
  EXPECT_NEAR(l.p50, 500, 8);
  EXPECT_NEAR(l.p90, 900, 15);
  EXPECT_NEAR(l.p99, 990, 16);
  EXPECT_NEAR(l.p99_9, 999, 16);
  EXPECT_EQ(l.max, 1000);
}

}  // namespace
}  // namespace stoker::results
