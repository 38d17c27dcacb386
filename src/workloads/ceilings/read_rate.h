// What a storage gives a reader that does nothing but read: the chunks of a workload, planned, submitted and waited
// for, and their bytes left lying.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/status.h"
#include "data/io/storage.h"
#include "metrics/histogram.h"
#include "workloads/ceilings/chunks.h"

namespace stoker::ceilings {

struct ReadSettings {
  unsigned depth = 1;  // requests under way of each thread
  unsigned threads = 1;
  double seconds = 2;  // about so long
  // Called before each pass over the chunks; none: chunks may be read again without, one pass after the other.
  std::function<Status()> before_pass;
};

struct ReadMeasured {
  std::uint64_t bytes = 0, requests = 0;
  Nanos wall{0};
  Nanos cpu{0};  // of all threads
  metrics::Histogram latency;

  [[nodiscard]] double bytes_per_second() const {
    return wall.count() > 0 ? static_cast<double>(bytes) / to_seconds(wall) : 0;
  }
  [[nodiscard]] double cpu_seconds_per_gb() const {
    return bytes > 0 ? to_seconds(cpu) / (static_cast<double>(bytes) / 1e9) : 0;
  }
  [[nodiscard]] double request_bytes() const {
    return requests > 0 ? static_cast<double>(bytes) / static_cast<double>(requests) : 0;
  }
};

// Memory of one thread, or of several together unless their share were less than kLeastReadMemory.
inline constexpr std::uint64_t kMostReadMemory = std::uint64_t{512} << 20, kLeastReadMemory = std::uint64_t{32} << 20;

// Opening of files, and what before_pass does, is outside the clock. nullopt when the depth would take more
// memory than that. Code::kInterrupted when a stop is requested.
[[nodiscard]] Result<std::optional<ReadMeasured>> measure_reads(const Chunks&, io::Storage&, const Clock&,
                                                                const ReadSettings&, const std::stop_token&);

}  // namespace stoker::ceilings
