#include "data/format/hdf5/lzf.h"

#include <gtest/gtest.h>

#include <random>
#include <string_view>
#include <vector>

namespace stoker::format::hdf5 {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

TEST(Lzf, GoesThereAndBack) {
  std::mt19937 random(1);
  for (const unsigned values : {1U, 2U, 3U, 7U, 40U}) {
    for (std::size_t size = 1; size < 40'000; size = size * 3 / 2 + 1) {
      std::vector<std::byte> plain(size), stored(size), back(size);
      for (std::byte& b : plain) b = static_cast<std::byte>(random() % values);
      const auto bytes = lzf_compress(plain, MutBytes(stored).first(size - 1));
      if (!bytes) continue;
      EXPECT_LT(*bytes, size);
      EXPECT_TRUE(lzf_decompress(Bytes(stored).first(*bytes), back));
      EXPECT_EQ(back, plain);
    }
  }
}

TEST(Lzf, WhatRepeatsGetsSmallAndWhatDoesNotIsLeft) {
  std::vector<std::byte> plain(10'000, std::byte{7}), stored(10'000);
  const auto bytes = lzf_compress(plain, stored);
  ASSERT_TRUE(bytes);
  EXPECT_LT(*bytes, 150U);  // three for each 264
  std::mt19937 random(2);
  for (std::byte& b : plain) b = static_cast<std::byte>(random());
  EXPECT_FALSE(lzf_compress(plain, stored));
}

// The farthest and the longest copy, as liblzf reads them: found beside each other only here.
TEST(Lzf, CopiesReachAsFarAsTheFormatSays) {
  std::mt19937 random(3);
  for (const std::size_t back : {8191U, 8192U, 8193U}) {
    std::vector<std::byte> plain(back), stored(20'000);
    for (std::byte& b : plain) b = static_cast<std::byte>(random());
    const std::size_t copied = 300;
    plain.insert(plain.end(), plain.begin(), plain.begin() + copied);
    std::vector<std::byte> again(plain.size());
    const auto bytes = lzf_compress(plain, stored);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes < plain.size(), back <= 8192) << back;
    EXPECT_TRUE(lzf_decompress(Bytes(stored).first(*bytes), again));
    EXPECT_EQ(again, plain);
  }
}

TEST(Lzf, WhatIsNoneIsRefused) {
  std::vector<std::byte> into(8);
  EXPECT_TRUE(lzf_decompress(bytes_of(std::string_view("\x01"
                                                       "ab"
                                                       "\x80\x01",
                                                       5)),
                             into));
  EXPECT_EQ(into, bytes_of("abababab"));
  for (const std::string_view wrong : {
           std::string_view("\x01"
                            "a",
                            2),  // ends in literals
           std::string_view("\x01"
                            "ab"
                            "\x80",
                            4),  // ends in a copy
           std::string_view("\x01"
                            "ab"
                            "\xE0\x01",
                            5),  // likewise
           std::string_view("\x01"
                            "ab"
                            "\x80\x02",
                            5),  // from in front of the beginning
           std::string_view("\x01"
                            "ab"
                            "\xA0\x01",
                            5),  // more than there is room
           std::string_view("\x01"
                            "ab"
                            "\x60\x01",
                            5),  // less
           std::string_view("\x08"
                            "abcdefghi",
                            10),
       }) {
    EXPECT_FALSE(lzf_decompress(bytes_of(wrong), into)) << wrong.size();
  }
}

}  // namespace
}  // namespace stoker::format::hdf5
