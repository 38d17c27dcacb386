#include "workloads/training/host_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/dist/local.h"

namespace stoker::training {
namespace {

using namespace std::chrono_literals;
using stoker::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Threads that believe to be spread over hosts: rank r is on host r mod hosts.
class SpreadOut final : public dist::Communicator {
 public:
  SpreadOut(dist::Communicator& comm, int hosts) : comm_(comm) {
    node_ = {.hostname = "host" + std::to_string(comm.rank() % hosts),
             .index = comm.rank() % hosts,
             .count = hosts,
             .local_rank = comm.rank() / hosts,
             .local_size = comm.size() / hosts};
  }
  [[nodiscard]] int rank() const override { return comm_.rank(); }
  [[nodiscard]] int size() const override { return comm_.size(); }
  [[nodiscard]] const dist::Node& node() const override { return node_; }
  Status barrier() override { return comm_.barrier(); }
  Status all_reduce(std::span<double> values, dist::Op op) override { return comm_.all_reduce(values, op); }
  Result<std::vector<std::string>> gather(std::string_view text, int root) override { return comm_.gather(text, root); }
  Result<std::string> broadcast(std::string_view text, int root) override { return comm_.broadcast(text, root); }
  void abort(int exit_code) override { comm_.abort(exit_code); }
  void fail(const Error& why) override { comm_.fail(why); }

 private:
  dist::Communicator& comm_;
  dist::Node node_;
};

class HostRecord : public ::testing::Test {
 protected:
  HostRecord() {
    const auto put = [&](const char* path, const char* text) {
      const auto file = dir_.path() / "root" / path;
      std::filesystem::create_directories(file.parent_path());
      ASSERT_TRUE(results::write_file_atomic(file, text).has_value());
    };
    put("proc/meminfo", "MemTotal: 1000 kB\n");
    put("proc/vmstat", "pgpgin 100\n");
    put("proc/loadavg", "0.10 0.20 0.30 2/345 6789\n");
    request_ = {.record = dir_.path() / "record.json",
                .timeseries = dir_.path() / "series.json",
                .interval = 1ms,
                .max_samples = 5,
                .method = "mpi"};
  }
  // Every rank records; `between` is what the run does.
  void record(int ranks, int hosts, const std::function<void(dist::Communicator&)>& between,
              const std::function<void(int, const Status&)>& done) {
    static_cast<void>(dist::run_local(ranks, [&](dist::Communicator& threads) {
      SpreadOut comm(threads, hosts);
      HostRecorder recorder(request_, proc_, clock_, comm);
      EXPECT_OK(recorder.status());
      between(comm);
      recorder.stop();
      done(comm.rank(), recorder.finish());
      return 0;
    }));
  }
  results::Json series() {
    const auto json = results::read_json(request_.timeseries);
    EXPECT_OK(json);
    return json ? *json : results::Json::object();
  }

  TempDir dir_;
  const host::Proc proc_{dir_.path() / "root"};
  const SteadyClock clock_;
  HostRecordRequest request_;
};

TEST_F(HostRecord, HoldsEveryHostOnceAtBothEndsAndItsSamples) {
  record(
      6, 3, [](dist::Communicator&) { std::this_thread::sleep_for(100ms); },
      [](int, const Status& s) { EXPECT_OK(s); });
  const auto record = results::read_host_record(request_.record);
  ASSERT_OK(record);
  EXPECT_EQ(record->snapshots.collection_method, "mpi");
  EXPECT_EQ(record->snapshots.start.hosts.size(), 3U);
  EXPECT_EQ(record->snapshots.start.total_memory_bytes(), 3U * 1024000);
  ASSERT_TRUE(record->snapshots.end);
  EXPECT_EQ(record->snapshots.end->hosts.size(), 3U);
  EXPECT_TRUE(record->snapshots.end->missing_hosts.empty());
  ASSERT_TRUE(record->timeseries);
  EXPECT_EQ(record->timeseries->file, "series.json");
  EXPECT_EQ(record->timeseries->num_samples, 15);

  const results::Json json = series();
  EXPECT_EQ(json["collection_method"], "mpi");
  EXPECT_EQ(json["num_samples"], 15);
  EXPECT_EQ(json["hosts_requested"].size(), 3U);
  EXPECT_EQ(json["samples_by_host"].size(), 3U) << "the three have one name here, and three keys";
  for (const auto& [name, samples] : json["samples_by_host"].items()) {
    ASSERT_EQ(samples.size(), 5U);
    EXPECT_EQ(samples[4]["vmstat"]["pgpgin"], 100);
  }
}

TEST_F(HostRecord, IsThereFromTheBeginning) {
  std::atomic<bool> seen = false;
  record(
      2, 1,
      [&](dist::Communicator& comm) {
        if (comm.rank() == 0) {
          const auto early = results::read_host_record(request_.record);
          seen = early && !early->snapshots.end && early->snapshots.start.hosts.size() == 1;
        }
      },
      [](int, const Status& s) { EXPECT_OK(s); });
  EXPECT_TRUE(seen) << "a run that is killed has described its hosts";
}

TEST_F(HostRecord, WithoutATimeSeriesHasSnapshotsOnly) {
  request_.timeseries.clear();
  record(
      1, 1, [](dist::Communicator&) {}, [](int, const Status& s) { EXPECT_OK(s); });
  const auto record = results::read_host_record(request_.record);
  ASSERT_OK(record);
  EXPECT_TRUE(record->snapshots.end);
  EXPECT_FALSE(record->timeseries);
}

TEST_F(HostRecord, KeepsWhatRankZeroKnowsWhenOthersAreGone) {
  record(
      2, 2,
      [](dist::Communicator& comm) {
        std::this_thread::sleep_for(100ms);
        if (comm.rank() == 1) comm.abort(6);
      },
      [](int rank, const Status& s) {
        if (rank == 0) EXPECT_ERROR(s, Code::kInterrupted, "another rank has failed");
      });
  const auto record = results::read_host_record(request_.record);
  ASSERT_OK(record);
  EXPECT_EQ(record->snapshots.start.hosts.size(), 2U);
  ASSERT_TRUE(record->snapshots.end);
  EXPECT_EQ(record->snapshots.end->hosts.size(), 1U);
  ASSERT_EQ(record->snapshots.end->missing_hosts.size(), 1U);
  EXPECT_THAT(record->snapshots.end->missing_hosts[0].reason, HasSubstr("another rank has failed"));
  ASSERT_TRUE(record->timeseries);
  EXPECT_EQ(record->timeseries->num_samples, 5) << "its own";
  EXPECT_EQ(series()["hosts_requested"].size(), 2U);
  EXPECT_EQ(series()["hosts_collected"].size(), 1U);
}

TEST_F(HostRecord, AFileThatCannotBeWrittenIsSaidAndEndsNothing) {
  request_.timeseries = "/nowhere/series.json";
  std::atomic<int> errors = 0;
  record(
      4, 2, [](dist::Communicator&) { std::this_thread::sleep_for(20ms); },
      [&](int rank, const Status& s) {
        if (!s) {
          EXPECT_EQ(rank, 0);
          ++errors;
          EXPECT_THAT(s.error().message, HasSubstr("/nowhere/series.json"));
        }
      });
  EXPECT_EQ(errors, 1);
  const auto record = results::read_host_record(request_.record);
  ASSERT_OK(record);
  EXPECT_EQ(record->snapshots.end->hosts.size(), 2U);
  EXPECT_FALSE(record->timeseries);
}

}  // namespace
}  // namespace stoker::training
