// Files made by Arrow's writer, read whole, in pieces, and in units cut out of large row groups; compared with Arrow's
// own reading of the same bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/testing/status_matchers.h"
#include "base/units.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using ::parquet::WriterProperties;
using testing::ArraySpec;
using testing::FlatColumn;

std::shared_ptr<::arrow::Schema> all_types() {
  using namespace ::arrow;  // NOLINT: the names of all of Arrow's types
  return schema({
      field("i8", int8(), false),
      field("u8n", uint8()),
      field("i16", int16()),
      field("u16", uint16(), false),
      field("i32", int32(), false),
      field("u32", uint32()),
      field("i64", int64()),
      field("u64", uint64(), false),
      field("f16", float16()),
      field("f32", float32(), false),
      field("f64", float64()),
      field("flag", boolean(), false),
      field("flagn", boolean()),
      field("text", utf8()),
      field("blob", binary(), false),
      field("fixed", fixed_size_binary(7)),
      field("time", timestamp(TimeUnit::MICRO)),
      field("list", list(field("element", float32()))),
      field("lists", list(field("element", list(field("element", int16()))))),
      field("strict", list(field("element", int64(), false)), false),
      field("vector", fixed_size_list(field("element", float32(), false), 7), false),
      field("bytes", fixed_size_list(field("element", uint8()), 12), false),
      field("one", fixed_size_list(field("element", int32()), 1), false),
      field("texts", list(field("element", utf8()))),
      field("record",
            struct_({field("a", int32()), field("b", list(field("element", utf8()))), field("c", boolean(), false)})),
  });
}

std::vector<std::uint64_t> random_pieces(const Unit& unit) {
  std::mt19937_64 random(unit.first_row * 31 + unit.rows);
  std::vector<std::uint64_t> pieces;
  for (std::uint64_t left = unit.rows; left > 0; left -= pieces.back())
    pieces.push_back(random() % std::min<std::uint64_t>(left, 700) + 1);
  return pieces;
}

// Reads `bytes` in every way there is and compares each with Arrow's reading. Returns the number of units.
std::size_t expect_same(const std::vector<std::byte>& bytes, config::Workload workload = {}) {
  io::testing::MemStorage storage;
  storage.put("f.parquet", bytes);
  auto theirs = testing::read_with_arrow(bytes, workload.storage.columns);
  EXPECT_OK(theirs);
  if (!theirs.has_value()) return 0;
  for (const bool direct : {false, true}) {
    workload.reader.odirect = direct;
    for (const bool pieces : {false, true}) {
      SCOPED_TRACE(fmt::format("direct {}, in pieces {}", direct, pieces));
      testing::ReadOptions options;
      if (pieces) options.pieces = random_pieces;
      const auto ours = testing::read_with_stoker(storage, "f.parquet", workload, options);
      EXPECT_OK(ours);
      if (ours.has_value() && !ours->empty()) {
        EXPECT_EQ(testing::difference(*theirs, *ours), "");
      }
    }
  }
  const auto reader = make_parquet_reader(workload, storage);
  EXPECT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  EXPECT_OK(file);
  return file.has_value() ? (*file)->units().size() : 0;
}

config::Workload with_chunk_bytes(std::int64_t bytes) {
  config::Workload workload;
  workload.reader.chunk_bytes = bytes;
  return workload;
}

