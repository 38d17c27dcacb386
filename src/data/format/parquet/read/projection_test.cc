// What is asked of the storage, which columns come out, and what is said when they cannot.
#include <arrow/type.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "config/workload.h"
#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using io::testing::MemCall;
using io::testing::MemStorage;

class CountingObserver final : public io::ReadObserver {
 public:
  std::int64_t now_ns() override { return 0; }
  void completed(std::int64_t, std::int64_t, std::uint64_t bytes, bool) override { total += bytes; }
  std::uint64_t total = 0;
};

// 20 columns of 8 bytes a row, 40,000 rows in two row groups: chunks of 160 kB, farther apart than reads are joined.
std::vector<std::byte> wide_file() {
  std::vector<std::shared_ptr<::arrow::Field>> fields;
  for (int i = 0; i < 20; ++i) fields.push_back(::arrow::field(fmt::format("c{}", i), ::arrow::int64(), false));
  ::parquet::WriterProperties::Builder builder;
  testing::plain(builder);
  return testing::write_with_arrow(*testing::random_table(::arrow::schema(fields), {.rows = 40'000}), builder.build(),
                                   {.row_group_rows = 20'000});
}

config::Workload reading(std::vector<std::string> names) {
  config::Workload workload;
  workload.storage.columns = std::move(names);
  return workload;
}

std::vector<MemCall> reads_of(const MemStorage& storage) {
  std::vector<MemCall> reads;
  for (const MemCall& call : storage.calls()) {
    if (call.op == MemCall::Op::kRead) reads.push_back(call);
  }
  return reads;
}

TEST(Projection, ReadsTheSelectedChunksAndNothingElse) {
  const auto bytes = wide_file();
  MemStorage storage;
  storage.put("f.parquet", bytes);
  const auto reader = make_parquet_reader(reading({"c2", "c3", "c11"}), storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  ASSERT_EQ(reads_of(storage).size(), 1U) << "the footer takes one read";
  storage.clear_calls();
  CountingObserver observer;
  ChunkReader chunks;
  ASSERT_OK(chunks.fetch(**file, {1, 20'000, 20'000}, &observer));
  const auto reads = reads_of(storage);
  // c2 and c3 lie side by side.
  ASSERT_EQ(reads.size(), 2U);
  std::uint64_t asked = 0;
  for (const MemCall& read : reads) asked += read.length;
  EXPECT_EQ(asked, (*file)->units()[1].storage_bytes);
  EXPECT_EQ(observer.total, asked);
  EXPECT_LT(asked, 3 * (20'000U * 8 + 200));
  storage.clear_calls();
  Chunk chunk;
  ASSERT_OK(chunks.decompress(**file));
  ASSERT_OK(chunks.decode(**file, chunk));
  EXPECT_TRUE(reads_of(storage).empty()) << "only fetch asks the storage";
  EXPECT_EQ(chunk.useful_bytes, 3U * 20'000 * 8);
  ASSERT_EQ(chunk.columns.size(), 3U);
  EXPECT_EQ(chunk.columns[2].name, "c11");
}

TEST(Projection, IsTheSameForReadFlagsAndStorageColumns) {
  const auto bytes = wide_file();
  MemStorage storage;
  storage.put("f.parquet", bytes);
  const auto expected = testing::read_with_arrow(bytes, {"c4", "c9"});
  ASSERT_OK(expected);
  config::Workload flags;
  for (const char* name : {"c9", "c1", "c4"}) {
    flags.dataset.parquet.columns.push_back(
        {.name = name, .dtype = config::DType::kInt64, .read = std::string_view(name) != "c1"});
  }
  // The column that partitions the data set stands in the path, not in the file.
  flags.dataset.parquet.columns.push_back({.name = "day", .dtype = config::DType::kInt64});
  flags.dataset.parquet.partition_by = "day";
  for (const config::Workload& workload : {flags, reading({"c4", "c9", "c4"})}) {
    const auto ours = testing::read_with_stoker(storage, "f.parquet", workload);
    ASSERT_OK(ours);
    EXPECT_EQ(testing::difference(*expected, *ours), "");
  }
  flags.storage.columns = {"c1"};
  const auto wins = testing::read_with_stoker(storage, "f.parquet", flags);
  ASSERT_OK(wins);
  ASSERT_EQ(wins->size(), 1U);
  EXPECT_EQ(wins->front().name, "c1");
}

TEST(Projection, OfNothingIsRefused) {
  MemStorage storage;
  config::Workload workload;
  workload.dataset.parquet.columns = {{.name = "a", .read = false}, {.name = "b", .read = false}};
  EXPECT_ERROR(make_parquet_reader(workload, storage), Code::kConfig, "none of the 2 columns is read");
}

TEST(Projection, OfMissingColumnsNamesPathAndColumns) {
  MemStorage storage;
  storage.put("d/f.parquet", wide_file());
  const auto reader = make_parquet_reader(reading({"c1", "nothing"}), storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("d/f.parquet", nullptr);
  EXPECT_ERROR(file, Code::kConfig, "d/f.parquet: has no column nothing; its 20 columns are c0, c1");
  EXPECT_NE(file.error().hint.find("dataset.parquet.columns"), std::string::npos);
}

TEST(Opening, CountsRowsAndKeepsFooters) {
  MemStorage storage;
  storage.put("f.parquet", wide_file());
  const auto reader = make_parquet_reader(reading({"c0"}), storage);
  ASSERT_OK(reader);
  const auto outline = (*reader)->outline("f.parquet");
  ASSERT_OK(outline);
  EXPECT_EQ(outline->rows, 40'000U);
  ASSERT_OK((*reader)->open("f.parquet", nullptr));
  storage.clear_calls();
  const auto again = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(again);
  EXPECT_EQ((*again)->rows(), 40'000U);
  EXPECT_EQ((*again)->columns(), outline->columns);
  const auto kept = (*reader)->outline("f.parquet");
  ASSERT_OK(kept);
  EXPECT_EQ(kept->rows, 40'000U);
  EXPECT_EQ(kept->columns, outline->columns);
  EXPECT_TRUE(reads_of(storage).empty()) << "the footer is kept";
  EXPECT_ERROR((*reader)->open("g.parquet", nullptr), Code::kNotFound, "g.parquet");
  EXPECT_ERROR((*reader)->outline("g.parquet"), Code::kNotFound, "g.parquet");
}

TEST(Opening, FilesWithoutRowsHaveNoUnits) {
  const auto schema =
      ::arrow::schema({::arrow::field("a", ::arrow::int32()), ::arrow::field("b", ::arrow::list(::arrow::utf8()))});
  MemStorage storage;
  storage.put("f.parquet", testing::write_with_arrow(*testing::random_table(schema, {.rows = 0}),
                                                     ::parquet::default_writer_properties()));
  const auto reader = make_parquet_reader({}, storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  EXPECT_EQ((*file)->rows(), 0U);
  EXPECT_TRUE((*file)->units().empty());
}

TEST(Opening, ErrorsOfTheStorageAreHandedOn) {
  MemStorage memory;
  memory.put("f.parquet", wide_file());
  for (std::uint64_t k = 1; k <= 3; ++k) {
    io::testing::FaultyStorage storage(memory, {.fail_read = k});
    const auto ours = testing::read_with_stoker(storage, "f.parquet", reading({"c1", "c8"}));
    EXPECT_ERROR(ours, Code::kIo, "f.parquet");
  }
}

TEST(DecodeDepths, CountWhatTheyTouch) {
  const auto schema = ::arrow::schema({::arrow::field("a", ::arrow::int8()),
                                       ::arrow::field("v", ::arrow::fixed_size_list(::arrow::float32(), 3)),
                                       ::arrow::field("s", ::arrow::utf8())});
  const auto table = testing::random_table(schema, {.rows = 3000, .distinct = 40});
  ::parquet::WriterProperties::Builder builder;
  builder.compression(::arrow::Compression::ZSTD);
  const auto bytes = testing::write_with_arrow(*table, builder.build(), {.row_group_rows = 1000});
  MemStorage storage;
  storage.put("f.parquet", bytes);
  std::vector<std::uint64_t> useful;
  for (const config::Decode depth :
       {config::Decode::kNone, config::Decode::kDecompress, config::Decode::kArrays, config::Decode::kArrow}) {
    config::Workload workload;
    workload.dataset.parquet.decode = depth;
    const auto reader = make_parquet_reader(workload, storage);
    ASSERT_OK(reader);
    const auto file = (*reader)->open("f.parquet", nullptr);
    ASSERT_OK(file);
    ASSERT_EQ((*file)->units().size(), 3U);
    ChunkReader chunks;
    Chunk chunk;
    ASSERT_OK(chunks.fetch(**file, {1, 1100, 800}));
    ASSERT_OK(chunks.decompress(**file));
    ASSERT_OK(chunks.decode(**file, chunk));
    EXPECT_EQ(chunk.rows, 800U);
    EXPECT_EQ(chunk.columns.empty(), depth == config::Decode::kNone || depth == config::Decode::kDecompress);
    useful.push_back(chunk.useful_bytes);
  }
  EXPECT_LT(useful[0], useful[1]) << "compressed";
  EXPECT_EQ(useful[2], useful[3]) << "the same values, whoever decodes them";
}

TEST(DecodeDepths, ArrowHandsOutTheSameValues) {
  const auto schema = ::arrow::schema(
      {::arrow::field("a", ::arrow::int8(), false), ::arrow::field("f", ::arrow::float64()),
       ::arrow::field("v", ::arrow::fixed_size_list(::arrow::field("element", ::arrow::float32(), false), 3), false)});
  const auto bytes = testing::write_with_arrow(*testing::random_table(schema, {.rows = 3000}),
                                               ::parquet::default_writer_properties(), {.row_group_rows = 1000});
  MemStorage storage;
  storage.put("f.parquet", bytes);
  const auto expected = testing::read_with_arrow(bytes);
  ASSERT_OK(expected);
  config::Workload workload;
  workload.dataset.parquet.decode = config::Decode::kArrow;
  const auto ours = testing::read_with_stoker(storage, "f.parquet", workload, {.pieces = [](const Unit& unit) {
                                                return std::vector<std::uint64_t>{300, unit.rows - 300};
                                              }});
  ASSERT_OK(ours);
  EXPECT_EQ(testing::difference(*expected, *ours), "");
}

TEST(LargeValues, AreViewsOfTheFetchedBytes) {
  const auto schema = ::arrow::schema({::arrow::field("blob", ::arrow::large_binary(), false)});
  ::parquet::WriterProperties::Builder builder;
  testing::plain(builder);
  const auto bytes =
      testing::write_with_arrow(*testing::random_table(schema, {.rows = 40, .max_bytes = 100'000}), builder.build());
  MemStorage storage;
  storage.put("f.parquet", bytes);
  const auto expected = testing::read_with_arrow(bytes);
  const auto reader = make_parquet_reader({}, storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  ChunkReader chunks;
  Chunk chunk;
  ASSERT_OK(chunks.fetch(**file, {0, 0, 40}));
  ASSERT_OK(chunks.decompress(**file));
  ASSERT_OK(chunks.decode(**file, chunk));
  EXPECT_GT(chunk.columns[0].segments.size(), 20U) << "one each: their lengths lie between them";
  std::vector<testing::FlatColumn> ours;
  testing::append_chunk(chunk, ours);
  EXPECT_EQ(testing::difference(*expected, ours), "");
}

TEST(PosixFiles, AreReadBufferedAndDirect) {
  const auto bytes = wide_file();
  const stoker::testing::TempDir folder;
  const auto path = folder.path() / "f.parquet";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto storage = io::make_posix_storage();
  const auto expected = testing::read_with_arrow(bytes, {"c3", "c19"});
  ASSERT_OK(expected);
  for (const bool direct : {false, true}) {
    config::Workload workload = reading({"c3", "c19"});
    workload.reader.odirect = direct;
    const auto ours = testing::read_with_stoker(*storage, path, workload);
    if (direct && !ours.has_value() && ours.error().code == Code::kUnsupported) {
      GTEST_SKIP() << "the file system of " << folder.path() << " has no O_DIRECT: " << ours.error().message;
    }
    ASSERT_OK(ours);
    EXPECT_EQ(testing::difference(*expected, *ours), "");
  }
}

TEST(Threads, ReadOneFileAtTheSameTime) {
  const auto schema = ::arrow::schema({::arrow::field("a", ::arrow::int32()), ::arrow::field("s", ::arrow::utf8())});
  ::parquet::WriterProperties::Builder builder;
  builder.compression(::arrow::Compression::SNAPPY);
  const auto bytes = testing::write_with_arrow(*testing::random_table(schema, {.rows = 8000, .nulls = 0.1}),
                                               builder.build(), {.row_group_rows = 500});
  MemStorage storage;
  storage.put("f.parquet", bytes);
  const auto expected = testing::read_with_arrow(bytes);
  ASSERT_OK(expected);
  const auto reader = make_parquet_reader({}, storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  std::atomic<int> same{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const auto own = (*reader)->open("f.parquet", nullptr);
        for (FileReader* from : {file->get(), own->get()}) {
          const auto ours = testing::read_units(*from);
          if (ours.has_value() && testing::difference(*expected, *ours).empty()) ++same;
        }
      });
    }
  }
  EXPECT_EQ(same, 8);
}

TEST(WorkerBytes, GrowWithTheRowGroupUpToTheChunk) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.parquet.columns = {{.name = "v", .dtype = config::DType::kFloat32, .size = 1000}};
  workload.dataset.num_samples_per_file = 2'000'000;
  workload.dataset.parquet.row_group_size = 100;
  const std::uint64_t small = parquet_reader_worker_bytes(workload);
  workload.dataset.parquet.row_group_size = 1'000'000;
  const std::uint64_t large = parquet_reader_worker_bytes(workload);
  EXPECT_LT(small, large);
  EXPECT_LE(large, 3U * (2 * 32 + 2) * kMiB);
  workload.dataset.parquet.decode = config::Decode::kArrow;
  EXPECT_EQ(parquet_reader_worker_bytes(workload), large) << "a chunk of it, by any means";
  // A row group has no more rows than its file.
  workload.dataset.num_samples_per_file = 100;
  EXPECT_EQ(parquet_reader_worker_bytes(workload), 2 * (100 * 4000 + 2 * kMiB));
}

// A flat column a.b, a struct a with b and c, and a struct s with the fields "x.y" and x{y}.
std::vector<std::byte> dotted_file() {
  using namespace ::arrow;  // NOLINT: the names of all of Arrow's types
  const auto schema = ::arrow::schema(
      {field("a.b", int64(), false),
       field("a", struct_({field("b", int32(), false), field("c", int32(), false)}), false),
       field("s", struct_({field("x.y", int8(), false), field("x", struct_({field("y", int16(), false)}), false)}),
             false),
       field("v.w", fixed_size_list(field("element", float32(), false), 3), false)});
  return testing::write_with_arrow(*testing::random_table(schema, {.rows = 20}),
                                   ::parquet::default_writer_properties());
}

Result<std::vector<std::string>> names_read(std::vector<std::string> names) {
  MemStorage storage;
  storage.put("f.parquet", dotted_file());
  STOKER_ASSIGN(const auto columns, testing::read_with_stoker(storage, "f.parquet", reading(std::move(names))));
  std::vector<std::string> read;
  for (const auto& column : columns) read.push_back(fmt::format("{} {}", column.name, column.width));
  return read;
}

TEST(DottedNames, AreToldApartFromNestedColumns) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(*names_read({}), (Names{"`a.b` 8", "a.b 4", "a.c 4", "s.`x.y` 1", "s.x.y 2", "v.w.list.element 4"}));
  EXPECT_EQ(*names_read({"a.b"}), (Names{"`a.b` 8"}));
  EXPECT_EQ(*names_read({"`a.b`"}), (Names{"`a.b` 8"}));
  EXPECT_EQ(*names_read({"`a`.b"}), (Names{"a.b 4"}));
  EXPECT_EQ(*names_read({"a.c"}), (Names{"a.c 4"}));
  EXPECT_EQ(*names_read({"a"}), (Names{"a.b 4", "a.c 4"}));
  EXPECT_EQ(*names_read({"s.`x.y`"}), (Names{"s.`x.y` 1"}));
  EXPECT_EQ(*names_read({"s.`x`.y"}), (Names{"s.x.y 2"}));
  EXPECT_EQ(*names_read({"v.w"}), (Names{"v.w.list.element 4"}));
  EXPECT_EQ(*names_read({"`v.w`"}), (Names{"v.w.list.element 4"}));
  EXPECT_EQ(*names_read({"v.w.list.element"}), (Names{"v.w.list.element 4"}));
}

TEST(DottedNames, ThatMayMeanTwoColumnsAreRefused) {
  const auto read = names_read({"s.x.y"});
  EXPECT_ERROR(read, Code::kConfig, "f.parquet: has 2 columns that 's.x.y' may mean: 's.`x.y`' and 's.x.y'");
  EXPECT_EQ(read.error().hint, "write backquotes round parts of the path that hold a dot");
  EXPECT_ERROR(names_read({"`a.b`.c"}), Code::kConfig, "has no column `a.b`.c; its 4 columns are a.b, a, s, v.w");
}

TEST(DottedNames, GoWithWhatIsConfiguredOfThem) {
  MemStorage storage;
  storage.put("f.parquet", dotted_file());
  config::Workload workload;
  workload.dataset.parquet.columns = {{.name = "a.b", .dtype = config::DType::kInt64},
                                      {.name = "v.w", .dtype = config::DType::kFloat32, .size = 3}};
  const auto columns = testing::read_with_stoker(storage, "f.parquet", workload);
  ASSERT_OK(columns);
  ASSERT_EQ(columns->size(), 2U);
  EXPECT_EQ((*columns)[0].name, "`a.b`");
  EXPECT_EQ((*columns)[1].name, "v.w.list.element");
}

}  // namespace
}  // namespace stoker::format::parquet
