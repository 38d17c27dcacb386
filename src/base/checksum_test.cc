#include "base/checksum.h"

#include <gtest/gtest.h>

#include <string_view>

namespace stoker {
namespace {

Bytes bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Values that the definitions of the two give for these texts.
TEST(Checksum, KnownValues) {
  EXPECT_EQ(checksum({}), 0x2D06800538D394C2ULL);
  EXPECT_EQ(crc32(bytes("123456789")), 0xCBF43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Checksum, PiecesGiveWhatTheWholeGives) {
  std::string text(100'003, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 + i / 256);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{255}, std::size_t{4096}}) {
    Checksum sum;
    std::uint32_t crc = 0;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const auto part = bytes(std::string_view(text).substr(at, piece));
      sum.add(part);
      crc = crc32(part, crc);
    }
    EXPECT_EQ(sum.value(), checksum(bytes(text)));
    EXPECT_EQ(crc, crc32(bytes(text)));
  }
}

TEST(Checksum, ValueMayBeAskedInBetween) {
  Checksum sum;
  sum.add(bytes("ab"));
  EXPECT_EQ(sum.value(), checksum(bytes("ab")));
  sum.add(bytes("c"));
  EXPECT_EQ(sum.value(), checksum(bytes("abc")));
  EXPECT_NE(sum.value(), checksum(bytes("abd")));
}

}  // namespace
}  // namespace stoker
