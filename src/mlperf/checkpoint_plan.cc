#include "mlperf/checkpoint_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>

#include "config/overrides.h"
#include "mlperf/override_text_internal.h"
#include "mlperf/training_plan.h"

namespace stoker::mlperf {

double CheckpointPlan::checkpoint_bytes() const {
  return std::accumulate(by_rank.begin(), by_rank.end(), 0.0);
}

Result<CheckpointPlan> plan_checkpointing(const CheckpointArgs& args, const std::filesystem::path& config_dir) {
  CheckpointPlan plan;
  STOKER_ASSIGN(plan.model, checkpoint_model(args.model));
  plan.workload = checkpoint_workload(args.model);
  plan.folder = data_folder(args.folder, args.model);
  config::LoadRequest request;
  request.workload = plan.workload;
  request.config_dir = config_dir;
  for (const std::string& param : args.params) {
    STOKER_ASSIGN(auto text, config::param_to_override(param));
    request.overrides.push_back(std::move(text));
  }
  STOKER_ASSIGN(const config::Loaded by_user, config::load(request));
  STOKER_ASSIGN(const results::Json nested, yaml_to_json(by_user.merged_yaml, plan.workload));
  plan.parameters = nested.contains("workload") ? nested["workload"] : nested;

  const auto derive = [&](std::string_view key, const auto& value) {
    request.overrides.push_back(fmt::format("++workload.{}={}", key, value));
  };
  derive("checkpoint.num_checkpoints_read", args.reads);
  derive("checkpoint.num_checkpoints_write", args.writes);
  derive("checkpoint.checkpoint_folder", internal::quoted_value(plan.folder.string()));
  if (args.processes < plan.model.closed_processes) {
    derive("checkpoint.mode", "subset");
    derive("model.parallelism.data", plan.model.closed_processes / plan.model.instance_processes);
  }
  STOKER_ASSIGN(plan.loaded, config::load(request));
  plan.overrides = request.overrides;
  STOKER_ASSIGN(plan.override_parameters, override_map(request.overrides));
  STOKER_ASSIGN(plan.job, checkpoint_job(plan.loaded.workload, job_ranks(plan.model, args.processes)));
  plan.by_rank = bytes_by_rank(plan.job, args.processes);
  return plan;
}

}  // namespace stoker::mlperf
