// Numbers of a whole run, over its epochs, checkpoints or generated files: what the results print. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "metrics/au.h"

namespace stoker::metrics {

// Training or evaluation over the epochs of a run; one list entry per epoch (of all ranks together).
// nullopt: not measured, in a list for that epoch and else for all of them. Means and deviations are over the epochs
// that were measured.
struct RateMetrics {
  std::vector<std::optional<double>> au_percent;
  std::optional<double> au_mean_percent, au_stdev_percent;
  bool meets_expectation = false;  // au_mean_percent >= 100 * metric.au
  std::vector<std::optional<double>> samples_per_second;
  std::optional<double> samples_mean_per_second, samples_stdev_per_second;
  std::optional<double> io_mean_mib_per_second, io_stdev_mib_per_second;  // samples/s * record_bytes / 2^20
  std::vector<std::uint64_t> measured_steps;  // of each rank; empty in results of others, which do not say
  friend bool operator==(const RateMetrics&, const RateMetrics&) = default;
};

// `epochs` are over all ranks (over_ranks). `record_bytes` is config::record_bytes; `target` is metric.au, a fraction.
[[nodiscard]] RateMetrics rate_metrics(std::span<const EpochMetrics> epochs, double record_bytes, double target);

// Saves or loads of one run. Throughput of one: total bytes of the checkpoint over its duration, which runs from the
// common start to the slowest rank's end.
struct CheckpointMetrics {
  double io_mean_gib_per_second = 0, io_stdev_gib_per_second = 0;
  double duration_mean_seconds = 0, duration_stdev_seconds = 0;
  friend bool operator==(const CheckpointMetrics&, const CheckpointMetrics&) = default;
};

[[nodiscard]] double gib_per_second(std::uint64_t bytes, Nanos duration);  // 0 when the duration is not positive
[[nodiscard]] CheckpointMetrics checkpoint_metrics(std::span<const Nanos> durations, std::uint64_t checkpoint_bytes);

struct GenerationMetrics {
  std::uint64_t files = 0;  // written; rates are of these alone
  std::uint64_t bytes = 0;
  std::uint64_t kept_files = 0;  // that an earlier, interrupted generation had finished
  std::uint64_t kept_bytes = 0;
  double seconds = 0;  // from the common start until the slowest rank's files are on the storage
  double mib_per_second = 0;
  std::uint64_t direct_bytes = 0;  // of `bytes`, those that went past the page cache
  // Of `seconds`, the slowest rank's wait at the end for what was in the page cache to be on the storage.
  double sync_seconds = 0;
  friend bool operator==(const GenerationMetrics&, const GenerationMetrics&) = default;
};

[[nodiscard]] GenerationMetrics generation_metrics(std::uint64_t files, std::uint64_t bytes, Nanos duration);

// What one epoch asked of the storage, all ranks together.
struct EpochBytes {
  std::uint64_t bytes = 0;
  Nanos wall{0};  // of the epoch's training
};

// Mean over epochs of bytes / wall; epochs that took no time count as 0.
[[nodiscard]] double storage_mean_mib_per_second(std::span<const EpochBytes> epochs);

}  // namespace stoker::metrics
