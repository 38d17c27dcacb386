#include "data/dataset/coverage.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

#include "base/hash.h"
#include "base/testing/status_matchers.h"

namespace stoker::dataset {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;

std::string name_of(std::uint64_t file) {
  return fmt::format("img_{}_of_9.parquet", file);
}

TEST(RowRanges, WhatOverlapsOrTouchesBecomesOne) {
  RowRanges ranges;
  EXPECT_EQ(ranges.add({10, 20}), 0U);
  EXPECT_EQ(ranges.add({30, 40}), 0U);
  EXPECT_THAT(ranges.list(), ElementsAre(RowRange{10, 20}, RowRange{30, 40}));
  EXPECT_EQ(ranges.rows(), 20U);
  EXPECT_EQ(ranges.add({21, 29}), 0U);
  EXPECT_THAT(ranges.list(), ElementsAre(RowRange{10, 20}, RowRange{21, 29}, RowRange{30, 40}));
  EXPECT_EQ(ranges.add({20, 21}), 0U);
  EXPECT_THAT(ranges.list(), ElementsAre(RowRange{10, 29}, RowRange{30, 40}));
  EXPECT_EQ(ranges.add({5, 50}), 29U);
  EXPECT_THAT(ranges.list(), ElementsAre(RowRange{5, 50}));
  EXPECT_EQ(ranges.add({7, 8}), 1U);
  EXPECT_EQ(ranges.add({50, 50}), 0U);
  EXPECT_EQ(ranges.add({0, 5}), 0U);
  EXPECT_EQ(ranges.add({50, 51}), 0U);
  EXPECT_THAT(ranges.list(), ElementsAre(RowRange{0, 51}));
  EXPECT_EQ(ranges.add({50, 60}), 1U);
  EXPECT_EQ(ranges.add({70, 70}), 0U);
  EXPECT_THAT(ranges.list(), ElementsAre(RowRange{0, 60}));
}

TEST(RowRanges, CountRandomRangesAsASetDoes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 500; ++round) {
    RowRanges ranges;
    std::set<std::uint64_t> rows;
    for (int i = 0; i < 30; ++i) {
      const std::uint64_t begin = random() % 60;
      const std::uint64_t end = begin + random() % 8;
      std::uint64_t again = 0;
      for (std::uint64_t row = begin; row < end; ++row) again += rows.insert(row).second ? 0 : 1;
      ASSERT_EQ(ranges.add({begin, end}), again);
      ASSERT_EQ(ranges.rows(), rows.size());
      for (std::size_t k = 1; k < ranges.list().size(); ++k)
        ASSERT_LT(ranges.list()[k - 1].end, ranges.list()[k].begin);
    }
  }
}

// The definition of docs/metrics.md, row by row.
std::uint64_t digest_by_rows(std::string_view name, std::uint64_t begin, std::uint64_t end) {
  __extension__ using Wide = unsigned __int128;
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  const std::uint64_t a = 1 + mix64(hash) % (kPrime - 1);
  const std::uint64_t b = 1 + mix64(hash + 1) % (kPrime - 1);
  Wide power = 1;
  Wide sum = 0;
  for (std::uint64_t row = 0; row < end; ++row) {
    if (row >= begin) sum = (sum + power) % kPrime;
    power = power * b % kPrime;
  }
  return static_cast<std::uint64_t>(sum * a % kPrime);
}

