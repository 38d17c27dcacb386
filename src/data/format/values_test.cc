#include "data/format/values.h"

#include <arrow/util/compression.h>
#include <arrow/util/float16.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace stoker::format {
namespace {

constexpr ValueKind kAllKinds[] = {ValueKind::kRaw8,        ValueKind::kRaw16,      ValueKind::kRaw32,
                                   ValueKind::kRaw64,       ValueKind::kUint8In32,  ValueKind::kInt8In32,
                                   ValueKind::kUint16In32,  ValueKind::kInt16In32,  ValueKind::kUnitFloat16,
                                   ValueKind::kUnitFloat32, ValueKind::kUnitFloat64};

std::vector<std::byte> values(ValueKind kind, std::uint64_t key, std::uint64_t first, std::size_t count) {
  std::vector<std::byte> out(count * value_bytes(kind));
  fill_values(kind, key, first, count, out.data());
  return out;
}

template <class T>
std::vector<T> typed(ValueKind kind, std::uint64_t key, std::uint64_t first, std::size_t count) {
  std::vector<T> out(count);
  EXPECT_EQ(sizeof(T), value_bytes(kind));
  fill_values(kind, key, first, count, reinterpret_cast<std::byte*>(out.data()));
  return out;
}

// The formula of values.h, one word at a time, without any of values.cc.
std::uint32_t reference_word(std::uint64_t key, std::uint64_t w) {
  const std::uint64_t a = derive_seed(key, w >> 32);
  std::uint32_t x = static_cast<std::uint32_t>(w) + static_cast<std::uint32_t>(a);
  x ^= x >> 16;
  x *= 0x21f0aaad;
  x ^= x >> 15;
  x += static_cast<std::uint32_t>(a >> 32);
  x *= 0x735a2d97;
  x ^= x >> 15;
  return x ^ static_cast<std::uint32_t>(mix64(a));
}

std::uint8_t reference_byte(std::uint64_t key, std::uint64_t i) {
  return static_cast<std::uint8_t>(reference_word(key, i / 4) >> (8 * (i % 4)));
}

std::uint64_t fnv1a(Bytes bytes) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const std::byte b : bytes) h = (h ^ static_cast<std::uint64_t>(b)) * 0x100000001b3;
  return h;
}

TEST(Values, IntegersFollowTheFormula) {
  const std::uint64_t key = column_key(3, 5);
  constexpr std::uint64_t kFirst = 1001;
  constexpr std::size_t kCount = 5003;
  const auto u8 = typed<std::uint8_t>(ValueKind::kRaw8, key, kFirst, kCount);
  const auto i8 = typed<std::int32_t>(ValueKind::kInt8In32, key, kFirst, kCount);
  const auto u8_wide = typed<std::int32_t>(ValueKind::kUint8In32, key, kFirst, kCount);
  const auto u16 = typed<std::uint16_t>(ValueKind::kRaw16, key, kFirst, kCount);
  const auto u16_wide = typed<std::int32_t>(ValueKind::kUint16In32, key, kFirst, kCount);
  const auto i16 = typed<std::int32_t>(ValueKind::kInt16In32, key, kFirst, kCount);
  const auto u32 = typed<std::uint32_t>(ValueKind::kRaw32, key, kFirst, kCount);
  const auto u64 = typed<std::uint64_t>(ValueKind::kRaw64, key, kFirst, kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::uint64_t k = kFirst + i;
    const std::uint8_t byte = reference_byte(key, k);
    const auto half = static_cast<std::uint16_t>(reference_byte(key, 2 * k) | reference_byte(key, 2 * k + 1) << 8);
    ASSERT_EQ(u8[i], byte);
    ASSERT_EQ(u8_wide[i], byte);
    ASSERT_EQ(i8[i], static_cast<std::int8_t>(byte));
    ASSERT_EQ(u16[i], half);
    ASSERT_EQ(u16_wide[i], half);
    ASSERT_EQ(i16[i], static_cast<std::int16_t>(half));
    ASSERT_EQ(u32[i], reference_word(key, k));
    ASSERT_EQ(u64[i], reference_word(key, 2 * k) | std::uint64_t{reference_word(key, 2 * k + 1)} << 32);
  }
}

