#include "data/format/fetch_plan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace stoker::format {
namespace {

TEST(FetchPlan, JoinsNearRangesAndKeepsFarOnesApart) {
  FetchPlan plan;
  const std::vector<ByteRange> ranges{{.offset = 1000, .bytes = 100},
                                      {.offset = 1100 + kCoalesceGapBytes, .bytes = 10},
                                      {.offset = 1110 + 2 * kCoalesceGapBytes + 1, .bytes = 5}};
  plan.make(ranges, 1);
  ASSERT_EQ(plan.reads().size(), 2U);
  EXPECT_EQ(plan.reads()[0].offset, 1000U);
  EXPECT_EQ(plan.reads()[0].bytes, 110 + kCoalesceGapBytes);
  EXPECT_EQ(plan.reads()[1].offset, ranges[2].offset);
  EXPECT_EQ(plan.reads()[1].bytes, 5U);
  EXPECT_EQ(plan.buffer_bytes(), 115 + kCoalesceGapBytes);
  EXPECT_EQ(plan.place_of(ranges[2].offset + 4), plan.buffer_bytes() - 1);
}

TEST(FetchPlan, EmptyRangesCostNothing) {
  FetchPlan plan;
  plan.make(std::vector<ByteRange>{{}, {.offset = 77}}, 4096);
  EXPECT_TRUE(plan.reads().empty());
  EXPECT_EQ(plan.buffer_bytes(), 0U);
}

TEST(FetchPlan, CoversRandomRangesAlignedAndWithoutOverlap) {
  std::mt19937_64 random(1);
  FetchPlan plan;
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t alignment = round % 2 == 0 ? 1 : 4096;
    std::vector<ByteRange> ranges(1 + random() % 20);
    for (auto& r : ranges) r = {.offset = random() % 10'000'000, .bytes = random() % 100'000};
    plan.make(ranges, alignment);
    std::uint64_t at = 0, end = 0;
    for (const PlannedRead& read : plan.reads()) {
      ASSERT_EQ(read.offset % alignment, 0U);
      ASSERT_EQ(read.bytes % alignment, 0U);
      ASSERT_EQ(read.at, at);
      ASSERT_TRUE(at == 0 || read.offset > end + kCoalesceGapBytes);
      at += read.bytes;
      end = read.offset + read.bytes;
    }
    ASSERT_EQ(at, plan.buffer_bytes());
    for (const ByteRange& r : ranges) {
      if (r.bytes == 0) continue;
      // The whole range lies in one piece.
      ASSERT_EQ(plan.place_of(r.offset + r.bytes - 1) - plan.place_of(r.offset), r.bytes - 1);
    }
  }
}

}  // namespace
}  // namespace stoker::format