struct Shape {
  std::string name;
  double nulls = 0;
  std::int64_t distinct = 0;
  std::int64_t rows = 5000;
  std::function<void(WriterProperties::Builder&)> set;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

class Written : public ::testing::TestWithParam<Shape> {};

TEST_P(Written, IsReadAsArrowDoes) {
  const Shape& shape = GetParam();
  const auto table = testing::random_table(
      all_types(), {.seed = 7, .rows = shape.rows, .nulls = shape.nulls, .distinct = shape.distinct});
  WriterProperties::Builder builder;
  builder.data_pagesize(4096)->write_batch_size(64);
  shape.set(builder);
  const auto bytes = testing::write_with_arrow(*table, builder.build(), {.row_group_rows = (shape.rows + 2) / 3});
  EXPECT_EQ(expect_same(bytes), 3U);
  // So small that each row group is cut as finely as its pages allow. Row groups with variable lists in v1 pages
  // without an offset index stay whole.
  const std::size_t units = expect_same(bytes, with_chunk_bytes(10'000));
  EXPECT_GE(units, 3U);
  // Without the variable lists they can be.
  config::Workload flat = with_chunk_bytes(10'000);
  flat.storage.columns = {"i8", "i64", "text", "flag", "fixed", "vector", "bytes", "one"};
  EXPECT_GE(expect_same(bytes, flat),
            shape.name == "PageIndex" || shape.distinct == 0 ? static_cast<std::size_t>(shape.rows) / 250 : 3U);
}

// The room for short texts is that of their page less the lengths: a length that takes what belongs to later texts must
// not write past it. In pages so large that the room has memory of its own.
TEST(ShortTexts, ALengthThatLiesIsFound) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = {{.name = "s", .dtype = config::DType::kString}};
  io::testing::MemStorage storage;
  const auto writer = make_parquet_writer(w);
  ASSERT_OK(writer);
  auto file = storage.create("f");
  ASSERT_OK((*writer)->write({.index = 0, .rows = 60'000, .path = {}}, **file, {}));
  ASSERT_OK((*file)->commit());
  const std::vector<std::byte> whole = storage.get("f");
  const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
  const std::size_t first = text.find("s_") - 4;
  for (const int bit : {4, 8, 14, 16, 18, 19, 20, 31}) {
    for (const std::uint64_t rows : {60'000U, 20'000U}) {
      SCOPED_TRACE(fmt::format("bit {}, {} rows", bit, rows));
      std::vector<std::byte> broken = whole;
      broken[first + static_cast<std::size_t>(bit / 8)] ^= static_cast<std::byte>(1 << bit % 8);
      storage.put("f", broken);
      const auto read = testing::read_with_stoker(storage, "f", w, {.pieces = testing::pieces_of(rows)});
      EXPECT_ERROR(read, Code::kCorrupt, "f: row group 0: column 's': a page ends inside one of its ");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Written,
    ::testing::Values(
        Shape{"Defaults", 0, 0, 5000, [](auto&) {}}, Shape{"DefaultsNulls", 0.2, 0, 5000, [](auto&) {}},
        Shape{"DefaultsFewValues", 0, 50, 5000, [](auto&) {}},
        Shape{"DefaultsFewValuesNulls", 0.1, 300, 5000, [](auto&) {}},
        Shape{"PlainNoNulls", 0, 0, 5000, [](auto& b) { testing::plain(b); }},
        Shape{"PlainNulls", 0.3, 0, 5000, [](auto& b) { testing::plain(b); }},
        Shape{"V2", 0, 0, 5000, [](auto& b) { b.data_page_version(::parquet::ParquetDataPageVersion::V2); }},
        Shape{"V2NullsSnappy", 0.2, 100, 5000,
              [](auto& b) {
                b.data_page_version(::parquet::ParquetDataPageVersion::V2)->compression(::arrow::Compression::SNAPPY);
              }},
        Shape{"PageIndex", 0.1, 0, 5000, [](auto& b) { b.enable_write_page_index(); }},
        Shape{"Snappy", 0.1, 0, 1000, [](auto& b) { b.compression(::arrow::Compression::SNAPPY); }},
        Shape{"Gzip", 0.1, 0, 1000, [](auto& b) { b.compression(::arrow::Compression::GZIP); }},
        Shape{"Zstd", 0.1, 0, 1000, [](auto& b) { b.compression(::arrow::Compression::ZSTD); }},
        Shape{"Lz4", 0.1, 0, 1000, [](auto& b) { b.compression(::arrow::Compression::LZ4); }},
        Shape{"Lz4Hadoop", 0, 0, 1000, [](auto& b) { b.compression(::arrow::Compression::LZ4_HADOOP); }},
        Shape{"Brotli", 0, 0, 1000, [](auto& b) { b.compression(::arrow::Compression::BROTLI); }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace stoker::format::parquet