TEST(RowDigest, IsTheSumOverItsRows) {
  for (std::uint64_t begin = 0; begin < 12; ++begin) {
    for (std::uint64_t end = begin; end < 40; ++end) {
      ASSERT_EQ(row_digest("part-0.parquet", {begin, end}), digest_by_rows("part-0.parquet", begin, end))
          << begin << " " << end;
    }
  }
  EXPECT_EQ(row_digest("x", {1000, 12'345}), digest_by_rows("x", 1000, 12'345));
  EXPECT_EQ(row_digest("x", {5, 5}), 0U);
  EXPECT_EQ(add_digests(kPrime - 1, 1), 0U);
  EXPECT_EQ(add_digests(kPrime - 1, 2), 1U);
  EXPECT_EQ(add_digests(3, 4), 7U);
}

// These numbers stand in results of runs: they may not change.
TEST(RowDigest, IsTheSameInEveryVersion) {
  EXPECT_EQ(row_digest("img_0_of_4.parquet", {0, 40}), digest_by_rows("img_0_of_4.parquet", 0, 40));
  EXPECT_EQ(fmt::format("{:016x}", row_digest("img_0_of_4.parquet", {0, 40})), "08a60b0eb38bfb85");
  EXPECT_EQ(fmt::format("{:016x}", row_digest("a/part-00001.parquet", {1'000'000'000'000, 3'000'000'000'000})),
            "125419223e826ce6");
}

TEST(RowDigest, DoesNotDependOnThePieces) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t a = random() % 1'000'000;
    const std::uint64_t b = a + random() % 1'000'000;
    const std::uint64_t c = b + random() % 1'000'000;
    ASSERT_EQ(add_digests(row_digest("n", {a, b}), row_digest("n", {b, c})), row_digest("n", {a, c}));
  }
}

TEST(RowDigest, TellsRowsAndFilesApart) {
  std::set<std::uint64_t> seen;
  for (int file = 0; file < 100; ++file) {
    for (std::uint64_t row = 0; row < 100; ++row)
      EXPECT_TRUE(seen.insert(row_digest(fmt::format("f{}", file), {row, row + 1})).second);
  }
  // Rows {0, 3, 5, 6} and {1, 2, 4, 7} are as many, with equal sums and equal sums of squares.
  const auto digest = [](std::initializer_list<std::uint64_t> rows) {
    std::uint64_t sum = 0;
    for (const std::uint64_t row : rows) sum = add_digests(sum, row_digest("f", {row, row + 1}));
    return sum;
  };
  EXPECT_NE(digest({0, 3, 5, 6}), digest({1, 2, 4, 7}));
}

TEST(Coverage, OneRankThatReadsEverythingOnce) {
  const RowCounts planned = *RowCounts::of({4, 6, 0, 2});
  Coverage coverage(planned);
  coverage.add(1, 3, 3);
  coverage.add(0, 0, 4);
  coverage.add(3, 1, 1);
  coverage.add(1, 0, 3);
  coverage.add(3, 0, 1);
  EXPECT_EQ(coverage.again(), 0U);
  std::uint64_t digest = row_digest(name_of(0), {0, 4});
  digest = add_digests(digest, row_digest(name_of(1), {0, 6}));
  digest = add_digests(digest, row_digest(name_of(3), {0, 2}));
  EXPECT_EQ(coverage.digest(name_of), digest);
  CoverageTotals totals;
  ASSERT_OK(add_slices({coverage.slice(0, 4)}, 0, 4, planned, totals));
  EXPECT_EQ(totals.rows, 12U);
  EXPECT_EQ(totals.again, 0U);
  // Two runs of complete files: 0 and 1, then 3; no other files.
  EXPECT_EQ(coverage.slice(0, 4), std::string("\x02\x00\x02\x01\x01\x00", 6));
}

TEST(Coverage, ARowReadTwiceIsSeenInAFileUnderWayAndInACompleteOne) {
  Coverage coverage(*RowCounts::equal(2, 10));
  coverage.add(0, 0, 5);
  coverage.add(0, 3, 4);
  EXPECT_EQ(coverage.again(), 2U);
  coverage.add(0, 7, 3);
  EXPECT_EQ(coverage.again(), 2U);
  coverage.add(0, 9, 1);
  EXPECT_EQ(coverage.again(), 3U);
  // The digest is that of the rows, each once.
  EXPECT_EQ(coverage.digest(name_of), row_digest(name_of(0), {0, 10}));
}

TEST(Coverage, ARowInPlaceOfAnotherChangesTheDigest) {
  Coverage right(*RowCounts::equal(1, 10));
  right.add(0, 0, 10);
  Coverage wrong(*RowCounts::equal(1, 10));
  wrong.add(0, 0, 9);
  wrong.add(0, 4, 1);
  EXPECT_EQ(wrong.again(), 1U);
  EXPECT_NE(wrong.digest(name_of), right.digest(name_of));
}

