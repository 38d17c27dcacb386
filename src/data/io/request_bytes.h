// How large requests are, and how many are under way: what the POSIX back end sends, and what a model of a storage must
// cut alike.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

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

// What a thread keeps under way where the depth is the storage's choice. A device needs some requests to give all it
// has, and small ones more of them than large ones: measured on local NVMe, 32 of 128 KiB or 8 of 1 MiB.
inline constexpr unsigned kRequestsUnderWay = 32;
inline constexpr std::uint64_t kBytesUnderWay = 8 * kMiB;

// Chunks that a thread has in hand at most: no storage gains by more, and rings are told of so many blocks of memory.
inline constexpr unsigned kChunksUnderWay = 64;

// What a queue keeps under way: requests, and bytes where nobody said how many requests.
struct UnderWay {
  explicit UnderWay(unsigned asked)
      : requests_most(asked != 0 ? asked : kRequestsUnderWay),
        bytes_most(asked != 0 ? std::numeric_limits<std::uint64_t>::max() : kBytesUnderWay) {}
  // Whether further requests may be added to these.
  [[nodiscard]] bool takes_more(std::uint64_t requests, std::uint64_t bytes) const {
    return requests < requests_most && bytes < bytes_most;
  }
  const unsigned requests_most;
  const std::uint64_t bytes_most;
};

}  // namespace stoker::io
