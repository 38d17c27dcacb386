// How large requests are: what the POSIX back end sends, and what a model of a storage must cut alike.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/units.h"

namespace stoker::io {

// Through the page cache. Measured on local NVMe: 256 KiB to 1 MiB per pread cost the least CPU per byte, on cold and
// on cached files.
inline constexpr std::uint64_t kBufferedRequestBytes = kMiB;

// Past it, of `total` bytes that are asked for in one call. Few large requests cost the least CPU, but a device needs
// about eight in flight to give all it has: so a call is cut into eighths, within bounds.
[[nodiscard]] inline std::uint64_t direct_request_bytes(std::uint64_t total) {
  constexpr std::uint64_t kPiecesInFlight = 8;
  return std::clamp<std::uint64_t>(total / kPiecesInFlight, kMiB, 4 * kMiB);
}

}  // namespace stoker::io
