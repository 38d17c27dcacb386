// Accelerator utilisation (AU) and throughput: pure functions of recorded steps (spec: workload 4.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "metrics/step_record.h"

namespace stoker::metrics {

// How many steps of a block are left out of its window, counted from its first and from its last step.
struct Exclude {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

// output.metric.exclude_{start,end}_steps are meant per epoch: start steps are left out of the first block only, end
// steps of the last block only. `block` is 0-based among the `blocks` of the epoch.
[[nodiscard]] Exclude block_exclude(Exclude epoch, std::uint64_t block, std::uint64_t blocks);

// nullopt: nothing was measured, because no step is in the window or it took no time.
struct BlockMetrics {
  std::optional<double> au_percent;
  std::optional<double> samples_per_second;  // of this rank
  std::uint64_t measured_steps = 0;          // |W|; 0 where nothing was measured
  std::uint64_t steps = 0;                   // recorded steps, excluded ones too
};

// One block on one rank:
//
//   W  = recorded steps with index in [exclude.start, steps - 1 - exclude.end]
//   C  = sum of (compute - late) over W
//   D  = block_wall - sum over steps outside W of (proc + the barrier that follows)
//   AU = 100 * C / D        throughput = |W| * batch_size / D        (not measured if W is empty or D <= 0)
//
// The reference counts `late` as computing, so that a run that was suspended has a better AU than one that was not.
// `block_wall` runs from before the first load to after the last step's barrier. Barriers of steps in W stay in D.
[[nodiscard]] BlockMetrics block_metrics(std::span<const StepRecord> steps, Exclude exclude, Nanos block_wall,
                                         std::uint64_t batch_size);

struct EpochMetrics {
  std::optional<double> au_percent;
  std::optional<double> samples_per_second;
  std::uint64_t measured_steps = 0;
  std::uint64_t steps = 0;
};

// One rank's epoch: averages over its blocks, weighted by the steps in each. A block that measured nothing (all its
// steps excluded) has no say.
[[nodiscard]] EpochMetrics epoch_metrics(std::span<const BlockMetrics> blocks);

// The same epoch over all ranks: mean of AU, sum of throughput, of the ranks that measured. Steps are the lowest of the
// ranks' (they are equal in a sound run).
[[nodiscard]] EpochMetrics over_ranks(std::span<const EpochMetrics> ranks);

// Evaluation on one rank: AU as of one block; throughput is all steps * batch_size / wall, nothing left out.
[[nodiscard]] EpochMetrics eval_metrics(std::span<const StepRecord> steps, Exclude exclude, Nanos wall,
                                        std::uint64_t batch_size);

}  // namespace stoker::metrics
