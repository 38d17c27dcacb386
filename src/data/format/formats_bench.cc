// Every format beside its limit: files in the page cache, read and decoded, beside open + pread + close of the same
// ranges into one buffer that is used again and again, and the checksum that the format carries over the same bytes.
// And files generated, beside the values alone. Times are of CPU, in turns, and ratios of turns that followed each
// other.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/checksum.h"
#include "base/clock.h"
#include "base/testing/temp_dir.h"
#include "config/formats.h"
#include "data/format/chunk_reader.h"
#include "data/format/format.h"
#include "data/format/samples.h"
#include "data/format/testing/data_files.h"
#include "data/io/discarding_sink.h"

namespace stoker::format {
namespace {

enum class Carried { kNothing, kCrc32, kCrc32c };

struct Case {
  config::FormatName format;
  Carried checksum;
  std::int64_t samples;
  double sample_bytes;
};

config::Workload workload_of(const Case& c, const std::string& folder, double data_bytes) {
  config::Workload w;
  w.dataset.format = c.format;
  w.dataset.data_folder = folder;
  w.dataset.num_samples_per_file = c.samples;
  w.dataset.record_length_bytes = c.sample_bytes;
  const double file = c.sample_bytes * static_cast<double>(c.samples);
  w.dataset.num_files_train = std::max<std::int64_t>(2, static_cast<std::int64_t>(data_bytes / file));
  return w;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Of the data set's files.
class Files {
 public:
  explicit Files(const Case& c, double data_bytes)
      : workload_(workload_of(c, folder_.path().string(), data_bytes)),
        reader_(*(*find_format(c.format))->make_reader(workload_, *storage_)),
        checksum_(c.checksum) {
    testing::write_data_set(*storage_, workload_);
    const dataset::Layout layout(workload_);
    for (std::uint64_t i = 0; i < layout.total_files(); ++i) paths_.push_back(layout.file(i).path);
    for (const io::Path& path : paths_) add_ranges(path);
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  bool read() {
    for (const io::Path& path : paths_) {
      const auto file = reader_->open(path, nullptr);
      if (!file) return false;
      for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
        const Unit& unit = (*file)->units()[u];
        if (!chunks_.read(**file, {u, unit.first_row, unit.rows}, chunk_)) return false;
      }
    }
    return true;
  }

  // The same ranges and nothing else.
  bool read_plainly() {
    auto range = ranges_.begin();
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const int fd = ::open(paths_[i].c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0) return false;
      for (std::size_t k = 0; k < ranges_of_file_[i]; ++k, ++range) {
        const MutBytes into = buffer_.bytes().first(static_cast<std::size_t>(range->bytes));
        for (std::size_t done = 0; done < into.size();) {
          const std::size_t n = std::min<std::size_t>(into.size() - done, std::size_t{1} << 20);
          const ssize_t got = ::pread(fd, into.data() + done, n, static_cast<off_t>(range->offset + done));
          if (got <= 0) return false;
          done += static_cast<std::size_t>(got);
        }
        if (checksum_ == Carried::kCrc32) benchmark::DoNotOptimize(crc32(into));
        if (checksum_ == Carried::kCrc32c) benchmark::DoNotOptimize(crc32c(into));
      }
      ::close(fd);
    }
    return true;
  }

 private:
  void add_ranges(const io::Path& path) {
    auto file = *reader_->open(path, nullptr);
    ReadPlan plan;
    std::size_t count = 0;
    for (std::size_t u = 0; u < file->units().size(); ++u) {
      const Unit& unit = file->units()[u];
      STOKER_CHECK(file->plan({u, unit.first_row, unit.rows}, plan).has_value(), "no plan");
      for (const PlannedRead& read : plan.reads()) {
        ranges_.push_back({read.offset, read.bytes});
        bytes_ += read.bytes;
        ++count;
        if (read.bytes > buffer_.size()) buffer_.resize(static_cast<std::size_t>(read.bytes));
      }
    }
    ranges_of_file_.push_back(count);
  }

  stoker::testing::TempDir folder_;
  std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
  const config::Workload workload_;
  std::unique_ptr<FormatReader> reader_;
  const Carried checksum_;
  std::vector<io::Path> paths_;
  std::vector<ByteRange> ranges_;
  std::vector<std::size_t> ranges_of_file_;
  std::uint64_t bytes_ = 0;
  AlignedBuffer buffer_;
  ChunkReader chunks_;
  Chunk chunk_;
};

// CPU seconds of a call by this thread.
double seconds_of(const std::function<bool()>& call, bool& good) {
  const SteadyClock clock;
  const Nanos begin = clock.thread_times().cpu;
  good = call() && good;
  return std::chrono::duration<double>(clock.thread_times().cpu - begin).count();
}

void turns(benchmark::State& state, const std::function<bool()>& ours, const std::function<bool()>& limit,
           double bytes) {
  bool good = ours() && limit();  // warm
  std::vector<double> times, ratios;
  bool first = true;
  for (auto _ : state) {
    double mine = 0, least = 0;
    if (first) mine = seconds_of(ours, good);
    least = seconds_of(limit, good);
    if (!first) mine = seconds_of(ours, good);
    first = !first;
    times.push_back(mine);
    ratios.push_back(mine / least);
    state.SetIterationTime(mine);
  }
  if (!good) return state.SkipWithError("a file cannot be read or written");
  state.counters["cpu_seconds_per_GB"] = median(times) / bytes * 1e9;
  state.counters["limit_ratio"] = median(ratios);
}

void read(benchmark::State& state, const Case& c, double data_bytes) {
  Files files(c, data_bytes);
  turns(
      state, [&] { return files.read(); }, [&] { return files.read_plainly(); }, static_cast<double>(files.bytes()));
}

void generate(benchmark::State& state, const Case& c) {
  const config::Workload w = workload_of(c, "d", 0);
  const Format& format = **find_format(c.format);
  const auto writer = *format.make_writer(w);
  const dataset::FileSpec spec = dataset::Layout(w).file(0);
  const SampleValues values(w.dataset, spec);
  io::DiscardingSink sink;
  AlignedBuffer block(std::size_t{4096});
  turns(
      state, [&] { return writer->write(spec, sink, {}).has_value(); },
      [&] {
        for (std::uint64_t at = 0; at < values.bytes(); at += block.size()) {
          values.fill(at, block.bytes());
          benchmark::DoNotOptimize(block.data());
        }
        return true;
      },
      static_cast<double>(values.bytes()));
}

const int kRegistered = [] {
  using F = config::FormatName;
  // Files of 146 KB each, as images are, one sample in each; and of 16 MB, with many and with one.
  constexpr double kSmall = 146'000, kLarge = 16e6;
  constexpr double kDataBytes = 32e6;
  struct Row {
    F format;
    Carried checksum;
    bool many;  // samples in a file
  };
  for (const Row& row : {Row{F::kNpz, Carried::kCrc32, false}, Row{F::kNpy, Carried::kNothing, false},
                         Row{F::kTfrecord, Carried::kCrc32c, true}, Row{F::kIndexedBinary, Carried::kNothing, true},
                         Row{F::kMmapIndexedBinary, Carried::kNothing, true}, Row{F::kJpeg, Carried::kNothing, false},
                         Row{F::kPng, Carried::kCrc32, false}}) {
    std::vector<Case> cases{{row.format, row.checksum, 1, kSmall}, {row.format, row.checksum, 1, kLarge}};
    if (row.many) cases.push_back({row.format, row.checksum, 110, kSmall});
    for (const Case& c : cases) {
      const std::string name =
          fmt::format("{}/samples:{}/KB:{:.0f}", config::spec_of(c.format).text, c.samples, c.sample_bytes / 1e3);
      benchmark::RegisterBenchmark(("format/read/" + name).c_str(), [c](benchmark::State& state) {
        read(state, c, kDataBytes);
      })->UseManualTime();
      benchmark::RegisterBenchmark(("format/generate/" + name).c_str(), [c](benchmark::State& state) {
        generate(state, c);
      })->UseManualTime();
    }
  }
  return 0;
}();

}  // namespace
}  // namespace stoker::format
