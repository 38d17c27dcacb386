#include "metrics/statistics.h"

#include <cmath>

namespace stoker::metrics {

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double population_stdev(std::span<const double> values) {
  if (values.empty()) return 0;
  const double m = mean(values);
  double squares = 0;
  for (const double v : values) squares += (v - m) * (v - m);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

double finite_or_zero(double x) {
  return std::isfinite(x) ? x : 0.0;
}

}  // namespace stoker::metrics
