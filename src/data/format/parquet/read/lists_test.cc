// Lists with nulls and of any length, whole and cut at pages, against Arrow.
#include <arrow/api.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

constexpr std::int64_t kRows = 4000;
constexpr std::int32_t kSize = 16;

struct Lists {
  std::string name;
  bool fixed = false;                                             // of kSize elements, by its Arrow type
  std::function<std::int64_t(std::int64_t row)> size;             // -1: null
  std::function<bool(std::int64_t row, std::int64_t i)> is_null;  // element i
};
void PrintTo(const Lists& lists, std::ostream* out) {
  *out << lists.name;
}

std::shared_ptr<::arrow::Table> table_of(const Lists& lists) {
  const auto values = std::make_shared<::arrow::FloatBuilder>();
  const auto element = ::arrow::field("element", ::arrow::float32());
  const auto type = lists.fixed ? ::arrow::fixed_size_list(element, kSize) : ::arrow::list(element);
  ::arrow::FixedSizeListBuilder fixed(::arrow::default_memory_pool(), values, ::arrow::fixed_size_list(element, kSize));
  ::arrow::ListBuilder variable(::arrow::default_memory_pool(), values, ::arrow::list(element));
  ::arrow::Int64Builder scalar;
  for (std::int64_t row = 0; row < kRows; ++row) {
    const std::int64_t size = lists.size(row);
    EXPECT_TRUE(scalar.Append(row).ok());
    if (size < 0) {
      EXPECT_TRUE((lists.fixed ? fixed.AppendNull() : variable.AppendNull()).ok());
      continue;
    }
    EXPECT_TRUE((lists.fixed ? fixed.Append() : variable.Append()).ok());
    for (std::int64_t i = 0; i < size; ++i) {
      const bool null = lists.is_null != nullptr && lists.is_null(row, i);
      EXPECT_TRUE((null ? values->AppendNull() : values->Append(static_cast<float>(row * 100 + i))).ok());
    }
  }
  const auto array = lists.fixed ? fixed.Finish().ValueOrDie() : variable.Finish().ValueOrDie();
  return ::arrow::Table::Make(::arrow::schema({::arrow::field("row", ::arrow::int64()), ::arrow::field("v", type)}),
                              {scalar.Finish().ValueOrDie(), array});
}

std::vector<std::uint64_t> odd_pieces(const Unit& unit) {
  std::vector<std::uint64_t> pieces;
  for (std::uint64_t left = unit.rows, n = 1; left > 0; n = n * 3 % 101 + 1) {
    pieces.push_back(std::min(left, n));
    left -= pieces.back();
  }
  return pieces;
}

// Units of that chunk size, each at once and in pieces.
void expect_same(const std::vector<std::byte>& file, std::int64_t chunk_bytes, const config::Workload& workload = {}) {
  io::testing::MemStorage storage;
  storage.put("f.parquet", file);
  const auto theirs = testing::read_with_arrow(file);
  ASSERT_OK(theirs);
  config::Workload w = workload;
  w.reader.chunk_bytes = chunk_bytes;
  for (const bool in_pieces : {false, true}) {
    testing::ReadOptions options;
    if (in_pieces) options.pieces = odd_pieces;
    const auto ours = testing::read_with_stoker(storage, "f.parquet", w, options);
    ASSERT_OK(ours);
    EXPECT_EQ(testing::difference(*theirs, *ours), "") << "chunk_bytes " << chunk_bytes;
  }
}

class ListsAtCuts : public ::testing::TestWithParam<Lists> {};

TEST_P(ListsAtCuts, AreReadAsArrowDoes) {
  const auto table = table_of(GetParam());
  for (const bool v2 : {false, true}) {
    for (const bool page_index : {false, true}) {
      for (const bool dictionary : {false, true}) {
        SCOPED_TRACE(fmt::format("v2 {}, page index {}, dictionary {}", v2, page_index, dictionary));
        ::parquet::WriterProperties::Builder builder;
        builder.data_pagesize(1024)->write_batch_size(37)->data_page_version(
            v2 ? ::parquet::ParquetDataPageVersion::V2 : ::parquet::ParquetDataPageVersion::V1);
        page_index ? builder.enable_write_page_index() : builder.disable_write_page_index();
        if (!dictionary) builder.disable_dictionary();
        const auto file = testing::write_with_arrow(*table, builder.build(), {.row_group_rows = 1500});
        for (const std::int64_t chunk_bytes : {1 << 24, 20000, 4096, 100}) expect_same(file, chunk_bytes);
        if (HasFailure()) return;
      }
    }
  }
}

