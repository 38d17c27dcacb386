#include "app/commands/bench_options.h"

#include <fmt/format.h>

#include "app/cli/console.h"
#include "app/commands/data_options.h"
#include "base/clock.h"
#include "base/host_name.h"
#include "cluster/host/proc.h"
#include "config/overrides.h"
#include "config/validate.h"
#include "workloads/training/context.h"
#include "workloads/training/session.h"

namespace stoker::app {

void add_bench_options(CLI::App& app, BenchOptions& o) {
  app.add_option("overrides", o.words,
                 "workload=NAME (default: default) and changes to it, as for 'stoker dlio': a.b=v, ++a.b=v, ~a.b")
      ->expected(0, -1);
  app.add_option("--config-dir", o.config_dir, "more workload files: DIR/workload/NAME.yaml");
  app.add_option("--results-dir,--rd", o.results_dir,
                 "root of all results (default: mlperf_storage_results in the system's temporary folder); later runs "
                 "with the same one find the figures there");
  app.add_option("--json", o.json, "write the document to this file as well");
  add_quiet_option(app, o.quiet);
  add_standard_options(app, o.standard);
}

Result<config::Loaded> load_workload(const BenchOptions& o) {
  STOKER_ASSIGN(const config::CommandLine line, config::split_command_line(o.words));
  config::LoadRequest request;
  request.workload = line.workload.value_or("default");
  request.config_dir = o.config_dir;
  request.overrides = line.overrides;
  STOKER_ASSIGN(config::Loaded loaded, config::load(request));
  for (const std::string& warning : loaded.warnings) cli::log(cli::Level::kWarning, warning);
  if (line.hydra_run_dir || line.hydra_output_subdir || !line.other_hydra.empty()) {
    return Error{.code = Code::kInvalidArgument,
                 .message = "hydra.* has no effect here: results go below --results-dir",
                 .hint = "leave it out"};
  }
  const config::Workload& w = loaded.workload;
  STOKER_TRY(config::validate(w, 1).status);
  // Of its data alone.
  config::Workload data = w;
  data.workflow.checkpoint = false;
  data.reader.odirect = false;
  STOKER_TRY(training::check_supported(data));
  if (training::reads_nothing(w)) {
    return Error{.code = Code::kUnsupported,
                 .message =
                     "this workload reads nothing (dataset.format or reader.data_loader: synthetic): there is "
                     "nothing to measure",
                 .hint = "name a workload with files"};
  }
  return loaded;
}

std::filesystem::path results_folder(const BenchOptions& o) {
  CommonOptions common;
  common.results_dir = o.results_dir;
  complete(common);
  return common.results_dir;
}

results::Ceilings begin_ceilings(const config::Loaded& loaded, const config::Workload& described) {
  const host::Proc proc;
  results::Ceilings c;
  c.version = STOKER_VERSION;
  c.time = results::format_timestamp(SteadyClock().wall());
  c.hostname = host_name();
  c.cpu_model = proc.cpu_model();
  c.kernel = proc.kernel_release();
  c.usable_cpus = host::usable_cpu_count();
  c.workload = loaded.source;
  c.model = loaded.workload.model.name;
  c.shape = results::data_shape(described);
  return c;
}

Status save(const BenchOptions& o, results::CeilingKind kind, const results::Ceilings& ceilings) {
  STOKER_ASSIGN(const auto file, results::write_ceilings(results_folder(o), kind, ceilings, SteadyClock().wall()));
  cli::print("saved in {}\n", file.string());
  if (!o.json.empty()) STOKER_TRY(results::write_file(o.json, results::dump(results::to_json(ceilings)) + "\n"));
  return {};
}

void say(const BenchOptions& o, const std::string& text) {
  if (!o.quiet) cli::log(cli::Level::kInfo, text);
}

}  // namespace stoker::app
