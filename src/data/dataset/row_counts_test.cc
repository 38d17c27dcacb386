#include "data/dataset/row_counts.h"

#include <gmock/gmock.h>

#include "base/testing/status_matchers.h"

namespace stoker::dataset {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr std::uint64_t kMost = std::uint64_t{1} << 62;

TEST(RowCounts, EqualFilesAreOneNumber) {
  const RowCounts counts = *RowCounts::of({7, 7, 7});
  EXPECT_EQ(counts, *RowCounts::equal(3, 7));
  EXPECT_EQ(counts.files(), 3U);
  EXPECT_EQ(counts.total(), 21U);
  EXPECT_EQ(counts.rows(2), 7U);
  EXPECT_THAT(counts.common(), Optional(Eq(7U)));
  EXPECT_EQ(counts.first_other(), std::nullopt);
  EXPECT_EQ(counts.filled(), 3U);
  EXPECT_EQ(counts.filled(2), 2U);
}

TEST(RowCounts, FilesThatDifferAreKeptOneByOne) {
  const RowCounts counts = *RowCounts::of({5, 5, 8, 0, 5});
  EXPECT_EQ(counts.files(), 5U);
  EXPECT_EQ(counts.total(), 23U);
  EXPECT_EQ(counts.rows(0), 5U);
  EXPECT_EQ(counts.rows(2), 8U);
  EXPECT_EQ(counts.rows(3), 0U);
  EXPECT_EQ(counts.common(), std::nullopt);
  EXPECT_THAT(counts.first_other(), Optional(Eq(2U)));
  ASSERT_EQ(counts.filled(), 4U);
  EXPECT_EQ(counts.filled(2), 2U);
  EXPECT_EQ(counts.filled(3), 4U);
  EXPECT_FALSE(counts == *RowCounts::of({5, 5, 8, 5, 0}));
  EXPECT_FALSE(counts == *RowCounts::of({5, 5, 8, 0, 6}));
  EXPECT_FALSE(*RowCounts::of({1, 2}) == *RowCounts::of({2, 1}));
  EXPECT_TRUE(counts == *RowCounts::of({5, 5, 8, 0, 5}));
}

TEST(RowCounts, WithoutAnEmptyFileTheFilledOnesAreAllOfThem) {
  const RowCounts counts = *RowCounts::of({1, 2, 3});
  EXPECT_EQ(counts.filled(), 3U);
  EXPECT_EQ(counts.filled(0), 0U);
  EXPECT_EQ(counts.filled(2), 2U);
}

TEST(RowCounts, EmptyFilesAndNoFiles) {
  const RowCounts none;
  EXPECT_EQ(none.files(), 0U);
  EXPECT_EQ(none.total(), 0U);
  EXPECT_EQ(none, *RowCounts::of({}));
  const RowCounts empty = *RowCounts::of({0, 0});
  EXPECT_EQ(empty.files(), 2U);
  EXPECT_EQ(empty.total(), 0U);
  EXPECT_EQ(empty.filled(), 0U);
}

TEST(RowCounts, MoreThanCanBeCountedIsAnError) {
  EXPECT_EQ(RowCounts::equal(4, kMost / 4)->total(), kMost);
  EXPECT_ERROR(RowCounts::equal(5, kMost / 4), Code::kCorrupt, "more than 2^62 rows together");
  EXPECT_EQ(RowCounts::equal(1, kMost)->total(), kMost);
  EXPECT_ERROR(RowCounts::equal(1, kMost + 1), Code::kCorrupt, "2^62");
  EXPECT_EQ(RowCounts::of({kMost - 1, 1})->total(), kMost);
  EXPECT_ERROR(RowCounts::of({kMost - 1, 2}), Code::kCorrupt, "more than 2^62 rows together");
}

TEST(RowCounts, TravelAsRuns) {
  for (const RowCounts& counts :
       {RowCounts(), *RowCounts::equal(100'000'000, 1'000'000), *RowCounts::of({3, 3, 9, 9, 9, 0, 3}),
        *RowCounts::of({1, 2}), *RowCounts::of({300, 70'000}), *RowCounts::equal(1, 1)}) {
    const auto parsed = RowCounts::parse(counts.serialize());
    ASSERT_OK(parsed);
    EXPECT_EQ(*parsed, counts);
  }
  EXPECT_EQ(RowCounts::equal(1'000'000, 100)->serialize().size(), 4U);
  EXPECT_EQ(RowCounts::of({3, 3, 9})->serialize(), std::string("\x02\x03\x01\x09"));
}

TEST(RowCounts, ADamagedTextIsAnError) {
  const std::string text = RowCounts::of({3, 300})->serialize();
  EXPECT_ERROR(RowCounts::parse(text.substr(0, text.size() - 1)), Code::kCorrupt, "another rank sent are damaged");
  EXPECT_ERROR(RowCounts::parse(std::string("\0\x03", 2)), Code::kCorrupt, "damaged");
  EXPECT_ERROR(RowCounts::parse("\x02"), Code::kCorrupt, "damaged");
  // Files beyond all bounds are not made room for.
  EXPECT_ERROR(RowCounts::parse("\xFF\xFF\xFF\x7F\x01\x01\x02"), Code::kCorrupt, "damaged");
  EXPECT_OK(RowCounts::parse("\xFF\xFF\xFF\x7F\x01"));
}

}  // namespace
}  // namespace stoker::dataset
