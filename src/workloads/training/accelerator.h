// The emulated accelerator: computing is waiting, precisely.
#pragma once

#include <stop_token>

#include "base/clock.h"
#include "config/duration_sampler.h"

namespace stoker::training {

// How long a step computed.
struct Computed {
  Nanos took{0};
  // What this and the step before it took longer than they were told and no later step makes up for.
  Nanos late{0};
  friend bool operator==(const Computed&, const Computed&) = default;
};

// One per rank and purpose (training, evaluation). Not for sharing.
class Accelerator {
 public:
  Accelerator(const Clock& clock, const config::Duration& step_time, std::uint64_t seed)
      : clock_(clock), sampler_(step_time, seed) {}

  // "Computes" one step that begins now. Deadlines are absolute and chained: what a step overslept is taken off the
  // next one, up to that one's length, so that the sum of many steps does not drift (measured: docs/metrics.md).
  [[nodiscard]] Computed compute(const std::stop_token& stop);

 private:
  const Clock& clock_;
  config::DurationSampler sampler_;
  Nanos overslept_{0};  // that the next step pays back
};

}  // namespace stoker::training
