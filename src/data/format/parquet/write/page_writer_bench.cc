// Generation of values, of whole Parquet files and of ranges of them, to a sink that costs nothing. Bytes per second
// are per CPU second.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/clock.h"
#include "data/format/output_buffer.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/wire/compressor.h"
#include "data/format/parquet/write/page_plan.h"
#include "data/format/parquet/write/value_encoder.h"
#include "data/format/values.h"
#include "data/io/discarding_sink.h"

namespace stoker::format::parquet {
namespace {

using config::Compression;
using config::DType;

// 256 KiB at a time: in L2, as in a page.
void values(benchmark::State& state, ValueKind kind) {
  std::vector<std::byte> out(256 << 10);
  const std::size_t count = out.size() / value_bytes(kind);
  std::uint64_t first = 0;
  for (auto _ : state) {
    fill_values(kind, column_key(0, 0), first, count, out.data());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
    first += count;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
}
BENCHMARK_CAPTURE(values, raw, ValueKind::kRaw32);
BENCHMARK_CAPTURE(values, int8_in_32, ValueKind::kInt8In32);
BENCHMARK_CAPTURE(values, float16, ValueKind::kUnitFloat16);
BENCHMARK_CAPTURE(values, float32, ValueKind::kUnitFloat32);
BENCHMARK_CAPTURE(values, float64, ValueKind::kUnitFloat64);

void strings(benchmark::State& state) {
  constexpr std::size_t kCount = 16384;
  std::vector<std::byte> out(kCount * kMaxPlainStringBytes);
  std::size_t bytes = 0;
  for (auto _ : state) bytes += fill_plain_strings(column_key(0, 0), bytes, kCount, out.data());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(strings);

config::Workload workload(std::vector<config::ColumnSpec> columns, std::int64_t row_group_size) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = std::move(columns);
  w.dataset.parquet.row_group_size = row_group_size;
  return w;
}

// 200 columns, 761 bytes per row, row groups of 6144 rows.
config::Workload dlrm() {
  std::vector<config::ColumnSpec> columns;
  for (int i = 0; i < 200; ++i) {
    columns.push_back({.name = "feature_" + std::to_string(i), .dtype = i < 187 ? DType::kFloat32 : DType::kInt8});
  }
  return workload(std::move(columns), 6144);
}

// 5 lists, 2.16 MB per row, row groups of 288 rows.
config::Workload flux() {
  std::vector<config::ColumnSpec> columns;
  for (const std::int64_t size : {524328, 409, 8232, 8232, 7}) {
    columns.push_back({.name = "c" + std::to_string(columns.size()), .dtype = DType::kFloat32, .size = size});
  }
  return workload(std::move(columns), 288);
}

config::Workload samples() {
  return workload({{.name = "data", .dtype = DType::kUint8, .size = 2'828'486}}, 1'000'000);
}

void file(benchmark::State& state, config::Workload w, std::uint64_t rows, Compression compression, bool dictionary) {
  w.dataset.compression = compression;
  w.dataset.parquet.dictionary = dictionary;
  auto writer = make_parquet_writer(w);
  if (!writer) return state.SkipWithError(writer.error().message.c_str());
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    io::DiscardingSink sink;
    const Status status = (*writer)->write({.index = 1, .rows = rows, .path = {}}, sink, {});
    if (!status) return state.SkipWithError(status.error().message.c_str());
    bytes += sink.position();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK_CAPTURE(file, dlrm_none, dlrm(), 61440, Compression::kNone, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(file, dlrm_zstd, dlrm(), 6144, Compression::kZstd, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(file, dlrm_dictionary, dlrm(), 6144, Compression::kNone, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(file, flux_none, flux(), 100, Compression::kNone, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(file, flux_zstd, flux(), 10, Compression::kZstd, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(file, flux_dictionary, flux(), 100, Compression::kNone, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(file, samples_none, samples(), 100, Compression::kNone, false)->Unit(benchmark::kMillisecond);

// A whole compressed file beside its pages through the codec alone, in turn. `share`: of the file's CPU time, what the
// codec takes.
void compressed_file(benchmark::State& state, config::Workload w, std::uint64_t rows, Compression compression) {
  w.dataset.compression = compression;
  auto writer = make_parquet_writer(w);
  auto codec = Compressor::make(compression, std::nullopt);
  const auto columns = file_columns(w.dataset, 1);
  if (!writer || !codec || !columns) return state.SkipWithError("not made");
  const SteadyClock clock;
  const auto cpu = [&clock] { return to_seconds(clock.thread_times().cpu); };
  double file_seconds = 0, codec_seconds = 0;
  std::uint64_t plain_bytes = 0;
  PageBuffer page;
  for (auto _ : state) {
    io::DiscardingSink sink;
    const double begin = cpu();
    const Status status = (*writer)->write({.index = 1, .rows = rows, .path = {}}, sink, {});
    file_seconds += cpu() - begin;
    if (!status) return state.SkipWithError(status.error().message.c_str());
    for (std::size_t c = 0; c < columns->size(); ++c) {
      const Column& column = (*columns)[c];
      PagePlan plan(column, rows);
      while (const auto span = plan.next()) {
        const std::uint64_t bytes = *ValueEncoder::plain_bytes(column, span->elements);
        page.begin(bytes);
        STOKER_CHECK(ValueEncoder::put_plain(column, column_key(1, c), span->first_element, span->elements, page));
        const double before = cpu();
        STOKER_CHECK(codec->compress(page.bytes()));
        codec_seconds += cpu() - before;
        plain_bytes += bytes;
      }
    }
  }
  const double gb = static_cast<double>(plain_bytes) / 1e9;
  state.counters["file_s_per_GB"] = file_seconds / gb;
  state.counters["codec_s_per_GB"] = codec_seconds / gb;
  state.counters["share"] = codec_seconds / file_seconds;
}
BENCHMARK_CAPTURE(compressed_file, dlrm_snappy, dlrm(), 6144, Compression::kSnappy)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compressed_file, dlrm_lz4, dlrm(), 6144, Compression::kLz4)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compressed_file, dlrm_zstd, dlrm(), 6144, Compression::kZstd)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compressed_file, dlrm_gzip, dlrm(), 6144, Compression::kGzip)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compressed_file, flux_snappy, flux(), 10, Compression::kSnappy)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compressed_file, flux_zstd, flux(), 10, Compression::kZstd)->Unit(benchmark::kMillisecond);

// Files that are computed and not written, in ranges of `range` bytes.
void contents(benchmark::State& state, const config::Workload& w, std::uint64_t rows, std::size_t range) {
  const auto made = make_parquet_contents(w);
  if (!made) return state.SkipWithError(made.error().message.c_str());
  const auto computed = (*made)->file({.index = 1, .rows = rows, .path = {}});
  if (!computed) return state.SkipWithError(computed.error().message.c_str());
  std::vector<std::byte> out(range);
  std::uint64_t at = 0;
  for (auto _ : state) {
    (*computed)->read(at, out);
    benchmark::ClobberMemory();
    at += range;
    if (at + range > (*computed)->size()) at = 0;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * range));
}
BENCHMARK_CAPTURE(contents, dlrm_256k, dlrm(), 61440, 256 << 10);
BENCHMARK_CAPTURE(contents, dlrm_16m, dlrm(), 61440, 16 << 20);
BENCHMARK_CAPTURE(contents, flux_256k, flux(), 100, 256 << 10);
BENCHMARK_CAPTURE(contents, flux_16m, flux(), 100, 16 << 20);
BENCHMARK_CAPTURE(contents, samples_256k, samples(), 100, 256 << 10);

}  // namespace
}  // namespace stoker::format::parquet
