// Which pages hold which rows.
#include "data/format/parquet/read/file_index.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace stoker::format::parquet {
namespace {

using Pages = std::pair<std::size_t, std::size_t>;

// Ten pages of ten positions and of 100, 101, ... bytes, the third of which needs the dictionary.
ColumnPages ten_pages(std::uint64_t scale) {
  ColumnPages column;
  column.scale = scale;
  column.end_position = 95;  // the last one is shorter
  std::uint64_t offset = 1000;
  for (std::uint32_t i = 0; i < 10; ++i) {
    column.pages.push_back({.offset = offset, .position = 10 * i, .bytes = 100 + i, .dictionary = i == 2});
    offset += 100 + i;
  }
  return column;
}

TEST(ColumnPages, HoldRows) {
  const ColumnPages column = ten_pages(1);
  EXPECT_EQ(column.holding(0, 1), Pages(0, 1));
  EXPECT_EQ(column.holding(0, 10), Pages(0, 1));
  EXPECT_EQ(column.holding(0, 11), Pages(0, 2));
  EXPECT_EQ(column.holding(9, 10), Pages(0, 1));
  EXPECT_EQ(column.holding(10, 11), Pages(1, 2));
  EXPECT_EQ(column.holding(9, 21), Pages(0, 3));
  EXPECT_EQ(column.holding(89, 95), Pages(8, 10));
  EXPECT_EQ(column.holding(94, 95), Pages(9, 10));
}

// Rows of three values: row 3 begins in the first page and ends in the second.
TEST(ColumnPages, HoldRowsThatStraddleThem) {
  const ColumnPages column = ten_pages(3);
  EXPECT_EQ(column.holding(0, 3), Pages(0, 1));
  EXPECT_EQ(column.holding(3, 4), Pages(0, 2));
  EXPECT_EQ(column.holding(4, 6), Pages(1, 2));
  EXPECT_EQ(column.holding(4, 7), Pages(1, 3));
  EXPECT_EQ(column.holding(10, 11), Pages(3, 4)) << "which begins with its page";
}

TEST(ColumnPages, KnowWhereTheyLieAndEnd) {
  const ColumnPages column = ten_pages(1);
  EXPECT_EQ(column.bytes(0, 1), 100U);
  EXPECT_EQ(column.bytes(1, 3), 203U);
  EXPECT_EQ(column.bytes(0, 10), 1045U);
  EXPECT_EQ(column.end_of(0), 10U);
  EXPECT_EQ(column.end_of(8), 90U);
  EXPECT_EQ(column.end_of(9), 95U);
  EXPECT_FALSE(column.may_need_dictionary(0, 2));
  EXPECT_TRUE(column.may_need_dictionary(0, 3));
  EXPECT_TRUE(column.may_need_dictionary(2, 3));
  EXPECT_FALSE(column.may_need_dictionary(3, 10));
  EXPECT_FALSE(column.may_need_dictionary(2, 2));
}

// The bound of the cache rests on it: whatever grows is counted, by as much as it grows.
TEST(FileIndex, CountsItsMemory) {
  FileIndex index;
  std::uint64_t before = index.memory_bytes();
  EXPECT_EQ(before, sizeof index);
  const auto grows_by = [&](std::uint64_t bytes) {
    EXPECT_EQ(index.memory_bytes() - before, bytes);
    before = index.memory_bytes();
  };
  index.metadata_bytes = 5000;
  grows_by(5000);
  index.type_difference = std::string(300, 'x');
  grows_by(300);
  index.leaves.resize(2);
  index.leaves[1].name = "four";
  index.leaves[1].root = "fives";
  index.leaves[1].type_text = "float32";
  grows_by(2 * sizeof(Leaf) + 4 + 5 + 7);
  index.groups.reserve(3);
  grows_by(3 * sizeof(RowGroupIndex));
  index.chunks.reserve(6);
  grows_by(6 * sizeof(ChunkIndex));
  index.units.reserve(4);
  grows_by(4 * sizeof(Unit));
  index.unit_group.reserve(5);
  grows_by(5 * sizeof(std::uint32_t));
  index.cut[7].resize(2);
  grows_by(2 * sizeof(ColumnPages));
  index.cut[7][1].pages.reserve(10);
  grows_by(10 * sizeof(PagePlace));
}

TEST(FileIndex, HasAChunkOfEachLeafInEachGroup) {
  FileIndex index;
  index.leaves.resize(3);
  for (std::uint64_t i = 0; i < 6; ++i) index.chunks.push_back({.offset = i});
  EXPECT_EQ(index.chunk(0, 0).offset, 0U);
  EXPECT_EQ(index.chunk(0, 2).offset, 2U);
  EXPECT_EQ(index.chunk(1, 0).offset, 3U);
  EXPECT_EQ(index.chunk(1, 2).offset, 5U);
}

}  // namespace
}  // namespace stoker::format::parquet
