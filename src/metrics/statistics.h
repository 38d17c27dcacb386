// Means and deviations over small lists of numbers. Never NaN: an empty list has mean 0 and deviation 0.
#pragma once

#include <span>

namespace stoker::metrics {

[[nodiscard]] double mean(std::span<const double> values);
// The population one: divides by N, as the results have always done.
[[nodiscard]] double population_stdev(std::span<const double> values);
// x where it is finite, else 0.
[[nodiscard]] double finite_or_zero(double x);

}  // namespace stoker::metrics
