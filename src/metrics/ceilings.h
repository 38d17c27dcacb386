// How a run compares with the most that its storage and its client can give, and what the measurements of that most
// come to. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace stoker::metrics {

// The smallest depth that is worth having: the first of `rates`, in the order of their depths, with at least `share` of
// the largest. nullopt when none is above 0.
inline constexpr double kKneeShare = 0.95;
[[nodiscard]] std::optional<std::size_t> knee(std::span<const double> rates, double share = kKneeShare);

// Of an even number of values the mean of the two in the middle; 0 of none.
[[nodiscard]] double median(std::span<const double> values);
// (largest - smallest) / median; 0 where the median is.
[[nodiscard]] double spread(std::span<const double> values);

// Accelerators that a core can keep busy: each takes a batch per step of `step_seconds`, and a sample costs the core
// `cpu_seconds_per_sample`. nullopt where steps take no time, or samples none: then there is no such limit.
[[nodiscard]] std::optional<double> accelerators_per_core(double cpu_seconds_per_sample, double batch_samples,
                                                          double step_seconds);

// rate / ceiling; nullopt where the ceiling is none.
[[nodiscard]] std::optional<double> share_of_ceiling(double rate, double ceiling);

}  // namespace stoker::metrics
