#include "data/audit/canonical.h"

#include <bit>
#include <cstring>

namespace stoker::audit {

static_assert(std::endian::native == std::endian::little, "values are taken as they lie in memory");

std::int64_t canonical_int96(Bytes int96) {
  constexpr std::uint64_t kEpochDay = 2'440'588;  // 1970-01-01 as a Julian day
  constexpr std::uint64_t kDayNanoseconds = 86'400'000'000'000;
  std::uint64_t of_day = 0;
  std::uint32_t day = 0;
  std::memcpy(&of_day, int96.data(), sizeof of_day);
  std::memcpy(&day, int96.data() + sizeof of_day, sizeof day);
  return static_cast<std::int64_t>((day - kEpochDay) * kDayNanoseconds + of_day);
}

std::size_t canonical_decimal_bytes(std::int32_t precision) {
  constexpr std::int32_t kNarrowPrecision = 38;
  return precision > kNarrowPrecision ? 32 : 16;
}

void canonical_decimal(format::ValueType type, Bytes value, MutBytes out) {
  const bool big_endian = type == format::ValueType::kDecimalBytes;
  const auto at = [&](std::size_t i) { return value[big_endian ? value.size() - 1 - i : i]; };
  const bool negative = !value.empty() && (at(value.size() - 1) & std::byte{0x80}) != std::byte{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = i < value.size() ? at(i) : negative ? std::byte{0xFF} : std::byte{};
  }
}

}  // namespace stoker::audit
