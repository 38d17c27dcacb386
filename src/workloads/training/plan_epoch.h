// The plan of an epoch from the configuration, and what the user is told of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "data/dataset/plan.h"
#include "workloads/training/context.h"
#include "workloads/training/data_split.h"
#include "workloads/training/phase.h"

namespace stoker::training {

// Collective.
[[nodiscard]] Result<dataset::EpochPlan> plan_epoch(Context&, const DataSplit&, Phase, std::uint64_t epoch);

// Before the first epoch: says how many steps each will have, and how many rows no rank will read, and why.
// Code::kConfig when training has not even one step.
Status announce_plan(Context&, const DataSplit&, Phase);

// Rows of a split that no rank reads in an epoch, by reason.
struct LeftOut {
  std::uint64_t beyond_file_limit = 0;  // more rows in the files than dataset.num_samples_per_file
  std::uint64_t no_full_batch = 0;      // less than a batch on every rank
  std::uint64_t beyond_steps = 0;       // train.total_training_steps
  [[nodiscard]] std::uint64_t total() const { return beyond_file_limit + no_full_batch + beyond_steps; }
};
[[nodiscard]] LeftOut left_out(const DataSplit&, const dataset::PlanRequest&);

}  // namespace stoker::training
