#include "data/audit/value_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "data/audit/canonical.h"

namespace stoker::audit {
namespace {

using format::ValueType;
using results::Json;

constexpr std::size_t kTextBytes = 4096;

// A number of up to 8 bytes in little endian.
std::uint64_t unsigned_of(Bytes value) {
  std::uint64_t number = 0;
  std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
  return number;
}

std::int64_t signed_of(Bytes value) {
  const std::size_t bits = 8 * std::min(value.size(), sizeof(std::int64_t));
  if (bits == 0) return 0;
  const auto shift = static_cast<int>(64 - bits);
  return static_cast<std::int64_t>(unsigned_of(value) << shift) >> shift;
}

double half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F;
  const int fraction = bits & 0x3FF;
  double magnitude = 0;
  if (exponent == 0x1F) {
    magnitude = fraction == 0 ? HUGE_VAL : std::nan("");
  } else {
    magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 0x400, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

Json float_json(Bytes value) {
  double number = 0;
  if (value.size() == 2) {
    number = half(static_cast<std::uint16_t>(unsigned_of(value)));
  } else if (value.size() == 4) {
    const auto single = std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_of(value)));
    // The shortest digits that are this float, and not those of the double that it becomes.
    if (std::isfinite(single)) return Json::parse(fmt::format("{}", single));
    number = static_cast<double>(single);
  } else {
    number = std::bit_cast<double>(unsigned_of(value));
  }
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  return number;
}

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::string hexadecimal(Bytes value) {
  std::string text = "0x";
  for (const std::byte b : value) text += fmt::format("{:02x}", static_cast<unsigned>(b));
  return text;
}

Json bytes_json(Bytes value, bool is_text) {
  if (value.size() > kTextBytes) {
    // The cut may go through a character.
    Bytes first = value.first(kTextBytes);
    while (is_text && !first.empty() && (value[first.size()] & std::byte{0xC0}) == std::byte{0x80})
      first = first.first(first.size() - 1);
    return {{"first", bytes_json(first, is_text)}, {"bytes", value.size()}};
  }
  const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
  if (is_text && is_utf8(text)) return text;
  return hexadecimal(value);
}

// Two's complement in little endian as decimal digits.
std::string digits(std::vector<std::uint8_t> number, bool& negative) {
  negative = (number.back() & 0x80) != 0;
  if (negative) {
    unsigned carry = 1;
    for (std::uint8_t& byte : number) {
      carry += static_cast<std::uint8_t>(~byte);
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  std::string text;
  while (std::ranges::any_of(number, [](std::uint8_t b) { return b != 0; })) {
    unsigned rest = 0;
    for (std::size_t i = number.size(); i-- > 0;) {
      rest = rest << 8 | number[i];
      number[i] = static_cast<std::uint8_t>(rest / 10);
      rest %= 10;
    }
    text += static_cast<char>('0' + rest);
  }
  std::ranges::reverse(text);
  return text;
}

Json decimal_json(const format::ColumnInfo& column, Bytes value) {
  std::vector<std::uint8_t> number(canonical_decimal_bytes(column.precision));
  canonical_decimal(column.values, value, std::as_writable_bytes(std::span(number)));
  bool negative = false;
  std::string text = digits(std::move(number), negative);
  const auto scale = static_cast<std::size_t>(std::max(column.scale, 0));
  if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
  if (scale > 0) text.insert(text.size() - scale, ".");
  return negative ? "-" + text : text;
}

}  // namespace

Json value_json(const format::ColumnInfo& column, Bytes value) {
  switch (column.values) {
    case ValueType::kBool: return unsigned_of(value) != 0;
    case ValueType::kSigned: return signed_of(value);
    case ValueType::kUnsigned: return unsigned_of(value);
    case ValueType::kFloat: return float_json(value);
    case ValueType::kText: return bytes_json(value, true);
    case ValueType::kBinary: return bytes_json(value, false);
    case ValueType::kDecimal:
    case ValueType::kDecimalBytes: return decimal_json(column, value);
    case ValueType::kInt96: return canonical_int96(value);
  }
  return nullptr;
}

}  // namespace stoker::audit
