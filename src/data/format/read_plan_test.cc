#include "data/format/read_plan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/arena.h"

namespace stoker::format {
namespace {

Status make(ReadPlan& plan, const std::vector<ByteRange>& ranges, std::uint64_t alignment) {
  plan.begin({.unit = 3, .first_row = 10, .rows = 20});
  for (const ByteRange& range : ranges) plan.add(range);
  return plan.finish(alignment);
}

TEST(ReadPlan, JoinsNearRangesAndKeepsFarOnesApart) {
  ReadPlan plan;
  const std::vector<ByteRange> ranges{{.offset = 1000, .bytes = 100},
                                      {.offset = 1100 + kCoalesceGapBytes, .bytes = 10},
                                      {.offset = 1110 + 2 * kCoalesceGapBytes + 1, .bytes = 5}};
  ASSERT_OK(make(plan, ranges, 1));
  ASSERT_EQ(plan.reads().size(), 2U);
  EXPECT_EQ(plan.reads()[0].offset, 1000U);
  EXPECT_EQ(plan.reads()[0].bytes, 110 + kCoalesceGapBytes);
  EXPECT_EQ(plan.reads()[1].offset, ranges[2].offset);
  EXPECT_EQ(plan.reads()[1].bytes, 5U);
  EXPECT_EQ(plan.bytes(), 115 + kCoalesceGapBytes);
  EXPECT_EQ(plan.place_of(ranges[2].offset + 4), plan.bytes() - 1);
}

TEST(ReadPlan, EmptyRangesCostNothing) {
  ReadPlan plan;
  ASSERT_OK(make(plan, {{}, {.offset = 77}}, 4096));
  EXPECT_TRUE(plan.reads().empty());
  EXPECT_EQ(plan.bytes(), 0U);
}

TEST(ReadPlan, CoversRandomRangesAlignedAndWithoutOverlap) {
  std::mt19937_64 random(1);
  ReadPlan plan;
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t alignment = round % 2 == 0 ? 1 : 4096;
    std::vector<ByteRange> ranges(1 + random() % 20);
    for (auto& r : ranges) r = {.offset = random() % 10'000'000, .bytes = random() % 100'000};
    ASSERT_OK(make(plan, ranges, alignment));
    std::uint64_t at = 0, end = 0;
    for (const PlannedRead& read : plan.reads()) {
      ASSERT_EQ(read.offset % alignment, 0U);
      ASSERT_EQ(read.bytes % alignment, 0U);
      ASSERT_EQ(read.at, at);
      ASSERT_TRUE(at == 0 || read.offset > end + kCoalesceGapBytes);
      at += read.bytes;
      end = read.offset + read.bytes;
    }
    ASSERT_EQ(at, plan.bytes());
    for (const ByteRange& r : ranges) {
      if (r.bytes == 0) continue;
      // The whole range lies in one piece.
      ASSERT_EQ(plan.place_of(r.offset + r.bytes - 1) - plan.place_of(r.offset), r.bytes - 1);
    }
  }
}

TEST(ReadPlan, ReadsLieOneAfterTheOtherInMemory) {
  ReadPlan plan;
  ASSERT_OK(make(plan, {{.offset = 500'000, .bytes = 10}, {.offset = 5000, .bytes = 100}}, 4096));
  EXPECT_EQ(plan.rows().unit, 3U);
  EXPECT_EQ(plan.rows().first_row, 10U);
  EXPECT_EQ(plan.rows().rows, 20U);
  EXPECT_EQ(plan.memory_bytes(), plan.bytes() + kReadSlack);
  std::vector<std::byte> memory(plan.memory_bytes());
  std::vector<io::ReadOp> ops(7);
  plan.ops(memory, ops);
  ASSERT_EQ(ops.size(), 2U);
  EXPECT_EQ(ops[0].offset, 4096U);
  EXPECT_EQ(ops[0].into.data(), memory.data());
  EXPECT_EQ(ops[0].into.size(), 4096U);
  EXPECT_EQ(ops[1].offset, 499'712U);
  EXPECT_EQ(ops[1].into.data(), memory.data() + 4096);
  const Fetched fetched{plan, memory};
  EXPECT_EQ(fetched.range({.offset = 500'000, .bytes = 10}).data(), memory.data() + 4096 + 288);
  EXPECT_EQ(fetched.range({.offset = 500'000, .bytes = 10}).size(), 10U);
  EXPECT_TRUE(fetched.range({.offset = 999, .bytes = 0}).empty());
}

TEST(ReadPlan, MoreThanAChunkMayTakeIsRefused) {
  ReadPlan plan;
  EXPECT_ERROR(make(plan, {{.offset = 0, .bytes = chunk_memory_limit_bytes() + 1}}, 1), Code::kUnsupported,
               "more than half of what there is");
  EXPECT_OK(make(plan, {{.offset = 0, .bytes = chunk_memory_limit_bytes()}}, 1));
}

}  // namespace
}  // namespace stoker::format
