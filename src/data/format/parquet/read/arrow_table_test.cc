// Decode depth `arrow` over row groups that are larger than a chunk.
#include "data/format/parquet/read/arrow_table.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/units.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

constexpr std::int64_t kRows = 6000, kGroupRows = 2500;
constexpr std::int64_t kChunkBytes = 4096;

struct ReadFile {
  std::size_t units = 0;
  std::uint64_t worker_bytes = 0;
  std::vector<testing::FlatColumn> columns;
};

// All units, each `rows` rows at a time.
Result<ReadFile> read_file(const std::vector<std::byte>& bytes, config::Decode decode, std::int64_t chunk_bytes,
                           std::uint64_t rows_at_a_time = 1'000'000) {
  io::testing::MemStorage storage;
  storage.put("f.parquet", bytes);
  config::Workload workload;
  workload.dataset.parquet.decode = decode;
  workload.reader.chunk_bytes = chunk_bytes;
  STOKER_ASSIGN(const auto reader, make_parquet_reader(workload, storage));
  STOKER_ASSIGN(const auto file, reader->open("f.parquet", nullptr));
  ReadFile out{.units = file->units().size(), .worker_bytes = reader->worker_bytes().value_or(0)};
  STOKER_ASSIGN(out.columns,
                testing::read_units(*file, {.pieces = testing::pieces_of(rows_at_a_time), .complete = true}));
  return out;
}

// Small pages that end at different rows in each column.
::parquet::WriterProperties::Builder small_pages() {
  ::parquet::WriterProperties::Builder builder;
  builder.data_pagesize(700)->write_batch_size(16)->disable_write_page_index();
  return builder;
}

std::vector<std::byte> write(const ::arrow::FieldVector& fields, ::parquet::WriterProperties::Builder builder,
                             double nulls = 0.2, std::int64_t distinct = 0) {
  const auto table =
      testing::random_table(::arrow::schema(fields), {.rows = kRows, .nulls = nulls, .distinct = distinct});
  return testing::write_with_arrow(*table, builder.build(), {.row_group_rows = kGroupRows});
}

::arrow::FieldVector flat_fields() {
  return {::arrow::field("i8", ::arrow::int8()),
          ::arrow::field("i64", ::arrow::int64(), false),
          ::arrow::field("f32", ::arrow::float32()),
          ::arrow::field("b", ::arrow::boolean()),
          ::arrow::field("s", ::arrow::utf8()),
          ::arrow::field("bin", ::arrow::binary(), false),
          ::arrow::field("f3", ::arrow::fixed_size_binary(3))};
}

::arrow::FieldVector list_fields() {
  const auto lists = ::arrow::list(::arrow::field("item", ::arrow::list(::arrow::field("item", ::arrow::utf8()))));
  return {::arrow::field("l", ::arrow::list(::arrow::field("item", ::arrow::int16()))),
          ::arrow::field("v", ::arrow::fixed_size_list(::arrow::field("item", ::arrow::float32(), false), 3), false),
          ::arrow::field("n", ::arrow::fixed_size_list(::arrow::field("item", ::arrow::int32()), 2)),
          ::arrow::field("ll", lists)};
}

void expect_same_in_pieces(const std::vector<std::byte>& bytes) {
  const auto whole = read_file(bytes, config::Decode::kArrow, kGiB);
  ASSERT_OK(whole);
  ASSERT_EQ(whole->units, 3U);
  const auto arrays = read_file(bytes, config::Decode::kArrays, kGiB);
  ASSERT_OK(arrays);
  ASSERT_EQ(testing::difference(arrays->columns, whole->columns), "");
  for (const std::uint64_t rows : {1'000'000U, 37U}) {
    const auto pieces = read_file(bytes, config::Decode::kArrow, kChunkBytes, rows);
    ASSERT_OK(pieces);
    EXPECT_GT(pieces->units, 12U);
    EXPECT_LT(pieces->worker_bytes - 2 * kMiB, (whole->worker_bytes - 2 * kMiB) / 3);
    EXPECT_EQ(testing::difference(whole->columns, pieces->columns), "");
  }
}

