// The training phase of a run: files, epochs, steps, evaluation.
#pragma once

#include <optional>
#include <vector>

#include "base/status.h"
#include "metrics/attribution.h"
#include "metrics/au.h"
#include "results/coverage.h"
#include "workloads/training/context.h"
#include "workloads/training/counters.h"

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
  double cpu_seconds = 0;                 // everywhere: of all processes while training
  // Everywhere: while training, a limit on CPUs held threads back; of the process whose group it held longest.
  double throttled_seconds = 0;
  // Everywhere: read by devices while training; nullopt when a host cannot say.
  std::optional<std::uint64_t> device_bytes;
  HostLoad host_load;                     // everywhere: of all hosts while training
  std::optional<metrics::SlowRank> slow;  // rank 0
};

// Collective. Writes `<rank>_output.json` and `<rank>_per_epoch_stats.json`. After a failure these files and the lists
// of `outcome` have the epochs that had ended by then; its sums over ranks have not been made.
[[nodiscard]] Status train(Context& context, TrainOutcome& outcome);

}  // namespace stoker::training