// Random deliveries on several ranks against a count of each row.
TEST(CoverageTotals, AgreeWithCountsOfEveryRowOverRandomDeliveries) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint64_t> rows(1 + random() % 12);
    for (std::uint64_t& n : rows) n = random() % 9;
    const RowCounts planned = *RowCounts::of(rows);
    const std::size_t ranks = 1 + random() % 4;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> times;
    std::vector<Coverage> coverages(ranks, Coverage(planned));
    std::uint64_t delivered = 0;
    for (int i = 0; i < 40; ++i) {
      const std::uint64_t file = random() % rows.size();
      if (rows[file] == 0) continue;
      const std::uint64_t begin = random() % rows[file];
      const std::uint64_t n = random() % 4 == 0 ? rows[file] - begin : 1;
      coverages[random() % ranks].add(file, begin, n);
      for (std::uint64_t row = begin; row < begin + n; ++row) ++times[{file, row}];
      delivered += n;
    }
    CoverageTotals totals;
    std::uint64_t again = 0;
    const std::uint64_t step = 1 + random() % rows.size();
    for (std::uint64_t first = 0; first < rows.size(); first += step) {
      const std::uint64_t files = std::min<std::uint64_t>(step, rows.size() - first);
      std::vector<std::string> texts;
      for (const Coverage& coverage : coverages) texts.push_back(coverage.slice(first, files));
      ASSERT_OK(add_slices(texts, first, files, planned, totals));
    }
    for (const Coverage& coverage : coverages) again += coverage.again();
    ASSERT_EQ(totals.rows, times.size());
    ASSERT_EQ(totals.again + again, delivered - times.size());
  }
}

TEST(CoverageTotals, WholeFilesOfManyRanksTakeTwoBytesEach) {
  const RowCounts planned = *RowCounts::equal(1000, 5);
  Coverage coverage(planned);
  for (std::uint64_t file = 0; file < 1000; file += 4) coverage.add(file, 0, 5);
  EXPECT_LE(coverage.slice(0, 1000).size(), 504U);
  EXPECT_EQ(coverage.slice(500, 2).size(), 4U);
  EXPECT_EQ(coverage.slice(501, 3), std::string("\0\0", 2));
}

TEST(CoverageTotals, RefuseTextsThatAreNoSlices) {
  const RowCounts planned = *RowCounts::equal(3, 5);
  const auto check = [&](std::string_view text) {
    CoverageTotals totals;
    return add_slices({std::string("\0\0", 2), std::string(text)}, 0, 3, planned, totals);
  };
  const auto bytes = [](std::initializer_list<int> list) {
    std::string text;
    for (const int b : list) text.push_back(static_cast<char>(b));
    return text;
  };
  EXPECT_OK(check(bytes({1, 1, 2, 0})));
  EXPECT_ERROR(check(bytes({1, 1, 3, 0})), Code::kCorrupt, "rank 1 says it read are damaged");
  EXPECT_ERROR(check(bytes({1, 4, 0, 0})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({2, 1, 2, 0, 1, 0})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({2, 1, 2, 1, 1, 0})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(""), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({0})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({0, 0, 0})), Code::kCorrupt, "damaged");
  EXPECT_OK(check(bytes({0, 1, 2, 1, 1, 4})));
  EXPECT_ERROR(check(bytes({0, 1, 3, 1, 1, 4})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({0, 1, 2, 1, 1, 5})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({0, 1, 2, 1, 6, 0})), Code::kCorrupt, "damaged");
  EXPECT_OK(check(bytes({0, 1, 2, 2, 1, 1, 1, 2})));
  EXPECT_ERROR(check(bytes({0, 1, 2, 2, 1, 1, 1, 3})), Code::kCorrupt, "damaged");
  EXPECT_ERROR(check(bytes({0, 1, 2, 2, 1, 1})), Code::kCorrupt, "damaged");
}

}  // namespace
}  // namespace stoker::dataset