TEST(ArrowPieces, OfFlatColumnsHaveTheValuesOfTheWhole) {
  for (const bool index : {true, false}) {
    for (const auto version : {::parquet::ParquetDataPageVersion::V1, ::parquet::ParquetDataPageVersion::V2}) {
      SCOPED_TRACE(fmt::format("index {}, version {}", index, static_cast<int>(version)));
      auto builder = small_pages();
      builder.disable_dictionary()->data_page_version(version)->compression(::arrow::Compression::SNAPPY);
      if (index) builder.enable_write_page_index();
      expect_same_in_pieces(write(flat_fields(), builder));
    }
  }
}

TEST(ArrowPieces, NeedTheDictionary) {
  // One that all pages refer to, and one that is full after some pages.
  for (const std::int64_t limit : {1'000'000, 300}) {
    auto builder = small_pages();
    builder.dictionary_pagesize_limit(limit)->enable_page_checksum();
    expect_same_in_pieces(write(flat_fields(), builder, 0.1, limit == 300 ? 0 : 50));
  }
}

TEST(ArrowPieces, OfListsBeginWithARow) {
  auto builder = small_pages();
  builder.disable_dictionary()->enable_write_page_index();
  expect_same_in_pieces(write(list_fields(), builder));
  // Pages of version 2 say their rows themselves.
  builder = small_pages();
  builder.disable_dictionary()->data_page_version(::parquet::ParquetDataPageVersion::V2);
  expect_same_in_pieces(write(list_fields(), builder));
}

// Where Arrow cannot begin inside the row group, it is one unit as before.
TEST(ArrowPieces, AreNotMadeWhereArrowCannotBegin) {
  auto builder = small_pages();
  const auto lists = write(list_fields(), builder);
  const auto without_index = read_file(lists, config::Decode::kArrow, kChunkBytes);
  ASSERT_OK(without_index);
  EXPECT_EQ(without_index->units, 3U);

  builder.enable_write_page_index();
  auto fields = flat_fields();
  fields.push_back(::arrow::field(
      "r", ::arrow::struct_({::arrow::field("a", ::arrow::int16()), ::arrow::field("b", ::arrow::float64(), false)})));
  const auto record = write(fields, builder);
  const auto nested = read_file(record, config::Decode::kArrow, kChunkBytes);
  ASSERT_OK(nested);
  EXPECT_EQ(nested->units, 3U);
  const auto arrays = read_file(record, config::Decode::kArrays, kChunkBytes);
  ASSERT_OK(arrays);
  EXPECT_GT(arrays->units, 12U);
  EXPECT_EQ(testing::difference(arrays->columns, nested->columns), "");
}

// Our own files, with and without a dictionary: their large row groups have offset indexes.
TEST(ArrowPieces, OfOwnFiles) {
  for (const bool dictionary : {false, true}) {
    config::Workload w;
    w.dataset.format = config::FormatName::kParquet;
    w.dataset.compression = config::Compression::kZstd;
    w.dataset.parquet.dictionary = dictionary;
    w.dataset.parquet.columns = {{.name = "id", .dtype = config::DType::kInt64},
                                 {.name = "image", .dtype = config::DType::kUint8, .size = 3000},
                                 {.name = "text", .dtype = config::DType::kString}};
    io::testing::MemStorage storage;
    auto writer = make_parquet_writer(w);
    ASSERT_OK(writer);
    auto file = storage.create("f");
    ASSERT_OK(file);
    ASSERT_OK((*writer)->write({.index = 0, .rows = 3000, .path = {}}, **file, {}));
    ASSERT_OK((*file)->commit());
    const auto bytes = storage.get("f");
    const auto whole = read_file(bytes, config::Decode::kArrays, kGiB);
    const auto pieces = read_file(bytes, config::Decode::kArrow, kMiB);
    ASSERT_OK(whole);
    ASSERT_OK(pieces);
    EXPECT_EQ(whole->units, 1U);
    EXPECT_GT(pieces->units, 5U);
    EXPECT_EQ(testing::difference(whole->columns, pieces->columns), "");
  }
}

}  // namespace
}  // namespace stoker::format::parquet
