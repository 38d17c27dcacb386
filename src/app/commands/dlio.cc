#include "app/commands/dlio.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <string_view>

#include "app/cli/console.h"
#include "app/commands/print_error.h"
#include "app/commands/timeseries_options.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/printable.h"
#include "base/threads.h"
#include "base/variables.h"
#include "cluster/dist/launch_variables.h"
#include "cluster/dist/local.h"
#include "cluster/dist/mpi_module.h"
#include "config/load.h"
#include "config/overrides.h"
#include "data/io/storage.h"
#include "workloads/training/progress.h"
#include "workloads/training/run_storage.h"
#include "workloads/training/session.h"

namespace stoker::app {
namespace {

constexpr std::string_view kHelp = R"(usage: stoker dlio [workload=NAME] [overrides] [options]
       mpirun -np N stoker dlio [workload=NAME] [overrides] [options]

Runs a workload as dlio_benchmark does: generates a data set, trains on it, measures. Called as dlio_benchmark it is
the same program.

arguments:
  workload=NAME        the workload file: DIR/workload/NAME.yaml of --config-dir, else an embedded one (default: default)
  a.b=v                replace a value of the file         ++a.b=v   add or replace
  +a.b=v               add a value that is not there       ~a.b      delete
                       paths begin with `workload.`, which may be left out
  hydra.run.dir=DIR    where results go (default: hydra_log/<model>/<date>-<time>)
  hydra.output_subdir=NAME   folder of the configuration copies inside it (default: .hydra)

options:
  --config-dir DIR     more workload files
  --ranks N            accelerators, as threads of this process (default 1; under mpirun each process is one,
                       and N must be how many there are)
  --list               names of the workloads
  --query KEY          print one effective value and exit, e.g. --query reader.batch_size
  --print-config       print every key with its value and origin, and exit
  --mpi-version        print the version of the MPI library that ranks would use, and exit
  --host-record FILE   describe the hosts at the start and at the end of the run there, and with
  --timeseries-file FILE   what their kernels count meanwhile: every --timeseries-interval S (10 seconds), at most
                       --max-timeseries-samples N (3600) per host
  --ceilings FILE      a document of 'stoker bench storage' or 'client' to compare the run with; may stand twice
  --quiet              no progress and no report lines; the final [METRIC] block and errors only
  --help

example:
  stoker dlio workload=dlrm_b200 --ranks 2 ++workload.workflow.generate_data=True \
      ++workload.dataset.num_files_train=4 ++workload.dataset.num_samples_per_file=614400 \
      ++workload.dataset.data_folder=/mnt/data/dlrm hydra.run.dir=/tmp/run1
)";

constexpr int kMostRanks = 1'000'000;
constexpr int kMostLocalRanks = 4096;  // threads of this process

struct Options {
  std::filesystem::path config_dir;
  int ranks = 1;
  bool ranks_given = false;
  bool quiet = false, help = false, list = false, print_config = false, mpi_version = false;
  std::optional<std::string> query;
  std::vector<std::filesystem::path> ceilings;
  std::optional<training::HostRecordRequest> host_record;
  std::vector<std::string> rest;  // Hydra's grammar
};

Status set_host_record(training::HostRecordRequest& request, std::string_view name, const std::string& text) {
  if (name == "--host-record") {
    request.record = text;
  } else if (name == "--timeseries-file") {
    request.timeseries = text;
  } else if (name == "--timeseries-interval") {
    STOKER_ASSIGN(request.interval, parse_timeseries_interval(text));
  } else {
    STOKER_ASSIGN(request.max_samples, parse_max_timeseries_samples(text));
  }
  return {};
}

Result<Options> parse(const std::vector<std::string>& args) {
  Options options;
  for (std::size_t i = 0; i < args.size(); ++i) {
    std::string name = args[i];
    std::optional<std::string> attached;
    if (name.rfind("--", 0) == 0) {
      if (const auto at = name.find('='); at != std::string::npos) {
        attached = name.substr(at + 1);
        name.resize(at);
      }
    }
    const auto value = [&]() -> Result<std::string> {
      if (attached) return *attached;
      if (i + 1 >= args.size()) return make_error(Code::kInvalidArgument, "{} needs a value", name);
      return args[++i];
    };
    if (name == "--config-dir" || name == "-cd") {
      STOKER_ASSIGN(options.config_dir, value());
    } else if (name == "--ranks") {
      STOKER_ASSIGN(const std::string text, value());
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.ranks);
      if (error != std::errc{} || end != text.data() + text.size() || options.ranks < 1 || options.ranks > kMostRanks) {
        return make_error(Code::kInvalidArgument, "--ranks: '{}' is not a number from 1 to {}", text, kMostRanks);
      }
      options.ranks_given = true;
    } else if (name == "--host-record" || name == "--timeseries-file" || name == "--timeseries-interval" ||
               name == "--max-timeseries-samples") {
      STOKER_ASSIGN(const std::string text, value());
      if (!options.host_record) options.host_record.emplace();
      STOKER_TRY(set_host_record(*options.host_record, name, text));
    } else if (name == "--ceilings") {
      STOKER_ASSIGN(options.ceilings.emplace_back(), value());
    } else if (name == "--query") {
      STOKER_ASSIGN(options.query, value());
    } else if (name == "--quiet" || name == "-q") {
      options.quiet = true;
    } else if (name == "--list") {
      options.list = true;
    } else if (name == "--print-config") {
      options.print_config = true;
    } else if (name == "--mpi-version") {
      options.mpi_version = true;
    } else if (name == "--help" || name == "-h") {
      options.help = true;
    } else if (name.rfind('-', 0) == 0) {
      return Error{Code::kInvalidArgument, fmt::format("unknown option '{}'", args[i]), "see 'stoker dlio --help'"};
    } else {
      options.rest.push_back(args[i]);
    }
  }
  if (options.host_record && options.host_record->record.empty())
    return make_error(Code::kInvalidArgument, "a time series needs --host-record FILE as well");
  return options;
}

