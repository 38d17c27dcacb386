// Reading with the bytes in memory, against parquet::arrow on the same bytes. "useful" is bytes of decoded values per
// second of CPU; the file's bytes are copied out of a vector once per read, as a page cache does.
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <benchmark/benchmark.h>
#include <parquet/arrow/reader.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/read/footer.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/one_file_storage.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {
namespace {

// 200 columns like those of a recommender: 1, 2, 4 and 8 bytes; 5 float lists like those of an image generator.
enum class Kind { kDlrmPlain, kDlrmDefault, kDlrmOptional, kDlrmSnappy, kFluxPlain, kFluxDefault, kStrings };

std::shared_ptr<::arrow::Schema> schema_of(Kind kind) {
  std::vector<std::shared_ptr<::arrow::Field>> fields;
  const bool nullable = kind != Kind::kDlrmPlain && kind != Kind::kFluxPlain;
  if (kind == Kind::kStrings) return ::arrow::schema({::arrow::field("s", ::arrow::utf8(), false)});
  if (kind == Kind::kFluxPlain || kind == Kind::kFluxDefault) {
    for (const int size : {131082, 102, 2058, 2058, 2}) {
      fields.push_back(::arrow::field(
          fmt::format("v{}", fields.size()),
          ::arrow::fixed_size_list(::arrow::field("element", ::arrow::float32(), nullable), size), nullable));
    }
    return ::arrow::schema(fields);
  }
  const std::vector<std::shared_ptr<::arrow::DataType>> types{::arrow::int8(), ::arrow::int32(), ::arrow::float32(),
                                                              ::arrow::int64(), ::arrow::int16()};
  for (std::size_t i = 0; i < 200; ++i)
    fields.push_back(::arrow::field(fmt::format("c{}", i), types[i % types.size()], nullable));
  return ::arrow::schema(fields);
}

const std::vector<std::byte>& file_of(Kind kind) {
  static std::map<Kind, std::vector<std::byte>> files;
  auto& file = files[kind];
  if (!file.empty()) return file;
  const bool flux = kind == Kind::kFluxPlain || kind == Kind::kFluxDefault;
  ::parquet::WriterProperties::Builder builder;
  if (kind == Kind::kDlrmSnappy) builder.compression(::arrow::Compression::SNAPPY);
  if (kind != Kind::kDlrmDefault && kind != Kind::kFluxDefault) testing::plain(builder);
  const std::int64_t rows = flux ? 48 : kind == Kind::kStrings ? 500'000 : 6144 * 4;
  file = testing::write_with_arrow(*testing::random_table(schema_of(kind), {.rows = rows}), builder.build(),
                                   {.row_group_rows = flux                     ? 16
                                                      : kind == Kind::kStrings ? 100'000
                                                                               : 6144});
  return file;
}

std::vector<std::string> selection(const benchmark::State& state, Kind kind) {
  std::vector<std::string> names;
  if (state.range(1) == 100) return names;
  const auto schema = schema_of(kind);
  // In runs of ten, as columns of one kind lie together.
  for (int i = 0; i < schema->num_fields(); ++i) {
    if (i / 10 % 5 == 1) names.push_back(schema->field(i)->name());
  }
  return names;
}

void stoker_reads(benchmark::State& state) {
  const auto kind = static_cast<Kind>(state.range(0));
  testing::OneFileStorage storage(file_of(kind));
  config::Workload workload;
  workload.storage.columns = selection(state, kind);
  const auto reader = make_parquet_reader(workload, storage);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ChunkReader chunks;
  Chunk chunk;
  std::uint64_t useful = 0;
  for (auto _ : state) {
    for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
      const Unit& unit = (*file)->units()[u];
      if (!chunks.fetch(**file, {u, unit.first_row, unit.rows}) || !chunks.decompress(**file) ||
          !chunks.decode(**file, chunk)) {
        return state.SkipWithError("reading failed");
      }
      useful += chunk.useful_bytes;
    }
  }
  state.counters["useful"] = benchmark::Counter(static_cast<double>(useful), benchmark::Counter::kIsRate);
}

