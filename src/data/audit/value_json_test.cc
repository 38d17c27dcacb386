#include "data/audit/value_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "data/audit/canonical.h"

namespace stoker::audit {
namespace {

using format::ColumnInfo;
using format::ValueType;

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string shown(const ColumnInfo& column, std::string_view value) {
  return results::dump_line(value_json(column, std::as_bytes(std::span(value))));
}

std::string shown(ValueType type, std::string_view value) {
  return shown(ColumnInfo{.values = type}, value);
}

TEST(ValueJson, OfNumbers) {
  EXPECT_EQ(shown(ValueType::kBool, std::string_view("\0", 1)), "false");
  EXPECT_EQ(shown(ValueType::kBool, "\1"), "true");
  EXPECT_EQ(shown(ValueType::kSigned, raw(std::int8_t{-128})), "-128");
  EXPECT_EQ(shown(ValueType::kSigned, raw(std::int16_t{-2})), "-2");
  EXPECT_EQ(shown(ValueType::kSigned, raw(std::int32_t{1 << 30})), "1073741824");
  EXPECT_EQ(shown(ValueType::kSigned, raw(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(shown(ValueType::kUnsigned, raw(std::uint8_t{255})), "255");
  EXPECT_EQ(shown(ValueType::kUnsigned, raw(std::uint16_t{65535})), "65535");
  EXPECT_EQ(shown(ValueType::kUnsigned, raw(~std::uint64_t{0})), "18446744073709551615");
}

TEST(ValueJson, OfFloats) {
  EXPECT_EQ(shown(ValueType::kFloat, raw(0.1F)), "0.1");
  EXPECT_EQ(shown(ValueType::kFloat, raw(-2.5)), "-2.5");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x3C00})), "1.0");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0xC100})), "-2.5");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x7BFF})), "65504.0");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x0001})), "5.960464477539063e-08");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x8400})), "-6.103515625e-05");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x0000})), "0.0");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x7C00})), "\"inf\"");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0xFC00})), "\"-inf\"");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::uint16_t{0x7C01})), "\"nan\"");
  EXPECT_EQ(shown(ValueType::kFloat, raw(std::nanf(""))), "\"nan\"");
  EXPECT_EQ(shown(ValueType::kFloat, raw(HUGE_VALF)), "\"inf\"");
  EXPECT_EQ(shown(ValueType::kFloat, raw(-HUGE_VAL)), "\"-inf\"");
}

TEST(ValueJson, OfTextAndBytes) {
  EXPECT_EQ(shown(ValueType::kText, "k\xC3\xA9"), "\"k\xC3\xA9\"");
  EXPECT_EQ(shown(ValueType::kText, ""), "\"\"");
  EXPECT_EQ(shown(ValueType::kText, "a\xFF"), "\"0x61ff\"");
  EXPECT_EQ(shown(ValueType::kBinary, std::string_view("a\0\xFF", 3)), "\"0x6100ff\"");
  EXPECT_EQ(shown(ValueType::kBinary, ""), "\"0x\"");
}

TEST(ValueJson, OfLongTextIsItsBeginning) {
  EXPECT_EQ(shown(ValueType::kText, std::string(4096, 'x')), '"' + std::string(4096, 'x') + '"');
  EXPECT_EQ(shown(ValueType::kText, std::string(4097, 'x')),
            R"({"first":")" + std::string(4096, 'x') + R"(","bytes":4097})");
  // Not through a character of two bytes.
  const std::string odd = "x" + std::string(4094, 'y') + "\xC3\xA9zz";
  EXPECT_EQ(shown(ValueType::kText, odd), R"({"first":")" + odd.substr(0, 4095) + R"(","bytes":4099})");
  EXPECT_EQ(shown(ValueType::kBinary, std::string(4097, '\x81')).substr(0, 14), R"({"first":"0x81)");
}

ColumnInfo decimal(ValueType type, std::int32_t precision, std::int32_t scale) {
  return {.values = type, .precision = precision, .scale = scale};
}

TEST(ValueJson, OfDecimals) {
  const auto four = [](std::int32_t unscaled, std::int32_t scale) {
    return shown(decimal(ValueType::kDecimal, 9, scale), raw(unscaled));
  };
  EXPECT_EQ(four(12345, 2), "\"123.45\"");
  EXPECT_EQ(four(-12345, 2), "\"-123.45\"");
  EXPECT_EQ(four(5, 2), "\"0.05\"");
  EXPECT_EQ(four(-5, 1), "\"-0.5\"");
  EXPECT_EQ(four(0, 2), "\"0.00\"");
  EXPECT_EQ(four(0, 0), "\"0\"");
  EXPECT_EQ(four(70, 0), "\"70\"");
  EXPECT_EQ(four(std::numeric_limits<std::int32_t>::min(), 0), "\"-2147483648\"");
  EXPECT_EQ(shown(decimal(ValueType::kDecimalBytes, 9, 1), std::string_view("\xFF\x01", 2)), "\"-25.5\"");
  EXPECT_EQ(shown(decimal(ValueType::kDecimalBytes, 9, 1), ""), "\"0.0\"");
  // 2^100.
  EXPECT_EQ(shown(decimal(ValueType::kDecimalBytes, 38, 0), std::string("\x10") + std::string(12, '\0')),
            "\"1267650600228229401496703205376\"");
  EXPECT_EQ(shown(decimal(ValueType::kDecimalBytes, 60, 0), std::string("\x10") + std::string(16, '\0')),
            "\"5444517870735015415413993718908291383296\"");
}

TEST(ValueJson, OfInt96IsNanoseconds) {
  EXPECT_EQ(shown(ValueType::kInt96, raw(std::uint64_t{7}) + raw(std::uint32_t{2'440'589})), "86400000000007");
}

TEST(CanonicalDecimal, KeepsTheLowerBytesOfWhatIsTooLong) {
  const std::string value = std::string(17, '\x01');
  std::array<std::byte, 16> out{};
  canonical_decimal(ValueType::kDecimalBytes, std::as_bytes(std::span(value)), out);
  for (const std::byte b : out) EXPECT_EQ(b, std::byte{1});
  EXPECT_EQ(canonical_decimal_bytes(38), 16U);
  EXPECT_EQ(canonical_decimal_bytes(39), 32U);
}

}  // namespace
}  // namespace stoker::audit
