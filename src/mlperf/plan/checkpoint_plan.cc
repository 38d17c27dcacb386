#include "mlperf/plan/checkpoint_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "base/error_number.h"
#include "config/node.h"
#include "config/overrides.h"
#include "mlperf/plan/training_plan.h"
#include "results/yaml_json.h"

namespace stoker::mlperf {

namespace {

constexpr std::int64_t kUsualCheckpoints = 10;

// What the overrides set, as one tree.
Result<config::Node> tree_of(const std::vector<std::string>& overrides) {
  config::Node root{.kind = config::Node::Kind::kMap};
  for (const std::string& text : overrides) {
    STOKER_ASSIGN(const config::Override change, config::parse_override(text, 1));
    STOKER_TRY(config::apply_override(change, root));
  }
  return root;
}

std::filesystem::path without_slash(const std::filesystem::path& folder) {
  std::filesystem::path normal = folder.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

Error contradiction(std::string_view option, std::string_view given, std::string_view key, const config::Node& param) {
  return Error{.code = Code::kInvalidArgument,
               .message = fmt::format("{} {} and --params {}={} contradict each other", option, given, key,
                                      config::preview(param)),
               .hint = "leave one of them out",
               .number = ErrorNumber::kIncompatible};
}

}  // namespace

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
  STOKER_ASSIGN(const config::Node typed, tree_of(request.overrides));

  const auto derive = [&](std::string_view key, const auto& value) {
    request.overrides.push_back(fmt::format("++workload.{}={}", key, value));
  };
  const auto count = [&](std::string_view key, std::string_view option, std::optional<std::int64_t> given) -> Status {
    const config::Node* param = config::find_path(typed, key);
    if (param == nullptr) {
      derive(key, given.value_or(kUsualCheckpoints));
    } else if (given && config::parse_whole(param->text) != given) {
      return contradiction(option, fmt::format("{}", *given), key, *param);
    }
    return {};
  };
  STOKER_TRY(count("checkpoint.num_checkpoints_read", "--num-checkpoints-read", args.reads));
  STOKER_TRY(count("checkpoint.num_checkpoints_write", "--num-checkpoints-write", args.writes));
  constexpr std::string_view kFolder = "checkpoint.checkpoint_folder";
  if (const config::Node* param = config::find_path(typed, kFolder); param == nullptr) {
    derive(kFolder, config::override_text(plan.folder.string()));
  } else if (without_slash(param->text) != plan.folder.lexically_normal()) {
    Error error = contradiction("--checkpoint-folder", plan.folder.string(), kFolder, *param);
    error.hint = "leave the override out: the option says where, and <model> is appended to it";
    return error;
  }
  const config::Node* mode = config::find_path(typed, "checkpoint.mode");
  const bool subset = mode != nullptr ? mode->text == "subset" : args.processes < plan.model.closed_processes;
  if (subset && mode == nullptr) derive("checkpoint.mode", "subset");
  if (subset && config::find_path(typed, "model.parallelism.data") == nullptr) {
    derive("model.parallelism.data", plan.model.closed_processes / plan.model.instance_processes);
  }

  // Only now: what the user typed may make sense together with what follows from the options only.
  STOKER_ASSIGN(plan.loaded, config::load(request));
  plan.overrides = request.overrides;
  STOKER_ASSIGN(const results::Json nested, results::yaml_to_json(plan.loaded.merged_yaml, plan.workload));
  plan.parameters = nested.contains("workload") ? nested["workload"] : nested;
  STOKER_ASSIGN(plan.override_parameters, results::override_map(request.overrides));
  const config::Checkpoint& checkpoint = plan.loaded.workload.checkpoint;
  plan.writes = std::max<std::int64_t>(0, checkpoint.num_checkpoints_write);
  plan.reads = std::max<std::int64_t>(0, checkpoint.num_checkpoints_read);
  const std::int64_t ranks = checkpoint.mode == "subset" ? job_ranks(plan.model, args.processes) : args.processes;
  STOKER_ASSIGN(plan.job, checkpoint_job(plan.loaded.workload, ranks));
  plan.by_rank = bytes_by_rank(plan.job, args.processes);
  return plan;
}

}  // namespace stoker::mlperf
