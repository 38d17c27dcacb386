// A pass over a split by all ranks: an epoch of training, or an evaluation.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "data/dataset/plan.h"
#include "data/pipeline/data_loader.h"
#include "metrics/au.h"
#include "results/epoch_stats.h"
#include "results/rank_output.h"
#include "workloads/training/accelerator.h"
#include "workloads/training/context.h"
#include "workloads/training/counters.h"
#include "workloads/training/data_split.h"
#include "workloads/training/epoch.h"
#include "workloads/training/outcome.h"
#include "workloads/training/phase.h"

namespace stoker::training {

struct Pass {
  std::chrono::system_clock::time_point started;  // all ranks were there
  EpochRun run;                                   // this rank's
  metrics::EpochMetrics rates;                    // this rank's, as its own file has them
  ProcessCounters before, after;                  // of this rank
  EpochOutcome outcome;                           // over all ranks

  // As a rank's files have it; `steps` are views of this pass.
  [[nodiscard]] results::EpochPhase stats(std::string name) const;
  [[nodiscard]] results::BlockSteps steps(std::string name) const;
};

// "AU 97.50 %, 12.00 samples/s".
[[nodiscard]] std::string rates_text(const metrics::EpochMetrics& metrics);

// Makes the passes of one phase; loader and accelerator are kept from one to the next. The context, the split and what
// it is read with outlive it. All but the constructor is collective, and an error is the same on all ranks.
class Passes {
 public:
  Passes(Context& context, Phase phase, const DataSplit& split, format::FormatReader& reader, io::Storage& storage)
      : c_(context), phase_(phase), split_(split), files_(split, reader, storage) {}

  // Before the first pass.
  [[nodiscard]] Status prepare();
  [[nodiscard]] Result<Pass> make(std::uint64_t epoch);

 private:
  [[nodiscard]] pipeline::LoaderOptions loader_options(std::optional<pipeline::Verification> verification) const;
  void begin(std::uint64_t epoch, std::uint64_t steps);
  // The steps alone, between two looks at the counters.
  Status run(const dataset::EpochPlan& plan, std::uint64_t epoch, Pass& pass);

  Context& c_;
  const Phase phase_;
  const DataSplit& split_;
  SplitFiles files_;
  std::optional<pipeline::DataLoader> loader_;
  std::optional<Accelerator> accelerator_;
};

}  // namespace stoker::training
