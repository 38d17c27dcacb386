#include "app/commands/training_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/build_manifest/manifest.h"
#include "app/cli/console.h"
#include "app/commands/dlio.h"
#include "app/commands/manifest.h"
#include "app/commands/print_error.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/host_name.h"
#include "base/interrupt.h"
#include "base/plural.h"
#include "cluster/launch/mpirun_command.h"
#include "cluster/launch/process.h"
#include "cluster/launch/shell_line.h"
#include "config/embedded.h"
#include "config/overrides.h"
#include "results/ceilings.h"
#include "results/metadata.h"
#include "results/run_directory.h"
#include "results/summary.h"
#include "workloads/training/ceiling_shares.h"
#include "workloads/training/progress.h"

namespace stoker::app {

namespace fs = std::filesystem;

namespace {

using Command = TrainingCommand;

// Another engine has not the workloads that are built into this program: it finds the one it needs as
// `folder`/workload/NAME.yaml.
Result<fs::path> copy_workload(const std::string& name, const fs::path& folder) {
  const auto files = config::embedded_files();
  const auto file = std::ranges::find(files, name, &config::EmbeddedFile::name);
  STOKER_CHECK(file != files.end(), "the workload was loaded from there");
  std::error_code failed;
  fs::create_directories(folder / "workload", failed);
  if (failed) return make_error(Code::kIo, "{}: cannot create the folder: {}", folder.string(), failed.message());
  STOKER_TRY(results::write_file_atomic(folder / "workload" / (name + ".yaml"), file->text));
  return folder;
}

Result<std::vector<std::string>> engine_command(const TrainingOptions& o, const mlperf::TrainingPlan& plan,
                                                const results::RunDirectory& directory, const RankStart& start,
                                                const std::vector<std::string>& host_options) {
  STOKER_ASSIGN(std::vector<std::string> command, engine_program(o));
  const auto overrides = plan.engine_overrides();
  command.push_back(overrides.front());
  command.push_back("++hydra.run.dir=" + config::override_text(directory.path.string()));
  command.push_back("++hydra.output_subdir=dlio_config");
  command.insert(command.end(), overrides.begin() + 1, overrides.end());
  const bool own = o.dlio_bin_path.empty();
  if (!o.common.config_dir.empty()) {
    command.push_back("--config-dir=" + o.common.config_dir);
  } else if (!own) {
    STOKER_ASSIGN(const fs::path configs, copy_workload(plan.workload, directory.path / "configs"));
    command.push_back("--config-dir=" + configs.string());
  }
  if (o.common.quiet && own) command.emplace_back("--quiet");
  command.insert(command.end(), host_options.begin(), host_options.end());
  // Under a launcher the engine compares it with the ranks that came out.
  if (own) command.push_back(fmt::format("--ranks={}", o.args.processes));
  if (start.launched) return launch::mpirun_command(start.launcher, command);
  if (!own && o.args.processes > 1) {
    return make_error(
        Code::kInvalidArgument,
        "--dlio-bin-path: another engine runs its ranks under MPI only; use --exec-type mpi for {} processes",
        o.args.processes);
  }
  return command;
}

// What the run is compared with: what was named, else the newest of this host and data set below the results folder.
std::vector<std::string> ceilings_of(const TrainingOptions& o, const mlperf::TrainingPlan& plan,
                                     const results::SystemInfo& hosts) {
  if (!o.dlio_bin_path.empty()) return {};
  if (!o.ceilings.empty()) return o.ceilings;
  // They are of one client, and of what the storage gives one client.
  if (hosts.hosts.size() != 1 || hosts.hosts.front().hostname != host_name()) return {};
  const config::Workload& w = plan.loaded.workload;
  const auto use = training::ceiling_use(w);
  if (!use) return {};  // the run says what is wrong with the data set
  std::vector<std::string> files;
  for (const auto kind : {results::CeilingKind::kStorage, results::CeilingKind::kClient}) {
    const auto found = results::newest_ceilings(o.common.results_dir, w.model.name, kind, *use);
    if (found.file) files.push_back(found.file->string());
    if (!found.why_not.empty())
      cli::log(cli::Level::kInfo, fmt::format("ceilings of the {} are not used: {}", to_string(kind), found.why_not));
  }
  return files;
}

results::Json args_json(const TrainingOptions& o, Command command) {
  results::Json json = results::Json::object();
  json["program"] = "training";
  json["command"] = command_name(command);
  json["model"] = o.args.model;
  json["accelerator_type"] = o.args.accelerator.empty() ? results::Json() : results::Json(o.args.accelerator);
  json["num_processes"] = o.args.processes;
  json["client_host_memory_in_gb"] = o.client_host_memory_in_gb;
  json["num_client_hosts"] = static_cast<std::int64_t>(
      o.num_client_hosts > 0 ? static_cast<std::size_t>(o.num_client_hosts) : named_hosts(o.mpi.hosts).value().size());
  json["data_dir"] = o.args.data_dir.string();
  json["dataset_format"] = o.args.dataset_format;
  json["compression"] = o.args.compression;
  json["params"] = o.args.params;
  json["dlio_bin_path"] = o.dlio_bin_path;
  if (command == Command::kDatagen) json["overwrite"] = o.args.overwrite;
  put_args(json, o.common);
  put_args(json, o.mpi);
  if (command == Command::kRun) {
    put_args(json, o.timeseries);
    json["ceilings"] = o.ceilings;
  }
  return json;
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
                    signal_name(signal));
}

Error failed(Command command, int exit_code) {
  Error error = make_error(Code::kFailed, "training {} failed with exit code {}", command_name(command), exit_code);
  error.hint = launch::exit_code_hint(exit_code);
  constexpr int kNotFoundByShell = 127;
  if (exit_code == kNotFoundByShell) error.number = ErrorNumber::kDependency;
  return error;
}

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

// What an engine that says it ended well must have left.
Status check_outcome(Command command, const mlperf::TrainingPlan& plan, const results::RunDirectory& directory,
                     int processes) {
  const auto nothing = [&](std::string what) {
    return Error{Code::kFailed, fmt::format("training {} ended with exit code 0, but {}", command_name(command), what),
                 "look into " + directory.stdout_log().string()};
  };
  if (command == Command::kRun) {
    const auto summary = results::read_summary(directory.path);
    if (!summary) return nothing(fmt::format("left no summary that can be read: {}", summary.error().message));
    if (summary->status != "success") return nothing(fmt::format("its summary says '{}'", summary->status));
    if (summary->num_accelerators != processes) {
      return Error{
          Code::kFailed,
          fmt::format("training {} was to have {}, but its summary says {}", command_name(command),
                      counted(processes, "accelerator"), summary->num_accelerators),
          "the launcher has started another number of ranks; its command is in " + directory.metadata_file().string()};
    }
  } else if (!plan.data_folder.empty() && plan.loaded.workload.dataset.num_files_train > 0) {
    std::error_code unknown;
    if (fs::is_empty(plan.data_folder / "train", unknown))
      return nothing(fmt::format("{} is empty", (plan.data_folder / "train").string()));
  }
  return {};
}

// One run in its directory.
class OneRun {
 public:
  OneRun(const TrainingOptions& options, Command command, const mlperf::TrainingPlan& plan, const Prepared& prepared,
         cli::Stages& stages, const results::RunDirectory& directory, const InterruptGuard& interrupt)
      : o_(options),
        command_(command),
        plan_(plan),
        prepared_(prepared),
        stages_(stages),
        directory_(directory),
        interrupt_(interrupt) {}

