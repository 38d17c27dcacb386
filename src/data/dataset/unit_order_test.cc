#include "data/dataset/unit_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/testing/status_matchers.h"

namespace stoker::dataset {
namespace {

const std::vector<UnitRows> kUnits = {{0, 10}, {10, 10}, {20, 5}};

TEST(UnitOrder, FileOrderIsCutAtTheVisit) {
  const auto pieces = unit_order({.first_row = 5, .rows = 17, .position = 100}, kUnits);
  ASSERT_OK(pieces);
  EXPECT_THAT(*pieces, ::testing::ElementsAre(Piece{0, 5, 5, 100}, Piece{1, 10, 10, 105}, Piece{2, 20, 2, 115}));
}

TEST(UnitOrder, VisitInsideOneUnitIsOnePiece) {
  const auto pieces = unit_order({.first_row = 12, .rows = 3}, kUnits);
  ASSERT_OK(pieces);
  EXPECT_THAT(*pieces, ::testing::ElementsAre(Piece{1, 12, 3, 0}));
}

TEST(UnitOrder, VisitsThatBeginOrEndOnABorderTakeNoEmptyPieces) {
  const auto pieces = unit_order({.first_row = 10, .rows = 10}, kUnits);
  ASSERT_OK(pieces);
  EXPECT_THAT(*pieces, ::testing::ElementsAre(Piece{1, 10, 10, 0}));
}

TEST(UnitOrder, UnitsWithoutRowsAreSkipped) {
  const std::vector<UnitRows> units = {{0, 0}, {0, 4}, {4, 0}, {4, 4}, {8, 0}};
  const auto pieces = unit_order({.rows = 8}, units);
  ASSERT_OK(pieces);
  EXPECT_THAT(*pieces, ::testing::ElementsAre(Piece{1, 0, 4, 0}, Piece{3, 4, 4, 4}));
}

TEST(UnitOrder, FileWithFewerRowsThanPlannedIsAnError) {
  EXPECT_ERROR(unit_order({.first_row = 20, .rows = 10}, kUnits), Code::kCorrupt,
               "the file has 25 rows, but rows 20 to 29 are to be read");
  EXPECT_ERROR(unit_order({.rows = 1}, {}), Code::kCorrupt, "the file has 0 rows");
}

TEST(UnitOrder, RandomVisitsCoverTheirRowsOnceInEitherOrder) {
  std::mt19937_64 random(11);
  int moved = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<UnitRows> units;
    std::uint64_t rows = 0;
    for (std::uint64_t u = random() % 30 + 1; u > 0; --u) {
      units.push_back({rows, random() % 7});
      rows += units.back().rows;
    }
    if (rows == 0) continue;
    Visit visit{.first_row = random() % rows, .position = random() % 1000};
    visit.rows = random() % (rows - visit.first_row) + 1;
    visit.order_seed = round % 2 == 0 ? 0 : random() | 1;
    const auto pieces = unit_order(visit, units);
    ASSERT_OK(pieces);
    std::uint64_t position = visit.position;
    std::set<std::uint64_t> seen;
    for (const Piece& piece : *pieces) {
      ASSERT_EQ(piece.position, position);
      ASSERT_GT(piece.rows, 0U);
      position += piece.rows;
      const UnitRows& unit = units[piece.unit];
      ASSERT_GE(piece.first_row, unit.first_row);
      ASSERT_LE(piece.first_row + piece.rows, unit.first_row + unit.rows);
      for (std::uint64_t r = 0; r < piece.rows; ++r) ASSERT_TRUE(seen.insert(piece.first_row + r).second);
    }
    ASSERT_EQ(position, visit.position + visit.rows);
    ASSERT_EQ(seen.size(), visit.rows);
    ASSERT_EQ(*seen.begin(), visit.first_row);
    ASSERT_EQ(*seen.rbegin(), visit.first_row + visit.rows - 1);
    const bool in_file_order = std::is_sorted(pieces->begin(), pieces->end(),
                                              [](const Piece& a, const Piece& b) { return a.first_row < b.first_row; });
    if (visit.order_seed == 0) {
      ASSERT_TRUE(in_file_order);
    }
    moved += in_file_order ? 0 : 1;
  }
  EXPECT_GT(moved, 700);  // of 1500; short visits often have one piece only
}

TEST(UnitOrder, RowsInsideAPieceAreSeededByUnit) {
  const Visit plain{.rows = 25};
  const Visit shuffled{.rows = 25, .order_seed = 77};
  EXPECT_EQ(row_order_seed(plain, {.unit = 1}), 0U);
  EXPECT_NE(row_order_seed(shuffled, {.unit = 1}), 0U);
  EXPECT_NE(row_order_seed(shuffled, {.unit = 1}), row_order_seed(shuffled, {.unit = 2}));
  EXPECT_EQ(row_order_seed(shuffled, {.unit = 1}), row_order_seed(shuffled, {.unit = 1}));
}

}  // namespace
}  // namespace stoker::dataset
