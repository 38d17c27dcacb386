#include "workloads/training/summarize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/host_name.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/request_bytes.h"
#include "results/json.h"
#include "results/summary.h"
#include "results/timestamp.h"
#include "workloads/training/ceiling_shares.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A host of two CPUs of which a group may use one and a half, and 2 GiB.
class SummarizeTest : public ::testing::Test {
 protected:
  SummarizeTest() {
    put("proc/cpuinfo", "processor : 0\nmodel name : Fake 3000\n\nprocessor : 1\nmodel name : Fake 3000\n");
    put("proc/meminfo", "MemTotal: 2097152 kB\nMemAvailable: 1048576 kB\n");
    put("proc/self/status", "VmHWM: 3072 kB\n");
    workload_.model.name = "m";
    workload_.dataset.format = config::FormatName::kParquet;
    workload_.dataset.data_folder = "/nowhere/data";
    workload_.dataset.num_files_train = 4;
    workload_.dataset.num_files_eval = 2;
    workload_.dataset.num_samples_per_file = 10;
    workload_.dataset.record_length_bytes = 1 << 20;
    workload_.metric_au = 0.9;
  }

  // What two epochs on two ranks came to: 100 s each, of which a fifth was waited for the storage.
  static TrainOutcome trained() {
    TrainOutcome t;
    t.samples_per_file = 12;
    for (int epoch = 0; epoch < 2; ++epoch) {
      t.train.push_back(
          {.metrics = {.au_percent = 80.0 - epoch * 2, .samples_per_second = 20, .measured_steps = 50, .steps = 50},
           .bytes_read = 4'000'000'000,
           .wall = seconds(100),
           .coverage = results::EpochCoverage{.planned = 40, .read = 40, .digest = "00ff"}});
    }
    t.steps.wait.storage = seconds(80);
    t.steps.compute = seconds(320);
    t.steps.steps = 200;
    t.loader.bytes_requested = 8'000'000'000;
    t.loader.bytes_useful = 7'000'000'000;
    t.loader.requests = 8000;
    t.loader.busy.storage = seconds(100);
    t.loader.busy.core = Nanos{1};
    t.counted.cpu_seconds = 16;
    t.counted.throttled_seconds = 2;
    t.counted.device_bytes = 6'000'000'000;
    t.counted.host_load = {.device_wall = 200, .device_busy = 100, .device_queue = 300};
    return t;
  }

  struct Written {
    Status status;
    std::string printed;
    results::Summary summary;
  };
  Written write(int ranks, const SummaryDraft& draft, const Status& outcome) {
    Written written;
    ::testing::internal::CaptureStdout();
    on(ranks, [&](Context& c) {
      if (c.root()) c.ceilings = ceilings_;
      if (c.root()) c.warn("as said before");
      const Status status = write_results(c, draft, outcome);
      if (c.root()) written.status = status;
    });
    written.printed = ::testing::internal::GetCapturedStdout();
    if (const auto summary = results::read_summary(folder_.path())) written.summary = *summary;
    return written;
  }
  void on(int ranks, const std::function<void(Context&)>& body) {
    const host::Proc proc(folder_.path());
    testing::on_ranks(ranks,
                      {.storage = [&](int) -> io::Storage& { return storage_; },
                       .clock = clock_,
                       .proc = proc,
                       .format = format_,
                       .output_dir = output_dir_},
                      workload_, [&](Context& c) {
                        c.read_threads = 3;
                        body(c);
                      });
  }
  SummaryDraft draft() const {
    SummaryDraft d;
    d.start = clock_.wall();
    d.hosts = {{.cpu_count = 2, .usable_cpus = 1.5, .memory_gib = 2, .ranks = 2}};
    return d;
  }
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }

  const stoker::testing::TempDir folder_;
  std::filesystem::path output_dir_ = folder_.path();
  stoker::testing::FakeClock clock_;
  io::testing::MemStorage storage_;
  config::Workload workload_;
  const format::Format format_{};
  const std::vector<KnownCeilings>* ceilings_ = nullptr;
};

