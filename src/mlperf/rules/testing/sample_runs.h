// Runs that follow all rules, for tests to spoil.
#pragma once

#include <chrono>
#include <string>

#include "base/units.h"
#include "mlperf/plan/checkpoint_plan.h"
#include "mlperf/plan/training_plan.h"
#include "mlperf/rules/planned_run.h"

namespace stoker::rules::testing {

// A planned training run on one host of 16 GiB with as many files as it takes.
inline Run training_run(std::vector<std::string> params = {}, const std::string& model = "unet3d",
                        const std::string& accelerator = "h100") {
  mlperf::TrainingArgs args;
  args.model = model;
  args.accelerator = accelerator;
  args.data_dir = "/mnt/d";
  args.processes = 1;
  params.insert(params.begin(), "dataset.num_files_train=9000000");
  args.params = params;
  auto plan = mlperf::plan_run(args, "", std::nullopt);
  STOKER_CHECK(plan.has_value(), plan ? "" : plan.error().message.c_str());
  PlannedHosts hosts;
  hosts.hosts = {{"alpha", 16 * kGiB, std::nullopt, 8}};
  hosts.from = "local";
  hosts.num_hosts = 1;
  return planned_run(*plan, args, "run", hosts);
}

// The same, executed, with an AU of `au` percent.
inline Run finished_run(double au = 95, std::vector<std::string> params = {}) {
  Run run = training_run(std::move(params));
  run.directory = "/r/training/unet3d/run/20250111_143022";
  run.id.datetime = "20250111_143022";
  run.finished = true;
  run.training = TrainingOutcome{{au}, au, true, {10}, 10, 100};
  return run;
}

// A planned run of the closed number of processes, 8 on each host, on hosts of `memory_gib`.
inline Run checkpointing_run(const std::string& model = "llama3-8b", std::int64_t processes = 8,
                             std::uint64_t memory_gib = 64) {
  mlperf::CheckpointArgs args;
  args.model = model;
  args.processes = processes;
  args.folder = "/mnt/c";
  const auto plan = mlperf::plan_checkpointing(args, "");
  STOKER_CHECK(plan.has_value(), plan ? "" : plan.error().message.c_str());
  Run run;
  run.id.type = results::BenchmarkType::kCheckpointing;
  run.id.model = model;
  run.processes = processes;
  run.parameters = plan->parameters;
  run.overrides = plan->override_parameters;
  for (std::int64_t host = 0; host < std::max<std::int64_t>(1, processes / 8); ++host) {
    run.hosts.push_back({"host" + std::to_string(host), memory_gib * kGiB, std::nullopt, 8});
  }
  run.hosts_from = "local";
  run.num_hosts = static_cast<std::int64_t>(run.hosts.size());
  return run;
}

}  // namespace stoker::rules::testing
