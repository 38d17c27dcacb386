#include "workloads/training/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/dist/local.h"
#include "config/testing/load_helpers.h"
#include "data/io/storage.h"
#include "workloads/training/run_storage.h"

namespace stoker::training {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A host that is suspended for `pause` while the n-th sleep of the run lasts.
class SuspendedClock final : public stoker::testing::FakeClock {
 public:
  SuspendedClock(std::size_t during, Nanos pause) : during_(during), pause_(pause) {}
  [[nodiscard]] Nanos suspended() const override { return sleeps().size() >= during_ ? kBefore + pause_ : kBefore; }

 private:
  static constexpr Nanos kBefore{3'600'000'000'000};  // what it was suspended for before the run is not the run's
  std::size_t during_;
  Nanos pause_;
};

// One run of two epochs of ten steps without data, over a file system for its results.
class SessionTest : public ::testing::Test {
 protected:
  std::string summary_of(const Clock& clock) {
    const config::Loaded loaded = config::testing::loaded(R"(
model: {name: m}
workflow: {generate_data: False, train: True}
dataset: {data_folder: /nowhere, format: synthetic, num_files_train: 10, num_samples_per_file: 1, record_length_bytes: 8}
reader: {batch_size: 1, data_loader: synthetic, read_threads: 1}
train: {epochs: 2, computation_time: 0.01}
)");
    const host::Proc proc;
    Progress progress(clock, ProgressMode::kOff);
    const Environment environment{*storage_, clock, progress, proc, {}, 1};
    RunRequest request;
    request.loaded = &loaded;
    request.run_dir = folder_.path() / "run";
    request.quiet = true;
    static_cast<void>(dist::run_local(1, [&](dist::Communicator& comm) {
      EXPECT_OK(run_rank(request, environment, comm));
      return 0;
    }));
    std::ifstream file(request.run_dir / "summary.json");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const stoker::testing::TempDir folder_;
  const std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
};

TEST_F(SessionTest, ASuspendedHostIsTold) {
  EXPECT_THAT(summary_of(SuspendedClock(15, from_seconds(7.5))),
              HasSubstr("epoch 2: a host was suspended for 7.5 s: the time is in no duration"));
}

TEST_F(SessionTest, WhatTwoClocksDifferByIsNoSuspension) {
  EXPECT_THAT(summary_of(SuspendedClock(15, from_seconds(0.05))), Not(HasSubstr("suspended")));
}

// What a run leaves behind, and says, without data.
class RunRankTest : public ::testing::Test {
 protected:
  // What every rank gets.
  Status run(std::vector<std::string> settings = {}, int ranks = 1) {
    for (std::string& setting : settings) setting = "++workload." + setting;
    config::Loaded loaded = config::testing::loaded(R"(
model: {name: m}
workflow: {generate_data: False, train: True}
dataset: {data_folder: /nowhere, format: synthetic, num_files_train: 10, num_samples_per_file: 1, record_length_bytes: 8}
reader: {batch_size: 1, data_loader: synthetic, read_threads: 1}
train: {epochs: 1, computation_time: 0.01}
)",
                                                    std::move(settings));
    loaded.source = "w.yaml";
    loaded.merged_yaml = "merged: true\n";
    loaded.warnings = {"of the file"};
    request_.loaded = &loaded;
    request_.quiet = true;
    const host::Proc proc;
    Progress progress(clock_, ProgressMode::kOff);
    const Environment environment{*storage_, clock_, progress, proc, {}, ranks};
    std::vector<Status> all(static_cast<std::size_t>(ranks));
    ::testing::internal::CaptureStdout();
    static_cast<void>(dist::run_local(ranks, [&](dist::Communicator& comm) {
      all[static_cast<std::size_t>(comm.rank())] = run_rank(request_, environment, comm);
      return 0;
    }));
    printed_ = ::testing::internal::GetCapturedStdout();
    for (const Status& status : all) EXPECT_EQ(status.has_value(), all.front().has_value());
    return all.front();
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(request_.run_dir / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(request_.run_dir / name); }

