#include "metrics/ceilings.h"

#include <algorithm>
#include <vector>

namespace stoker::metrics {

std::optional<std::size_t> knee(std::span<const double> rates, double share) {
  if (rates.empty()) return std::nullopt;
  const double best = *std::ranges::max_element(rates);
  if (!(best > 0)) return std::nullopt;
  const auto it = std::ranges::find_if(rates, [&](double rate) { return rate >= share * best; });
  return static_cast<std::size_t>(it - rates.begin());
}

double median(std::span<const double> values) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double spread(std::span<const double> values) {
  const double middle = median(values);
  if (!(middle > 0)) return 0;
  const auto [least, most] = std::ranges::minmax(values);
  return (most - least) / middle;
}

std::optional<double> accelerators_per_core(double cpu_seconds_per_sample, double batch_samples, double step_seconds) {
  if (!(cpu_seconds_per_sample > 0) || !(batch_samples > 0) || !(step_seconds > 0)) return std::nullopt;
  return step_seconds / (batch_samples * cpu_seconds_per_sample);
}

std::optional<double> share_of_ceiling(double rate, double ceiling) {
  if (!(ceiling > 0)) return std::nullopt;
  return rate / ceiling;
}

}  // namespace stoker::metrics
