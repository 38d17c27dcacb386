// Which rows an epoch has read, over all ranks, against what was planned.
#pragma once

#include "base/status.h"
#include "data/dataset/coverage.h"
#include "data/dataset/plan.h"
#include "results/coverage.h"
#include "workloads/training/context.h"
#include "workloads/training/data_split.h"

namespace stoker::training {

// Collective; filled on rank 0. Code::kInternal when a row was read more than once, or others than planned were.
[[nodiscard]] Result<results::EpochCoverage> prove_coverage(Context&, const DataSplit&, const dataset::EpochPlan&,
                                                            const dataset::Coverage&, std::uint64_t epoch);

}  // namespace stoker::training
