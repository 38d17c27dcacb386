#include "data/format/half.h"

#include <bit>
#include <cmath>

namespace stoker::format {
namespace {

constexpr unsigned kFraction = 10;
constexpr std::uint16_t kInfinity = 0x7C00, kNan = 0x7E00;
constexpr double kLimit = 65520;  // half way between the largest half and the next one, which there is none

}  // namespace

float half_to_float(std::uint16_t half) {
  const unsigned exponent = (half >> kFraction) & 31U, fraction = half & 1023U;
  float value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = static_cast<float>(fraction) * 0x1p-24F;
  } else {
    value = std::bit_cast<float>(fraction << 13U | (exponent + 112U) << 23U);
  }
  return (half & 0x8000U) != 0 ? -value : value;
}

std::uint16_t half_of(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const double size = std::fabs(value);
  if (std::isnan(value)) return sign | kNan;
  if (size >= kLimit) return sign | kInfinity;
  // Below the least normal number all have one last place, which is that of doubles near 2^28: adding it rounds to
  // even.
  if (size < 0x1p-14) return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint64_t>(size + 0x1p28) & 0x7FFU));
  // Exponent and fraction as one number: what is rounded up to the next power of two carries into the exponent.
  constexpr unsigned kDropped = 52 - kFraction;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(size) - (std::uint64_t{1023 - 15} << 52U);
  const std::uint64_t half_way = (std::uint64_t{1} << (kDropped - 1)) - 1 + ((bits >> kDropped) & 1U);
  return static_cast<std::uint16_t>(sign | (bits + half_way) >> kDropped);
}

}  // namespace stoker::format
