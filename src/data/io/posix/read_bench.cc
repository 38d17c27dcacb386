// What the client pays per byte read, buffered and direct. bytes_per_second is by wall time; the CPU column is this
// thread's. "cold" drops the file from the page cache before each round (outside the timing).
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/check.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/page_cache.h"
#include "data/io/storage.h"

namespace stoker::io {
namespace {

constexpr std::size_t kFileBytes = 64 * kMiB;

// One file for all benchmarks of the process.
const Path& file_path() {
  static const testing::TempDir dir;
  static const Path path = [] {
    const auto storage = make_posix_storage();
    const std::vector<std::byte> content(kFileBytes, std::byte{7});
    auto file = storage->create(dir.path() / "file", {.durable = true});
    STOKER_CHECK(file && (*file)->append(content) && (*file)->commit());
    return dir.path() / "file";
  }();
  return path;
}

// Reads the whole file in calls of range(0) ops of range(1) bytes.
void read_file(benchmark::State& state, const OpenOptions& options, bool cold) {
  const auto storage = make_posix_storage();
  auto file = storage->open(file_path(), options);
  if (!file) {
    state.SkipWithError(file.error().message.c_str());
    return;
  }
  const auto ops_per_call = static_cast<std::size_t>(state.range(0));
  const auto op_bytes = static_cast<std::size_t>(state.range(1));
  AlignedBuffer buffer(ops_per_call * op_bytes);
  std::vector<ReadOp> ops(ops_per_call);
  for (auto _ : state) {
    if (cold) {
      state.PauseTiming();
      STOKER_CHECK(drop_file_cache(file_path()));
      state.ResumeTiming();
    }
    for (std::uint64_t offset = 0; offset < kFileBytes; offset += buffer.size()) {
      for (std::size_t i = 0; i < ops_per_call; ++i) {
        ops[i] = {offset + i * op_bytes, buffer.bytes().subspan(i * op_bytes, op_bytes)};
      }
      STOKER_CHECK((*file)->read_many(ops, nullptr));
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kFileBytes));
  if (options.direct) state.SetLabel(std::string(direct_mechanism()));
}

void BM_BufferedWarm(benchmark::State& state) {
  read_file(state, {}, false);
}
void BM_BufferedCold(benchmark::State& state) {
  read_file(state, {}, true);
}
void BM_Direct(benchmark::State& state) {
  read_file(state, {.direct = true}, false);
}

constexpr std::int64_t kSmall = 128 * kKiB;
constexpr std::int64_t kLarge = 8 * kMiB;
BENCHMARK(BM_BufferedWarm)->Args({1, kLarge})->Args({32, kSmall})->UseRealTime();
BENCHMARK(BM_BufferedCold)->Args({1, kLarge})->Args({32, kSmall})->UseRealTime();
BENCHMARK(BM_Direct)->Args({1, kLarge})->Args({32, kSmall})->Args({1, kSmall})->UseRealTime();

}  // namespace
}  // namespace stoker::io
