// Whole training runs in virtual time, each with a cause planted, whose verdict must name it; and runs without one,
// whose verdicts blame nobody. What needs a kernel or real bytes is planted by scripts/verdicts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/testing/temp_dir.h"
#include "base/testing/virtual_clock.h"
#include "config/testing/load_helpers.h"
#include "data/format/testing/data_files.h"
#include "data/io/forwarding_storage.h"
#include "data/io/model/storage.h"
#include "results/summary.h"
#include "workloads/training/summarize.h"
#include "workloads/training/testing/ranks.h"
#include "workloads/training/train.h"

namespace stoker::training {
namespace {

using std::chrono::milliseconds;
using stoker::testing::VirtualClock;

// What each chunk takes of its thread.
struct Costs {
  Nanos copy{0}, decompress{0}, decode{0};  // on a core
  Nanos no_core{0};                         // while decoding, without one
  Nanos late_at_barriers{0};                // of the rank itself: without one, when the others are there
  // Of the ranks that have no costs of their own: without one while they wait at barriers. Of all: each longer than the
  // one before it until it goes on from there, so that they ask the storage in turn.
  Nanos others_waiting{0}, turn{0};
};

class CopiedFile final : public io::ReadableFile {
 public:
  CopiedFile(std::unique_ptr<io::ReadableFile> file, const VirtualClock& clock, Nanos copy)
      : file_(std::move(file)), clock_(clock), copy_(copy) {}
  [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::size_t alignment() const override { return file_->alignment(); }
  [[nodiscard]] const io::Path& path() const override { return file_->path(); }
  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver* observer) override {
    clock_.work(copy_);
    return file_->read_many(ops, observer);
  }

 private:
  const std::unique_ptr<io::ReadableFile> file_;
  const VirtualClock& clock_;
  const Nanos copy_;
};

// What the run of a rank reads from; knows what its chunks take.
class PlantedStorage final : public io::ForwardingStorage {
 public:
  PlantedStorage(io::Storage& below, const VirtualClock& the_clock, const Costs& the_costs)
      : ForwardingStorage(below), clock(the_clock), costs(the_costs) {}
  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions& options) override {
    STOKER_ASSIGN(auto file, inner().open(path, options));
    if (costs.copy == Nanos{0}) return file;
    return std::unique_ptr<io::ReadableFile>(std::make_unique<CopiedFile>(std::move(file), clock, costs.copy));
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions& options,
                                                 io::ReadObserver* observer) override {
    return costs.copy == Nanos{0} ? inner().make_read_queue(options, observer)
                                  : ForwardingStorage::make_read_queue(options, observer);
  }

  const VirtualClock& clock;
  const Costs costs;
};

class PlantedFile final : public format::FileReader {
 public:
  PlantedFile(std::unique_ptr<format::FileReader> file, const PlantedStorage& planted)
      : file_(std::move(file)), planted_(planted) {}
  [[nodiscard]] std::uint64_t rows() const override { return file_->rows(); }
  [[nodiscard]] std::uint64_t columns() const override { return file_->columns(); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const format::Unit> units() const override { return file_->units(); }
  [[nodiscard]] io::ReadableFile* source() const override { return file_->source(); }
  [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override { return file_->make_scratch(); }
  Status plan(const format::ChunkRows& rows, format::ReadPlan& plan) const override { return file_->plan(rows, plan); }
  Status decompress(const format::Fetched& fetched, format::Scratch& scratch) const override {
    planted_.clock.work(planted_.costs.decompress);
    return file_->decompress(fetched, scratch);
  }
  Status decode(const format::Fetched& fetched, format::Scratch& scratch, format::Chunk& chunk) const override {
    planted_.clock.work(planted_.costs.decode);
    planted_.clock.starve(planted_.costs.no_core);
    return file_->decode(fetched, scratch, chunk);
  }

 private:
  const std::unique_ptr<format::FileReader> file_;
  const PlantedStorage& planted_;
};

class PlantedReader final : public format::FormatReader {
 public:
  PlantedReader(std::unique_ptr<format::FormatReader> reader, const PlantedStorage& planted)
      : reader_(std::move(reader)), planted_(planted) {}
  Result<std::unique_ptr<format::FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, reader_->open(path, observer));
    return std::unique_ptr<format::FileReader>(std::make_unique<PlantedFile>(std::move(file), planted_));
  }
  Result<format::Outline> outline(const io::Path& path) override { return reader_->outline(path); }
  Result<std::vector<format::NamedColumn>> columns(const io::Path& path) override { return reader_->columns(path); }

