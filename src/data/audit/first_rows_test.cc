#include "data/audit/first_rows.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/audit/testing/data_set.h"
#include "data/audit/testing/one_chunk.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::audit {
namespace {

using format::ColumnView;
using format::LevelInfo;
using testing::OneChunk;

// The rows of a file that consists of one chunk with one column of int8.
std::string rows_of(std::vector<LevelInfo> levels, ColumnView view, std::uint64_t rows) {
  io::testing::MemStorage storage;
  const OneChunk file(std::move(levels), std::move(view), rows);
  const auto out = first_rows(storage, file.file(), file.info(), rows, {});
  EXPECT_OK(out);
  std::string text;
  for (const auto& row : *out) text += results::dump_line(row);
  return text;
}

ColumnView bytes(std::string_view values) {
  ColumnView view;
  view.name = "c";
  view.width = 1;
  view.segments = {{.values = std::as_bytes(std::span(values)), .elements = values.size()}};
  return view;
}

// Of an optional list with optional elements.
const std::vector<LevelInfo> kList{{3, 0, false}, {2, 0, true}, {1, 1, false}, {0, 1, false}};

TEST(FirstRows, OfScalars) {
  EXPECT_EQ(rows_of({{0, 0, false}}, bytes("\1\2\3"), 3), R"({"c":1}{"c":2}{"c":3})");
}

TEST(FirstRows, OfNulls) {
  ColumnView view = bytes("\1\2");
  view.definition_levels = {1, 0, 1};
  EXPECT_EQ(rows_of({{1, 0, false}, {0, 0, false}}, view, 3), R"({"c":1}{"c":null}{"c":2})");
}

TEST(FirstRows, OfListsOfOneSize) {
  ColumnView view = bytes("\1\2\3\4");
  view.list_size = 2;
  EXPECT_EQ(rows_of({{2, 0, true}, {0, 1, false}}, view, 2), R"({"c":[1,2]}{"c":[3,4]})");
  view.list_size = 1;
  EXPECT_EQ(rows_of({{2, 0, true}, {0, 1, false}}, view, 4), R"({"c":[1]}{"c":[2]}{"c":[3]}{"c":[4]})");
}

TEST(FirstRows, OfListsWithNulls) {
  ColumnView view = bytes("\1\2");
  view.definition_levels = {3, 0, 1, 2, 3, 2};
  view.repetition_levels = {0, 0, 0, 0, 1, 1};
  EXPECT_EQ(rows_of(kList, view, 4), R"({"c":[1]}{"c":null}{"c":[]}{"c":[null,2,null]})");
}

TEST(FirstRows, OfListsOfLists) {
  // [[[1, 2], [3]], [[]], [], [[4], null, [null, 5]]], all lists and elements optional.
  const std::vector<LevelInfo> levels{{5, 0, false}, {4, 0, true},  {3, 1, false},
                                      {2, 1, true},  {1, 2, false}, {0, 2, false}};
  ColumnView view = bytes("\1\2\3\4\5");
  view.definition_levels = {5, 5, 5, 3, 1, 5, 2, 4, 5};
  view.repetition_levels = {0, 2, 1, 0, 0, 0, 1, 1, 2};
  EXPECT_EQ(rows_of(levels, view, 4), R"({"c":[[1,2],[3]]}{"c":[[]]}{"c":[]}{"c":[[4],null,[null,5]]})");
}

TEST(FirstRows, OfTextInSeveralPieces) {
  ColumnView view;
  view.name = "c";
  static constexpr std::string_view kFirst = "abb", kSecond = "ccc";
  view.segments = {{.values = std::as_bytes(std::span(kFirst)), .elements = 2},
                   {.values = {}, .elements = 0},
                   {.values = std::as_bytes(std::span(kSecond)), .elements = 2}};
  view.lengths = {1, 2, 0, 3};
  io::testing::MemStorage storage;
  OneChunk file({{0, 0, false}}, view, 4);
  file.info().columns[0].values = format::ValueType::kText;
  file.info().columns[0].width = 0;
  const auto out = first_rows(storage, file.file(), file.info(), 4, {});
  ASSERT_OK(out);
  std::vector<std::string> texts;
  for (const auto& row : *out) texts.push_back(row["c"]);
  EXPECT_EQ(texts, (std::vector<std::string>{"a", "bb", "", "ccc"}));
}

TEST(FirstRows, LongListsAreCutAndCounted) {
  const std::string values(1001, '\7');
  ColumnView view = bytes(values);
  view.list_size = 1001;
  const std::vector<LevelInfo> levels{{2, 0, true}, {0, 1, false}};
  std::string thousand = "[7";
  for (int i = 1; i < 1000; ++i) thousand += ",7";
  EXPECT_EQ(rows_of(levels, view, 1), R"({"c":{"first":)" + thousand + R"(],"elements":1001}})");
  ColumnView shorter = bytes(std::string_view(values).substr(1));
  shorter.list_size = 1000;
  EXPECT_EQ(rows_of(levels, shorter, 1), R"({"c":)" + thousand + "]}");
}

TEST(FirstRows, LevelsThatAreNotTheColumnsAreRefused) {
  ColumnView view = bytes("\1");
  view.definition_levels = {4};
  io::testing::MemStorage storage;
  const OneChunk file(kList, view, 1);
  EXPECT_ERROR(first_rows(storage, file.file(), file.info(), 1, {}), Code::kCorrupt,
               "column 'c': its levels are not those of its schema");
}

TEST(FirstRows, ColumnsOfOneNameAreToldApart) {
  io::testing::MemStorage storage;
  const OneChunk file({{0, 0, false}}, bytes("\1\2"), 2, 3);
  const auto rows = first_rows(storage, file.file(), file.info(), 2, {});
  ASSERT_OK(rows);
  EXPECT_EQ(results::dump_line((*rows)[1]), R"x({"c":2,"c (2)":2,"c (3)":2})x");
}

TEST(FirstRows, OfAFileAreAsManyAsWereAskedFor) {
  io::testing::MemStorage storage;
  testing::write_data_set(storage, testing::small_workload("d"));
  const DataFile file{
      .path = "d/train/img_0_of_2.parquet", .name = "x", .format = *format::find_format(config::FormatName::kParquet)};
  const auto info = file.format->inspect(storage, file.path, format::Detail::kSchema);
  ASSERT_OK(info);
  const auto all = first_rows(storage, file, *info, 1000, {});
  ASSERT_OK(all);
  ASSERT_EQ(all->size(), 10U);
  // Over the border of a row group, and exactly up to one.
  for (const std::uint64_t rows : {0U, 1U, 4U, 5U, 10U}) {
    const auto some = first_rows(storage, file, *info, rows, {});
    ASSERT_OK(some);
    EXPECT_EQ(*some, std::vector<results::Json>(all->begin(), all->begin() + static_cast<std::ptrdiff_t>(rows)));
  }
  EXPECT_TRUE((*all)[9]["number"].is_number_integer());
  EXPECT_EQ((*all)[0]["text"].get<std::string>().substr(0, 2), "s_");
}

}  // namespace
}  // namespace stoker::audit
