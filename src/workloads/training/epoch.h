// The step loop: one epoch of training or evaluation on one rank.
#pragma once

#include <vector>

#include "base/status.h"
#include "data/dataset/plan.h"
#include "data/pipeline/data_loader.h"
#include "metrics/attribution.h"
#include "metrics/step_record.h"
#include "workloads/training/accelerator.h"
#include "workloads/training/context.h"
#include "workloads/training/phase.h"

namespace stoker::training {

// One epoch (training: its one block) as it happened on this rank.
struct EpochRun {
  Instant begin, end;  // before the first load; after the last step's barrier
  std::chrono::system_clock::time_point wall_begin, wall_end;
  std::vector<metrics::StepRecord> steps;
  metrics::StepTotals totals;
  pipeline::EpochTotals loader;
  [[nodiscard]] Nanos wall() const { return end - begin; }
};

// Runs plan.steps() steps: wait for the batch, compute, meet the other ranks. Collective: the first error of any rank
// ends it on all, with the same error. In evaluation ranks meet only at the end.
[[nodiscard]] Result<EpochRun> run_epoch(Context& context, pipeline::DataLoader& loader, const dataset::EpochPlan& plan,
                                         Accelerator& accelerator, Phase phase, std::uint64_t epoch);

}  // namespace stoker::training
