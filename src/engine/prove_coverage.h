// Which rows an epoch has read, over all ranks, against what was planned.
#pragma once

#include "base/status.h"
#include "dataset/coverage.h"
#include "dataset/plan.h"
#include "engine/context.h"
#include "engine/data_split.h"
#include "results/coverage.h"

namespace stoker::engine {

// Collective; filled on rank 0. Code::kInternal when a row was read more than once, or others than planned were.
[[nodiscard]] Result<results::EpochCoverage> prove_coverage(Context&, const DataSplit&, const dataset::EpochPlan&,
                                                            const dataset::Coverage&, std::uint64_t epoch);

}  // namespace stoker::engine
