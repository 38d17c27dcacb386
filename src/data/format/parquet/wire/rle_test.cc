#include "data/format/parquet/wire/rle.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "data/format/arena.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace stoker::format::parquet {
namespace {

// Bit-packs values, lowest bit first, and leaves the slack that readers may touch.
std::vector<std::byte> pack(const std::vector<std::uint32_t>& values, unsigned width) {
  std::vector<std::byte> out((values.size() * width + 7) / 8 + kReadSlack);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (unsigned b = 0; b < width; ++b) {
      const std::size_t bit = i * width + b;
      if ((values[i] >> b & 1) != 0) out[bit / 8] |= std::byte{1} << (bit % 8);
    }
  }
  return out;
}

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

TEST(Unpack, GivesBackEveryWidthFromEveryStart) {
  std::mt19937 random(1);
  for (unsigned width = 0; width <= 32; ++width) {
    std::vector<std::uint32_t> values(301);
    for (auto& v : values) v = width == 0 ? 0 : static_cast<std::uint32_t>(random() >> (32 - width));
    const auto packed = pack(values, width);
    for (std::size_t first = 0; first < 70; ++first) {
      for (const std::size_t count :
           {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{64}, values.size() - first}) {
        std::vector<std::uint32_t> out(count + 1, 0xABABABAB);
        unpack(packed.data(), width, first, count, out.data());
        EXPECT_EQ(out.back(), 0xABABABAB) << "wrote too far";
        out.pop_back();
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
        ASSERT_EQ(out, std::vector<std::uint32_t>(begin, begin + static_cast<std::ptrdiff_t>(count)))
            << "width " << width << ", from " << first;
      }
    }
  }
}

TEST(AnyAtLeast, LooksAtAllOfThem) {
  const std::vector<std::uint32_t> values(100, 3);
  EXPECT_FALSE(any_at_least(values.data(), 0, 0));
  EXPECT_FALSE(any_at_least(values.data(), values.size(), 4));
  EXPECT_TRUE(any_at_least(values.data(), values.size(), 3));
  for (std::size_t at : {std::size_t{0}, std::size_t{50}, std::size_t{99}}) {
    auto copy = values;
    copy[at] = 0xFFFFFFFF;
    EXPECT_TRUE(any_at_least(copy.data(), copy.size(), 4));
  }
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
