#include "workloads/training/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>

#include "base/host_name.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/testing/virtual_clock.h"
#include "config/testing/load_helpers.h"
#include "data/format/testing/data_files.h"
#include "data/io/forwarding_storage.h"
#include "data/io/model/storage.h"
#include "results/dataset_manifest.h"
#include "results/epoch_stats.h"
#include "results/json.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using std::chrono::milliseconds;
using stoker::testing::VirtualClock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Where the ranks of a run stand when a file is opened: a test makes of it what it wants.
class WatchedStorage final : public io::ForwardingStorage {
 public:
  using Watch = std::function<Status(const io::Path&)>;
  WatchedStorage(io::Storage& inner, Watch opened) : ForwardingStorage(inner), opened_(std::move(opened)) {}
  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions& options) override {
    STOKER_TRY(opened_(path));
    return inner().open(path, options);
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions& options,
                                                 io::ReadObserver* observer) override {
    return inner().make_read_queue(options, observer);
  }

 private:
  const Watch opened_;
};

// A host that is suspended for so long while the clock stands at a time or later.
class SuspendedClock final : public Clock {
 public:
  SuspendedClock(const Clock& clock, Instant from, Nanos pause) : clock_(clock), from_(from), pause_(pause) {}
  [[nodiscard]] Instant now() const override { return clock_.now(); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return clock_.wall(); }
  void sleep_until(Instant deadline, const std::stop_token& stop) const override { clock_.sleep_until(deadline, stop); }
  [[nodiscard]] Nanos suspended() const override { return now() >= from_ ? pause_ : Nanos{0}; }

 private:
  const Clock& clock_;
  const Instant from_;
  const Nanos pause_;
};

// 4 files of 10 rows for training and 2 for evaluation, in virtual time: a step of 4 rows computes 10 ms, one of an
// evaluation, of 5 rows, 20 ms, and nothing else takes time.
class TrainTest : public ::testing::Test {
 protected:
  struct Ran {
    Status status;
    TrainOutcome outcome;
    std::vector<std::string> warnings;
  };

