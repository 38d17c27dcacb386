#include "app/commands/training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/commands/datasize.h"
#include "app/commands/manifest.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "app/commands/training_run.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/interrupt.h"
#include "cluster/environment/checks.h"
#include "cluster/launch/shell_line.h"
#include "mlperf/plan/catalogue.h"
#include "mlperf/plan/datasize_plan.h"
#include "mlperf/rules/planned_run.h"
#include "results/dataset_manifest.h"
#include "workloads/training/folders.h"
#include "workloads/training/session.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

using Command = TrainingCommand;

// What this program cannot do of what is asked; another engine may.
Status check_possible(const TrainingOptions& o, const mlperf::TrainingPlan& plan) {
  if (!o.dlio_bin_path.empty()) return {};
  Status possible = training::check_supported(plan.loaded.workload);
  if (!possible && possible.error().message.starts_with("dataset.format") && o.args.dataset_format.empty()) {
    Error error = possible.error();
    error.hint += "; with --dataset-format parquet the run is OPEN";
    return error;
  }
  return possible;
}

// Everything around the run that must be right for it; the hosts' facts come with it.
Result<results::SystemInfo> check_surroundings(const TrainingOptions& o, Command command, const RankStart& start,
                                               const Result<mlperf::TrainingPlan>& plan) {
  environment::Findings known;
  if (auto program = engine_program(o); !program) known.push_back(program.error());
  // A configuration that is wrong, or a data set that is not there, is one finding among the others.
  if (!plan) {
    known.push_back(plan.error());
  } else if (const Status possible = check_possible(o, *plan); !possible) {
    known.push_back(possible.error());
  }
  Surroundings surroundings;
  surroundings.results_dir = o.common.results_dir;
  if (command == Command::kDatagen && plan && !plan->data_folder.empty()) {
    surroundings.writes = plan->data_folder;
    surroundings.writes_what = &plan->loaded.workload;
  }
  if (plan && !plan->data_folder.empty()) {
    if (Status apart = training::check_apart(plan->data_folder, o.common.results_dir); !apart)
      known.push_back(std::move(apart).error());
  }
  surroundings.needs_facts = command == Command::kRun;
  surroundings.what_if = o.common.what_if;
  surroundings.skip_validation = o.common.skip_validation;
  surroundings.client_host_memory_in_gb = o.client_host_memory_in_gb;
  return check_surroundings(start, surroundings, std::move(known));
}

// What writes the data set that is missing: datagen with the overrides of the run where they say how many files, else
// datasize, which says how many it takes and prints that command.
std::string advise_data_set(const TrainingOptions& o) {
  const bool sized = std::ranges::any_of(o.args.params, mlperf::sets_num_files);
  const auto option = [](std::string_view name, const auto& value) { return fmt::format("{}={}", name, value); };
  std::vector<std::string> words{"stoker", "training", sized ? "datagen" : "datasize", option("--model", o.args.model)};
  words.insert(words.end(), o.args.repeated_options.begin(), o.args.repeated_options.end());
  if (!o.args.dataset_format.empty()) words.push_back(option("--dataset-format", o.args.dataset_format));
  if (!o.args.compression.empty()) words.push_back(option("--compression", o.args.compression));
  for (const std::string& param : o.args.params) words.insert(words.end(), {"--params", param});
  if (sized) {
    words.push_back(option("--num-processes", o.args.processes));
  } else {
    words.push_back(option("--accelerator-type", o.args.accelerator));
    words.push_back(option("--max-accelerators", o.args.processes));
    words.push_back(option("--client-host-memory-in-gb", o.client_host_memory_in_gb));
    if (o.num_client_hosts > 0) words.push_back(option("--num-client-hosts", o.num_client_hosts));
  }
  words.push_back(option("--results-dir", o.common.results_dir));
  words.push_back(option("--data-dir", o.args.data_dir.string()));
  return (sized ? "write it: " : "this prints the command that writes it: ") + launch::shell_line(words);
}

bool asks_for_format(const TrainingOptions& o) {
  return !o.args.dataset_format.empty() || std::ranges::any_of(o.args.params, [](const std::string& param) {
    return param.starts_with("dataset.format=");
  });
}

