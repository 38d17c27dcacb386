// One training datagen or run: the engine's command line, the engine itself, and what the run directory keeps of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/stages.h"
#include "app/commands/common_options.h"
#include "app/commands/run_hosts.h"
#include "app/commands/timeseries_options.h"
#include "app/commands/verification.h"
#include "base/status.h"
#include "mlperf/plan/training_plan.h"
#include "mlperf/rules/run.h"
#include "results/system_info.h"

namespace stoker::app {

enum class TrainingCommand { kDatagen, kRun, kConfigview };

struct TrainingOptions {
  CommonOptions common;
  MpiOptions mpi;
  mlperf::TrainingArgs args;
  int client_host_memory_in_gb = 0;
  int num_client_hosts = 0;
  std::string dlio_bin_path;
  TimeseriesOptions timeseries;
  std::vector<std::string> ceilings;
};

[[nodiscard]] std::string_view command_name(TrainingCommand command);

// The program that runs the benchmark: this one, unless --dlio-bin-path names another. kNotFound.
[[nodiscard]] Result<std::vector<std::string>> engine_program(const TrainingOptions& options);

// A run and what was found about it before it began.
struct JudgedRun {
  explicit JudgedRun(rules::Run planned) : run(std::move(planned)) {}
  rules::Run run;
  Verdict verdict;
};

// What all loops of a command share.
struct Prepared {
  RankStart start;
  results::SystemInfo hosts;
  std::optional<JudgedRun> judged;
};

// Makes a run directory, runs the engine, and leaves the metadata there in every case. Returns the exit code; what went
// wrong has been printed. `stages` are in their first one.
[[nodiscard]] int run_once(const TrainingOptions& options, TrainingCommand command, const mlperf::TrainingPlan& plan,
                           const Prepared& prepared, cli::Stages& stages);

}  // namespace stoker::app