TEST(Values, FloatsFollowTheFormula) {
  const std::uint64_t key = column_key(0, 1);
  constexpr std::uint64_t kFirst = 7;
  constexpr std::size_t kCount = 5003;
  const auto f16 = typed<std::uint16_t>(ValueKind::kUnitFloat16, key, kFirst, kCount);
  const auto f32 = typed<float>(ValueKind::kUnitFloat32, key, kFirst, kCount);
  const auto f64 = typed<double>(ValueKind::kUnitFloat64, key, kFirst, kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::uint64_t k = kFirst + i;
    const unsigned half = reference_byte(key, 2 * k) | static_cast<unsigned>(reference_byte(key, 2 * k + 1)) << 8;
    ASSERT_EQ(arrow::util::Float16::FromBits(f16[i]).ToFloat(), std::ldexp(static_cast<float>(half >> 5), -11));
    ASSERT_EQ(f32[i], std::ldexp(static_cast<float>(reference_word(key, k) >> 8), -24));
    const double high = reference_word(key, 2 * k) >> 5;
    const double low = reference_word(key, 2 * k + 1) >> 6;
    ASSERT_EQ(f64[i], std::ldexp(high * 67108864.0 + low, -53));
  }
}

// All 2048 values that a half can take, 0 among them.
TEST(Values, Float16CoversItsRange) {
  const auto f16 = typed<std::uint16_t>(ValueKind::kUnitFloat16, column_key(0, 0), 0, 1 << 16);
  std::vector<bool> seen(2048);
  for (const std::uint16_t bits : f16) {
    const float value = arrow::util::Float16::FromBits(bits).ToFloat();
    ASSERT_GE(value, 0.0F);
    ASSERT_LT(value, 1.0F);
    seen[static_cast<std::size_t>(value * 2048)] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 2048);
}

TEST(Values, FloatsAreUniform) {
  constexpr std::size_t kCount = 1 << 20;
  const auto moments = [](auto&& numbers) {
    double sum = 0, squares = 0;
    for (const double x : numbers) {
      EXPECT_TRUE(x >= 0 && x < 1) << x;
      sum += x;
      squares += x * x;
    }
    return std::pair{sum / kCount, squares / kCount};
  };
  const auto f32 = typed<float>(ValueKind::kUnitFloat32, column_key(1, 2), 0, kCount);
  const auto f64 = typed<double>(ValueKind::kUnitFloat64, column_key(1, 2), 0, kCount);
  for (const auto& [mean, square] : {moments(f32), moments(f64)}) {
    EXPECT_NEAR(mean, 0.5, 0.002);
    EXPECT_NEAR(square, 1.0 / 3, 0.002);
  }
}

TEST(Values, IntegersSpanTheirRange) {
  std::vector<std::size_t> counts(256);
  for (const std::byte b : values(ValueKind::kRaw8, column_key(9, 9), 0, 1 << 20))
    ++counts[static_cast<std::size_t>(b)];
  for (const std::size_t n : counts) EXPECT_NEAR(static_cast<double>(n), 4096, 400);
  const auto i64 = typed<std::int64_t>(ValueKind::kRaw64, column_key(9, 9), 0, 1 << 16);
  EXPECT_LT(*std::min_element(i64.begin(), i64.end()), INT64_MIN / 1000 * 999);
  EXPECT_GT(*std::max_element(i64.begin(), i64.end()), INT64_MAX / 1000 * 999);
}

TEST(Values, AnyPieceEqualsThatPartOfTheWhole) {
  const std::uint64_t key = column_key(2, 0);
  for (const ValueKind kind : kAllKinds) {
    const std::size_t width = value_bytes(kind);
    const auto whole = values(kind, key, 0, 10000);
    for (const std::size_t first : {0, 1, 2, 3, 4, 5, 1023, 4096, 9999}) {
      for (const std::size_t count : {0, 1, 2, 3, 5, 8, 4097}) {
        if (first + count > 10000) continue;
        const auto piece = values(kind, key, first, count);
        EXPECT_TRUE(std::equal(piece.begin(), piece.end(), whole.begin() + static_cast<std::ptrdiff_t>(first * width)))
            << "kind " << static_cast<int>(kind) << " from " << first << " count " << count;
      }
    }
  }
}

TEST(Values, CountersBeyond32BitsDoNotRepeat) {
  const std::uint64_t key = column_key(0, 0);
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 32;
  const auto across = typed<std::uint32_t>(ValueKind::kRaw32, key, kWrap - 100, 200);
  const auto start = typed<std::uint32_t>(ValueKind::kRaw32, key, 0, 100);
  std::size_t equal = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    EXPECT_EQ(across[i], reference_word(key, kWrap - 100 + i));
    if (i >= 100) equal += across[i] == start[i - 100] ? 1 : 0;
  }
  EXPECT_EQ(equal, 0U);
}