void arrow_reads(benchmark::State& state) {
  const auto kind = static_cast<Kind>(state.range(0));
  const auto& bytes = file_of(kind);
  const auto schema = schema_of(kind);
  testing::OneFileStorage storage(bytes);
  const auto names = selection(state, kind);
  std::vector<int> columns;
  for (int i = 0; i < schema->num_fields(); ++i) {
    if (names.empty() || std::ranges::find(names, schema->field(i)->name()) != names.end()) columns.push_back(i);
  }
  config::Workload workload;
  workload.storage.columns = names;
  workload.dataset.parquet.decode = config::Decode::kArrow;
  const auto reader = make_parquet_reader(workload, storage);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ChunkReader chunks;
  Chunk chunk;
  std::uint64_t useful = 0;
  for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
    const Unit& unit = (*file)->units()[u];
    if (!chunks.read(**file, {u, unit.first_row, unit.rows}, chunk)) return;
    useful += chunk.useful_bytes;
  }
  ::parquet::arrow::FileReaderBuilder builder;
  const auto opened = builder.Open(std::make_shared<::arrow::io::BufferReader>(std::make_shared<::arrow::Buffer>(
      reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<std::int64_t>(bytes.size()))));
  if (!opened.ok()) return state.SkipWithError("opening failed");
  const auto arrow = builder.Build().ValueOrDie();
  std::uint64_t total = 0;
  for (auto _ : state) {
    for (int g = 0; g < arrow->num_row_groups(); ++g) {
      std::shared_ptr<::arrow::Table> table;
      if (!arrow->ReadRowGroup(g, columns).Value(&table).ok()) return state.SkipWithError("reading failed");
      benchmark::DoNotOptimize(table);
    }
    total += useful;
  }
  state.counters["useful"] = benchmark::Counter(static_cast<double>(total), benchmark::Counter::kIsRate);
}

void all_kinds(benchmark::internal::Benchmark* b) {
  b->ArgNames({"kind", "percent"});
  for (const Kind kind : {Kind::kDlrmPlain, Kind::kDlrmDefault, Kind::kDlrmOptional, Kind::kDlrmSnappy,
                          Kind::kFluxPlain, Kind::kFluxDefault, Kind::kStrings}) {
    b->Args({static_cast<int>(kind), 100});
    if (kind == Kind::kDlrmPlain || kind == Kind::kDlrmDefault) b->Args({static_cast<int>(kind), 20});
  }
}

BENCHMARK(stoker_reads)->Apply(all_kinds);
BENCHMARK(arrow_reads)->Apply(all_kinds);

// Per column chunk: the footer of a file of 200 columns and 768 row groups.
void footer_is_parsed(benchmark::State& state) {
  static const std::vector<std::byte> file = [] {
    ::parquet::WriterProperties::Builder builder;
    testing::plain(builder);
    return testing::write_with_arrow(*testing::random_table(schema_of(Kind::kDlrmPlain), {.rows = 768}),
                                     builder.build(), {.row_group_rows = 1});
  }();
  testing::OneFileStorage storage(file);
  const auto opened = storage.open("f.parquet", {});
  Selection all;
  for (int i = 0; i < 200; ++i) {
    if (state.range(0) == 100 || i / 10 % 5 == 1) all.names.push_back(fmt::format("c{}", i));
  }
  std::uint64_t chunks = 0;
  for (auto _ : state) {
    const auto footer = read_footer(**opened, nullptr);
    const auto parsed = parse_footer(footer->bytes, file.size(), all);
    if (!parsed) return state.SkipWithError("parsing failed");
    chunks += 768 * 200;
  }
  state.counters["chunk_time"] =
      benchmark::Counter(static_cast<double>(chunks), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(footer_is_parsed)->Arg(20)->Arg(100);

}  // namespace
}  // namespace stoker::format::parquet