Result<bool> has_data_folder(const TrainingOptions& o) {
  const fs::path folder = mlperf::data_folder(o.args.data_dir, o.args.model);
  std::error_code unknown;
  const bool there = fs::exists(folder, unknown);
  if (!unknown) return there;
  return make_error(unknown == std::errc::permission_denied ? Code::kPermission : Code::kIo, "--data-dir: {}: {}",
                    folder.string(), unknown.message());
}

// Whether the data set is computed where it is read: none has to be there, and one that is there is not looked at.
Result<bool> reads_generated(const TrainingOptions& o) {
  STOKER_ASSIGN(const mlperf::TrainingPlan asked, mlperf::plan_view(o.args, o.common.config_dir));
  return asked.loaded.workload.storage.storage_type == config::StorageType::kGenerated;
}

Result<mlperf::TrainingPlan> make_plan(const TrainingOptions& o, Command command) {
  switch (command) {
    case Command::kDatagen: {
      mlperf::TrainingArgs args = o.args;
      args.overwrite = args.overwrite && o.dlio_bin_path.empty();  // a key of ours
      return mlperf::plan_datagen(args, o.common.config_dir);
    }
    case Command::kConfigview:
      // With a data set, what a run over it would take; without, what the workload file and the options say.
      if (o.args.accelerator.empty() || o.args.data_dir.empty()) {
        return mlperf::plan_view(o.args, o.common.config_dir);
      }
      if (const auto there = has_data_folder(o); !there || !*there) {
        return mlperf::plan_view(o.args, o.common.config_dir);
      }
      break;
    case Command::kRun: break;
  }
  // A wrong pair is told before a missing data set, which would be written for nothing.
  STOKER_TRY(mlperf::run_workload(o.args.model, o.args.accelerator));
  std::optional<results::DatasetManifest> manifest;
  STOKER_ASSIGN(const bool generated, reads_generated(o));
  if (!o.args.data_dir.empty() && !generated) {
    const fs::path folder = mlperf::data_folder(o.args.data_dir, o.args.model);
    STOKER_ASSIGN(const bool there, has_data_folder(o));
    if (!there) {
      Error error = make_error(Code::kNotFound, "--data-dir: there is no data set at {}", folder.string());
      const environment::Findings blocked = environment::check_writable("--data-dir", folder);
      error.hint = blocked.empty() ? advise_data_set(o) : "none can be written there: " + blocked.front().message;
      return error;
    }
    STOKER_ASSIGN(manifest, results::read_manifest(folder));
  }
  // A format that this build lacks is no reason to write the data set again.
  if (manifest && o.dlio_bin_path.empty() && asks_for_format(o)) {
    STOKER_ASSIGN(const mlperf::TrainingPlan asked, mlperf::plan_view(o.args, o.common.config_dir));
    STOKER_TRY(training::check_supported(asked.loaded.workload));
  }
  return mlperf::plan_run(o.args, o.common.config_dir, manifest);
}

JudgedRun judge_plan(const mlperf::TrainingPlan& plan, const TrainingOptions& o, Command command,
                     const rules::PlannedHosts& hosts) {
  JudgedRun judged(rules::planned_run(plan, o.args, std::string(command_name(command)), hosts));
  deal_ranks(judged.run, o.mpi.hosts);
  judged.verdict = verify(judged.run, o.common);
  return judged;
}

int view(const TrainingOptions& o, const mlperf::TrainingPlan& plan, const std::string& options_text) {
  note_without_effect("training configview",
                      {{o.common.loops != 1, "--loops"},
                       {o.common.quiet, "--quiet"},
                       {o.common.skip_validation, "--skip-validation"},
                       {o.common.what_if, "--what-if"}},
                      "it runs nothing");
  const Status possible = check_possible(o, plan);
  // A run that cannot be is not judged; and without an accelerator it is the configuration of datagen.
  if (o.args.accelerator.empty()) {
    note_unjudged(o.common, command_name(Command::kConfigview));
  } else if (possible) {
    const auto hosts = client_hosts(o.mpi.hosts, o.client_host_memory_in_gb, o.num_client_hosts);
    if (!hosts) return print_error(hosts.error());
    const JudgedRun judged = judge_plan(plan, o, Command::kConfigview, *hosts);
    if (judged.verdict.refused) return *judged.verdict.refused;
  }
  for (const auto& warning : plan.loaded.warnings) cli::log(cli::Level::kWarning, warning);
  cli::print("# options\n{}\n# workload {} ({})\n{}", options_text, plan.workload, plan.loaded.source,
             config::describe(plan.loaded));
  return possible ? 0 : print_error(possible.error());
}

