#include "data/format/parquet/wire/packed_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "data/format/arena.h"
#include "data/format/parquet/testing/guarded_bytes.h"

namespace stoker::format::parquet {
namespace {

using Values = std::vector<std::uint32_t>;

// Bit-packs values, lowest bit first, with no more behind them than readers may touch.
testing::GuardedBytes pack(const Values& values, unsigned width) {
  std::vector<std::byte> packed((values.size() * width + 7) / 8 + kReadSlack, std::byte{0xFF});
  for (std::size_t i = 0; i < values.size() * width; ++i) {
    const std::byte bit = std::byte{1} << (i % 8);
    packed[i / 8] = (values[i / width] >> (i % width) & 1) != 0 ? packed[i / 8] | bit : packed[i / 8] & ~bit;
  }
  return testing::GuardedBytes(Bytes(packed));
}

Values random_values(std::size_t count, unsigned width, std::mt19937& random) {
  Values values(count);
  for (auto& v : values) v = width == 0 ? 0 : static_cast<std::uint32_t>(random() >> (32 - width));
  return values;
}

Values part_of(const Values& values, std::size_t first, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

std::vector<std::size_t> some_counts(std::size_t most) {
  std::vector<std::size_t> counts{1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 256, most};
  std::erase_if(counts, [&](std::size_t n) { return n == 0 || n > most; });
  return counts;
}

// Every set of functions that this processor has.
class PackedValues : public ::testing::TestWithParam<std::size_t> {
 protected:
  const PackedFunctions& functions_ = all_packed_functions()[GetParam()];
};

INSTANTIATE_TEST_SUITE_P(Of, PackedValues, ::testing::Range<std::size_t>(0, all_packed_functions().size()),
                         [](const auto& which) { return std::string(all_packed_functions()[which.param].name); });

TEST(PackedFunctions, EndWithThoseThatNeedNothing) {
  EXPECT_STREQ(all_packed_functions().back().name, "portable");
  EXPECT_STREQ(packed_functions().name, all_packed_functions().front().name);
}

TEST_P(PackedValues, ComeBackFromEveryWidthAndStart) {
  std::mt19937 random(1);
  for (unsigned width = 0; width <= 32; ++width) {
    const Values values = random_values(301, width, random);
    const auto packed = pack(values, width);
    for (std::size_t first = 0; first < 70; ++first) {
      for (const std::size_t count : some_counts(values.size() - first)) {
        SCOPED_TRACE(fmt::format("width {}, {} from {}", width, count, first));
        Values out(count + 1, 0xABABABAB);
        const Unpacked found = functions_.unpack(packed.bytes().data(), width, first, count, out.data());
        ASSERT_EQ(out.back(), 0xABABABAB) << "wrote too far";
        out.pop_back();
        const Values expected = part_of(values, first, count);
        ASSERT_EQ(out, expected);
        EXPECT_EQ(found.most, *std::ranges::max_element(expected));
      }
    }
  }
}

TEST_P(PackedValues, AreKnownToBeConsecutiveOnlyWhenTheyAre) {
  for (unsigned width = 1; width <= 32; ++width) {
    const auto limit = std::min<std::uint64_t>(std::uint64_t{1} << width, 200);
    for (const std::uint64_t begin : {std::uint64_t{0}, (std::uint64_t{1} << width) - limit}) {
      Values values;
      for (std::uint64_t i = 0; i < limit; ++i) values.push_back(static_cast<std::uint32_t>(begin + i));
      const auto packed = pack(values, width);
      for (std::size_t first = 0; first < std::min<std::size_t>(values.size(), 18); ++first) {
        for (const std::size_t count : some_counts(values.size() - first)) {
          SCOPED_TRACE(fmt::format("width {}, {} from {}", width, count, first));
          Values out(count);
          EXPECT_TRUE(functions_.unpack(packed.bytes().data(), width, first, count, out.data()).consecutive);
        }
      }
      // One of them another one.
      for (std::size_t wrong = 0; wrong < values.size(); ++wrong) {
        Values changed = values;
        changed[wrong] ^= 1;
        const auto other = pack(changed, width);
        for (const std::size_t first : {0, 3}) {
          if (first + 2 > values.size()) continue;
          Values out(values.size() - first);
          const bool consecutive =
              functions_.unpack(other.bytes().data(), width, first, out.size(), out.data()).consecutive;
          EXPECT_EQ(consecutive, wrong < first) << "width " << width << ", changed " << wrong << ", from " << first;
        }
      }
    }
  }
}

TEST_P(PackedValues, OfEightBitsAreLookedUp) {
  std::mt19937 random(2);
  const testing::GuardedBytes table(256);
  for (std::byte& b : table.bytes()) b = static_cast<std::byte>(random());
  for (unsigned width = 0; width <= 8; ++width) {
    const Values indices = random_values(301, width, random);
    const auto packed = pack(indices, width);
    for (std::size_t first = 0; first < 18; ++first) {
      for (const std::size_t count : some_counts(indices.size() - first)) {
        SCOPED_TRACE(fmt::format("width {}, {} from {}", width, count, first));
        const testing::GuardedBytes out(count);
        const std::uint32_t most = functions_.look_up_bytes(table.bytes().data(), packed.bytes().data(), width, first,
                                                            count, out.bytes().data());
        const Values expected = part_of(indices, first, count);
        EXPECT_EQ(most, *std::ranges::max_element(expected));
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out.bytes()[i], table.bytes()[expected[i]]) << i;
      }
    }
  }
}

}  // namespace
}  // namespace stoker::format::parquet
