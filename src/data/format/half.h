// IEEE 754 half precision, which C++20 has no type for.
#pragma once

#include <cstdint>

namespace stoker::format {

[[nodiscard]] float half_to_float(std::uint16_t half);
// The nearest one, the even one of two; beyond the largest: infinity.
[[nodiscard]] std::uint16_t half_of(double value);

}  // namespace stoker::format
