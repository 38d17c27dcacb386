#include "data/format/parquet/read/unit_cutter.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace stoker::format::parquet {
namespace {

// Pages of `per_page` positions and `bytes` bytes each.
ColumnPages regular(std::uint64_t positions, std::uint64_t per_page, std::uint32_t bytes, std::uint64_t scale = 1) {
  ColumnPages column;
  column.scale = scale;
  column.end_position = positions;
  std::uint64_t offset = 0;
  for (std::uint64_t at = 0; at < positions; at += per_page, offset += bytes) {
    column.pages.push_back({.offset = offset, .position = at, .bytes = bytes});
  }
  return column;
}

TEST(CutRows, EqualPagesGiveEqualUnits) {
  const ColumnPages column = regular(1000, 10, 100);
  const std::vector<CutColumn> columns{{.pages = &column}};
  const auto cuts = cut_rows(1000, columns, 1000);
  ASSERT_EQ(cuts.size(), 10U);
  for (std::size_t i = 0; i < cuts.size(); ++i) EXPECT_EQ(cuts[i], 100 * (i + 1));
}

TEST(CutRows, MemoryFactorMakesUnitsSmaller) {
  const ColumnPages column = regular(1000, 10, 100);
  const std::vector<CutColumn> columns{{.pages = &column, .memory_factor = 5}};
  EXPECT_EQ(cut_rows(1000, columns, 1000).front(), 20U);
}

TEST(CutRows, PreferRowsWherePagesOfAllColumnsEnd) {
  // Pages meet every 120 rows; a unit of exactly a chunk would end at row 100 and read two pages twice.
  const ColumnPages a = regular(1200, 40, 400);
  const ColumnPages b = regular(1200, 30, 300);
  const std::vector<CutColumn> columns{{.pages = &a}, {.pages = &b}};
  const auto cuts = cut_rows(1200, columns, 2000);
  for (const std::uint64_t cut : cuts) EXPECT_EQ(cut % 120, 0U) << cut;
  EXPECT_EQ(cuts.size(), 10U);
}

TEST(CutRows, ASingleLargeRowIsAUnit) {
  // Each row has three pages of its own, together more than twice a chunk.
  const ColumnPages column = regular(30, 1, 1000, 3);
  const std::vector<CutColumn> columns{{.pages = &column}};
  const auto cuts = cut_rows(10, columns, 1000);
  ASSERT_EQ(cuts.size(), 10U);
  EXPECT_EQ(cuts.front(), 1U);
}

TEST(CutRows, PagesInsideRowsCountForBothNeighbours) {
  // Rows of 10 values, pages of 25: rows 0-1 and half of 2, half of 2 and 3-4, ...
  const ColumnPages column = regular(1000, 25, 100, 10);
  const std::vector<CutColumn> columns{{.pages = &column}};
  const auto cuts = cut_rows(100, columns, 400);
  EXPECT_EQ(cuts.back(), 100U);
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) EXPECT_LT(cuts[i], cuts[i + 1]);
  // Every second page begins at a row: there no page is read twice.
  for (const std::uint64_t cut : cuts) EXPECT_EQ(cut % 5, 0U) << cut;
}

TEST(CutRows, OnePageCannotBeCut) {
  const ColumnPages column = regular(1000, 1000, 1'000'000);
  const std::vector<CutColumn> columns{{.pages = &column}};
  EXPECT_EQ(cut_rows(1000, columns, 1000), std::vector<std::uint64_t>{1000});
}

// The size nearest to a chunk's, up to one and a half.
TEST(CutRows, SizesAreTheNearestThatPagesGive) {
  for (const auto& [page_bytes, rows] :
       {std::pair{600U, 20U}, std::pair{800U, 10U}, std::pair{300U, 30U}, std::pair{334U, 30U}}) {
    const ColumnPages column = regular(1000, 10, page_bytes);
    const std::vector<CutColumn> columns{{.pages = &column}};
    EXPECT_EQ(cut_rows(1000, columns, 1000).front(), rows) << page_bytes;
  }
}

// Each unit reads the dictionary page again.
TEST(CutRows, ADictionaryTakesItsPartOfEachUnit) {
  ColumnPages column = regular(1000, 10, 100);
  column.dictionary_bytes = 500;
  const std::vector<CutColumn> columns{{.pages = &column}};
  const auto cuts = cut_rows(1000, columns, 1000);
  ASSERT_EQ(cuts.size(), 20U);
  for (std::size_t i = 0; i < cuts.size(); ++i) EXPECT_EQ(cuts[i], 50 * (i + 1));
}

// Of two columns one of which has a single page: it is read by each unit, whole.
TEST(CutRows, APageThatEveryUnitNeedsCountsInEach) {
  const ColumnPages small = regular(1000, 10, 100), whole = regular(1000, 1000, 400);
  const std::vector<CutColumn> columns{{.pages = &small}, {.pages = &whole}};
  const auto cuts = cut_rows(1000, columns, 1000);
  EXPECT_EQ(cuts.back(), 1000U);
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) EXPECT_LE(cuts[i + 1] - cuts[i], 110U);
  EXPECT_GE(cuts.size(), 10U);
}

}  // namespace
}  // namespace stoker::format::parquet
