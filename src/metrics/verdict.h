// Why a run came out as it did, in one sentence. Pure: the thresholds below are the whole policy (docs/metrics.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "metrics/attribution.h"

namespace stoker::metrics {

// How busy the block devices below the data were during training; mean over hosts.
struct DeviceLoad {
  double busy = 0;       // 0..1 of the time
  double in_flight = 0;  // requests, on average
};

// For how much of training (0..1) threads of a host waited for a CPU, or for I/O; mean over hosts.
struct PressureShares {
  double cpu = 0, io = 0;
};

// The rank that waited longest for what it needed in each step, so that the others waited for it.
struct SlowRank {
  int rank = 0;
  std::string host;
  StepWait waited;  // how long, and for what mostly
  Nanos others{0};  // the median of the other ranks
  // How long requests took: the mean of its own, and the median of the other ranks' means; 0: not known.
  Nanos request{0}, others_request{0};
};
// What one rank waited for, and the mean time of its requests to the storage; 0: it made none, or that is not known.
struct RankWaits {
  StepTotals steps;
  Nanos request{0};
};
// Of all ranks, in their order; nullopt for a single rank.
[[nodiscard]] std::optional<SlowRank> slow_rank(std::span<const RankWaits> ranks);

// All ranks and epochs of the training of one run.
struct RunTotals {
  std::uint64_t accelerators = 1;    // ranks
  Nanos wall{0};                     // of training: epochs summed, each to its slowest rank's end
  StepTotals steps;                  // summed over ranks
  LoaderTotals loader;               // summed over ranks
  std::optional<double> au_percent;  // mean over epochs; nullopt: no step was measured
  std::uint64_t measured_steps = 0;  // of each rank, over all epochs: those that AU is made of
  double target = 0;                 // metric.au, a fraction
  std::uint64_t read_threads = 0;    // over all ranks
  double cpus = 0;                   // that the run may use, by affinity and quota, over all hosts; 0: unknown
  double cpu_seconds = 0;            // user + system of all processes, during training
  double throttled_seconds = 0;      // during training a limit on CPUs held threads back, on the host where it did most
  std::int64_t device_bytes = -1;  // read by block devices or the network file system on the run's behalf; -1: unknown
  std::uint64_t io_depth = 0;      // requests that each reader thread may keep under way; 0: not known
  bool io_depth_chosen = false;    // by the user
  std::optional<DeviceLoad> device;
  std::optional<PressureShares> pressure;
  std::optional<double> hosts_busy;  // 0..1 of the time of all the hosts' CPUs, by whatever program
  std::optional<SlowRank> slow;
  bool generated = false;        // the bytes were computed: there was no storage, and what it took is the client's
  bool verifies = false;         // reader.verify
  bool decode_optional = false;  // the format has a decode depth that can be turned down (dataset.parquet.decode)
};

enum class Bound {
  kNothing,    // nothing was trained
  kFewSteps,   // none or too few of the steps were measured to tell
  kSatisfied,  // the target was met, and accelerators waited noticeably: the storage was exercised
  kCompute,    // accelerators hardly waited: faster storage would change nothing
  kCache,      // memory, not the storage under test, delivered most bytes
  kStorage,
  kClient,    // copying, decompressing, decoding, verifying, preprocessing or placing, or no CPU left
  kCores,     // threads had work and no core for it
  kLate,      // steps computed longer than they were told
  kQueue,     // start-up or a window too small
  kBarrier,   // waiting for other ranks
  kStartUp,   // waiting for the first batches of epochs
  kSlowRank,  // waiting for one of them, which waited for something
  kOther,     // time outside load, compute and barrier
};
[[nodiscard]] std::string_view to_string(Bound);

struct Verdict {
  Bound bound = Bound::kNothing;
  std::string sentence;  // lower case, no full stop
};

namespace thresholds {
inline constexpr double kHardlyWaited = 0.02;  // of the accelerators' time, waiting for batches: compute-bound below
inline constexpr double kMostlyCached = 0.50;  // of the bytes asked for, not read by a device: the cache is named
// Of the CPUs' time, by this run or by all programs: above, storage waits are not trusted where the kernel does not
// tell who waited for a core.
inline constexpr double kCpuSaturated = 0.90;
// Requests in flight on average: with fewer, a device may have more to give (measured: eight of 1 MiB fill one).
inline constexpr double kFewInFlight = 8;
// As long as the others, waited one rank: it is named. While they wait for it their next batches come, so that a slow
// rank waits many times as long as they do; where all share what is slow, one may wait longer by its turn.
inline constexpr double kSlowRank = 4;
// As long as the others' took its requests: it is the rank's own path to the storage that is slow. Where all stand in
// one line, the last one's take up to twice as long as those in the middle, and it may wait any number of times as
// long, since the others' times are hidden behind their steps.
inline constexpr double kSlowRequests = 2.5;
// Of the largest loss, held back by a limit on CPUs for so long: the limit is named.
inline constexpr double kThrottled = 0.50;
// Of each rank. One wait of a step's length moves the AU of n steps by 100 / n points, and in every epoch the batches
// of the window may have been read before the first measured step: with fewer than this, target and miss lie within
// chance.
inline constexpr std::uint64_t kEnoughSteps = 20;
}  // namespace thresholds

[[nodiscard]] Verdict verdict(const RunTotals&);

// Requests in flight on average, over all threads: the sum of their latencies by the time that passed.
[[nodiscard]] double requests_in_flight(const RunTotals&);
// Share (0..1) of the requested bytes that no device had to read; -1 when device_bytes is unknown or nothing was
// requested.
[[nodiscard]] double cache_share(std::uint64_t bytes_requested, std::int64_t device_bytes);
// CPU seconds per GB (10^9 bytes) of what was asked of the storage; 0 when nothing was.
[[nodiscard]] double cpu_seconds_per_gb(double cpu_seconds, std::uint64_t bytes);

}  // namespace stoker::metrics