int execute(TrainingOptions& o, Command command, const std::string& options_text) {
  // Whoever reads what is printed may go: runs and their records are made all the same.
  std::optional<IgnoreBrokenPipes> no_broken_pipes;
  if (command != Command::kConfigview) no_broken_pipes.emplace();
  complete(o.common);
  o.args.results_dir = o.common.results_dir;
  o.args.repeated_options = {fmt::format("--hosts={}", fmt::join(o.mpi.hosts, ",")), "--exec-type=" + o.mpi.exec_type};
  const std::vector<std::string> launcher = repeated_options(o.common, o.mpi);
  o.args.repeated_options.insert(o.args.repeated_options.end(), launcher.begin(), launcher.end());
  if (command != Command::kConfigview && o.args.data_dir.empty()) {
    return print_error(Error{.code = Code::kInvalidArgument,
                             .message = "--data-dir is required: where the data set lies or shall lie",
                             .hint = fmt::format("see 'stoker training {} --help'", command_name(command)),
                             .number = ErrorNumber::kMissing});
  }
  if (Status same = verify_lockfile(o.common.verify_lockfile, launcher_of(o.mpi)); !same)
    return print_error(same.error());
  auto plan = make_plan(o, command);
  if (!plan && (command == Command::kConfigview || plan.error().code == Code::kInvalidArgument))
    return print_error(plan.error());
  if (command == Command::kConfigview) return view(o, *plan, options_text);
  // Fewer hosts than are named, for one.
  if (auto named = client_hosts(o.mpi.hosts, 0, o.num_client_hosts); !named) return print_error(named.error());
  using Show = cli::Stages::Show;
  const Show show = o.common.quiet ? Show::kNothing : cli::stderr_is_live() ? Show::kBar : Show::kLines;
  const SteadyClock clock;
  std::optional<cli::Stages> stages;
  const auto first_stage = [&] { stages.emplace(4, show, clock).begin("validating"); };
  first_stage();
  Prepared prepared;
  auto start = rank_start(o.mpi, o.args.processes);
  if (!start) return print_error(start.error());
  prepared.start = std::move(*start);
  if (!prepared.start.launched) {
    note_without_effect(fmt::format("training {}", command_name(command)), launcher_options(o.mpi),
                        "the ranks are not started by a launcher; --exec-type mpi does that");
  }
  auto hosts = check_surroundings(o, command, prepared.start, plan);
  if (!hosts) return print_error(hosts.error());
  prepared.hosts = std::move(*hosts);
  stages->yield();
  if (command == Command::kRun) {
    note_without_effect("training run", {{!o.ceilings.empty() && !o.dlio_bin_path.empty(), "--ceilings"}},
                        "another engine does not compare");
    prepared.judged = judge_plan(*plan, o, command, client_hosts(prepared.hosts, o.num_client_hosts));
    if (const auto refused = prepared.judged->verdict.refused) return *refused;
  } else {
    note_without_effect("training datagen", {{o.args.overwrite && !o.dlio_bin_path.empty(), "--overwrite"}},
                        "another engine writes the data set");
    note_unjudged(o.common, command_name(command));
    note_what_it_serves(*plan, o.args.model, o.common.config_dir);
  }
  int code = 0;
  for (int loop = 0; loop < o.common.loops && code == 0; ++loop) {
    if (loop > 0) first_stage();
    code = run_once(o, command, *plan, prepared, *stages);
  }
  return code;
}