 private:
  const std::unique_ptr<format::FormatReader> reader_;
  const PlantedStorage& planted_;
};

// Of a rank that wants for a core while it waits for others, or when it should learn that all are there.
class LateCommunicator final : public dist::Communicator {
 public:
  LateCommunicator(dist::Communicator& comm, const VirtualClock& clock, Nanos waiting, Nanos late, Nanos turn)
      : comm_(comm), clock_(clock), waiting_(waiting), late_(late), turn_(turn) {}
  [[nodiscard]] int rank() const override { return comm_.rank(); }
  [[nodiscard]] int size() const override { return comm_.size(); }
  [[nodiscard]] const dist::Node& node() const override { return comm_.node(); }
  Status barrier() override { return comm_.barrier(); }
  Status all_reduce(std::span<double> values, dist::Op op) override {
    clock_.starve(waiting_);
    const Status reduced = comm_.all_reduce(values, op);
    clock_.starve(late_);
    clock_.sleep_until(clock_.now() + turn_, {});
    return reduced;
  }
  Result<std::vector<std::string>> gather(std::string_view text, int root) override { return comm_.gather(text, root); }
  Result<std::string> broadcast(std::string_view text, int root) override { return comm_.broadcast(text, root); }
  void abort(int exit_code) override { comm_.abort(exit_code); }
  void fail(const Error& why) override { comm_.fail(why); }

 private:
  dist::Communicator& comm_;
  const VirtualClock& clock_;
  const Nanos waiting_, late_, turn_;
};

const format::Format& parquet() {
  return **format::find_format(config::FormatName::kParquet);
}

// Parquet, with what the storage says that it takes.
format::Format planted_parquet() {
  format::Format planted = parquet();
  planted.make_reader = [](const config::Workload& w,
                           io::Storage& storage) -> Result<std::unique_ptr<format::FormatReader>> {
    STOKER_ASSIGN(auto reader, parquet().make_reader(w, storage));
    return std::unique_ptr<format::FormatReader>(
        std::make_unique<PlantedReader>(std::move(reader), dynamic_cast<PlantedStorage&>(storage)));
  };
  return planted;
}

// Small files of the shapes that scripts/verdicts has.
struct Shape {
  const char* name;
  int batch;
  double step_bytes;  // of one rank
  int rows_per_file, rows_per_chunk;
  std::string parquet;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = [] {
    std::string columns;
    for (int i = 0; i < 40; ++i) columns += fmt::format("{{name: c{}, dtype: float32}}, ", i);
    return std::vector<Shape>{
        {"dlrm", 50, 50 * 40 * 4.0, 1000, 100, "row_group_size: 100, columns: [" + columns + "]"},
        {"flux", 1, 4 * 2112.0, 20, 4,
         "row_group_size: 4, columns: [{name: image, dtype: float32, size: 2048}, {name: text, dtype: float32, size: "
         "64}]"},
        {"data", 2, 8192, 40, 4, "row_group_size: 4, columns: [{name: record, dtype: int8, size: 4096}]"}};
  }();
  return all;
}

config::Workload workload(const Shape& shape, std::vector<std::string> settings = {}) {
  for (std::string& setting : settings) setting = "++workload." + setting;
  return config::testing::loaded(fmt::format(R"(
model: {{name: {}}}
workflow: {{generate_data: False, train: True}}
dataset: {{data_folder: /nowhere/data, format: parquet, num_files_train: 8, num_samples_per_file: {}, parquet: {{{}}}}}
reader: {{batch_size: {}, read_threads: 2, drop_caches: False}}
train: {{epochs: 1, total_training_steps: 26}}
metric: {{au: 0.9}}
)",
                                             shape.name, shape.rows_per_file, shape.parquet, shape.batch),
                                 std::move(settings))
      .workload;
}

