// From what a run measured to summary.json and the lines on the screen.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/run_metrics.h"
#include "workloads/training/context.h"
#include "workloads/training/outcome.h"

namespace stoker::training {

// One host of the run, in host order (rank 0 only).
struct HostFacts {
  std::int64_t cpu_count = 0;
  double usable_cpus = 0;  // the least of those that its ranks may run on, together, and of their quota
  double memory_gib = 0;
  std::int64_t ranks = 0;
};

// What is known so far; every part may be missing when the run failed.
struct SummaryDraft {
  std::chrono::system_clock::time_point start;
  std::vector<HostFacts> hosts;
  std::optional<metrics::GenerationMetrics> generation;
  std::optional<TrainOutcome> training;
};

// Collective. Each host's first rank tells rank 0 what the host has.
[[nodiscard]] Status gather_hosts(Context& context, SummaryDraft& draft);

// Writes summary.json and prints the results (rank 0). Collective when `outcome` is success; after a failure rank 0
// writes what it knows by itself, since other ranks may be gone.
[[nodiscard]] Status write_results(Context& context, const SummaryDraft& draft, const Status& outcome);

}  // namespace stoker::training
