#include "workloads/ceilings/client_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/units.h"
#include "data/dataset/layout.h"
#include "data/dataset/plan.h"
#include "data/format/read_plan.h"
#include "data/format/side_files.h"
#include "data/io/discarding_sink.h"
#include "data/pipeline/data_loader.h"
#include "data/pipeline/dataset.h"
#include "metrics/ceilings.h"
#include "workloads/ceilings/chunks.h"
#include "workloads/ceilings/memory_storage.h"
#include "workloads/ceilings/own_files.h"

namespace stoker::ceilings {
namespace {

// More than the caches of cores hold, and little of a machine's memory: it is held twice.
constexpr std::uint64_t kFileBytes = 128 * kMiB;

// A chunk whose bytes are there.
struct FetchedChunk {
  format::ReadPlan plan;
  AlignedBuffer memory;
};

// Files whose chunks cost nothing: what is left of an epoch is its bookkeeping, the way from thread to thread, and the
// step loop's part.
class FreeFile final : public format::FileReader {
 public:
  explicit FreeFile(std::span<const format::Unit> units) : units_(units) {}
  [[nodiscard]] std::uint64_t rows() const override {
    return units_.empty() ? 0 : units_.back().first_row + units_.back().rows;
  }
  [[nodiscard]] std::span<const format::Unit> units() const override { return units_; }
  [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override {
    return std::make_unique<format::Scratch>();
  }
  Status plan(const format::ChunkRows& rows, format::ReadPlan& plan) const override {
    plan.begin(rows);
    return plan.finish(1);
  }
  Status decompress(const format::Fetched&, format::Scratch&) const override { return {}; }
  Status decode(const format::Fetched& fetched, format::Scratch&, format::Chunk& chunk) const override {
    chunk.rows = fetched.plan.rows().rows;
    return {};
  }

 private:
  const std::span<const format::Unit> units_;
};

class FreeFiles final : public pipeline::Dataset {
 public:
  explicit FreeFiles(std::span<const format::Unit> units) : units_(units) {}
  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t, io::ReadObserver*) override {
    return std::unique_ptr<format::FileReader>(std::make_unique<FreeFile>(units_));
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions&, io::ReadObserver* observer) override {
    return io::make_blocking_queue(observer);
  }

 private:
  const std::span<const format::Unit> units_;
};

class Client {
 public:
  Client(const ClientBench& bench, const std::stop_token& stop)
      : b_(bench), stop_(stop), memory_(bench.storage), most_(from_seconds(bench.seconds)) {}

  Result<results::ClientCeiling> run() {
    STOKER_TRY(prepare());
    results::ClientCeiling ceiling;
    const auto add = [&](const std::string& name, const std::function<Result<Work>()>& work) -> Status {
      b_.say(name);
      STOKER_ASSIGN(results::ClientFigure figure, repeat(name, work));
      ceiling.figures.push_back(std::move(figure));
      return {};
    };
    STOKER_TRY(add("memory copy", [this] { return copy(); }));
    STOKER_TRY(add("generation", [this] { return generate(); }));
    STOKER_TRY(add("decode", [this] { return decode(); }));
    STOKER_TRY(add("hand-over", [this] { return hand_over(); }));
    conclude(ceiling);
    return ceiling;
  }

 private:
  Status prepare() {
    STOKER_ASSIGN(w_, reduced(b_.workload, b_.format, kFileBytes));
    w_.reader.odirect = false;
    w_.dataset.num_files_train = 1;
    const dataset::FileSpec spec = dataset::Layout(w_).file(dataset::Split::kTrain, 0);
    b_.say("making a file in memory");
    STOKER_ASSIGN(const auto writer, b_.format.make_writer(w_));
    STOKER_ASSIGN(const auto file, memory_.create(spec.path));
    STOKER_TRY(writer->write(spec, *file, stop_));
    STOKER_TRY(file->commit());
    STOKER_TRY(format::SideFiles(w_, b_.format).write(memory_, spec, stop_));
    STOKER_ASSIGN(reader_, b_.format.make_reader(w_, memory_));
    STOKER_ASSIGN(file_, reader_->open(spec.path, nullptr));
    return fetch();
  }