// DLIO_OUTPUT_FOLDER stands for output.folder where the configuration leaves that unset; a file `.env` in the working
// directory stands for the environment.
std::string output_folder_from_environment() {
  constexpr std::string_view kName = "DLIO_OUTPUT_FOLDER";
  if (auto value = variable(kName)) return *std::move(value);
  std::ifstream file(".env");
  for (std::string line; std::getline(file, line);) {
    std::string_view text = line;
    if (text.rfind("export ", 0) == 0) text.remove_prefix(7);
    if (text.rfind(kName, 0) != 0 || text.size() <= kName.size() || text[kName.size()] != '=') continue;
    text.remove_prefix(kName.size() + 1);
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
      text = text.substr(1, text.size() - 2);
    }
    return std::string(text);
  }
  return "";
}

// The command line and the configuration it names, both checked.
struct Command {
  Options options;
  config::Loaded loaded;
  training::RunRequest request;  // without `loaded`
};

Result<Command> read_command(const std::vector<std::string>& args) {
  Command command;
  STOKER_ASSIGN(command.options, parse(args));
  if (command.options.help || command.options.list || command.options.mpi_version) return command;
  STOKER_ASSIGN(const config::CommandLine line, config::split_command_line(command.options.rest));
  config::LoadRequest load;
  load.workload = line.workload.value_or("default");
  load.config_dir = command.options.config_dir;
  load.overrides = line.overrides;
  STOKER_ASSIGN(command.loaded, config::load(load));
  for (const auto& text : line.other_hydra) command.loaded.warnings.push_back(fmt::format("'{}' has no effect", text));
  std::string& folder = command.loaded.workload.output.folder;
  if (folder.empty()) folder = output_folder_from_environment();

  command.request.run_dir = line.hydra_run_dir.value_or("");
  command.request.output_subdir = line.hydra_output_subdir.value_or(".hydra");
  command.request.command_line = line.overrides;
  command.request.command_line.insert(command.request.command_line.begin(), "workload=" + load.workload);
  command.request.quiet = command.options.quiet;
  command.request.ceilings = command.options.ceilings;
  command.request.host_record = command.options.host_record;
  return command;
}

// The text that help, --list, the query tool and --print-config give; nullopt when a run is wanted.
std::optional<std::string> answer(const Command& command) {
  const Options& options = command.options;
  if (options.help) return std::string(kHelp);
  if (options.list) return fmt::format("{}\n", fmt::join(config::workload_names(options.config_dir), "\n"));
  if (options.query) return config::value_of(command.loaded, *options.query).value_or("None") + "\n";
  if (options.print_config) return config::describe(command.loaded);
  return std::nullopt;
}