io::testing::MemStorage& files_of(const Shape& shape) {
  static std::map<std::string, io::testing::MemStorage> all;
  const auto [it, fresh] = all.try_emplace(shape.name);
  if (fresh) format::testing::write_data_set(it->second, workload(shape));
  return it->second;
}

struct Plant {
  const char* name;
  const char* verdict;  // a pattern
  std::vector<std::string> settings;
  io::ModelLimits limits{};
  Costs costs{};
  // The last rank has limits and costs of its own, and the others have none.
  bool one_rank = false;
  bool in_memory = false;  // the kernel says that no device read anything
};

// A model of the storage, or the storage itself, with costs.
class PlaceToRead {
 public:
  PlaceToRead(io::Storage& files, const VirtualClock& clock, const io::ModelLimits& limits) : files_(files) {
    if (limits.any()) model_ = io::make_model_storage(std::make_unique<io::ForwardingStorage>(files), limits, 1, clock);
  }
  io::Storage& storage() { return model_ ? *model_ : files_; }

 private:
  io::Storage& files_;
  std::unique_ptr<io::Storage> model_;
};

std::string verdict_of(const Shape& shape, int ranks, const Plant& plant) {
  const stoker::testing::TempDir folder;
  if (plant.in_memory) {
    std::filesystem::create_directories(folder.path() / "proc/self");
    std::ofstream(folder.path() / "proc/self/io") << "read_bytes: 0\n";
  }
  const host::Proc proc(folder.path());
  const VirtualClock clock;
  const format::Format format = planted_parquet();
  PlaceToRead slow(files_of(shape), clock, plant.limits), fast(files_of(shape), clock, {});
  const auto has_it = [&](int rank) { return !plant.one_rank || rank + 1 == ranks; };
  std::vector<std::unique_ptr<PlantedStorage>> storages;
  for (int rank = 0; rank < ranks; ++rank) {
    storages.push_back(std::make_unique<PlantedStorage>((has_it(rank) ? slow : fast).storage(), clock,
                                                        has_it(rank) ? plant.costs : Costs{}));
  }
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  testing::on_ranks(ranks,
                    {.storage = [&](int rank) -> io::Storage& { return *storages[static_cast<std::size_t>(rank)]; },
                     .clock = clock,
                     .proc = proc,
                     .format = format,
                     .output_dir = folder.path(),
                     .communicator =
                         [&](dist::Communicator& comm) {
                           const bool mine = has_it(comm.rank());
                           return std::make_unique<LateCommunicator>(
                               comm, clock, mine ? Nanos{0} : plant.costs.others_waiting,
                               mine ? plant.costs.late_at_barriers : Nanos{0}, comm.rank() * plant.costs.turn);
                         }},
                    workload(shape, plant.settings), [](Context& c) {
                      c.read_threads = static_cast<unsigned>(*c.workload.reader.read_threads);
                      SummaryDraft draft;
                      ASSERT_OK(gather_hosts(c, draft));
                      const Status trained = train(c, draft.training.emplace());
                      EXPECT_OK(trained);
                      EXPECT_OK(write_results(c, draft, trained));
                    });
  ::testing::internal::GetCapturedStdout();
  ::testing::internal::GetCapturedStderr();
  const auto summary = results::read_summary(folder.path());
  EXPECT_OK(summary);
  return summary ? summary->verdict : "";
}

std::string compute(double seconds) {
  return fmt::format("train.computation_time={}", seconds);
}