  Status fetch() {
    const auto units = file_->units();
    std::vector<io::ReadOp> ops;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (stop_.stop_requested()) return interrupted();
      FetchedChunk& chunk = fetched_.emplace_back();
      STOKER_TRY(file_->plan({.unit = i, .first_row = units[i].first_row, .rows = units[i].rows}, chunk.plan));
      chunk.memory.resize(static_cast<std::size_t>(chunk.plan.memory_bytes()));
      chunk.plan.ops(chunk.memory.bytes(), ops);
      if (!ops.empty()) STOKER_TRY(file_->source()->read_many(ops, nullptr));
      asked_ += chunk.plan.bytes();
      rows_ += units[i].rows;
      largest_ = std::max<std::size_t>(largest_, chunk.memory.size());
    }
    if (asked_ == 0 || rows_ == 0) {
      return make_error(Code::kConfig,
                        "reading the files of this workload asks for no bytes: there is nothing to measure");
    }
    return {};
  }

  static Error interrupted() { return make_error(Code::kInterrupted, "interrupted while the client was measured"); }

  // The part over and over, for as long as a run lasts; by this thread.
  template <class Part>
  Result<Work> timed(const Part& part) {
    Work work;
    const Nanos begin = b_.clock.thread_times().cpu;
    do {
      if (stop_.stop_requested()) return interrupted();
      STOKER_TRY(part(work));
      work.cpu = b_.clock.thread_times().cpu - begin;
    } while (work.cpu < most_);
    return work;
  }

  // What reading through the page cache costs at the least: the copy of each byte to the memory that it is decoded
  // from.
  Result<Work> copy() {
    AlignedBuffer into(largest_);
    return timed([&](Work& work) -> Status {
      for (const FetchedChunk& chunk : fetched_) {
        std::memcpy(into.data(), chunk.memory.data(), static_cast<std::size_t>(chunk.plan.bytes()));
        // Or the compiler may leave out what nobody looks at.
        asm volatile("" : : "r"(into.data()) : "memory");
      }
      work.bytes += asked_;
      work.samples += rows_;
      return {};
    });
  }

  Result<Work> generate() {
    STOKER_ASSIGN(const auto writer, b_.format.make_writer(w_));
    std::uint64_t index = 0;
    return timed([&](Work& work) -> Status {
      dataset::FileSpec spec = dataset::Layout(w_).file(dataset::Split::kTrain, 0);
      spec.index = index++;
      io::DiscardingSink file;
      STOKER_TRY(writer->write(spec, file, stop_));
      work.bytes += file.position();
      work.samples += spec.rows;
      return {};
    });
  }

  Result<Work> decode() {
    const auto scratch = file_->make_scratch();
    format::Chunk values;
    return timed([&](Work& work) -> Status {
      for (const FetchedChunk& chunk : fetched_) {
        const format::Fetched bytes{chunk.plan, chunk.memory.bytes()};
        STOKER_TRY(file_->decompress(bytes, *scratch));
        STOKER_TRY(file_->decode(bytes, *scratch, values));
      }
      work.bytes += asked_;
      work.samples += rows_;
      return {};
    });
  }

  // By one reader thread and this one: both count.
  Result<Work> hand_over() {
    const auto batch = static_cast<std::uint64_t>(std::max<std::int64_t>(w_.reader.batch_size, 1));
    FreeFiles files(file_->units());
    const std::uint64_t files_of_batch = (batch + rows_ - 1) / rows_;
    pipeline::LoaderOptions options;
    options.threads = 1;
    options.prefetch = static_cast<std::uint64_t>(std::max<std::int64_t>(w_.reader.prefetch_size, 0));
    pipeline::DataLoader loader(files, b_.clock, options);
    Work work;
    const Nanos begin = b_.process_cpu();
    // Longer epochs until one is long enough to hide the start of its thread.
    for (std::uint64_t epoch = 1, n = 64 * files_of_batch; work.cpu < most_; ++epoch, n *= 2) {
      STOKER_ASSIGN(auto counts, dataset::RowCounts::equal(n, file_->rows()));
      dataset::PlanRequest request;
      request.row_counts = counts;
      request.batch_size = batch;
      const dataset::EpochPlan plan(request);
      STOKER_TRY(loader.begin_epoch(plan, epoch, stop_));
      Status status;
      for (std::uint64_t step = 0; step < plan.steps() && status; ++step) {
        if (auto next = loader.next(); !next) status = next.error();
      }
      loader.end_epoch();
      STOKER_TRY(status);
      work.samples += plan.rows();
      work.cpu = b_.process_cpu() - begin;
      if (stop_.stop_requested()) return interrupted();
      constexpr std::uint64_t kMostFilesOfEpoch = std::uint64_t{1} << 40;
      if (n > kMostFilesOfEpoch) break;
    }
    work.bytes = static_cast<std::uint64_t>(static_cast<double>(work.samples) * bytes_per_sample());
    return work;
  }

