// From what a user asked of `stoker checkpointing ...` to what the engine is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/load.h"
#include "mlperf/checkpoint_sizing.h"
#include "results/json.h"

namespace stoker::mlperf {

struct CheckpointArgs {
  std::string model;
  std::int64_t processes = 1;
  std::int64_t writes = 10, reads = 10;  // 0: none, to split the two phases
  std::filesystem::path folder;          // <model> is appended unless it ends in it
  std::vector<std::string> params;       // key=value as typed
};

struct CheckpointPlan {
  CheckpointModel model;
  std::string workload;
  std::filesystem::path folder;                   // of this model's checkpoints
  std::vector<std::string> overrides;             // "++workload.a.b=v": the user's, then the derived ones
  config::Loaded loaded;                          // with all overrides
  CheckpointJob job;                              // of which the first `processes` ranks are run
  std::vector<double> by_rank;                    // bytes of one checkpoint
  results::Json parameters, override_parameters;  // as in TrainingPlan

  [[nodiscard]] double checkpoint_bytes() const;  // of the ranks that are run
  [[nodiscard]] bool is_subset() const { return static_cast<std::int64_t>(by_rank.size()) < job.ranks; }
};

[[nodiscard]] Result<CheckpointPlan> plan_checkpointing(const CheckpointArgs& args,
                                                        const std::filesystem::path& config_dir);

}  // namespace stoker::mlperf
