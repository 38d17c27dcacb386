#include "base/checksum.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <string_view>

#include "base/checksum_internal.h"

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

// Every length of the short forms, the border to the long one, and blocks of it; whole and in pieces.
TEST(Checksum, AllInstructionsGiveTheSame) {
  const internal::ChecksumFunctions* const fast = internal::avx2_checksum();
  if (fast == nullptr) GTEST_SKIP() << "no AVX2 here";
  const internal::ChecksumFunctions& library = internal::portable_checksum();
  EXPECT_STRNE(fast->name, library.name);
  std::string text(70'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 77);
  for (std::size_t length = 0; length < text.size(); length += length < 2100 ? 1 : 1021) {
    ASSERT_EQ(fast->whole(text.data(), length), library.whole(text.data(), length)) << length;
    XXH3_state_t* const state = XXH3_createState();
    XXH3_64bits_reset(state);
    fast->update(state, text.data(), length / 3);
    library.update(state, text.data() + length / 3, length / 3);
    fast->update(state, text.data() + length / 3 * 2, length - length / 3 * 2);
    ASSERT_EQ(XXH3_64bits_digest(state), library.whole(text.data(), length)) << length;
    XXH3_freeState(state);
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
