// The start of a run over files of others: the footers of all of them, on one rank, from the page cache. What remains
// is what a file costs without any storage: opening it and looking into its footer.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/testing/temp_dir.h"
#include "data/io/storage.h"
#include "workloads/training/count_rows.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

namespace fs = std::filesystem;

// `files` names of few small files: file systems bound the number of names that one file may have.
void make_files(const config::Workload& w, const dataset::FileTable& files) {
  constexpr std::uint64_t kNamesOfOne = 10'000;
  const auto storage = io::make_posix_storage();
  const auto writer = (*format::find_format(w.dataset.format))->make_writer(w);
  fs::create_directories(files.path(0).parent_path());
  for (std::uint64_t i = 0; i < files.size(); ++i) {
    if (i % kNamesOfOne != 0) {
      fs::create_hard_link(files.path(i / kNamesOfOne * kNamesOfOne), files.path(i));
      continue;
    }
    const auto out = storage->create(files.path(i));
    STOKER_CHECK(out.has_value());
    dataset::FileSpec spec = dataset::Layout(w).file(dataset::Split::kTrain, i);
    STOKER_CHECK((*writer)->write(spec, **out, {}).has_value() && (*out)->commit().has_value());
  }
}

void BM_CountRowsOfFiles(benchmark::State& state) {
  const stoker::testing::TempDir dir;
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = dir.path().string();
  w.dataset.num_files_train = state.range(0);
  w.dataset.num_samples_per_file = 100;
  w.dataset.parquet.columns = {{.name = "x", .dtype = config::DType::kInt64},
                               {.name = "y", .dtype = config::DType::kFloat32}};
  const dataset::Layout layout(w);
  const auto files = dataset::FileTable::computed(layout, dataset::Split::kTrain);
  make_files(w, files);
  const auto storage = io::make_posix_storage();
  for (auto _ : state) {
    testing::on_ranks(1, *storage, w, [&](Context& c) {
      const auto reader = (*format::find_format(w.dataset.format))->make_reader(w, *storage);
      const auto counted = count_rows(c, **reader, {.layout = layout}, files);
      STOKER_CHECK(counted.has_value() && counted->rows.total() == files.size() * 100);
    });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(files.size()) * state.iterations());
}
BENCHMARK(BM_CountRowsOfFiles)
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace stoker::training
