// Sizes and durations as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace stoker {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

// 1536 -> "1.5 KiB"; below 1024 "17 B".
[[nodiscard]] std::string format_bytes(double bytes);
// 0.000375 -> "375 us", 90 -> "1m30s".
[[nodiscard]] std::string format_duration(double seconds);
// 1234567 -> "1,234,567".
[[nodiscard]] std::string format_count(std::uint64_t n);

}  // namespace stoker
