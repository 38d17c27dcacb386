#include "data/format/parquet/write/page_plan.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace stoker::format::parquet {
namespace {

using config::DType;

Column column(DType dtype, std::int64_t size, bool dictionary = false) {
  auto made = make_column({.name = "c", .dtype = dtype, .size = size}, 0, dictionary);
  EXPECT_OK(made);
  return *made;
}

// Checks that pages cover all elements in order, and returns them.
std::vector<PageSpan> pages(const Column& c, std::uint64_t rows) {
  PagePlan plan(c, rows);
  std::vector<PageSpan> all;
  std::uint64_t next = 0;
  while (const auto page = plan.next()) {
    EXPECT_EQ(page->first_element, next);
    EXPECT_GT(page->elements, 0U);
    EXPECT_EQ(page->first_row, next / c.elements_per_row());
    EXPECT_EQ(page->row_begins, next % c.elements_per_row() == 0);
    EXPECT_TRUE(page->row_begins || !plan.pages_begin_rows());
    next += page->elements;
    all.push_back(*page);
  }
  EXPECT_EQ(next, rows * c.elements_per_row());
  EXPECT_EQ(PagePlan(c, rows).pages(), all.size());
  return all;
}

TEST(PagePlan, ScalarsThatFitAreOnePage) {
  EXPECT_EQ(pages(column(DType::kFloat32, 1), 6144).size(), 1U);
  EXPECT_EQ(pages(column(DType::kFloat32, 1), 262144).size(), 1U);
  EXPECT_EQ(pages(column(DType::kFloat32, 1), 262145).size(), 2U);
  EXPECT_EQ(pages(column(DType::kInt64, 1), 1'000'000).size(), 8U);
  EXPECT_EQ(pages(column(DType::kBool, 1), 1'000'000).size(), 1U);
  EXPECT_EQ(pages(column(DType::kFloat32, 1), 0).size(), 0U);
}

TEST(PagePlan, PagesOfSmallRowsEndWithARow) {
  const auto all = pages(column(DType::kFloat32, 8232), 288);
  EXPECT_EQ(all.front().elements, 31U * 8232);  // 31 rows of 32928 bytes, just under 1 MiB
  EXPECT_EQ(all.size(), 10U);
}

TEST(PagePlan, RowsUpToEightMebibytesHaveAPageEach) {
  EXPECT_EQ(pages(column(DType::kFloat32, 524328), 5).size(), 5U);
  EXPECT_EQ(pages(column(DType::kUint8, 8 << 20), 3).size(), 3U);
  EXPECT_EQ(pages(column(DType::kBinary, 5'000'000), 3).size(), 3U);
}

TEST(PagePlan, LargerRowsAreSplitAndEachBeginsAPage) {
  const Column large = column(DType::kUint8, (8 << 20) + 1);
  EXPECT_FALSE(PagePlan(large, 2).pages_begin_rows());
  const auto all = pages(large, 2);
  ASSERT_EQ(all.size(), 18U);
  EXPECT_TRUE(all[9].row_begins);
  EXPECT_EQ(all[8].elements, 1U);
}

// A value is never split, however large.
TEST(PagePlan, ALargeBinaryIsOnePage) {
  EXPECT_EQ(pages(column(DType::kBinary, 100'000'000), 3).size(), 3U);
}

TEST(PagePlan, ADictionaryGrowsBySmallPages) {
  for (const PageSpan& page : pages(column(DType::kFloat32, 524328, true), 3)) EXPECT_LE(page.elements, 262144U);
}

TEST(CheckShape, AFileIsAtMostAnExbibyte) {
  const std::vector<Column> columns{column(DType::kInt64, 1), column(DType::kFloat32, 2)};
  EXPECT_OK(check_shape(columns, kMaxFileBytes / 16, 1000));
  const Status status = check_shape(columns, kMaxFileBytes / 16 + 1, 1000);
  EXPECT_ERROR(
      status, Code::kConfig,
      "a file of 72057594037927937 rows of 16 bytes would be larger than 1024.0 PiB, the most that stoker writes");
  EXPECT_EQ(status.error().hint, "lower dataset.num_samples_per_file");
}

// 131072 rows of 8 bytes fill a page.
TEST(CheckShape, AColumnChunkHasAtMost16MillionPages) {
  const std::vector<Column> columns{column(DType::kInt64, 1)};
  const std::uint64_t most = kMaxChunkPages * 131072;
  EXPECT_OK(check_shape(columns, most, most));
  EXPECT_OK(check_shape(columns, 2 * most, most));
  EXPECT_OK(check_shape(columns, most, 2 * most));
  const Status status = check_shape(columns, 2 * most, most + 1);
  EXPECT_ERROR(status, Code::kConfig,
               "column 'c' would have 16777217 pages in a row group of 2199023255553 rows, more than the 16777216");
  EXPECT_EQ(status.error().hint, "lower dataset.parquet.row_group_size");
}

}  // namespace
}  // namespace stoker::format::parquet