  [[nodiscard]] double bytes_per_sample() const { return static_cast<double>(asked_) / static_cast<double>(rows_); }

  void conclude(results::ClientCeiling& ceiling) const {
    ceiling.batch_size = b_.workload.reader.batch_size;
    ceiling.step_seconds = mean_seconds(b_.workload.train.computation_time);
    const auto seconds = [&](std::size_t figure) {
      const double rate = ceiling.figures[figure].samples_per_second;
      return rate > 0 ? 1 / rate : 0;
    };
    const auto path = [&](double cpu_seconds) {
      results::ClientPath p;
      if (cpu_seconds > 0) p.samples_per_second = 1 / cpu_seconds;
      p.bytes_per_second = p.samples_per_second * bytes_per_sample();
      p.accelerators =
          metrics::accelerators_per_core(cpu_seconds, static_cast<double>(ceiling.batch_size), ceiling.step_seconds);
      return p;
    };
    constexpr std::size_t kCopy = 0, kDecode = 2, kHandOver = 3;
    ceiling.direct = path(seconds(kDecode) + seconds(kHandOver));
    ceiling.buffered = path(seconds(kDecode) + seconds(kHandOver) + seconds(kCopy));
    if (b_.workload.reader.collate) ceiling.notes.emplace_back("reader.collate: copying into tensors is not in it");
    if (b_.workload.reader.verify) ceiling.notes.emplace_back("reader.verify: comparing values is not in it");
    if (b_.workload.reader.preprocess_time.kind != config::Duration::Kind::kNone)
      ceiling.notes.emplace_back("reader.preprocess_time: the emulated preprocessing is not in it");
  }

  const ClientBench& b_;
  const std::stop_token& stop_;
  config::Workload w_;
  MemoryStorage memory_;
  const Nanos most_;
  std::unique_ptr<format::FormatReader> reader_;
  std::unique_ptr<format::FileReader> file_;
  std::vector<FetchedChunk> fetched_;
  std::uint64_t asked_ = 0, rows_ = 0;
  std::size_t largest_ = 0;
};

}  // namespace

double mean_seconds(const config::Duration& d) {
  using Kind = config::Duration::Kind;
  switch (d.kind) {
    case Kind::kNone: return 0;
    case Kind::kUniform: return (d.a + d.b) / 2;
    case Kind::kGamma: return d.a * d.b;
    case Kind::kConstant:
    case Kind::kNormal:
    case Kind::kExponential:
    case Kind::kPoisson: break;
  }
  return d.a;
}

Result<results::ClientFigure> repeat(std::string name, const std::function<Result<Work>()>& work) {
  constexpr std::size_t kLeastRuns = 3, kMostRuns = 10;
  constexpr double kStable = 0.03;
  std::vector<double> bytes, samples, cpu_per_gb;
  while (bytes.size() < kMostRuns) {
    STOKER_ASSIGN(const Work done, work());
    const double seconds = to_seconds(done.cpu);
    if (!(seconds > 0)) return make_error(Code::kFailed, "{}: the system does not tell the CPU time of threads", name);
    bytes.push_back(static_cast<double>(done.bytes) / seconds);
    samples.push_back(static_cast<double>(done.samples) / seconds);
    cpu_per_gb.push_back(done.bytes > 0 ? seconds / (static_cast<double>(done.bytes) / 1e9) : 0);
    if (samples.size() >= kLeastRuns && metrics::spread(std::span(samples).last(kLeastRuns)) <= kStable) {
      break;
    }
  }
  return results::ClientFigure{.name = std::move(name),
                               .bytes_per_second = metrics::median(bytes),
                               .samples_per_second = metrics::median(samples),
                               .cpu_seconds_per_gb = metrics::median(cpu_per_gb),
                               .spread = metrics::spread(samples),
                               .runs = samples.size()};
}

Result<results::ClientCeiling> bench_client(const ClientBench& bench, const std::stop_token& stop) {
  return Client(bench, stop).run();
}

}  // namespace stoker::ceilings