  static config::Workload workload(std::vector<std::string> settings = {}) {
    for (std::string& setting : settings) setting = "++workload." + setting;
    return config::testing::loaded(R"(
model: {name: m}
workflow: {generate_data: False, train: True}
dataset:
  {data_folder: /nowhere/data, format: parquet, num_files_train: 4, num_files_eval: 2, num_samples_per_file: 10,
   parquet: {row_group_size: 5, columns: [{name: a, dtype: float32, size: 4}]}}
reader: {batch_size: 4, batch_size_eval: 5, read_threads: 0, drop_caches: False}
train: {epochs: 2, computation_time: 0.01}
evaluation: {eval_time: 0.02}
output: {metric: {exclude_start_steps: 0}}
)",
                                   std::move(settings))
        .workload;
  }

  // Each rank's, in order; `opened` learns of each file that a rank opens.
  std::vector<Ran> run(int ranks, const config::Workload& w,
                       const std::function<Status(int rank, const io::Path&)>& opened = {}) {
    if (write_) format::testing::write_data_set(files_, w);
    auto model = limits_.any()
                     ? io::make_model_storage(std::make_unique<io::ForwardingStorage>(files_), limits_, 1, clock_)
                     : std::make_unique<io::ForwardingStorage>(files_);
    std::vector<std::unique_ptr<io::Storage>> storages;
    for (int rank = 0; rank < ranks; ++rank) {
      storages.push_back(std::make_unique<WatchedStorage>(
          *model, [rank, &opened](const io::Path& path) { return opened ? opened(rank, path) : Status{}; }));
    }
    std::vector<Ran> all(static_cast<std::size_t>(ranks));
    const host::Proc proc(folder_.path());
    testing::on_ranks(ranks,
                      {.storage = [&](int rank) -> io::Storage& { return *storages[static_cast<std::size_t>(rank)]; },
                       .clock = *of_ranks_,
                       .proc = proc,
                       .format = **format::find_format(config::FormatName::kParquet),
                       .output_dir = output_dir_},
                      w, [&](Context& c) {
                        c.read_threads = 0;
                        EXPECT_OK(c.reporter.open_log(folder_.path() / "log", c.root()));
                        Ran& mine = all[static_cast<std::size_t>(c.comm.rank())];
                        mine.status = train(c, mine.outcome);
                        mine.warnings = c.warnings;
                      });
    return all;
  }

  std::string text(const std::string& name) const {
    std::ifstream file(folder_.path() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Report lines without their time stamps, those of epochs.
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    std::istringstream log(text("log"));
    for (std::string line; std::getline(log, line);) {
      const auto at = line.find(" epoch ");
      if (line.starts_with("[OUTPUT]") && at != std::string::npos) lines.push_back(line.substr(at + 1));
    }
    return lines;
  }
  void put(const std::string& name, const std::string& content) {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  const stoker::testing::TempDir folder_;  // of results, and what /proc says
  std::filesystem::path output_dir_ = folder_.path();
  const VirtualClock clock_;
  const Clock* of_ranks_ = &clock_;
  io::testing::MemStorage files_;
  bool write_ = true;
  io::ModelLimits limits_;
};

std::vector<std::string> names_of(const results::EpochStats& epoch) {
  std::vector<std::string> names;
  for (const auto& phase : epoch.phases) names.push_back(phase.name);
  return names;
}

TEST_F(TrainTest, EpochsAreMeasuredToldAndWritten) {
  const Ran ran = run(1, workload()).front();
  ASSERT_OK(ran.status);
  EXPECT_THAT(ran.warnings, IsEmpty());
  EXPECT_EQ(ran.outcome.samples_per_file, 10U);
  EXPECT_THAT(ran.outcome.eval, IsEmpty());
  ASSERT_THAT(ran.outcome.train, SizeIs(2));
  for (const EpochOutcome& epoch : ran.outcome.train) {
    EXPECT_DOUBLE_EQ(epoch.metrics.au_percent.value(), 100);
    EXPECT_DOUBLE_EQ(epoch.metrics.samples_per_second.value(), 400);
    EXPECT_EQ(epoch.metrics.steps, 10U);
    EXPECT_EQ(epoch.metrics.measured_steps, 10U);
    EXPECT_EQ(epoch.wall, milliseconds(100));
    ASSERT_TRUE(epoch.coverage);
    EXPECT_EQ(epoch.coverage->planned, 40U);
    EXPECT_EQ(epoch.coverage->read, 40U);
    EXPECT_EQ(epoch.coverage->read_more_than_once, 0U);
    EXPECT_EQ(epoch.coverage->left_out, 0U);
    EXPECT_EQ(epoch.coverage->digest, ran.outcome.train.front().coverage->digest);
  }
  EXPECT_EQ(ran.outcome.steps.steps, 20U);
  EXPECT_EQ(ran.outcome.steps.compute, milliseconds(200));
  EXPECT_EQ(ran.outcome.steps.total(), milliseconds(200));
  EXPECT_EQ(ran.outcome.loader.rows, 80U);
  // The first epoch reads the ends of three files as well: that of the first is known, and later ones are kept.
  EXPECT_GT(ran.outcome.train[1].bytes_read, 40U * 16);
  EXPECT_GT(ran.outcome.train[0].bytes_read, ran.outcome.train[1].bytes_read);
  EXPECT_EQ(ran.outcome.train[0].bytes_read + ran.outcome.train[1].bytes_read, ran.outcome.loader.bytes_requested);
  EXPECT_FALSE(ran.outcome.slow);
  EXPECT_THAT(said(), ElementsAre("epoch 1: starting, 10 steps expected",
                                  "epoch 1: 10 steps in 0.10 s, AU 100.00 %, 400.00 samples/s, compute 0.010000 +- "
                                  "0.000000 s per step",
                                  "epoch 2: starting, 10 steps expected",
                                  "epoch 2: 10 steps in 0.10 s, AU 100.00 %, 400.00 samples/s, compute 0.010000 +- "
                                  "0.000000 s per step"));

  const auto stats = results::read_epoch_stats(folder_.path(), 0);
  ASSERT_OK(stats);
  ASSERT_THAT(*stats, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) {
    const auto begin = std::chrono::system_clock::time_point(milliseconds(1000 + 100 * static_cast<int>(i)));
    const std::string from = results::format_timestamp(begin),
                      to = results::format_timestamp(begin + milliseconds(100));
    EXPECT_EQ((*stats)[i],
              (results::EpochStats{static_cast<std::int64_t>(i) + 1, from, to, {{"block1", from, to, 0.1, {}}}, 0.1}));
  }
  const auto output = results::parse_json(text("0_output.json"), "0_output.json");
  ASSERT_OK(output);
  EXPECT_EQ((*output)["hostname"], host_name());
}

TEST_F(TrainTest, WhatIsWaitedForIsLost) {
  limits_.latency = milliseconds(5);
  const Ran ran = run(1, workload({"train.epochs=1"})).front();
  ASSERT_OK(ran.status);
  // Four files are opened, the ends of three of them read (that of the first is known) and eight row groups, one after
  // the other, and none while a step computes.
  const EpochOutcome& epoch = ran.outcome.train.at(0);
  EXPECT_EQ(ran.outcome.loader.requests, 3U + 8U);
  EXPECT_EQ(ran.outcome.steps.wait.total(), milliseconds(75));
  EXPECT_EQ(ran.outcome.steps.wait.storage + ran.outcome.steps.wait.core, milliseconds(75));
  EXPECT_LT(ran.outcome.steps.wait.core, std::chrono::microseconds(1)) << "a nanosecond of each";
  EXPECT_EQ(epoch.wall, milliseconds(175));
  EXPECT_DOUBLE_EQ(epoch.metrics.au_percent.value(), 100.0 * 100 / 175);
  EXPECT_DOUBLE_EQ(epoch.metrics.samples_per_second.value(), 40 / 0.175);
  EXPECT_EQ(ran.outcome.steps.first_wait, milliseconds(10));
}

TEST_F(TrainTest, StepsAreLeftOutOfTheFiguresAndNotOfTheFiles) {
  limits_.latency = milliseconds(5);
  const Ran ran = run(1, workload({"train.epochs=1", "output.metric.exclude_start_steps=1",
                                   "output.metric.exclude_end_steps=2", "workflow.evaluation=True"}))
                      .front();
  ASSERT_OK(ran.status);
  const EpochOutcome& epoch = ran.outcome.train.at(0);
  EXPECT_EQ(epoch.metrics.measured_steps, 7U);
  EXPECT_EQ(epoch.metrics.steps, 10U);
  EXPECT_EQ(ran.outcome.steps.first_wait, Nanos{0});
  // Of an evaluation the AU alone leaves steps out, and the rank's own file nothing.
  const EpochOutcome& eval = ran.outcome.eval.at(0);
  EXPECT_EQ(eval.metrics.measured_steps, 1U);
  EXPECT_EQ(eval.wall, milliseconds(4 * (20 + 5) + 2 * 5 + 5)) << "steps, two files, the end of one";
  EXPECT_DOUBLE_EQ(eval.metrics.au_percent.value(), 80);
  EXPECT_DOUBLE_EQ(eval.metrics.samples_per_second.value(), 20 / 0.115);
  const std::string output = text("0_output.json");
  EXPECT_THAT(output, HasSubstr("\"eval\""));
}

TEST_F(TrainTest, EvaluationsComeAfterAnEpochAndThenEverySoMany) {
  const Ran ran = run(1, workload({"workflow.evaluation=True", "train.epochs=6", "evaluation.eval_after_epoch=2",
                                   "evaluation.epochs_between_evals=3"}))
                      .front();
  ASSERT_OK(ran.status);
  EXPECT_THAT(ran.outcome.train, SizeIs(6));
  ASSERT_THAT(ran.outcome.eval, SizeIs(2));
  for (const EpochOutcome& eval : ran.outcome.eval) {
    EXPECT_EQ(eval.wall, milliseconds(80));
    EXPECT_DOUBLE_EQ(eval.metrics.au_percent.value(), 100);
    EXPECT_DOUBLE_EQ(eval.metrics.samples_per_second.value(), 250);
    ASSERT_TRUE(eval.coverage);
    EXPECT_EQ(eval.coverage->read, 20U);
  }
  // Of evaluations nothing is in the sums.
  EXPECT_EQ(ran.outcome.steps.steps, 60U);
  EXPECT_EQ(ran.outcome.loader.rows, 240U);
  const auto stats = results::read_epoch_stats(folder_.path(), 0);
  ASSERT_OK(stats);
  ASSERT_THAT(*stats, SizeIs(6));
  for (const std::size_t epoch : {0U, 2U, 3U, 5U}) EXPECT_THAT(names_of((*stats)[epoch]), ElementsAre("block1"));
  for (const std::size_t epoch : {1U, 4U}) {
    EXPECT_THAT(names_of((*stats)[epoch]), ElementsAre("block1", "eval"));
    EXPECT_DOUBLE_EQ((*stats)[epoch].duration_seconds.value(), 0.1) << "of training alone";
    EXPECT_DOUBLE_EQ((*stats)[epoch].phases[1].duration_seconds, 0.08);
  }
  EXPECT_THAT(said(), AllOf(::testing::Contains("epoch 2: evaluation, 4 steps"),
                            ::testing::Contains("epoch 2: evaluation done in 0.08 s, AU 100.00 %, 250.00 samples/s"),
                            ::testing::Contains("epoch 5: evaluation, 4 steps"),
                            ::testing::Not(::testing::Contains(HasSubstr("epoch 3: evaluation")))));
}

TEST_F(TrainTest, AnEvaluationsRatesAreThoseOfAllRanks) {
  const auto ran = run(2, workload({"workflow.evaluation=True", "train.epochs=1"}));
  for (const Ran& rank : ran) {
    ASSERT_OK(rank.status);
    ASSERT_THAT(rank.outcome.eval, SizeIs(1));
    const EpochOutcome& eval = rank.outcome.eval.front();
    EXPECT_EQ(eval.metrics.steps, 2U);
    EXPECT_EQ(eval.wall, milliseconds(40));
    EXPECT_DOUBLE_EQ(eval.metrics.au_percent.value(), 100);
    EXPECT_DOUBLE_EQ(eval.metrics.samples_per_second.value(), 2 * 2 * 5 / 0.04);
  }
}

TEST_F(TrainTest, RanksDrawTimesOfTheirOwn) {
  const auto drawn = [this] {
    const auto ran = run(2, workload({"train.epochs=2", "train.computation_time_stdev=0.002"}));
    std::vector<std::string> times;
    for (const char* rank : {"0", "1"}) {
      const auto output = results::parse_json(text(std::string(rank) + "_output.json"), rank);
      EXPECT_OK(output);
      for (const char* epoch : {"1", "2"}) times.push_back((*output)[epoch]["compute"]["block1"].dump());
    }
    for (const Ran& rank : ran) EXPECT_OK(rank.status);
    return times;
  };
  const std::vector<std::string> first = drawn();
  EXPECT_THAT(std::set<std::string>(first.begin(), first.end()), SizeIs(4)) << "by rank and epoch";
  write_ = false;
  EXPECT_EQ(drawn(), first);
}

// Nothing is read ahead before the clock runs, and nothing of a next epoch behind the last one.
TEST_F(TrainTest, EachEpochReadsItsRowsAndNothingElseDoes) {
  // Files of which their end is a part.
  const Ran ran = run(1, workload({"dataset.num_samples_per_file=8000", "dataset.parquet.row_group_size=4000",
                                   "reader.batch_size=3200"}))
                      .front();
  ASSERT_OK(ran.status);
  std::map<std::pair<std::string, std::uint64_t>, int> times;
  for (const io::testing::MemCall& call : files_.calls()) {
    if (call.op != io::testing::MemCall::Op::kRead) continue;
    if (call.offset + call.length < files_.get(call.path).size()) ++times[{call.path, call.offset}];
  }
  EXPECT_THAT(times, SizeIs(4 * 2)) << "four files of two row groups";
  for (const auto& [range, count] : times) EXPECT_EQ(count, 2) << range.first << " at " << range.second;
}

TEST_F(TrainTest, WithoutFilesForItThereIsNoEvaluation) {
  const Ran ran = run(1, workload({"workflow.evaluation=True", "dataset.num_files_eval=0"})).front();
  ASSERT_OK(ran.status);
  EXPECT_THAT(ran.outcome.eval, IsEmpty());
}

TEST_F(TrainTest, RanksFiguresBecomeTheRuns) {
  // Rank 1 computes as long, and waits for its storage; rank 0 waits for rank 1.
  const auto ran = run(2, workload({"train.epochs=1"}), [&](int rank, const io::Path&) {
    if (rank == 1) clock_.sleep_until(clock_.now() + milliseconds(10), {});
    return Status{};
  });
  ASSERT_OK(ran[0].status);
  ASSERT_OK(ran[1].status);
  for (const Ran& rank : ran) {
    ASSERT_THAT(rank.outcome.train, SizeIs(1));
    const EpochOutcome& epoch = rank.outcome.train.front();
    // Two files, opened in turn.
    EXPECT_EQ(epoch.wall, milliseconds(5 * 10 + 2 * 10));
    EXPECT_DOUBLE_EQ(epoch.metrics.au_percent.value(), 100.0 * 50 / 70);
    EXPECT_DOUBLE_EQ(epoch.metrics.samples_per_second.value(), 40 / 0.07);
    EXPECT_EQ(epoch.metrics.steps, 5U);
    EXPECT_EQ(epoch.bytes_read, ran[0].outcome.loader.bytes_requested);
  }
  EXPECT_EQ(ran[0].outcome.train[0].coverage->planned, 40U);
  EXPECT_EQ(ran[0].outcome.train[0].coverage->read, 40U);
  const metrics::StepTotals& steps = ran[0].outcome.steps;
  EXPECT_EQ(steps.steps, 10U);
  EXPECT_EQ(steps.wait.storage + steps.wait.core, milliseconds(20));
  EXPECT_EQ(steps.barrier, milliseconds(20));
  EXPECT_EQ(steps.barrier_for.storage, milliseconds(20));
  EXPECT_EQ(ran[0].outcome.loader.rows, 40U);
  ASSERT_TRUE(ran[0].outcome.slow);
  EXPECT_EQ(ran[0].outcome.slow->rank, 1);
  EXPECT_EQ(ran[0].outcome.slow->host, host_name());
  EXPECT_EQ(ran[0].outcome.slow->waited.delay, milliseconds(20));
  EXPECT_EQ(ran[0].outcome.slow->others, Nanos{0});
  // The other rank has its own sums, and files.
  EXPECT_EQ(ran[1].outcome.steps.steps, 5U);
  EXPECT_FALSE(ran[1].outcome.slow);
  EXPECT_OK(results::read_epoch_stats(folder_.path(), 1));
  EXPECT_THAT(text("1_output.json"), HasSubstr(host_name()));
}

TEST_F(TrainTest, WhatHasEndedIsKeptWhenAnEpochFails) {
  // In the second of three epochs.
  const auto ran = run(2, workload({"train.epochs=3"}), [&](int rank, const io::Path& path) -> Status {
    if (rank != 1 || clock_.now() < Instant{milliseconds(1060)}) return {};
    return make_error(Code::kIo, "{}: fails on purpose", path.string());
  });
  for (const Ran& rank : ran) {
    EXPECT_ERROR(rank.status, Code::kIo, "fails on purpose");
    EXPECT_THAT(rank.status.error().message, ::testing::StartsWith("rank 1: /nowhere/data/train/"));
    EXPECT_THAT(rank.outcome.train, SizeIs(1));
    EXPECT_EQ(rank.outcome.steps.steps, 5U) << "of this rank: nothing was put together";
    EXPECT_FALSE(rank.outcome.slow);
  }
  for (int rank = 0; rank < 2; ++rank) {
    const auto stats = results::read_epoch_stats(folder_.path(), rank);
    ASSERT_OK(stats);
    EXPECT_THAT(*stats, SizeIs(1));
    EXPECT_OK(results::parse_json(text(fmt::format("{}_output.json", rank)), "output"));
  }
}

TEST_F(TrainTest, AnEpochWhoseEvaluationFailsHasNotEnded) {
  const Ran ran = run(1, workload({"workflow.evaluation=True"}), [&](int, const io::Path& path) -> Status {
                    const bool late = clock_.now() >= Instant{milliseconds(1130)};
                    if (!late || path.string().find("/valid/") == std::string::npos) return {};
                    return make_error(Code::kIo, "{}: fails on purpose", path.string());
                  }).front();
  EXPECT_ERROR(ran.status, Code::kIo, "/nowhere/data/valid/");
  EXPECT_THAT(ran.outcome.train, IsEmpty());
  EXPECT_THAT(ran.outcome.eval, IsEmpty());
  EXPECT_EQ(ran.outcome.steps.steps, 0U);
  const auto stats = results::read_epoch_stats(folder_.path(), 0);
  ASSERT_OK(stats);
  EXPECT_THAT(*stats, IsEmpty());
}

TEST_F(TrainTest, WhatARankThrowsEndsTheOthers) {
  const auto ran = run(2, workload(), [&](int rank, const io::Path&) -> Status {
    if (rank == 1 && clock_.now() >= Instant{milliseconds(1060)}) throw std::runtime_error("thrown on purpose");
    return {};
  });
  EXPECT_THAT(ran[0].status.error().message, AllOf(HasSubstr("rank 1: "), HasSubstr("thrown on purpose")));
  EXPECT_THAT(ran[1].status.error().message, HasSubstr("thrown on purpose"));
  EXPECT_THAT(ran[0].outcome.train, SizeIs(1));
  EXPECT_OK(results::read_epoch_stats(folder_.path(), 0));
}

TEST_F(TrainTest, AFileThatCannotBeMadeIsAnErrorBeforeTheFirstEpoch) {
  output_dir_ = folder_.path() / "missing";
  const auto ran = run(2, workload());
  for (const Ran& rank : ran) {
    EXPECT_ERROR(rank.status, Code::kNotFound, "0_output.json");
    EXPECT_THAT(rank.outcome.train, IsEmpty());
  }
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(TrainTest, MemoryThatIsEnoughAnswersLaterEpochs) {
  put("proc/meminfo", "MemTotal: 2048000 kB\nMemAvailable: 1024000 kB\n");
  limits_.latency = milliseconds(5);
  const Ran ran = run(1, workload({"reader.read_type=memory"})).front();
  ASSERT_OK(ran.status);
  EXPECT_EQ(ran.outcome.train.at(1).wall, milliseconds(100 + 4 * 5)) << "files are opened";
  EXPECT_EQ(ran.outcome.train.at(1).bytes_read, 0U);
  EXPECT_EQ(ran.outcome.train.at(0).bytes_read, ran.outcome.loader.bytes_requested);
  EXPECT_THAT(ran.warnings,
              ElementsAre("reader.read_type is memory: what was read once is not read from the storage again"));
  EXPECT_THAT(text("log"), HasSubstr("were kept in memory"));
}

TEST_F(TrainTest, MemoryThatIsFullIsTold) {
  // 4 MiB for 10 MiB of data.
  put("proc/meminfo", "MemTotal: 2048000 kB\nMemAvailable: 8192 kB\n");
  const Ran ran =
      run(1, workload({"reader.read_type=memory", "dataset.parquet.columns=[{name: a, dtype: float32, size: 65536}]"}))
          .front();
  ASSERT_OK(ran.status);
  EXPECT_THAT(ran.warnings,
              ElementsAre("reader.read_type is memory: what was read once is not read from the storage again",
                          "reader.read_type: memory: the data do not fit into half of the available memory; what is "
                          "above 3.9 MiB was read from the storage in every epoch"));
  EXPECT_THAT(text("log"), HasSubstr("3.9 MiB were kept in memory"));
  // 40 rows of 256 KiB, less the three row groups of 5 that fit.
  EXPECT_EQ(ran.outcome.train.at(1).bytes_read / (256 * 1024), 25U);
}

// 4 MiB for each of two, which reads 5.
TEST_F(TrainTest, MemoryIsSharedByTheRanksOfAHost) {
  put("proc/meminfo", "MemTotal: 2048000 kB\nMemAvailable: 16384 kB\n");
  const auto ran =
      run(2, workload({"reader.read_type=memory", "dataset.parquet.columns=[{name: a, dtype: float32, size: 65536}]"}));
  ASSERT_OK(ran[0].status);
  EXPECT_THAT(ran[0].warnings, ::testing::Contains(HasSubstr("the data do not fit into half of the available memory")));
}

TEST_F(TrainTest, MemoryThatIsTooLittleToReadIsRefused) {
  put("proc/meminfo", "MemTotal: 2048000 kB\nMemAvailable: 1 kB\n");
  for (const Ran& rank : run(2, workload())) {
    EXPECT_ERROR(rank.status, Code::kConfig, "reading needs about");
    EXPECT_THAT(rank.outcome.train, IsEmpty());
  }
}

TEST_F(TrainTest, WhoReadsNothingIsTold) {
  write_ = false;
  const Ran ran = run(1, workload({"reader.data_loader=synthetic"})).front();
  ASSERT_OK(ran.status);
  EXPECT_THAT(ran.warnings, ElementsAre("nothing is read (reader.data_loader or dataset.format is synthetic): the "
                                        "rates are those of the client alone"));
  EXPECT_FALSE(ran.outcome.train.at(0).coverage);
  EXPECT_EQ(ran.outcome.train.at(0).bytes_read, 0U);
  EXPECT_DOUBLE_EQ(ran.outcome.train.at(0).metrics.au_percent.value(), 100);
}

TEST_F(TrainTest, GeneratedBytesAreTold) {
  EXPECT_THAT(run(1, workload({"storage.storage_type=generated"})).front().warnings,
              ElementsAre("storage.storage_type is generated: the bytes are computed by the client, and no storage is "
                          "read"));
  EXPECT_THAT(run(1, workload({"storage.storage_type=generated", "reader.data_loader=synthetic"})).front().warnings,
              ElementsAre(HasSubstr("nothing is read")));
}

TEST_F(TrainTest, ASuspendedHostIsToldInItsEpoch) {
  const SuspendedClock suspended(clock_, Instant{milliseconds(1150)}, milliseconds(7500));
  of_ranks_ = &suspended;
  EXPECT_THAT(run(2, workload({"train.epochs=4"})).front().warnings,
              ElementsAre("epoch 3: a host was suspended for 7.5 s: the time is in no duration, and the storage may "
                          "have gone on meanwhile"));
}

TEST_F(TrainTest, WhatTwoClocksDifferByIsNoSuspension) {
  const SuspendedClock suspended(clock_, Instant{milliseconds(1150)}, milliseconds(99));
  of_ranks_ = &suspended;
  EXPECT_THAT(run(1, workload()).front().warnings, IsEmpty());
}

TEST_F(TrainTest, FilesThatAreShorterThanToldAreReadAsTheyAre) {
  format::testing::write_data_set(files_, workload({"dataset.num_samples_per_file=6"}));
  write_ = false;
  const Ran ran = run(1, workload()).front();
  ASSERT_OK(ran.status);
  EXPECT_EQ(ran.outcome.samples_per_file, 6U);
  EXPECT_EQ(ran.outcome.train.at(0).metrics.steps, 6U);
}

TEST_F(TrainTest, ADataSetThatAppearsWhileItIsReadIsToldAfterTheLastEpoch) {
  const std::filesystem::path data = folder_.path() / "data";
  std::filesystem::create_directory(data);
  const config::Workload w = workload({"dataset.data_folder=" + data.string()});
  const Ran ran = run(1, w, [&](int, const io::Path&) -> Status {
                    if (clock_.now() >= Instant{milliseconds(1150)})
                      std::ofstream(data / "stoker_dataset.json")
                          << results::manifest_text(results::manifest_of(w, "1"));
                    return {};
                  }).front();
  EXPECT_ERROR(ran.status, Code::kCorrupt, "the data set changed while it was read");
  EXPECT_THAT(ran.outcome.train, SizeIs(2));
}

}  // namespace
}  // namespace stoker::training