void add_command(CLI::App& training, Command command, const std::shared_ptr<TrainingOptions>& o, int& exit_code,
                 const OptionOrigins& from_file, const std::string& description, const std::string& example) {
  CLI::App* sub = training.add_subcommand(std::string(command_name(command)), description);
  if (command == Command::kConfigview) sub->option_defaults()->always_capture_default();
  sub->footer("example:\n  " + example);
  std::vector<std::string> models;
  for (const auto& model : mlperf::training_models()) models.emplace_back(model.name);
  sub->add_option("-m,--model", o->args.model, fmt::format("one of {}", fmt::join(models, ", ")))->required();
  auto* accelerator = sub->add_option("-g,--accelerator-type", o->args.accelerator,
                                      fmt::format("one of {}", fmt::join(mlperf::accelerator_names(), ", ")));
  if (command == Command::kRun) accelerator->required();
  if (command == Command::kDatagen) sub->remove_option(accelerator);
  auto* processes =
      command == Command::kDatagen
          ? sub->add_option("-N,--num-processes,--np", o->args.processes, "ranks that write files")
          : sub->add_option("-n,--num-accelerators,--na", o->args.processes, "emulated accelerators, one rank each");
  processes->transform(whole_number(1));
  if (command != Command::kConfigview) processes->required();
  if (command == Command::kDatagen) {
    sub->add_flag("--overwrite", o->args.overwrite,
                  "delete the files of the data set that is there, and write this one; no other files are touched");
  }
  if (command != Command::kDatagen) {
    auto* memory = sub->add_option("--client-host-memory-in-gb,--cm", o->client_host_memory_in_gb,
                                   "memory of one client host in GiB; counts where hosts cannot be asked")
                       ->transform(whole_number(1));
    if (command == Command::kRun) memory->required();
    sub->add_option("--num-client-hosts,--nc", o->num_client_hosts, "client hosts (default: the number of --hosts)")
        ->transform(whole_number(1, results::kMostHosts));
  }
  sub->add_option("--data-dir,--dd", o->args.data_dir,
                  "folder of the data set; <model> is appended unless it ends in it");
  sub->add_option("--dataset-format", o->args.dataset_format, "shorthand for --params dataset.format=...");
  sub->add_option("--compression", o->args.compression, "shorthand for --params dataset.compression=...");
  sub->add_option("-p,--params,--param", o->args.params,
                  "workload overrides key=value, e.g. dataset.num_files_train=14")
      ->expected(1, -1)
      ->take_all();
  sub->add_option("--dlio-bin-path,--dp", o->dlio_bin_path,
                  "folder of another dlio_benchmark to run instead of stoker's engine");
  add_mpi_options(*sub, o->mpi);
  add_common_options(*sub, o->common);
  if (command == Command::kRun) {
    add_timeseries_options(*sub, o->timeseries);
    sub->add_option(
           "--ceilings", o->ceilings,
           "documents of 'stoker bench' to compare the run with (default: the newest in --results-dir that are "
           "of this host and data set)")
        ->expected(1, 2);
  }
  sub->callback([o, command, sub, &from_file, &exit_code] {
    exit_code = execute(*o, command, describe_options(*sub, from_file));
  });
}

}  // namespace

void add_training(CLI::App& app, int& exit_code, const OptionOrigins& from_file) {
  CLI::App* training =
      app.add_subcommand("training", "training workloads: generate data sets, run, show the configuration");
  training->require_subcommand(1);
  training->footer(
      "example:\n  stoker training datasize --model unet3d --accelerator-type h100 --max-accelerators 8 \\\n"
      "      --client-host-memory-in-gb 512");
  const auto fresh = [] { return std::make_shared<TrainingOptions>(); };
  add_command(*training, Command::kDatagen, fresh(), exit_code, from_file, "write the data set of a model",
              "stoker training datagen --model unet3d --num-processes 2 --data-dir /mnt/data --results-dir results \\\n"
              "      --dataset-format parquet --compression zstd --params dataset.num_files_train=14");
  add_command(*training, Command::kRun, fresh(), exit_code, from_file, "train on the data set of a model and measure",
              "stoker training run --model unet3d --num-accelerators 1 --accelerator-type h100 \\\n"
              "      --client-host-memory-in-gb 64 --data-dir /mnt/data --results-dir results");
  add_command(*training, Command::kConfigview, fresh(), exit_code, from_file,
              "show every setting with its origin; runs nothing",
              "stoker training configview --model dlrm --accelerator-type b200 --num-accelerators 8");
  add_training_datasize(*training, exit_code);
}

}  // namespace stoker::app
