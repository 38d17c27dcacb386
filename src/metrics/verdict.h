// Why a run came out as it did, in one sentence. Pure: the thresholds below are the whole policy (docs/metrics.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/attribution.h"

namespace stoker::metrics {

// All ranks and epochs of the training of one run.
struct RunTotals {
  std::uint64_t accelerators = 1;  // ranks
  Nanos wall{0};                   // of training: epochs summed, each to its slowest rank's end
  StepTotals steps;                // summed over ranks
  LoaderTotals loader;             // summed over ranks
  double au_percent = 0;           // mean over epochs
  double target = 0;               // metric.au, a fraction
  std::uint64_t read_threads = 0;  // over all ranks
  std::uint64_t cpus = 0;          // that the run may use, over all hosts; 0: unknown
  double cpu_seconds = 0;          // user + system of all processes, during training
  std::int64_t device_bytes = -1;  // read by block devices or the network file system on the run's behalf; -1: unknown
  bool verifies = false;           // reader.verify
  bool decode_optional = false;    // the format has a decode depth that can be turned down (dataset.parquet.decode)
};

enum class Bound {
  kNothing,    // nothing was trained
  kSatisfied,  // the target was met, and accelerators waited noticeably: the storage was exercised
  kCompute,    // accelerators hardly waited: faster storage would change nothing
  kCache,      // memory, not the storage under test, delivered most bytes
  kStorage,
  kClient,   // decompressing, decoding, verifying, preprocessing or placing, or no CPU left
  kQueue,    // start-up or a window too small
  kBarrier,  // waiting for other ranks
  kOther,    // time outside load, compute and barrier
};
[[nodiscard]] std::string_view to_string(Bound);

struct Verdict {
  Bound bound = Bound::kNothing;
  std::string sentence;  // lower case, no full stop
};

namespace thresholds {
inline constexpr double kHardlyWaited = 0.02;  // of the accelerators' time, waiting for batches: compute-bound below
inline constexpr double kMostlyCached = 0.50;  // of the bytes asked for, not read by a device: the cache is named
inline constexpr double kCpuSaturated = 0.90;  // of the CPUs' time: storage waits are not trusted above
}  // namespace thresholds

[[nodiscard]] Verdict verdict(const RunTotals&);

// Share (0..1) of the requested bytes that no device had to read; -1 when device_bytes is unknown or nothing was
// requested.
[[nodiscard]] double cache_share(std::uint64_t bytes_requested, std::int64_t device_bytes);
// CPU seconds per GB (10^9 bytes) of what was asked of the storage; 0 when nothing was.
[[nodiscard]] double cpu_seconds_per_gb(double cpu_seconds, std::uint64_t bytes);

}  // namespace stoker::metrics
