#include "data/format/parquet/wire/rle.h"

#include <gtest/gtest.h>

#include <vector>

namespace stoker::format::parquet {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

TEST(HybridRuns, WalksRepeatedAndPackedRuns) {
  // 300 times 0x0102 (width 9), then 8 packed values, of which 9 bytes are there.
  auto in = bytes({0xD8, 0x04, 0x02, 0x01, 0x03, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  HybridRuns runs(in, 9);
  HybridRuns::Run run;
  ASSERT_TRUE(runs.next(run));
  EXPECT_EQ(run.count, 300U);
  EXPECT_EQ(run.value, 0x0102U);
  EXPECT_EQ(run.packed, nullptr);
  ASSERT_TRUE(runs.next(run));
  EXPECT_EQ(run.count, 8U);
  EXPECT_EQ(run.packed, in.data() + 5);
  EXPECT_FALSE(runs.next(run));
}

TEST(HybridRuns, EndsWhereTheBytesEnd) {
  HybridRuns::Run run;
  EXPECT_FALSE(HybridRuns(Bytes{}, 3).next(run));
  const auto no_value = bytes({0x04});
  EXPECT_FALSE(HybridRuns(no_value, 3).next(run));
  const auto endless_header = bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0});
  EXPECT_FALSE(HybridRuns(endless_header, 3).next(run));
  // 16 values of 3 bits would take 6 bytes; of the 4 that are there 10 values can be had.
  const auto cut_short = bytes({0x05, 1, 2, 3, 4});
  HybridRuns runs(cut_short, 3);
  ASSERT_TRUE(runs.next(run));
  EXPECT_EQ(run.count, 10U);
  EXPECT_FALSE(runs.next(run));
}

TEST(HybridRuns, SkipsEmptyRuns) {
  const auto in = bytes({0x00, 7, 0x01, 0x02, 5});
  HybridRuns runs(in, 3);
  HybridRuns::Run run;
  ASSERT_TRUE(runs.next(run));
  EXPECT_EQ(run.count, 1U);
  EXPECT_EQ(run.value, 5U);
}

}  // namespace
}  // namespace stoker::format::parquet
