// Points in time as results spell them: local time, no zone.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/status.h"

namespace stoker::results {

using WallTime = std::chrono::system_clock::time_point;

// "2025-06-01T10:00:00.000000".
[[nodiscard]] std::string format_timestamp(WallTime time);
// The inverse, for local times that exist; the fraction may have 0 to 6 digits or be absent, and ' ' may stand for 'T'.
// Code::kCorrupt otherwise.
[[nodiscard]] Result<WallTime> parse_timestamp(std::string_view text);

// "20250601_100000": names of run directories.
[[nodiscard]] std::string run_stamp(WallTime time);
// True for text of that form, with or without the suffix "_1" of a second run in the same second.
[[nodiscard]] bool is_run_stamp(std::string_view text);
// True for "20250601_100000", whatever follows: other programs and people add suffixes to names of run directories.
[[nodiscard]] bool begins_with_run_stamp(std::string_view text);

// "2025-06-01T10:00:00Z", UTC: collection timestamps.
[[nodiscard]] std::string format_utc(WallTime time);

}  // namespace stoker::results
