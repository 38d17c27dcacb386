// What training came to over all ranks, and how each rank's part becomes the run's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "cluster/dist/communicator.h"
#include "metrics/attribution.h"
#include "metrics/au.h"
#include "metrics/verdict.h"
#include "results/coverage.h"
#include "workloads/training/counters.h"
#include "workloads/training/epoch.h"

namespace stoker::training {

// One epoch over all ranks.
struct EpochOutcome {
  metrics::EpochMetrics metrics;
  std::uint64_t bytes_read = 0;                    // asked of the storage, all ranks
  Nanos wall{0};                                   // slowest rank
  std::optional<results::EpochCoverage> coverage;  // rank 0: which rows were read; nullopt where nothing is
};

// Training over all ranks; the same on every rank where marked, else complete on rank 0 only.
struct TrainOutcome {
  std::uint64_t samples_per_file = 0;     // true rows of a file, everywhere
  std::vector<EpochOutcome> train, eval;  // everywhere
  metrics::StepTotals steps;              // rank 0: summed over ranks and epochs, training only
  metrics::LoaderTotals loader;           // rank 0: likewise
  CountedUse counted;                     // everywhere: while training
  std::optional<metrics::SlowRank> slow;  // rank 0
};

// Collective: metrics::over_ranks, as reductions; with the sum of bytes and the slowest wall. Without coverage.
[[nodiscard]] Result<EpochOutcome> epoch_over_ranks(dist::Communicator& comm, const metrics::EpochMetrics& mine,
                                                    const EpochRun& run);

// Collective, after the last epoch: what each rank has counted becomes the run's, on rank 0.
[[nodiscard]] Status merge_ranks(dist::Communicator& comm, TrainOutcome& outcome);

}  // namespace stoker::training
