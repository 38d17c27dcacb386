#include "app/training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/common_options.h"
#include "app/datasize.h"
#include "app/manifest.h"
#include "app/number_option.h"
#include "app/print_error.h"
#include "app/run_hosts.h"
#include "app/verification.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/interrupt.h"
#include "build_manifest/manifest.h"
#include "cli/console.h"
#include "cli/stages.h"
#include "engine/session.h"
#include "launch/mpirun_command.h"
#include "launch/process.h"
#include "launch/shell_line.h"
#include "mlperf/catalogue.h"
#include "mlperf/training_plan.h"
#include "results/manifest.h"
#include "results/metadata.h"
#include "results/run_directory.h"
#include "results/summary.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

enum class Command { kDatagen, kRun, kConfigview };

struct TrainingOptions {
  CommonOptions common;
  MpiOptions mpi;
  mlperf::TrainingArgs args;
  int client_host_memory_in_gb = 0;
  int num_client_hosts = 0;
  std::string dlio_bin_path;
  TimeseriesOptions timeseries;
};

std::string_view command_name(Command command) {
  switch (command) {
    case Command::kDatagen: return "datagen";
    case Command::kRun: return "run";
    case Command::kConfigview: return "configview";
  }
  return "";
}

// The engine is this program, unless --dlio-bin-path names a folder that has one.
Result<std::vector<std::string>> engine_program(const TrainingOptions& o) {
  if (o.dlio_bin_path.empty()) return std::vector<std::string>{launch::current_executable().string(), "dlio"};
  fs::path program = o.dlio_bin_path;
  std::error_code unreadable;
  if (fs::is_directory(program, unreadable)) program /= "dlio_benchmark";
  if (::access(program.c_str(), X_OK) != 0) {
    Error error = make_error(Code::kNotFound, "--dlio-bin-path: {} is not a program that can be run", program.string());
    error.hint = "give the folder that holds dlio_benchmark, or leave the option out to use stoker's own engine";
    return error;
  }
  return std::vector<std::string>{program.string()};
}

std::string mpirun(const TrainingOptions& o) {
  return launch::launcher_program(o.mpi.mpi_bin == "mpiexec" ? launch::MpiBin::kMpiexec : launch::MpiBin::kMpirun);
}

Result<std::vector<std::string>> engine_command(const TrainingOptions& o, const mlperf::TrainingPlan& plan,
                                                const results::RunDirectory& directory, const RankStart& start,
                                                const std::vector<std::string>& host_options) {
  STOKER_ASSIGN(std::vector<std::string> command, engine_program(o));
  const auto overrides = plan.engine_overrides();
  command.push_back(overrides.front());
  command.push_back("++hydra.run.dir=" + directory.path.string());
  command.push_back("++hydra.output_subdir=dlio_config");
  command.insert(command.end(), overrides.begin() + 1, overrides.end());
  if (!o.common.config_dir.empty()) command.push_back("--config-dir=" + o.common.config_dir);
  if (o.common.quiet) command.emplace_back("--quiet");
  command.insert(command.end(), host_options.begin(), host_options.end());
  if (start.launched) return launch::mpirun_command(start.launcher, command);
  if (!o.dlio_bin_path.empty() && o.args.processes > 1) {
    return make_error(
        Code::kInvalidArgument,
        "--dlio-bin-path: another engine runs its ranks under MPI only; use --exec-type mpi for {} processes",
        o.args.processes);
  }
  if (o.dlio_bin_path.empty()) command.push_back(fmt::format("--ranks={}", o.args.processes));
  return command;
}

// Everything around the run that must be right for it; the hosts' facts come with it.
Result<results::SystemInfo> check_surroundings(const TrainingOptions& o, Command command, const RankStart& start,
                                               const Result<mlperf::TrainingPlan>& plan) {
  environment::Findings known;
  if (auto program = engine_program(o); !program) known.push_back(program.error());
  // A configuration that is wrong, or a data set that is not there, is one finding among the others.
  if (!plan) {
    known.push_back(plan.error());
  } else if (o.dlio_bin_path.empty()) {
    if (const Status possible = engine::check_supported(plan->loaded.workload); !possible) {
      known.push_back(possible.error());
      if (known.back().message.starts_with("dataset.format") && o.args.dataset_format.empty()) {
        known.back().hint += "; with --dataset-format parquet the run is OPEN";
      }
    }
  }
  Surroundings surroundings;
  surroundings.results_dir = o.common.results_dir;
  if (command == Command::kDatagen && plan && !plan->data_folder.empty()) {
    surroundings.writes = plan->data_folder;
    surroundings.writes_what = &plan->loaded.workload;
  }
  surroundings.needs_facts = command == Command::kRun;
  surroundings.what_if = o.common.what_if;
  surroundings.skip_validation = o.common.skip_validation;
  surroundings.client_host_memory_in_gb = o.client_host_memory_in_gb;
  return check_surroundings(start, surroundings, std::move(known));
}

