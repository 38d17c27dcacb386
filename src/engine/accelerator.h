// The emulated accelerator: computing is waiting, precisely.
#pragma once

#include <stop_token>

#include "base/clock.h"
#include "config/duration_sampler.h"

namespace stoker::engine {

// One per rank and purpose (training, evaluation). Not for sharing.
class Accelerator {
 public:
  Accelerator(const Clock& clock, const config::Duration& step_time, std::uint64_t seed)
      : clock_(clock), sampler_(step_time, seed) {}

  // "Computes" one step that begins now; returns how long that took, as measured. Deadlines are absolute and chained:
  // what a step overslept is taken off the next one, so that the sum of many steps does not drift (measured:
  // docs/metrics.md).
  [[nodiscard]] Nanos compute(const std::stop_token& stop);

 private:
  const Clock& clock_;
  config::DurationSampler sampler_;
  Nanos overslept_{0};
};

}  // namespace stoker::engine
