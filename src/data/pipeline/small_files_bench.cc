// What the client pays for files of few kilobytes: opened, read whole and decoded by the loader, in one thread, beside
// open, pread and close of the same files. Warm, so all of it is the client's; the CPU column is what counts. Limit:
// files of 100 to 300 KB cost the loader at most 1.3 times what the three calls cost.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/testing/temp_dir.h"
#include "data/format/format.h"
#include "data/format/testing/data_files.h"
#include "data/pipeline/data_loader.h"

namespace stoker::pipeline {
namespace {

constexpr std::uint64_t kFiles = 500, kBatch = 50;

// Files of one sample in ten folders, written once for all benchmarks of the process.
class SmallFiles final : public Dataset {
 public:
  SmallFiles(config::FormatName name, std::int64_t bytes) {
    workload_.dataset.format = name;
    workload_.dataset.record_length_bytes = static_cast<double>(bytes);
    const format::Format& format = **format::find_format(name);
    for (std::uint64_t i = 0; i < kFiles; ++i) {
      paths_.push_back(dir_.path() / std::to_string(i % 10) / std::to_string(i));
      format::testing::write_file(*storage_, workload_, {.index = i, .rows = 1, .path = paths_.back()});
    }
    reader_ = *format.make_reader(workload_, *storage_);
    known_ = *reader_->outline(paths_.front());
  }

  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file, io::ReadObserver* observer) override {
    return reader_->open_known(paths_[file], known_, observer);
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions& options,
                                                 io::ReadObserver* observer) override {
    return storage_->make_read_queue(options, observer);
  }
  [[nodiscard]] const std::vector<io::Path>& paths() const { return paths_; }

 private:
  const testing::TempDir dir_;
  const std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
  config::Workload workload_;
  std::vector<io::Path> paths_;
  std::unique_ptr<format::FormatReader> reader_;
  format::Outline known_;
};

SmallFiles& files_of(const benchmark::State& state, config::FormatName name) {
  static std::map<std::pair<config::FormatName, std::int64_t>, std::unique_ptr<SmallFiles>> made;
  auto& files = made[{name, state.range(0)}];
  if (files == nullptr) files = std::make_unique<SmallFiles>(name, state.range(0));
  return *files;
}

void loaded(benchmark::State& state, config::FormatName name) {
  SmallFiles& files = files_of(state, name);
  const SteadyClock clock;
  LoaderOptions options;
  options.threads = 0;
  DataLoader loader(files, clock, options);
  const dataset::EpochPlan plan({.files = kFiles, .samples_per_file = 1, .batch_size = kBatch});
  std::uint64_t epoch = 0;
  for (auto _ : state) {
    STOKER_CHECK(loader.begin_epoch(plan, ++epoch, {}));
    for (std::uint64_t step = 0; step < plan.steps(); ++step) STOKER_CHECK(loader.next());
    STOKER_CHECK(loader.end_epoch().rows_read == kFiles);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kFiles));
}

void BM_OpenPreadClose(benchmark::State& state) {
  const SmallFiles& files = files_of(state, config::FormatName::kNpy);
  std::vector<std::byte> memory(static_cast<std::size_t>(state.range(0)) + 4096);
  for (auto _ : state) {
    for (const io::Path& path : files.paths()) {
      const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      STOKER_CHECK(fd >= 0 && ::pread(fd, memory.data(), memory.size(), 0) > 0);
      ::close(fd);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kFiles));
}
void BM_Npy(benchmark::State& state) {
  loaded(state, config::FormatName::kNpy);
}
void BM_Npz(benchmark::State& state) {
  loaded(state, config::FormatName::kNpz);
}
void BM_Png(benchmark::State& state) {
  loaded(state, config::FormatName::kPng);
}

BENCHMARK(BM_OpenPreadClose)->Arg(4096)->Arg(114'660)->Arg(300'000);
BENCHMARK(BM_Npy)->Arg(4096)->Arg(114'660)->Arg(300'000);
BENCHMARK(BM_Npz)->Arg(4096)->Arg(114'660)->Arg(300'000);
BENCHMARK(BM_Png)->Arg(4096)->Arg(114'660)->Arg(300'000);

}  // namespace
}  // namespace stoker::pipeline
