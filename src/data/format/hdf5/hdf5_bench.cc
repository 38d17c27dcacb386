// What reading arrays in one piece costs beside pread of the same bytes, warm: a file in its units, and one sample
// after another with a jump between them. The CPU column is this thread's.
#include <benchmark/benchmark.h>

#include <memory>

#include "base/aligned_buffer.h"
#include "base/check.h"
#include "base/testing/temp_dir.h"
#include "data/format/chunk_reader.h"
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/sample_file.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::uint64_t kSamples = 256;
constexpr std::uint64_t kStride = 97;  // between samples: prime to their number

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kHdf5;
  w.dataset.num_samples_per_file = kSamples;
  w.dataset.record_dims = {512, 512};
  return w;
}

// One file for all benchmarks of the process.
struct SharedFile {
  testing::TempDir dir;
  std::unique_ptr<io::Storage> storage = io::make_posix_storage();
  io::Path path = dir.path() / "f.hdf5";
  std::uint64_t begin = 0, sample_bytes = 0;  // of the values

  SharedFile() {
    auto writer = make_writer(workload());
    auto file = storage->create(path);
    STOKER_CHECK(writer && file && (*writer)->write({.index = 0, .rows = kSamples, .path = path}, **file, {}));
    STOKER_CHECK((*file)->commit());
    const auto opened = storage->open(path, {});
    const auto samples = read_sample_file(**opened, true, nullptr);
    STOKER_CHECK(samples);
    begin = samples->arrays[0].chunks[0].offset;
    sample_bytes = samples->row_bytes();
  }
};
const SharedFile& shared_file() {
  static const SharedFile file;
  return file;
}

// range(0) samples at a time, `stride` such groups apart.
void read_format(benchmark::State& state, std::uint64_t stride) {
  const auto& shared = shared_file();
  const auto reader = make_reader(workload(), *shared.storage);
  const auto file = (*reader)->open(shared.path, nullptr);
  STOKER_CHECK(file);
  ChunkReader chunks;
  Chunk chunk;
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t unit_rows = (*file)->units()[0].rows;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kSamples / rows; ++i) {
      const std::uint64_t first = i * stride % (kSamples / rows) * rows;
      STOKER_CHECK(chunks.read(**file, {static_cast<std::size_t>(first / unit_rows), first, rows}, chunk));
      benchmark::DoNotOptimize(chunk.columns[0].segments[0].values.data());
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kSamples * shared.sample_bytes));
}

void read_bytes(benchmark::State& state, std::uint64_t stride) {
  const auto& shared = shared_file();
  const auto file = shared.storage->open(shared.path, {});
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  AlignedBuffer memory(static_cast<std::size_t>(rows * shared.sample_bytes));
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kSamples / rows; ++i) {
      const std::uint64_t first = i * stride % (kSamples / rows) * rows;
      STOKER_CHECK(io::read_at(**file, shared.begin + first * shared.sample_bytes, memory.bytes()));
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kSamples * shared.sample_bytes));
}

void BM_Units(benchmark::State& state) {
  read_format(state, 1);
}
void BM_UnitsPread(benchmark::State& state) {
  read_bytes(state, 1);
}
void BM_Samples(benchmark::State& state) {
  read_format(state, kStride);
}
void BM_SamplesPread(benchmark::State& state) {
  read_bytes(state, kStride);
}
BENCHMARK(BM_Units)->Arg(16);
BENCHMARK(BM_UnitsPread)->Arg(16);
BENCHMARK(BM_Samples)->Arg(1);
BENCHMARK(BM_SamplesPread)->Arg(1);

// Finding out where the values lie: what each visit of a file costs in front of them.
void BM_Open(benchmark::State& state) {
  const auto& shared = shared_file();
  const auto reader = make_reader(workload(), *shared.storage);
  for (auto _ : state) STOKER_CHECK((*reader)->open(shared.path, nullptr));
}
BENCHMARK(BM_Open);

}  // namespace
}  // namespace stoker::format::hdf5