int report(const Status& status, int rank) {
  if (status) return 0;
  // A front end that passed the signal on tells the error; this is where it came.
  if (status.error().code == Code::kInterrupted && training::has_front_end()) {
    if (rank == 0) cli::print_above(fmt::format("stoker: {}\n", printable_line(status.error().message)));
    return static_cast<int>(exit_code(status.error().code));
  }
  // Errors are agreed upon: rank 0 speaks for all, and the others leave with the same exit code.
  return rank == 0 ? print_engine_error(status.error()) : static_cast<int>(exit_code(status.error().code));
}

int print_mpi_version() {
  const auto version = dist::mpi_library_version();
  if (!version) return print_engine_error(version.error());
  cli::print("{}\n", *version);
  return 0;
}

// One rank, in a process that an MPI launcher started. MPI comes first, so that even an error of the command line is
// told once and not by every process.
int run_mpi_rank(const std::vector<std::string>& args) {
  // The launcher, which ends its ranks unless it is killed itself.
  static_cast<void>(stop_with_parent());
  auto comm = dist::make_mpi_communicator();
  if (!comm) return print_engine_error(comm.error());
  const int rank = (*comm)->rank();
  auto command = read_command(args);
  if (const Status agreed = dist::agree(**comm, command ? Status{} : Status{command.error()}); !agreed) {
    return report(agreed, rank);
  }
  if (command->options.mpi_version) return rank == 0 ? print_mpi_version() : 0;
  if (const auto text = answer(*command)) {
    if (rank == 0) cli::print("{}", *text);
    return 0;
  }
  if (command->request.host_record) command->request.host_record->method = "mpi";
  if (command->options.ranks_given && command->options.ranks != (*comm)->size()) {
    Error wrong = make_error(Code::kInvalidArgument, "--ranks: {} asked for, but the launcher started {}",
                             counted(command->options.ranks, "rank"), (*comm)->size());
    wrong.hint = "under a launcher each process is one rank: leave --ranks out, or start that many processes";
    return report(wrong, rank);
  }
  const SteadyClock clock;
  const host::Proc proc;
  const auto storage = training::open_storage(command->loaded.workload, static_cast<unsigned>((*comm)->size()), clock);
  if (!storage) return report(storage.error(), rank);
  training::Progress progress(clock, training::progress_mode(command->request.quiet));
  // MPI installs its own signal handling while it starts, so ours comes after it.
  const InterruptGuard interrupt;
  const training::Environment environment{**storage, clock, progress, proc, interrupt.token()};
  command->request.loaded = &command->loaded;
  return report(training::run_rank(command->request, environment, **comm), rank);
}

// All ranks, as threads of this process.
int run_local_ranks(const std::vector<std::string>& args) {
  if (const auto parent = number_variable(kParentVariable)) {
    if (!stop_with_parent(static_cast<pid_t>(*parent))) {
      return print_engine_error(make_error(Code::kInterrupted, "the command that started this engine has ended"));
    }
  }
  auto command = read_command(args);
  if (!command) return print_engine_error(command.error());
  if (command->options.mpi_version) return print_mpi_version();
  if (const auto text = answer(*command)) {
    cli::print("{}", *text);
    return 0;
  }
  if (const Status alone = dist::check_started_alone(); !alone) return print_engine_error(alone.error());
  if (command->options.ranks > kMostLocalRanks) {
    return print_engine_error({Code::kInvalidArgument,
                               fmt::format("--ranks: {} are too many for one process, expected at most {}",
                                           command->options.ranks, kMostLocalRanks),
                               "start more with mpirun: each process is one rank"});
  }
  const SteadyClock clock;
  const host::Proc proc;
  const auto storage = training::open_storage(command->loaded.workload, 1, clock);
  if (!storage) return print_engine_error(storage.error());
  training::Progress progress(clock, training::progress_mode(command->request.quiet));
  const InterruptGuard interrupt;
  const training::Environment environment{**storage, clock, progress, proc, interrupt.token(), command->options.ranks};
  command->request.loaded = &command->loaded;
  const auto code = dist::run_local(command->options.ranks, [&](dist::Communicator& comm) {
    return report(training::run_rank(command->request, environment, comm), comm.rank());
  });
  return code ? *code : print_engine_error(code.error());
}

}  // namespace

int run_dlio(const std::vector<std::string>& args) {
  init_log(variable("DLIO_LOG_LEVEL").value_or("warning"));
  try {
    return dist::launched_by_mpi() ? run_mpi_rank(args) : run_local_ranks(args);
  } catch (const std::exception&) {
    if (std::ferror(stdout) != 0) throw;  // the output is lost: app.cc says so
    return print_engine_error(error_of_exception());
  }
}

}  // namespace stoker::app