  const stoker::testing::TempDir folder_;
  stoker::testing::FakeClock clock_;
  const std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
  RunRequest request_{.run_dir = folder_.path() / "run"};
  std::string printed_;
};

TEST_F(RunRankTest, LeavesItsConfigurationItsLogAndItsSummary) {
  request_.command_line = {"workload=m", "++workload.train.epochs=1"};
  EXPECT_OK(run({}, 2));
  EXPECT_EQ(text(".hydra/config.yaml"), "merged: true\n");
  EXPECT_THAT(text(".hydra/overrides.yaml"), HasSubstr("workload=m"));
  EXPECT_THAT(text("dlio.log"),
              AllOf(HasSubstr("workload m (w.yaml), 2 accelerators on 1 host, results in " + request_.run_dir.string()),
                    HasSubstr("[WARNING] of the file"), HasSubstr("results saved in ")));
  EXPECT_THAT(text("summary.json"), AllOf(HasSubstr("\"of the file\""), HasSubstr("\"success\"")));
  EXPECT_THAT(printed_, ::testing::StartsWith("[METRIC] ")) << "alone, in a quiet run";
  for (const char* name : {"0_output.json", "1_output.json", "0_per_epoch_stats.json", "1_per_epoch_stats.json"})
    EXPECT_TRUE(exists(name)) << name;
  EXPECT_FALSE(exists("stoker_run.lock")) << "it is given up";
}

TEST_F(RunRankTest, WhatIsRefusedLeavesNothing) {
  EXPECT_ERROR(run({"workflow.checkpoint=True"}, 2), Code::kUnsupported,
               "workflow.checkpoint: True is not supported by this version of stoker");
  EXPECT_ERROR(run({"reader.odirect=True"}), Code::kConfig,
               "reader.odirect: format synthetic cannot be read with O_DIRECT");
  EXPECT_FALSE(exists(""));
}

TEST_F(RunRankTest, AFailureIsSummarisedAndReturned) {
  EXPECT_ERROR(run({"framework=pytorch", "reader.data_loader=pytorch", "dataset.format=parquet"}, 2), Code::kNotFound,
               "/nowhere/train");
  EXPECT_THAT(text("summary.json"), AllOf(HasSubstr("\"failed\""), HasSubstr("/nowhere/train")));
  EXPECT_EQ(printed_, "");
  EXPECT_FALSE(exists("stoker_run.lock"));
}

TEST_F(RunRankTest, ResultsMayLieInAFolderOfTheirOwn) {
  EXPECT_OK(run({"output.folder=" + (folder_.path() / "run/results").string()}));
  EXPECT_TRUE(exists("results/summary.json"));
  EXPECT_TRUE(exists(".hydra/config.yaml"));
  EXPECT_FALSE(exists("summary.json"));
}

TEST_F(RunRankTest, AFolderThatCannotBeMadeIsAnErrorOfAllRanks) {
  std::ofstream(folder_.path() / "file") << "x";
  request_.run_dir = folder_.path() / "file/run";
  EXPECT_ERROR(run({}, 2), Code::kIo, "/file/run: cannot create the output folder: Not a directory");
}

TEST_F(RunRankTest, OfAModelIsAWarning) {
  EXPECT_OK(run({"storage.model.latency=5ms"}));
  EXPECT_THAT(text("summary.json"),
              HasSubstr("storage.model: what is measured is a model (latency 5.0 ms), and no storage"));
}

TEST_F(RunRankTest, WithoutAFolderItLiesUnderModelAndTime) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  request_.run_dir.clear();
  EXPECT_OK(run({}, 2));
  std::filesystem::current_path(before);
  std::size_t runs = 0;
  for (const auto& run : std::filesystem::directory_iterator(folder_.path() / "hydra_log/m")) {
    ++runs;
    EXPECT_TRUE(std::filesystem::exists(run.path() / "summary.json"));
    EXPECT_THAT(run.path().filename().string(), ::testing::MatchesRegex("19[67][0-9](-[0-9][0-9])+"));
  }
  EXPECT_EQ(runs, 1U) << "of all ranks together";
}

// No data folder is needed, and what lies in one is not looked at: here a manifest that nobody could read.
TEST_F(SessionTest, GeneratedBytesLieNowhere) {
  const std::filesystem::path data = folder_.path() / "data";
  const config::Loaded loaded = config::testing::loaded(fmt::format(R"(
model: {{name: m}}
workflow: {{generate_data: False, train: True, evaluation: True}}
dataset:
  {{data_folder: {}, format: parquet, num_files_train: 5, num_files_eval: 2, num_samples_per_file: 40,
   parquet: {{row_group_size: 16, columns: [{{name: a, dtype: float32, size: 9}}, {{name: b, dtype: int8}}]}}}}
storage: {{storage_type: generated}}
reader: {{batch_size: 4, batch_size_eval: 4, read_threads: 2, verify: True, file_shuffle: seed}}
train: {{epochs: 2, computation_time: 0.0001}}
)",
                                                                    data.string()));
  std::filesystem::create_directory(data);
  std::ofstream(data / "stoker_dataset.json") << "{broken";
  const SteadyClock clock;
  const auto storage = open_storage(loaded.workload, 1, clock);
  ASSERT_OK(storage);
  const host::Proc proc;
  Progress progress(clock, ProgressMode::kOff);
  const Environment environment{**storage, clock, progress, proc, {}, 2};
  RunRequest request;
  request.loaded = &loaded;
  request.run_dir = folder_.path() / "run";
  request.quiet = true;
  static_cast<void>(dist::run_local(2, [&](dist::Communicator& comm) {
    EXPECT_OK(run_rank(request, environment, comm));
    return 0;
  }));
  std::ifstream file(request.run_dir / "summary.json");
  const std::string summary(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(summary, HasSubstr("\"storage\": \"generated bytes and no storage\""));
  EXPECT_THAT(summary, HasSubstr("storage.storage_type is generated: the bytes are computed by the client"));
  EXPECT_THAT(summary, HasSubstr("the bytes were generated, and no storage was read"));
  EXPECT_THAT(summary, HasSubstr("\"read\": 200"));
}

}  // namespace
}  // namespace stoker::training