constexpr auto always = [](std::int64_t size) { return [size](std::int64_t) { return size; }; };

INSTANTIATE_TEST_SUITE_P(
    All, ListsAtCuts,
    ::testing::Values(
        Lists{"fixed", true, always(kSize), nullptr},
        Lists{"fixed_null_elements", true, always(kSize), [](auto row, auto i) { return i == row % 17; }},
        Lists{"fixed_null_elements_late", true, always(kSize), [](auto row, auto i) { return row > 1000 && i == 3; }},
        Lists{"fixed_all_null", true, always(kSize), [](auto, auto) { return true; }},
        Lists{"fixed_null_lists", true, [](std::int64_t row) { return row % 5 == 0 ? -1 : std::int64_t{kSize}; },
              nullptr},
        Lists{"fixed_nulls_of_both_kinds", true,
              [](std::int64_t row) { return row % 7 == 3 ? -1 : std::int64_t{kSize}; },
              [](auto row, auto i) { return (row + i) % 9 == 0; }},
        Lists{"variable", false, [](std::int64_t row) { return row % 31; }, nullptr},
        Lists{"variable_of_one_length", false, always(kSize), [](auto row, auto i) { return row % 50 == i; }},
        Lists{"variable_empty", false, [](std::int64_t row) { return row % 3 == 0 ? 0 : std::int64_t{kSize}; },
              nullptr},
        Lists{"all_empty", false, always(0), nullptr}, Lists{"all_null", false, always(-1), nullptr},
        Lists{"one_element_or_null", false, [](std::int64_t row) { return row % 4 == 0 ? -1 : std::int64_t{1}; },
              nullptr},
        // The mean is a whole number, which the lengths are not.
        Lists{"short_then_long", false, [](std::int64_t row) { return row % 1500 < 750 ? std::int64_t{1} : 31; },
              nullptr},
        Lists{"short_then_mean", false,
              [](std::int64_t row) { return row % 1500 < 500    ? std::int64_t{1}
                                            : row % 1500 < 1000 ? 16
                                                                : 31; },
              nullptr}),
    [](const auto& param) { return param.param.name; });

std::vector<std::byte> content(const std::string& name) {
  std::ifstream in(std::filesystem::path(STOKER_SOURCE_DIR) / "tests/data/parquet" / name, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(ListFiles, FixedSizeListsWithNullElementsAreReadAtAnyChunkSize) {
  const auto file = content("fixed_list_null_elements.parquet");
  ASSERT_EQ(file.size(), 1620U);
  for (const std::int64_t chunk_bytes : {16 << 20, 4096, 1000, 64}) expect_same(file, chunk_bytes);
}

TEST(ListFiles, AFooterWithKeyValuesOfOtherTypesIsRead) {
  const auto file = content("key_values_of_other_types.parquet");
  ASSERT_EQ(file.size(), 674U);
  expect_same(file, 16 << 20);
}

// The configuration's size is taken where the file says nothing; it is wrong here, but the sum is right.
TEST(ListFiles, ASizeThatTheListsDoNotHaveIsTold) {
  const auto table =
      table_of({"", false, [](std::int64_t row) { return row % 2 == 0 ? kSize - 1 : kSize + 1; }, nullptr});
  ::parquet::WriterProperties::Builder builder;
  builder.data_pagesize(1024)->write_batch_size(37)->disable_dictionary()->disable_write_page_index();
  io::testing::MemStorage storage;
  storage.put("f.parquet", testing::write_with_arrow(*table, builder.build(), {.row_group_rows = kRows}));
  config::Workload w;
  w.dataset.parquet.columns = {{.name = "v", .dtype = config::DType::kFloat32, .size = kSize}};
  w.reader.chunk_bytes = 4096;
  const auto read = testing::read_with_stoker(storage, "f.parquet", w);
  ASSERT_FALSE(read.has_value());
  EXPECT_ERROR(read, Code::kCorrupt,
               "f.parquet: row group 0: column 'v.list.element': has lists of other lengths than the 16 elements");
  EXPECT_EQ(
      read.error().hint,
      "correct the column's size in dataset.parquet.columns, or raise reader.chunk_bytes above the row group's size");
  w.reader.chunk_bytes = 16 << 20;
  EXPECT_OK(testing::read_with_stoker(storage, "f.parquet", w));
}

}  // namespace
}  // namespace stoker::format::parquet
