// A training run as its command plans it, in the form in which runs are judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mlperf/plan/training_plan.h"
#include "mlperf/rules/run.h"
#include "results/summary.h"
#include "results/system_info.h"

namespace stoker::rules {

// What is known of the client hosts before a run.
struct PlannedHosts {
  std::vector<HostFacts> hosts;
  std::string from;            // results::SystemInfo::collection_method
  std::int64_t num_hosts = 0;  // that the run will use
};

// Facts collected from the hosts, or without them `memory_gib` for each of `num_hosts` (0: unknown).
[[nodiscard]] PlannedHosts planned_hosts(const std::optional<results::SystemInfo>& collected, std::int64_t num_hosts,
                                         std::int64_t memory_gib);

[[nodiscard]] Run planned_run(const mlperf::TrainingPlan& plan, const mlperf::TrainingArgs& args, std::string command,
                              const PlannedHosts& hosts);

// Ranks that each host of the run runs: those of `ranks_by_host`, or all dealt evenly.
[[nodiscard]] std::vector<int> dealt_ranks(const Run& run);

// What a summary says about the outcome of a run, so that it can be judged again.
void add_outcome(Run& run, const results::Summary& summary);

}  // namespace stoker::rules
