// Sizes and durations as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

// Seconds of "5ms", "1.5 s", "90us" or "2m"; a number alone is seconds. nullopt for anything else, and below 0.
[[nodiscard]] std::optional<double> parse_duration(std::string_view text);
// Bytes of "200MB" (10^6 each), "4 MiB" (2^20) or "512"; nullopt for anything else, and below 0.
[[nodiscard]] std::optional<double> parse_bytes(std::string_view text);

}  // namespace stoker