TEST(Values, FilesAndColumnsDiffer) {
  const auto base = values(ValueKind::kRaw8, column_key(0, 0), 0, 4096);
  EXPECT_NE(column_key(3, 5), column_key(5, 3));
  for (const std::uint64_t key : {column_key(0, 1), column_key(1, 0), column_key(1, 1), column_key(1 << 20, 0)}) {
    // Neither the same nor a shifted copy: no 8 bytes of one are found in the other.
    const auto other = values(ValueKind::kRaw8, key, 0, 4096);
    for (std::size_t at = 0; at + 8 <= 64; at += 8) {
      EXPECT_EQ(std::search(other.begin(), other.end(), base.begin() + static_cast<std::ptrdiff_t>(at),
                            base.begin() + static_cast<std::ptrdiff_t>(at + 8)),
                other.end());
    }
  }
}

TEST(Values, DoNotCompress) {
  auto codec = arrow::util::Codec::Create(arrow::Compression::ZSTD, 3).ValueOrDie();
  for (const ValueKind kind : {ValueKind::kRaw8, ValueKind::kRaw64}) {
    const auto data = values(kind, column_key(0, 0), 0, (4 << 20) / value_bytes(kind));
    const auto* const in = reinterpret_cast<const std::uint8_t*>(data.data());
    const auto size = static_cast<std::int64_t>(data.size());
    std::vector<std::uint8_t> out(static_cast<std::size_t>(codec->MaxCompressedLen(size, in)));
    const std::int64_t compressed =
        codec->Compress(size, in, static_cast<std::int64_t>(out.size()), out.data()).ValueOrDie();
    EXPECT_GE(static_cast<double>(compressed), 0.99 * static_cast<double>(size));
  }
}

TEST(Values, BitsAreTheStreamsBits) {
  const std::uint64_t key = column_key(4, 4);
  for (const std::uint64_t first : {0U, 1U, 7U, 8U, 1003U}) {
    for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 1000U}) {
      std::vector<std::byte> out((count + 7) / 8 + 1, std::byte{0xAA});
      fill_bits(key, first, count, out.data());
      EXPECT_EQ(out.back(), std::byte{0xAA}) << "wrote past its end";
      for (std::size_t i = 0; i < (out.size() - 1) * 8; ++i) {
        const bool bit = (static_cast<unsigned>(out[i / 8]) >> (i % 8) & 1U) != 0;
        const bool expected = i < count && (reference_byte(key, (first + i) / 8) >> ((first + i) % 8) & 1U) != 0;
        ASSERT_EQ(bit, expected) << first << " " << count << " " << i;
      }
    }
  }
}

TEST(Values, StringsAreTheWordsInDecimal) {
  const std::uint64_t key = column_key(6, 1);
  std::vector<std::byte> out(3000 * kMaxPlainStringBytes);
  std::size_t left = fill_plain_strings(key, 50, 3000, out.data());
  const std::byte* at = out.data();
  for (std::uint64_t k = 50; k < 3050; ++k) {
    std::uint32_t length;
    ASSERT_GE(left, sizeof(length));
    std::memcpy(&length, at, sizeof(length));
    ASSERT_GE(left, sizeof(length) + length);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(at) + 4, length),
              "s_" + std::to_string(reference_word(key, k) >> 1));
    at += sizeof(length) + length;
    left -= sizeof(length) + length;
  }
  EXPECT_EQ(left, 0U);
}

// Data sets made by different versions and machines must hold the same bytes. A change here is a change of every data
// set.
TEST(Values, AreThoseOfEveryEarlierVersion) {
  const std::uint64_t expected[] = {7570460660597781689U,  16781209731263367894U, 6383082959402309687U,
                                    10797990094954034964U, 2725776597992073453U,  1958723759214245926U,
                                    2554756502595656790U,  17166538814467491150U, 10686770812695764668U,
                                    8925570448939043393U,  13193459648537950865U};
  for (std::size_t i = 0; i < std::size(kAllKinds); ++i) {
    EXPECT_EQ(fnv1a(values(kAllKinds[i], column_key(7, 11), 123, 20000)), expected[i]) << "kind " << i;
  }
}

}  // namespace
}  // namespace stoker::format
