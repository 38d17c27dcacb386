// Numbers and the nouns they count, for messages.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.h"

namespace stoker {

// counted(1, "step") -> "1 step", counted(12345, "step") -> "12345 steps"; nouns with another plural give it.
template <class Number>
[[nodiscard]] std::string counted(Number n, std::string_view one, std::string_view many = {}) {
  if (n == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", n, one) : fmt::format("{} {}", n, many);
}

// The same with format_count's number: "12,345 steps".
[[nodiscard]] inline std::string counted_long(std::uint64_t n, std::string_view one, std::string_view many = {}) {
  if (n == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", format_count(n), one) : fmt::format("{} {}", format_count(n), many);
}

}  // namespace stoker