std::vector<Plant> plants(const Shape& shape, int ranks) {
  const std::string threads = "reader.read_threads=1";
  const auto per_batch = [&](double seconds) { return seconds / shape.batch; };
  std::vector<Plant> all = {
      {"none", "^(compute-bound|storage kept)", {compute(0.05)}},
      {"compute", "^compute-bound", {compute(0.1)}, {.latency = milliseconds(5)}},
      {"cache", "^memory, not the storage", {compute(0.03)}, {}, {}, false, true},
      {"bandwidth", "^storage-bound", {compute(0.02)}, {.bytes_per_second = ranks * shape.step_bytes / 0.05}},
      {"latency",
       "^storage-bound.* requests were in flight on average, .* and a larger reader.io_depth",
       {compute(0.005), threads, "reader.io_depth=1"},
       {.latency = milliseconds(40)}},
      {"request_rate", "^storage-bound", {compute(0.005)}, {.requests_per_second = 20}},
      {"preprocess",
       "^client-bound: preprocessing",
       {compute(0.005), fmt::format("reader.preprocess_time={:.9f}", per_batch(0.03))}},
      {"copy", "^client-bound: copying", {compute(0.001)}, {}, {.copy = milliseconds(20)}},
      {"decompress", "^client-bound: decompressing", {compute(0.001)}, {}, {.decompress = milliseconds(20)}},
      {"decode", "^client-bound: decoding", {compute(0.001)}, {}, {.decode = milliseconds(20)}},
      {"cores",
       "^client-bound: threads with work to do waited",
       {compute(0.001)},
       {},
       {.decode = milliseconds(5), .no_core = milliseconds(15)}},
      {"start-up",
       "^start-up",
       {compute(0.02), "reader.prefetch_size=40", "train.epochs=2", "output.metric.exclude_start_steps=0"},
       {.latency = milliseconds(150)}},
  };
  if (ranks == 1) return all;
  const std::vector<std::string> slow = {compute(0.005), threads};
  all.push_back({"barrier", "^barrier", {"train.computation_time={type: uniform, min: 0.001, max: 0.06}"}});
  all.push_back(
      {"slow-storage", "^slow rank: rank 3 .*mostly for the storage", slow, {.latency = milliseconds(60)}, {}, true});
  all.push_back({"slow-cpu", "^slow rank: rank 3 .*mostly for its own", slow, {}, {.decode = milliseconds(40)}, true});
  all.push_back({"no-core", "^slow rank: rank 3 .*mostly for a core", slow, {}, {.no_core = milliseconds(40)}, true});
  all.push_back({"slow-cpu among ranks that poll for it without a core",
                 "^slow rank: rank 3 .*mostly for its own",
                 // Of one chunk each, so that there is none for which nobody waits.
                 {compute(0.005), threads, fmt::format("reader.batch_size={}", shape.rows_per_chunk), "train.epochs=4"},
                 {},
                 {.decode = milliseconds(40), .others_waiting = milliseconds(20)},
                 true});
  // The same rank is the last in the line each time, and waits many times as long as the others.
  all.push_back({"bandwidth by turns",
                 "^storage-bound",
                 {compute(0.02)},
                 {.bytes_per_second = ranks * shape.step_bytes / 0.05},
                 {.turn = std::chrono::microseconds(200)}});
  all.push_back({"late at barriers",
                 "^slow rank: rank 3 .*mostly for a core",
                 slow,
                 {},
                 {.late_at_barriers = milliseconds(40)},
                 true});
  return all;
}

class PlantedCauses : public ::testing::TestWithParam<int> {};

TEST_P(PlantedCauses, AreNamed) {
  for (const Shape& shape : shapes()) {
    for (const Plant& plant : plants(shape, GetParam())) {
      EXPECT_THAT(verdict_of(shape, GetParam(), plant), ::testing::ContainsRegex(plant.verdict))
          << plant.name << " in data of shape " << shape.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ranks, PlantedCauses, ::testing::Values(1, 4));

}  // namespace
}  // namespace stoker::training