  // All that happens in the run directory once it is there. What stops it is printed; the metadata tell as much as is
  // known by then.
  int run(results::RunMetadata& metadata);
  // Whether it came so far that there may be something to judge.
  [[nodiscard]] bool engine_ran() const { return engine_ran_; }

 private:
  int run_engine(const std::vector<std::string>& engine, HostWatch& watch, results::RunMetadata& metadata);
  // The exit code of an engine that was started, its errors printed.
  int end_of(const Result<int>& result);

  const TrainingOptions& o_;
  const Command command_;
  const mlperf::TrainingPlan& plan_;
  const Prepared& prepared_;
  cli::Stages& stages_;
  const results::RunDirectory& directory_;
  bool engine_ran_ = false;
  const InterruptGuard& interrupt_;
};

int OneRun::run(results::RunMetadata& metadata) {
  HostWatch watch(prepared_.start, o_.timeseries, prepared_.hosts, directory_, o_.dlio_bin_path.empty());
  const bool measures = command_ == Command::kRun;
  std::vector<std::string> options;
  if (measures) {
    options = watch.engine_options();
    for (const std::string& file : ceilings_of(o_, plan_, prepared_.hosts)) options.push_back("--ceilings=" + file);
  }
  auto engine = engine_command(o_, plan_, directory_, prepared_.start, options);
  if (!engine) return print_error(engine.error());
  metadata.executed_command = launch::shell_line(*engine);
  announce(plan_, directory_, *engine);
  if (cli::shows(cli::Level::kDebug))
    cli::log(cli::Level::kDebug, fmt::format("options: {}", results::dump_line(metadata.args)));
  stages_.begin("collecting cluster information");
  const Status described =
      build_manifest::write_manifest(directory_.path / build_manifest::kFileName, own_manifest(launcher_of(o_.mpi)));
  if (!described) return print_error(described.error());
  if (const int signal = interrupt_.signal_number(); signal != 0) return print_error(interrupted(command_, signal));
  if (o_.common.what_if) {
    cli::log(cli::Level::kInfo, "a plan only: nothing is run (--what-if)");
    return 0;
  }
  if (command_ == Command::kDatagen && !plan_.data_folder.empty()) {
    if (const Status made = make_data_folders(plan_.data_folder); !made) return print_error(made.error());
  }
  return run_engine(*engine, watch, metadata);
}

int OneRun::run_engine(const std::vector<std::string>& engine, HostWatch& watch, results::RunMetadata& metadata) {
  const SteadyClock clock;
  launch::ProcessSpec spec;
  spec.command = engine;
  spec.stdout_log = directory_.stdout_log();
  spec.stderr_log = directory_.stderr_log();
  spec.environment = prepared_.start.variables;
  spec.environment.emplace_back(training::kFrontEndVariable, cli::stderr_is_live() ? "live" : "lines");
  if (!prepared_.start.launched && o_.dlio_bin_path.empty())
    spec.environment.emplace_back(kParentVariable, std::to_string(::getpid()));
  metadata.command_outputs.push_back({*metadata.executed_command, spec.stdout_log.string(), spec.stderr_log.string()});

  stages_.begin("running");
  stages_.yield();  // the engine's own progress has the terminal
  if (command_ == Command::kRun) watch.begin();
  engine_ran_ = true;
  const Instant begin = clock.now();
  const auto result = launch::ProcessLauncher().run(spec, interrupt_.token());
  metadata.runtime_seconds = to_seconds(clock.now() - begin);
  if (result) metadata.engine_exit_code = *result;
  const int code = end_of(result);
  stages_.begin("processing results");
  if (command_ == Command::kRun) watch.end(metadata);
  return code;
}

int OneRun::end_of(const Result<int>& result) {
  if (const int signal = interrupt_.signal_number(); signal != 0) {
    // Whatever a launcher between us and the engine makes of the signal; and an engine that ended well all the same is
    // not to be followed by the next loop.
    return print_error(interrupted(command_, signal));
  }
  if (!result) {
    Error error = result.error();
    // Without --dlio-bin-path the engine is this program, so what is missing is the launcher.
    if (error.number == ErrorNumber::kDependency && prepared_.start.launched) error.number = ErrorNumber::kMpiMissing;
    return print_error(error);
  }
  if (*result != 0) {
    print_error(failed(command_, *result));
    return *result;
  }
  const Status left = check_outcome(command_, plan_, directory_, o_.args.processes);
  return left ? 0 : print_error(left.error());
}

}  // namespace

