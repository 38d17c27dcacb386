// The data generation phase of a run.
#pragma once

#include "base/status.h"
#include "metrics/run_metrics.h"
#include "workloads/training/context.h"

namespace stoker::training {

// Writes the data set, all ranks together, and its manifest. Collective; the same answer on every rank.
[[nodiscard]] Result<metrics::GenerationMetrics> generate(Context& context);

}  // namespace stoker::training