results::Json args_json(const TrainingOptions& o, Command command) {
  results::Json json = results::Json::object();
  json["program"] = "training";
  json["command"] = command_name(command);
  json["model"] = o.args.model;
  json["accelerator_type"] = o.args.accelerator.empty() ? results::Json() : results::Json(o.args.accelerator);
  json["num_processes"] = o.args.processes;
  json["client_host_memory_in_gb"] = o.client_host_memory_in_gb;
  json["num_client_hosts"] = o.num_client_hosts > 0 ? o.num_client_hosts : named_hosts(o.mpi.hosts).value().size();
  json["data_dir"] = o.args.data_dir.string();
  json["dataset_format"] = o.args.dataset_format;
  json["compression"] = o.args.compression;
  json["params"] = o.args.params;
  put_args(json, o.common, o.mpi);
  if (command == Command::kRun) {
    json["skip_timeseries"] = o.timeseries.skip;
    json["timeseries_interval"] = o.timeseries.interval_seconds;
    json["max_timeseries_samples"] = o.timeseries.max_samples;
  }
  return json;
}

// What writes the data set that is missing: datagen with the overrides of the run where they say how many files, else
// datasize, which says how many it takes and prints that command.
std::string advise_data_set(const TrainingOptions& o) {
  const bool sized = std::any_of(o.args.params.begin(), o.args.params.end(), [](const std::string& param) {
    return param.starts_with("dataset.num_files_train=");
  });
  const auto option = [](std::string_view name, const auto& value) { return fmt::format("{}={}", name, value); };
  std::vector<std::string> words{"stoker",
                                 "training",
                                 sized ? "datagen" : "datasize",
                                 fmt::format("--hosts={}", fmt::join(o.mpi.hosts, ",")),
                                 option("--model", o.args.model),
                                 option("--exec-type", o.mpi.exec_type)};
  const std::vector<std::string> repeated = repeated_options(o.common, o.mpi);
  words.insert(words.end(), repeated.begin(), repeated.end());
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

Result<bool> has_data_folder(const TrainingOptions& o) {
  const fs::path folder = mlperf::data_folder(o.args.data_dir, o.args.model);
  std::error_code unknown;
  const bool there = fs::exists(folder, unknown);
  if (!unknown) return there;
  return make_error(unknown == std::errc::permission_denied ? Code::kPermission : Code::kIo, "--data-dir: {}: {}",
                    folder.string(), unknown.message());
}

Result<mlperf::TrainingPlan> make_plan(const TrainingOptions& o, Command command) {
  switch (command) {
    case Command::kDatagen: return mlperf::plan_datagen(o.args, o.common.config_dir);
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
  if (!o.args.data_dir.empty()) {
    const fs::path folder = mlperf::data_folder(o.args.data_dir, o.args.model);
    STOKER_ASSIGN(const bool there, has_data_folder(o));
    if (!there) {
      Error error = make_error(Code::kNotFound, "--data-dir: there is no data set at {}", folder.string());
      error.hint = advise_data_set(o);
      return error;
    }
    STOKER_ASSIGN(manifest, results::read_manifest(folder));
  }
  return mlperf::plan_run(o.args, o.common.config_dir, manifest);
}

// A run and what was found about it before it began.
struct JudgedRun {
  explicit JudgedRun(rules::Run planned) : run(std::move(planned)) {}
  rules::Run run;
  Verdict verdict;
};

JudgedRun judge_plan(const mlperf::TrainingPlan& plan, const TrainingOptions& o, Command command,
                     const rules::PlannedHosts& hosts) {
  JudgedRun judged(rules::planned_run(plan, o.args, std::string(command_name(command)), hosts));
  deal_ranks(judged.run, o.mpi.hosts);
  judged.verdict = verify(judged.run, o.common);
  return judged;
}

int view(const TrainingOptions& o, const mlperf::TrainingPlan& plan, const std::string& options_text) {
  // Without an accelerator it is the configuration of datagen, which is not judged.
  if (o.args.accelerator.empty()) {
    note_unjudged(o.common, command_name(Command::kConfigview));
  } else {
    const auto hosts = client_hosts(o.mpi.hosts, o.client_host_memory_in_gb, o.num_client_hosts);
    if (!hosts) return print_error(hosts.error());
    const JudgedRun judged = judge_plan(plan, o, Command::kConfigview, *hosts);
    if (judged.verdict.refused) return *judged.verdict.refused;
  }
  for (const auto& warning : plan.loaded.warnings) cli::log(cli::Level::kWarning, warning);
  fmt::print("# options\n{}\n# workload {} ({})\n{}", options_text, plan.workload, plan.loaded.source,
             config::describe(plan.loaded));
  return 0;
}

// Prints what is going to happen and why, before it does.
void announce(const mlperf::TrainingPlan& plan, const results::RunDirectory& directory,
              const std::vector<std::string>& command) {
  using cli::Level;
  for (const auto& notice : plan.notices) cli::log(Level::kInfo, notice);
  cli::log(Level::kInfo, fmt::format("results: {}", directory.path.string()));
  cli::log(Level::kInfo, fmt::format("command: {}", launch::shell_line(command)));
}

Error interrupted(Command command, int signal) {
  return make_error(Code::kInterrupted, "training {} was interrupted by {}", command_name(command),
                    signal == SIGTERM ? "SIGTERM" : "SIGINT");
}

Error failed(Command command, int exit_code) {
  Error error = make_error(Code::kFailed, "training {} failed with exit code {}", command_name(command), exit_code);
  error.hint = launch::exit_code_hint(exit_code);
  constexpr int kNotFoundByShell = 127;
  if (exit_code == kNotFoundByShell) error.number = ErrorNumber::kDependency;
  return error;
}

// What all loops of a command share.
struct Prepared {
  RankStart start;
  results::SystemInfo hosts;
  std::optional<JudgedRun> judged;
};

Status make_data_folders(const fs::path& data_folder) {
  for (const char* name : {"train", "valid", "test"}) {
    std::error_code failed;
    fs::create_directories(data_folder / name, failed);
    if (failed) {
      return make_error(failed == std::errc::permission_denied ? Code::kPermission : Code::kIo,
                        "{}: cannot create the folder: {}", (data_folder / name).string(), failed.message());
    }
  }
  return {};
}

// Starts the engine and stays with it to its end; the exit code of the command.
int run_engine(const TrainingOptions& o, Command command, const RankStart& start,
               const std::vector<std::string>& engine, const results::RunDirectory& directory, HostWatch& watch,
               cli::Stages& stages, results::RunMetadata& metadata) {
  const SteadyClock clock;
  launch::ProcessSpec spec;
  spec.command = engine;
  spec.stdout_log = directory.stdout_log();
  spec.stderr_log = directory.stderr_log();
  spec.environment = start.variables;
  spec.environment.emplace_back("STOKER_PROGRESS", cli::stderr_is_live() ? "live" : "lines");
  metadata.command_outputs.push_back({*metadata.executed_command, spec.stdout_log.string(), spec.stderr_log.string()});

  stages.begin("running");
  stages.yield();  // the engine's own progress has the terminal
  std::optional<InterruptGuard> interrupt(std::in_place);
  if (command == Command::kRun) watch.begin();
  const Instant begin = clock.now();
  auto result = launch::ProcessLauncher().run(spec, interrupt->token());
  metadata.runtime_seconds = to_seconds(clock.now() - begin);
  int code = 0;
  if (!result) {
    Error error = result.error();
    // Without --dlio-bin-path the engine is this program, so what is missing is the launcher.
    if (error.number == ErrorNumber::kDependency && spec.command.front() == mpirun(o))
      error.number = ErrorNumber::kMpiMissing;
    code = print_error(error);
  } else if (interrupt->signal_number() != 0) {
    // Whatever a launcher between us and the engine makes of the signal; and an engine that ended well all the same is
    // not to be followed by the next loop.
    code = print_error(interrupted(command, interrupt->signal_number()));
  } else if (*result != 0) {
    code = *result;
    print_error(failed(command, *result));
  }
  stages.begin("processing results");
  interrupt.reset();
  if (command == Command::kRun) watch.end(metadata);
  return code;
}

// All that happens in the run directory once it is there. What stops it is printed; the metadata tell as much as is
// known by then.
int run_in(const results::RunDirectory& directory, const TrainingOptions& o, Command command,
           const mlperf::TrainingPlan& plan, const Prepared& prepared, cli::Stages& stages,
           results::RunMetadata& metadata) {
  HostWatch watch(prepared.start, o.timeseries, prepared.hosts, directory, o.dlio_bin_path.empty());
  auto engine = engine_command(o, plan, directory, prepared.start,
                               command == Command::kRun ? watch.engine_options() : std::vector<std::string>{});
  if (!engine) return print_error(engine.error());
  metadata.executed_command = launch::shell_line(*engine);
  announce(plan, directory, *engine);
  if (cli::shows(cli::Level::kDebug))
    cli::log(cli::Level::kDebug, fmt::format("options: {}", results::dump_line(metadata.args)));
  stages.begin("collecting cluster information");
  const Status described =
      build_manifest::write_manifest(directory.path / build_manifest::kFileName, own_manifest(mpirun(o)));
  if (!described) return print_error(described.error());
  if (o.common.what_if) return 0;
  if (command == Command::kDatagen && !plan.data_folder.empty()) {
    if (const Status made = make_data_folders(plan.data_folder); !made) return print_error(made.error());
  }
  const int code = run_engine(o, command, prepared.start, *engine, directory, watch, stages, metadata);
  if (prepared.judged) {
    stages.yield();
    print_final_verdict(prepared.judged->run, directory.path, o.common.verbose);
  }
  return code;
}

// `stages` are in their first one.
int run_once(const TrainingOptions& o, Command command, const mlperf::TrainingPlan& plan, const Prepared& prepared,
             cli::Stages& stages) {
  auto directory = results::create_run_directory(o.common.results_dir, results::BenchmarkType::kTraining, o.args.model,
                                                 std::string(command_name(command)), SteadyClock().wall());
  if (!directory) return print_error(directory.error());
  results::RunMetadata metadata;
  metadata.id = directory->id;
  metadata.num_processes = o.args.processes;
  if (!o.args.accelerator.empty()) metadata.accelerator = o.args.accelerator;
  metadata.result_dir = directory->path.string();
  metadata.parameters = plan.parameters;
  metadata.override_parameters = plan.override_parameters;
  metadata.args = args_json(o, command);
  if (prepared.judged) metadata.verification = to_string(prepared.judged->verdict.category);
  if (command == Command::kRun) metadata.system_info = prepared.hosts;

  int code = run_in(*directory, o, command, plan, prepared, stages, metadata);
  // In every case, also after a failure: a run that is not recorded cannot be explained.
  const Status written = results::write_metadata(*directory, metadata);
  if (!written) {
    const int write_code = print_error(written.error());
    if (code == 0) code = write_code;
  }
  if (o.common.verbose) fmt::print("{}\n", results::dump(results::to_json(metadata)));
  return code;
}

int execute(TrainingOptions& o, Command command, const std::string& options_text) {
  complete(o.common);
  o.args.results_dir = o.common.results_dir;
  if (command != Command::kConfigview && o.args.data_dir.empty()) {
    return print_error(Error{.code = Code::kInvalidArgument,
                             .message = "--data-dir is required: where the data set lies or shall lie",
                             .hint = fmt::format("see 'stoker training {} --help'", command_name(command)),
                             .number = ErrorNumber::kMissing});
  }
  if (!o.common.verify_lockfile.empty()) {
    if (Status same = verify_lockfile(o.common.verify_lockfile, mpirun(o)); !same) return print_error(same.error());
  }
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
    prepared.judged = judge_plan(*plan, o, command, client_hosts(prepared.hosts, o.num_client_hosts));
    if (const auto refused = prepared.judged->verdict.refused) return *refused;
  } else {
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
  if (command == Command::kRun) add_timeseries_options(*sub, o->timeseries);
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
