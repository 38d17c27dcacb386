#include "base/aligned_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "base/units.h"

namespace stoker {
namespace {

bool is_aligned(const AlignedBuffer& buffer) {
  return reinterpret_cast<std::uintptr_t>(buffer.data()) % AlignedBuffer::kAlignment == 0;
}

TEST(AlignedBuffer, BeginsEmpty) {
  const AlignedBuffer buffer;
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(buffer.bytes().empty());
}

TEST(AlignedBuffer, IsAlignedAndUsableToItsLastByte) {
  for (std::size_t bytes : {std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097},
                            std::size_t{128 * kKiB - 4096}, std::size_t{128 * kKiB}, std::size_t{3 * kMiB + 1}}) {
    AlignedBuffer buffer(bytes);
    EXPECT_TRUE(is_aligned(buffer));
    EXPECT_EQ(buffer.size(), bytes);
    EXPECT_GE(buffer.capacity(), bytes);
    EXPECT_EQ(buffer.capacity() % AlignedBuffer::kAlignment, 0U);
    std::memset(buffer.data(), 0xAB, buffer.capacity());
    EXPECT_EQ(buffer.bytes().back(), std::byte{0xAB});
  }
}

TEST(AlignedBuffer, NeverShrinksAndKeepsItsMemoryWhenItFits) {
  AlignedBuffer buffer(10'000);
  std::byte* const data = buffer.data();
  const std::size_t capacity = buffer.capacity();
  data[0] = std::byte{7};
  EXPECT_EQ(buffer.resize(5).size(), 5U);
  EXPECT_EQ(buffer.resize(0).size(), 0U);
  EXPECT_EQ(buffer.resize(capacity).size(), capacity);
  EXPECT_EQ(buffer.data(), data);
  EXPECT_EQ(buffer.capacity(), capacity);
  EXPECT_EQ(data[0], std::byte{7});
}

TEST(AlignedBuffer, SlowGrowthRemapsRarely) {
  AlignedBuffer buffer;
  int remapped = 0;
  std::size_t capacity = 0;
  for (std::size_t bytes = kMiB; bytes <= 64 * kMiB; bytes += 64 * kKiB) {
    buffer.resize(bytes);
    if (buffer.capacity() != capacity) ++remapped;
    capacity = buffer.capacity();
  }
  // Growing by a quarter each time: 1.25^19 is more than 64.
  EXPECT_LE(remapped, 25);
}

TEST(AlignedBuffer, MovesItsMemory) {
  AlignedBuffer a(5000);
  std::byte* const data = a.data();
  AlignedBuffer b(std::move(a));
  EXPECT_EQ(b.data(), data);
  EXPECT_EQ(b.size(), 5000U);
  EXPECT_EQ(a.data(), nullptr);  // NOLINT(bugprone-use-after-move): what is left is what is tested
  EXPECT_EQ(a.size(), 0U);
  EXPECT_EQ(a.capacity(), 0U);
  AlignedBuffer c(100);
  c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(b.size(), 0U);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(b.capacity(), 0U);
  AlignedBuffer& same = c;
  c = std::move(same);
  EXPECT_EQ(c.data(), data);
  // And what was moved from can be used again.
  EXPECT_EQ(a.resize(10).size(), 10U);
}

TEST(AlignedBuffer, GrowsByAQuarterAtLeast) {
  AlignedBuffer small(8192);
  EXPECT_EQ(small.capacity(), 8192U);
  small.resize(8193);
  EXPECT_EQ(small.capacity(), 12'288U) << "10240 in whole pages";
  small.resize(100'000);
  EXPECT_EQ(small.capacity(), 102'400U);
  AlignedBuffer large(4 * kMiB);
  EXPECT_EQ(large.capacity(), 4 * kMiB);
  large.resize(4 * kMiB + 1);
  EXPECT_EQ(large.capacity(), 6 * kMiB) << "5 MiB in whole huge pages";
}

TEST(AlignedBuffer, IsEmptyWhereMemoryCannotBeHad) {
  AlignedBuffer buffer(100);
  EXPECT_THROW(buffer.resize(std::size_t{1} << 62), std::bad_alloc);
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_EQ(buffer.resize(10).size(), 10U);
}

}  // namespace
}  // namespace stoker