std::string_view command_name(TrainingCommand command) {
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
  if (::faccessat(AT_FDCWD, program.c_str(), X_OK, AT_EACCESS) != 0) {
    Error error = make_error(Code::kNotFound, "--dlio-bin-path: {} is not a program that can be run", program.string());
    error.hint = "give the folder that holds dlio_benchmark, or leave the option out to use stoker's own engine";
    return error;
  }
  return std::vector<std::string>{program.string()};
}

int run_once(const TrainingOptions& o, Command command, const mlperf::TrainingPlan& plan, const Prepared& prepared,
             cli::Stages& stages) {
  // From here on: a signal that comes before the engine runs leaves a record like any other.
  std::optional<InterruptGuard> interrupt(std::in_place, InterruptGuard::kPatienceWithChildren);
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

  const SteadyClock clock;
  metadata.started = results::format_timestamp(clock.wall());
  // Before anything runs: a run that is killed has a record too, and a results folder that takes nothing is found
  // while nothing is lost.
  if (const Status begun = results::write_metadata(*directory, metadata); !begun) return print_error(begun.error());
  int code = 0;
  bool engine_ran = false;
  const auto record = [&]() -> Status {
    metadata.ended = results::format_timestamp(clock.wall());
    metadata.exit_code = code;
    return results::write_metadata(*directory, metadata);
  };
  {
    OneRun run(o, command, plan, prepared, stages, *directory, *interrupt);
    code = run.run(metadata);
    engine_ran = run.engine_ran();
    if (const Status written = record(); !written) {
      // After an error, most likely for the same reason; one is told.
      if (code == 0) {
        code = print_error(written.error());
      } else {
        cli::log(cli::Level::kWarning, "the end of the run is not recorded: " + written.error().message);
      }
    }
  }
  interrupt.reset();
  // One that came after the engine had ended: no loop follows.
  if (const int signal = InterruptGuard::last_signal(); code == 0 && signal != 0) {
    code = print_error(interrupted(command, signal));
    static_cast<void>(record());
  }
  if (engine_ran && prepared.judged) {
    stages.yield();
    print_final_verdict(prepared.judged->run, directory->path, o.common.verbose);
  }
  if (o.common.verbose) cli::print("{}\n", results::dump(results::to_json(metadata)));
  return code;
}

}  // namespace stoker::app
