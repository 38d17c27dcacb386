// Draws emulated times from their configured distribution.
#pragma once

#include <cstdint>
#include <random>

#include "base/clock.h"
#include "config/workload.h"

namespace stoker::config {

// One independent stream per (seed, rank, epoch, purpose); not for sharing between threads. Negative draws become 0.
class DurationSampler {
 public:
  DurationSampler(const Duration& duration, std::uint64_t seed) : duration_(duration), engine_(seed) {}

  [[nodiscard]] bool none() const { return duration_.kind == Duration::Kind::kNone; }
  [[nodiscard]] Nanos next();
  // The sum of n draws.
  [[nodiscard]] Nanos next_sum(std::uint64_t n);

 private:
  double draw();

  Duration duration_;
  std::mt19937_64 engine_;
  std::normal_distribution<double> normal_;  // keeps the second value of each pair
};

}  // namespace stoker::config