TEST_F(SummarizeTest, TrainingIsSummarised) {
  SummaryDraft d = draft();
  d.training = trained();
  clock_.advance(seconds(300));
  const Written w = write(2, d, {});
  ASSERT_OK(w.status);
  const results::Summary& s = w.summary;
  EXPECT_EQ(s.status, "success");
  EXPECT_EQ(s.error, "");
  EXPECT_EQ(s.start, results::format_timestamp(d.start));
  EXPECT_EQ(s.end, results::format_timestamp(d.start + seconds(300)));
  EXPECT_EQ(s.hostname, host_name());
  EXPECT_EQ(s.num_accelerators, 2);
  EXPECT_EQ(s.num_hosts, 1);
  EXPECT_EQ(s.model, "m");
  EXPECT_EQ(s.format, "parquet");
  EXPECT_EQ(s.parquet_decode, "arrays");
  EXPECT_EQ(s.num_files_train, 4);
  EXPECT_EQ(s.num_files_eval, 2);
  EXPECT_EQ(s.num_samples_per_file, 12) << "as the files have it";
  EXPECT_EQ(s.epochs, 2);
  ASSERT_TRUE(s.train);
  EXPECT_THAT(s.train->au_percent, ElementsAre(80, 78));
  EXPECT_DOUBLE_EQ(s.train->au_mean_percent.value(), 79);
  EXPECT_FALSE(s.train->meets_expectation);
  EXPECT_DOUBLE_EQ(s.train->io_mean_mib_per_second.value(), 20);
  EXPECT_THAT(s.train->measured_steps, ElementsAre(50, 50));
  EXPECT_FALSE(s.eval);
  EXPECT_FALSE(s.generation);
  EXPECT_FALSE(s.ceilings);
  ASSERT_TRUE(s.coverage);
  EXPECT_THAT(s.coverage->train, SizeIs(2));
  EXPECT_THAT(s.coverage->eval, IsEmpty());
  ASSERT_TRUE(s.read);
  EXPECT_THAT(s.read->train_bytes_read, ElementsAre(4'000'000'000, 4'000'000'000));
  EXPECT_EQ(s.read->useful_bytes, 7'000'000'000U);
  EXPECT_DOUBLE_EQ(s.read->cpu_seconds_per_gb, 2);
  EXPECT_EQ(s.read->device_bytes, 6'000'000'000U);
  EXPECT_DOUBLE_EQ(s.read->cache_share.value(), 0.25);
  EXPECT_EQ(s.verdict,
            "storage-bound: accelerators waited 20.0 % of the time for storage (38.1 MiB/s asked); AU 79.0 % of 90 % "
            "wanted; the device was busy 50 % of the time with 1.5 requests in flight");
  EXPECT_THAT(s.warnings, ElementsAre("as said before"));
  EXPECT_THAT(w.printed, AllOf(HasSubstr("[METRIC] Training Accelerator Utilization [AU] (%): 79.0000 (1.0000)"),
                               Not(HasSubstr("verdict")), Not(HasSubstr("[OUTPUT]"))))
      << "a quiet run tells its metrics alone";
}

TEST_F(SummarizeTest, HostAndClientAreDescribed) {
  SummaryDraft d = draft();
  d.hosts.push_back({.cpu_count = 4, .usable_cpus = 4, .memory_gib = 0.01, .ranks = 1});
  d.training = trained();
  const results::Summary s = write(2, d, {}).summary;
  EXPECT_THAT(s.host_cpu_count, ElementsAre(2, 4));
  EXPECT_THAT(s.host_memory_gib, ElementsAre(2, 0.01));
  // 12 samples x 4 files of 1 MiB: all of them on the first host, half of them on the second.
  EXPECT_DOUBLE_EQ(s.data_size_per_host_gib, 48.0 / 1024);
  EXPECT_THAT(s.potential_caching, ElementsAre(1, 0));
  ASSERT_TRUE(s.client);
  EXPECT_EQ(s.client->ranks_as, "threads");
  EXPECT_EQ(s.client->read_threads, 3);
  EXPECT_EQ(s.client->prefetch_batches, 3);
  EXPECT_DOUBLE_EQ(s.client->cpus, 5.5);
  EXPECT_DOUBLE_EQ(s.client->throttled_seconds, 2);
  EXPECT_EQ(s.client->cpu_model, "Fake 3000");
  EXPECT_EQ(s.client->writing, "");
  EXPECT_DOUBLE_EQ(s.peak_rss_mib, 3) << "of the largest process";
  EXPECT_GT(s.cpu_seconds, 0);
  EXPECT_LE(s.cpu_seconds, host::process_cpu_times().total()) << "of a process, not of each of its ranks";
}

TEST_F(SummarizeTest, AFileMayHoldOneSample) {
  SummaryDraft d = draft();
  d.training = trained();
  d.training->samples_per_file = 1;
  EXPECT_EQ(write(1, d, {}).summary.num_samples_per_file, 1);
}

TEST_F(SummarizeTest, EvaluationsAreFiguresOfTheirOwn) {
  SummaryDraft d = draft();
  d.training = trained();
  d.training->eval = {{.metrics = {.au_percent = 95, .samples_per_second = 7},
                       .wall = seconds(5),
                       .coverage = results::EpochCoverage{.planned = 20, .read = 20}}};
  const results::Summary s = write(1, d, {}).summary;
  ASSERT_TRUE(s.eval);
  EXPECT_THAT(s.eval->au_percent, ElementsAre(95));
  EXPECT_TRUE(s.eval->meets_expectation);
  ASSERT_TRUE(s.coverage);
  EXPECT_THAT(s.coverage->eval, SizeIs(1));
  EXPECT_THAT(s.read->train_bytes_read, SizeIs(2)) << "of training alone";
}

TEST_F(SummarizeTest, WhatWasNotTrainedIsNotThere) {
  SummaryDraft d = draft();
  d.generation = metrics::generation_metrics(4, 8 << 20, seconds(2));
  d.generation->direct_bytes = 1;
  const Written w = write(1, d, {});
  EXPECT_FALSE(w.summary.train);
  EXPECT_FALSE(w.summary.read);
  EXPECT_FALSE(w.summary.coverage);
  EXPECT_EQ(w.summary.verdict, "");
  EXPECT_EQ(w.summary.epochs, 0);
  EXPECT_EQ(w.summary.num_samples_per_file, 10) << "as told: no file was looked at";
  ASSERT_TRUE(w.summary.generation);
  EXPECT_DOUBLE_EQ(w.summary.generation->mib_per_second, 4);
  EXPECT_EQ(w.summary.client->writing, "memory, direct");
  EXPECT_EQ(w.printed, "");
  d.generation->direct_bytes = 0;
  EXPECT_EQ(write(1, d, {}).summary.client->writing, "memory");
  d.generation->files = 0;
  EXPECT_EQ(write(1, d, {}).summary.client->writing, "");
}

// Of a run that failed rank 0 does not know what the others have counted; it writes by itself.
TEST_F(SummarizeTest, AFailureIsSummarisedWithWhatHasEnded) {
  SummaryDraft d = draft();
  d.training = trained();
  Error error = make_error(Code::kIo, "rank 1: it broke");
  error.list = {"here", "and there"};
  Written w;
  ::testing::internal::CaptureStdout();
  on(2, [&](Context& c) {
    if (c.root()) w.status = write_results(c, d, error);
  });
  w.printed = ::testing::internal::GetCapturedStdout();
  ASSERT_OK(w.status);
  const auto s = results::read_summary(folder_.path());
  ASSERT_OK(s);
  EXPECT_EQ(s->status, "failed");
  EXPECT_EQ(s->error, "rank 1: it broke\n  here\n  and there");
  EXPECT_EQ(s->epochs, 2);
  EXPECT_TRUE(s->train);
  EXPECT_TRUE(s->coverage);
  EXPECT_FALSE(s->read);
  EXPECT_EQ(s->verdict, "");
  EXPECT_EQ(w.printed, "");
}

TEST_F(SummarizeTest, AFailureBeforeTheFirstEpochHasNoFigures) {
  SummaryDraft d = draft();
  d.training.emplace();
  const Written w = write(1, d, make_error(Code::kIo, "it broke"));
  EXPECT_EQ(w.summary.status, "failed");
  EXPECT_FALSE(w.summary.train);
  EXPECT_EQ(w.summary.epochs, 0);
  EXPECT_EQ(w.summary.num_samples_per_file, 10);
}

TEST_F(SummarizeTest, WhatCannotBeWrittenIsAnErrorOfAllRanks) {
  output_dir_ = folder_.path() / "missing";
  std::atomic<int> failed{0};
  ::testing::internal::CaptureStdout();
  on(2, [&](Context& c) {
    const Status status = write_results(c, draft(), {});
    if (!status && status.error().message.find("summary.json") != std::string::npos) ++failed;
  });
  ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(failed.load(), 2);
}

TEST_F(SummarizeTest, WhoReadsNothingHasNoBytes) {
  workload_.reader.data_loader = config::DataLoaderName::kSynthetic;
  SummaryDraft d = draft();
  d.training = trained();
  EXPECT_DOUBLE_EQ(write(1, d, {}).summary.train->io_mean_mib_per_second.value(), 0);
}

TEST_F(SummarizeTest, GeneratedBytesAreOfNoStorage) {
  workload_.storage.storage_type = config::StorageType::kGenerated;
  workload_.reader.odirect = true;
  SummaryDraft d = draft();
  d.training = trained();
  const results::Summary s = write(1, d, {}).summary;
  EXPECT_FALSE(s.odirect);
  EXPECT_EQ(s.client->file_system, "");
  EXPECT_EQ(s.client->storage, "memory, direct") << "as the storage itself says";
  EXPECT_THAT(s.verdict, AllOf(::testing::StartsWith("client-bound: "),
                               HasSubstr("the bytes were generated, and no storage was read")));
}

// A model that stands before them is waited for all the same.
TEST_F(SummarizeTest, AModelIsBlamed) {
  workload_.storage.storage_type = config::StorageType::kGenerated;
  workload_.storage.model.latency = "5ms";
  SummaryDraft d = draft();
  d.training = trained();
  const results::Summary s = write(1, d, {}).summary;
  EXPECT_THAT(s.verdict, AllOf(::testing::StartsWith("storage-bound: "), Not(HasSubstr("generated"))));
}

TEST_F(SummarizeTest, RatesAreComparedWithCeilings) {
  results::Ceilings storage, client;
  storage.storage.emplace();
  storage.storage->reads = {{.direct = false, .depth = 2, .threads = 1, .bytes_per_second = 80e6, .knee = true}};
  client.client.emplace();
  client.client->buffered.bytes_per_second = 40e6;  // of a core, of which there is one and a half
  const std::vector<KnownCeilings> known{{"s", storage}, {"c", client}};
  ceilings_ = &known;
  SummaryDraft d = draft();
  d.training = trained();
  const results::Summary s = write(1, d, {}).summary;
  ASSERT_TRUE(s.ceilings);
  EXPECT_DOUBLE_EQ(s.ceilings->storage_share.value(), 0.5);
  EXPECT_DOUBLE_EQ(s.ceilings->client_share.value(), 40e6 / (1.5 * 40e6));
  // Of no time there is no rate.
  for (auto& epoch : d.training->train) epoch.wall = Nanos{0};
  EXPECT_FALSE(write(1, d, {}).summary.ceilings);
}

// Where a run does not say how many, a thread has as many requests under way as fit for their size.
TEST_F(SummarizeTest, RequestsUnderWayAreTheStoragesChoice) {
  SummaryDraft d = draft();
  d.training = trained();
  const auto depth = [&] { return write(2, d, {}).summary.read->depth.per_thread; };
  EXPECT_EQ(depth(), io::kBytesUnderWay / 1'000'000);
  d.training->loader.requests = 8'000'000;
  EXPECT_EQ(depth(), io::kRequestsUnderWay);
  d.training->loader.requests = 8;
  EXPECT_EQ(depth(), 1U);
  d.training->loader.requests = 0;
  EXPECT_EQ(depth(), io::kRequestsUnderWay);
  workload_.reader.io_depth = 5;
  EXPECT_EQ(depth(), 5U);
}

TEST_F(SummarizeTest, HostsAreGatheredFromTheirFirstRanks) {
  on(3, [&](Context& c) {
    SummaryDraft d;
    ASSERT_OK(gather_hosts(c, d));
    if (!c.root()) {
      EXPECT_THAT(d.hosts, IsEmpty());
      return;
    }
    ASSERT_THAT(d.hosts, SizeIs(1));
    EXPECT_EQ(d.hosts[0].cpu_count, 2);
    EXPECT_EQ(d.hosts[0].ranks, 3);
    EXPECT_DOUBLE_EQ(d.hosts[0].memory_gib, 2);
    EXPECT_DOUBLE_EQ(d.hosts[0].usable_cpus, static_cast<double>(host::allowed_cpus().size())) << "by affinity";
  });
}

}  // namespace
}  // namespace stoker::training
