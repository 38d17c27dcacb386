// From what a user asked of `stoker checkpointing ...` to what the engine is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/load.h"
#include "mlperf/plan/checkpoint_sizing.h"
#include "results/json.h"

namespace stoker::mlperf {

struct CheckpointArgs {
  std::string model;
  std::int64_t processes = 1;
  std::optional<std::int64_t> writes, reads;  // as typed, or 10; 0: none, to split the two phases
  std::filesystem::path folder;               // <model> is appended unless it ends in it
  std::vector<std::string> params;            // key=value as typed
};

struct CheckpointPlan {
  CheckpointModel model;
  std::string workload;
  std::filesystem::path folder;                   // of this model's checkpoints
  std::vector<std::string> overrides;             // "++workload.a.b=v": the user's, then the derived ones
  config::Loaded loaded;                          // with all overrides
  std::int64_t writes = 0, reads = 0;             // checkpoints, at least 0
  CheckpointJob job;                              // of which the first `processes` ranks are run
  std::vector<double> by_rank;                    // bytes of one checkpoint
  results::Json parameters, override_parameters;  // as in TrainingPlan, but with all overrides in both

  [[nodiscard]] double checkpoint_bytes() const;  // of the ranks that are run
  [[nodiscard]] bool is_subset() const { return static_cast<std::int64_t>(by_rank.size()) < job.ranks; }
};

// What the options say and what follows from the number of processes becomes overrides. An override of the user's for
// the same key wins over a default and over what would follow (checkpoint.mode); beside an option that was typed it
// must say the same, else the plan is refused (kInvalidArgument, kIncompatible).
[[nodiscard]] Result<CheckpointPlan> plan_checkpointing(const CheckpointArgs& args,
                                                        const std::filesystem::path& config_dir);

}  // namespace stoker::mlperf
