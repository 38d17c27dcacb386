#include "results/summary_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "results/testing/sample_summary.h"

namespace stoker::results {
namespace {

using testing::full_summary;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricBlock, TrainingAndEvaluation) {
  EXPECT_EQ(metric_block(full_summary()), R"([METRIC] ==========================================================
[METRIC] Number of Simulated Accelerators: 2
[METRIC] Training Accelerator Utilization [AU] (%): 88.4783 (1.5217)
[METRIC] Training Throughput (samples/second): 7.2283 (0.2717)
[METRIC] Training I/O Throughput (MiB/second): 1012.5000 (12.2500)
[METRIC] train_au_meet_expectation: fail
[METRIC] Eval Accelerator Utilization [AU] (%): 50.0000 (0.0000)
[METRIC] Eval Throughput (samples/second): 4.000000 (0.000000)
[METRIC] Eval Throughput (MiB/second): 8.000000 (0.000000)
[METRIC] eval_au_meet_expectation: success
[METRIC] ==========================================================
)");
}

TEST(MetricBlock, WhatWasNotMeasuredIsNoZero) {
  Summary s = full_summary();
  s.train = metrics::RateMetrics{.au_percent = {std::nullopt}, .samples_per_second = {std::nullopt}};
  s.eval->au_mean_percent.reset();
  EXPECT_EQ(metric_block(s), R"([METRIC] ==========================================================
[METRIC] Number of Simulated Accelerators: 2
[METRIC] Training Accelerator Utilization [AU] (%): not measured
[METRIC] Training Throughput (samples/second): not measured
[METRIC] Training I/O Throughput (MiB/second): not measured
[METRIC] train_au_meet_expectation: fail
[METRIC] Eval Accelerator Utilization [AU] (%): not measured
[METRIC] Eval Throughput (samples/second): 4.000000 (0.000000)
[METRIC] Eval Throughput (MiB/second): 8.000000 (0.000000)
[METRIC] eval_au_meet_expectation: success
[METRIC] ==========================================================
)");
}

TEST(MetricBlock, CheckpointOnly) {
  Summary s = full_summary();
  s.train.reset();
  s.eval.reset();
  EXPECT_EQ(metric_block(s), R"([METRIC] ==========================================================
[METRIC] Number of Simulated Accelerators: 2
[METRIC] Checkpoint save duration (seconds): 1.2500 (0.2500)
[METRIC] Checkpoint save I/O Throughput (GiB/second): 2.5000 (0.5000)
[METRIC] Checkpoint load duration (seconds): 0.7500 (0.0000)
[METRIC] Checkpoint load I/O Throughput (GiB/second): 5.0000 (0.0000)
[METRIC] ==========================================================
)");
}

TEST(HumanSummary, OfADataSetThatWasCompleteHasNoRate) {
  Summary s;
  s.generation.emplace();
  s.generation->kept_files = 7;
  s.generation->kept_bytes = 1024;
  EXPECT_THAT(human_summary(s), ::testing::StartsWith("kept       7 files, 1.0 KiB, that were complete\n"));
  s.generation->kept_files = 0;
  EXPECT_THAT(human_summary(s), ::testing::StartsWith("generated  0 files, 0 B in "));
}

TEST(HumanSummary, EverythingMeasured) {
  EXPECT_EQ(human_summary(full_summary()),
            R"(generated  1,234 files, 3.0 GiB in 40.5 s (75.9 MiB/s)
           67 % of the bytes past the page cache, the others through it (posix, O_DIRECT, io_uring); 1.5 s of the time until all of it was on the storage
kept       12 files, 1.0 MiB, that were complete
read       12.0 GiB asked of the storage in 2 epochs, 11.0 GiB useful; 1228.8 MiB/s, mean of the epochs
           parquet, decode arrays; io_uring, O_DIRECT on ext4
from       9.0 GiB by devices, 25.0 % of what was asked came from a cache
rows       40 of 42 samples read in each of 2 epochs, none more than once; digest 08a60b0eb38bfb85
rows eval  4 of 4 samples read, none more than once; digest 125419223e826ce6
steps      compute 59.7 %, wait 29.9 % (storage 19.9 %, decode 8.0 %, queue 2.0 %), barrier 10.0 % (for ranks that waited: storage 6.0 %, client 1.0 %)
late       steps computed 500.0 ms longer than told (0.5 % of the time, 3 times by 10 ms or more): ranks were stopped, or without a core
readers    storage 50.0 %, decompress 5.0 %, decode 20.0 %, idle 25.0 % (4 per rank)
latency    p50 350 us, p90 1.2 ms, p99 4.5 ms, p99.9 12.0 ms, max 1.5 s of 98,304 requests (25 % were answered before their thread looked)
depth      at most 9.5 requests in flight on average, a reader thread asks for more until it has 32; 7.2 at the device, which was busy 88 % of the time
pressure   threads of a host waited for a CPU 12 % and for I/O 60 % of the time; all programs together took 94 % of the hosts' CPUs
checkpoint 1.2 s each at 2.50 GiB/s
client     CPU 12.3 s, 0.96 CPU s per GB read, peak memory 1.5 GiB, held back by a limit on CPUs for 1.5 s
warning    page cache was not dropped on node1
verdict    storage kept 2 accelerators 97.3 % busy
)");
}

TEST(HumanSummary, OfImagesSaysWhetherTheyWereDecoded) {
  Summary s = full_summary();
  s.format = "jpeg";
  s.parquet_decode = "";
  s.decode_images = false;
  EXPECT_THAT(human_summary(s), ::testing::HasSubstr("\n           jpeg, images not decoded; io_uring"));
  s.decode_images = true;
  EXPECT_THAT(human_summary(s), ::testing::HasSubstr("\n           jpeg, images decoded; io_uring"));
}

TEST(HumanSummary, ComparesWithTheCeilingsThatAreKnown) {
  Summary s = full_summary();
  s.ceilings = CeilingShares{.bytes_per_second = 1.2 * static_cast<double>(1U << 30)};
  s.ceilings->storage_share = 0.714;
  s.ceilings->storage_how = "depth 8, O_DIRECT";
  s.ceilings->client_share = 0.12;
  EXPECT_THAT(human_summary(s), HasSubstr("read 1.2 GiB/s: 71 % of what the storage gave the minimal reader (depth 8, "
                                          "O_DIRECT), 12 % of what the client could\n"));
  s.ceilings->storage_share.reset();
  EXPECT_THAT(human_summary(s), HasSubstr("read 1.2 GiB/s: 12 % of what the client could\n"));
}

TEST(HumanSummary, LeavesOutWhatWasNotMeasured) {
  EXPECT_EQ(human_summary(Summary{}), "");
  Summary s;
  s.format = "npz";
  s.read = ReadFacts{.train_bytes_read = {1024}};
  EXPECT_EQ(human_summary(s), "read       1.0 KiB asked of the storage in 1 epoch; 0.0 MiB/s\n           npz\n");
}

// Each part has one or less than one of what it counts.
TEST(HumanSummary, OfLittleSaysAllTheSame) {
  Summary s;
  s.generation = metrics::GenerationMetrics{
      .files = 1, .bytes = 1024, .kept_files = 1, .kept_bytes = 512, .seconds = 0.5, .mib_per_second = 0.25};
  s.format = "npz";
  s.read = ReadFacts{.train_bytes_read = {1},
                     .useful_bytes = 1,
                     .cpu_seconds_per_gb = 0.5,
                     .latency = {.p50 = 0.5, .p90 = 0.5, .p99 = 0.5, .p99_9 = 0.5, .max = 0.5, .requests = 1},
                     .step_time = {.compute = 0.25, .wait_storage = 0.125, .barrier = 0.125},
                     .late_steps = 1,
                     .reader_time = {.storage = 0.25, .idle = 0.25},
                     .verified = VerificationFacts{.bytes = 2048, .cpu_seconds = 0.25, .cpu_share = 0.125}};
  s.client = ClientFacts{.storage = "pread", .read_threads = 1, .throttled_seconds = 0.5, .optimised_build = true};
  s.cpu_seconds = 0.5;
  s.peak_rss_mib = 0.5;
  EXPECT_EQ(human_summary(s),
            R"(generated  1 file, 1.0 KiB in 500.0 ms (0.2 MiB/s)
           through the page cache
kept       1 file, 512 B, that were complete
read       1 B asked of the storage in 1 epoch, 1 B useful; 0.0 MiB/s
           npz; pread
verified   2.0 KiB, each value as it was generated; 0.25 CPU s, 12.5 % of training's
steps      compute 50.0 %, wait 25.0 % (storage 25.0 %), barrier 25.0 %
late       steps computed 0 us longer than told (0.0 % of the time, 1 time by 10 ms or more): ranks were stopped, or without a core
readers    storage 50.0 %, idle 50.0 % (1 per rank)
latency    p50 500 us, p90 500 us, p99 500 us, p99.9 500 us, max 500 us of 1 request
depth      0.0 requests in flight on average
client     CPU 500.0 ms, 0.50 CPU s per GB read, peak memory 512.0 KiB, held back by a limit on CPUs for 500.0 ms
)");
}

// The ends of files, less than a block each, are no reason to doubt that the device was written to.
TEST(HumanSummary, TellsHowADataSetWasWritten) {
  Summary s;
  for (const auto& [direct, sync, text] :
       {std::tuple(0ULL, 0.0, "through the page cache\n"),
        std::tuple(989'000ULL, 0.0, "99 % of the bytes past the page cache, the others through it\n"),
        std::tuple(990'000ULL, 0.0, "           past the page cache\n"),
        std::tuple(1'000'000ULL, 0.0049, "past the page cache\n"),
        std::tuple(1'000'000ULL, 0.005,
                   "past the page cache; 5.0 ms of the time until all of it was on the storage\n")}) {
    s.generation = metrics::GenerationMetrics{
        .files = 1, .bytes = 1'000'000, .seconds = 1, .direct_bytes = direct, .sync_seconds = sync};
    EXPECT_THAT(human_summary(s), ::testing::HasSubstr(text));
  }
}

TEST(HumanSummary, OfTheClientSaysWhatIsKnown) {
  Summary s;
  s.peak_rss_mib = 2;
  EXPECT_EQ(human_summary(s), "client     peak memory 2.0 MiB\n");
  s = Summary{};
  s.client = ClientFacts{.throttled_seconds = 2, .optimised_build = true};
  EXPECT_EQ(human_summary(s), "client     held back by a limit on CPUs for 2.0 s\n");
}

TEST(HumanSummary, SaysWhatChangesTheMeaning) {
  Summary s = full_summary();
  s.client->optimised_build = false;
  s.error = "rank 1 failed";
  const std::string text = human_summary(s);
  EXPECT_THAT(text, HasSubstr("warning    this program was built without optimisation"));
  EXPECT_THAT(text, HasSubstr("error      rank 1 failed\n"));
  EXPECT_THAT(human_summary(full_summary()), Not(HasSubstr("error")));
}

}  // namespace
}  // namespace stoker::results
