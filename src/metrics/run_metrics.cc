#include "metrics/run_metrics.h"

#include "metrics/statistics.h"

namespace stoker::metrics {

namespace {
constexpr double kMiBytes = 1024.0 * 1024.0;
constexpr double kGiBytes = 1024.0 * kMiBytes;

// Mean and deviation of the values that are there.
void average(std::span<const std::optional<double>> values, std::optional<double>& to_mean,
             std::optional<double>& to_stdev) {
  std::vector<double> known;
  for (const auto& value : values) {
    if (value) known.push_back(*value);
  }
  if (known.empty()) return;
  to_mean = mean(known);
  to_stdev = population_stdev(known);
}
}  // namespace

RateMetrics rate_metrics(std::span<const EpochMetrics> epochs, double record_bytes, double target) {
  RateMetrics m;
  std::vector<std::optional<double>> mib_per_second;
  for (const EpochMetrics& epoch : epochs) {
    m.au_percent.push_back(epoch.au_percent);
    m.samples_per_second.push_back(epoch.samples_per_second);
    m.measured_steps.push_back(epoch.measured_steps);
    auto& mib = mib_per_second.emplace_back();
    if (epoch.samples_per_second) mib = *epoch.samples_per_second * record_bytes / kMiBytes;
  }
  average(m.au_percent, m.au_mean_percent, m.au_stdev_percent);
  average(m.samples_per_second, m.samples_mean_per_second, m.samples_stdev_per_second);
  average(mib_per_second, m.io_mean_mib_per_second, m.io_stdev_mib_per_second);
  // Nothing measured meets no target, not even the target 0.
  m.meets_expectation = m.au_mean_percent && *m.au_mean_percent >= 100.0 * target;
  return m;
}

double gib_per_second(std::uint64_t bytes, Nanos duration) {
  return duration > Nanos{0} ? static_cast<double>(bytes) / kGiBytes / to_seconds(duration) : 0.0;
}

CheckpointMetrics checkpoint_metrics(std::span<const Nanos> durations, std::uint64_t checkpoint_bytes) {
  std::vector<double> rates;
  std::vector<double> seconds;
  for (const Nanos duration : durations) {
    rates.push_back(gib_per_second(checkpoint_bytes, duration));
    seconds.push_back(to_seconds(duration));
  }
  return {.io_mean_gib_per_second = mean(rates),
          .io_stdev_gib_per_second = population_stdev(rates),
          .duration_mean_seconds = mean(seconds),
          .duration_stdev_seconds = population_stdev(seconds)};
}

double storage_mean_mib_per_second(std::span<const EpochBytes> epochs) {
  std::vector<double> rates;
  for (const EpochBytes& epoch : epochs) rates.push_back(gib_per_second(epoch.bytes, epoch.wall) * 1024.0);
  return mean(rates);
}

GenerationMetrics generation_metrics(std::uint64_t files, std::uint64_t bytes, Nanos duration) {
  return {.files = files,
          .bytes = bytes,
          .seconds = to_seconds(duration),
          .mib_per_second = gib_per_second(bytes, duration) * 1024.0};
}

}  // namespace stoker::metrics
