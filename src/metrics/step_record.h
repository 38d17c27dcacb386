// What one step took.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace stoker::metrics {

// Durations of one step on one rank, in the order they happen.
struct StepRecord {
  Nanos load{0};     // waiting for the batch
  Nanos compute{0};  // emulated computation, as measured
  Nanos barrier{0};  // waiting for the other ranks
  // How much longer this and earlier steps computed than the accelerator was told, where no later step makes up for it
  // (workloads/training/accelerator.h). Over the steps of an epoch it is part of compute. A process that was stopped or
  // had no core computed nothing then.
  Nanos late{0};
  Nanos barrier_core{0};  // of barrier: the other ranks were there, or on their way, and this one had no core
  [[nodiscard]] Nanos proc() const { return load + compute; }
};

// The steps of one block. Capacity is fixed, so that recording never allocates.
class StepLog {
 public:
  explicit StepLog(std::size_t capacity) { steps_.reserve(capacity); }
  void add(const StepRecord& step) { steps_.push_back(step); }
  void clear() { steps_.clear(); }
  [[nodiscard]] const std::vector<StepRecord>& steps() const { return steps_; }

 private:
  std::vector<StepRecord> steps_;
};

}  // namespace stoker::metrics
