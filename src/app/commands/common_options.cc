#include "app/commands/common_options.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/cli/console.h"
#include "app/cli/levels.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "base/error_number.h"
#include "cluster/launch/mpirun_command.h"

namespace stoker::app {

namespace {

std::string known_level(const std::string& name) {
  return cli::parse_level(name) ? std::string()
                                : fmt::format("found '{}', expected one of {}", name, cli::level_names());
}

}  // namespace

void put_args(results::Json& json, const CommonOptions& o) {
  json["results_dir"] = o.results_dir;
  json["config_file"] = o.config_file;
  json["config_dir"] = o.config_dir;
  json["loops"] = o.loops;
  json["open"] = o.open;
  json["closed"] = o.closed;
  json["allow_invalid_params"] = o.allow_invalid;
  json["what_if"] = o.what_if;
  json["skip_validation"] = o.skip_validation;
  json["verify_lockfile"] = o.verify_lockfile;
  json["debug"] = o.debug;
  json["verbose"] = o.verbose;
  json["quiet"] = o.quiet;
  json["stream_log_level"] = o.stream_log_level;
}

void put_args(results::Json& json, const MpiOptions& o) {
  json["hosts"] = o.hosts;
  json["exec_type"] = o.exec_type;
  json["mpi_bin"] = o.mpi_bin;
  json["oversubscribe"] = o.oversubscribe;
  json["allow_run_as_root"] = o.allow_run_as_root;
  json["mpi_params"] = o.mpi_params;
}

std::string launcher_of(const MpiOptions& o) {
  return launch::launcher_program(o.mpi_bin == "mpiexec" ? launch::MpiBin::kMpiexec : launch::MpiBin::kMpirun);
}

std::vector<std::string> repeated_options(const CommonOptions& o, const MpiOptions& mpi) {
  std::vector<std::string> words;
  if (mpi.mpi_bin != "mpirun") words.push_back("--mpi-bin=" + mpi.mpi_bin);
  if (mpi.oversubscribe) words.emplace_back("--oversubscribe");
  if (mpi.allow_run_as_root) words.emplace_back("--allow-run-as-root");
  // Each for itself: a word with dashes that stands alone would be taken for an option.
  for (const std::string& word : mpi.mpi_params) words.push_back("--mpi-params=" + word);
  if (!o.config_dir.empty()) words.push_back("--config-dir=" + o.config_dir);
  return words;
}

void add_common_options(CLI::App& app, CommonOptions& o) {
  app.add_option("--results-dir,--rd", o.results_dir,
                 "root of all results (default: mlperf_storage_results in the system's temporary folder)");
  app.add_option("--loops", o.loops, "run the whole benchmark that many times; stops at the first failure")
      ->transform(whole_number(1));
  app.add_option("-c,--config-file", o.config_file,
                 "YAML map of options, named with underscores; the command line wins (--params of both are merged)");
  app.add_option("--config-dir", o.config_dir, "more workload files: DIR/workload/NAME.yaml");
  auto* open = app.add_flag("--open", o.open, "verify for the OPEN division");
  app.add_flag("--closed", o.closed, "verify for the CLOSED division")->excludes(open);
  app.add_flag("--allow-invalid-params,--aip", o.allow_invalid, "go on although verification says INVALID");
  app.add_flag("--what-if", o.what_if, "do everything but run the engine: print its command");
  app.add_flag("--debug", o.debug, "log level DEBUG, and where in the program each line comes from (MLPS_DEBUG=true)");
  app.add_flag("--verbose", o.verbose, "log level VERBOSE, and the run's metadata on stdout");
  app.add_option("--stream-log-level", o.stream_log_level, "log level of the console: " + cli::level_names())
      ->check(known_level);
  app.add_flag("--quiet,-q", o.quiet, "no progress and no report lines of the engine");
  app.add_option("--verify-lockfile", o.verify_lockfile,
                 "first compare this build with a build manifest ('stoker manifest'), or with that of a run directory");
  app.add_flag("--skip-validation", o.skip_validation, "skip the checks of the environment, with a warning");
}

void add_mpi_options(CLI::App& app, MpiOptions& o) {
  app.add_option("-e,--exec-type,--et", o.exec_type,
                 "local: ranks are threads of one process; mpi: processes under mpirun; auto: local when every host is "
                 "this one; docker: as local, no launcher is used")
      ->check(CLI::IsMember({"auto", "local", "mpi", "docker"}))
      ->capture_default_str();
  app.add_option("--mpi-bin", o.mpi_bin, "launcher (MPI_RUN_BIN and MPI_EXEC_BIN name other programs)")
      ->check(CLI::IsMember({"mpirun", "mpiexec"}))
      ->capture_default_str();
  app.add_flag("--oversubscribe", o.oversubscribe, "let the launcher start more processes than slots");
  app.add_flag("--allow-run-as-root", o.allow_run_as_root, "let the launcher run as root");
  app.add_option("--mpi-params", o.mpi_params,
                 "words for the launcher, last; --mpi-params='--bind-to core' is two; not ranks and hosts, which "
                 "other options say")
      ->expected(1, -1)
      ->take_all();
  app.add_option("-s,--hosts", o.hosts, "hosts, each may carry :slots; words or one comma-separated list")
      ->expected(1, -1);
}

void add_standard_options(CLI::App& app, CommonOptions& o) {
  const auto free = [&app](const char* name) { return app.get_option_no_throw(name) == nullptr; };
  app.add_option("-c,--config-file", o.config_file,
                 "YAML map of options, named with underscores; the command line wins");
  app.add_flag("--debug", o.debug, "log level DEBUG, and where in the program each line comes from (MLPS_DEBUG=true)");
  app.add_flag("--verbose", o.verbose, "log level VERBOSE");
  app.add_option("--stream-log-level", o.stream_log_level, "log level of the console: " + cli::level_names())
      ->check(known_level);
  // Not in the help.
  if (free("--results-dir")) app.add_option("--results-dir,--rd", o.results_dir)->group("");
  app.add_option("--loops", o.loops)->transform(whole_number(1))->group("");
  if (free("--config-dir")) app.add_option("--config-dir", o.config_dir)->group("");
  app.add_flag("--open", o.open)->group("");
  app.add_flag("--closed", o.closed)->group("");
  app.add_flag("--allow-invalid-params,--aip", o.allow_invalid)->group("");
  app.add_flag("--what-if", o.what_if)->group("");
  if (free("--quiet")) app.add_flag("--quiet", o.quiet)->group("");
  app.add_option("--verify-lockfile", o.verify_lockfile)->group("");
  app.add_flag("--skip-validation", o.skip_validation)->group("");
}

Status check_standard(const CommonOptions& o, std::string_view command) {
  if (o.what_if) {
    return Error{.code = Code::kInvalidArgument,
                 .message = fmt::format("--what-if: '{}' runs no benchmark that could be held back", command),
                 .hint = "leave the option out",
                 .number = ErrorNumber::kIncompatible};
  }
  note_without_effect(command,
                      {{!o.results_dir.empty(), "--results-dir"},
                       {o.loops != 1, "--loops"},
                       {!o.config_dir.empty(), "--config-dir"},
                       {o.open, "--open"},
                       {o.closed, "--closed"},
                       {o.allow_invalid, "--allow-invalid-params"},
                       {o.quiet, "--quiet"},
                       {!o.verify_lockfile.empty(), "--verify-lockfile"},
                       {o.skip_validation, "--skip-validation"}},
                      "it runs no benchmark");
  return {};
}

void complete(CommonOptions& o) {
  std::error_code unusable;  // then the checks of the results folder say so
  if (o.results_dir.empty()) {
    const std::filesystem::path place = std::filesystem::temp_directory_path(unusable);
    o.results_dir = ((unusable ? "/tmp" : place) / "mlperf_storage_results").string();
  }
  o.results_dir = std::filesystem::absolute(o.results_dir).lexically_normal().string();
}

void note_without_effect(std::string_view command, const std::vector<NamedFlag>& flags, std::string_view why) {
  for (const auto& [given, name] : flags) {
    if (given) cli::log(cli::Level::kWarning, fmt::format("{} has no effect on {}: {}", name, command, why));
  }
}

std::vector<NamedFlag> launcher_options(const MpiOptions& o) {
  return {{o.mpi_bin != "mpirun", "--mpi-bin"},
          {o.oversubscribe, "--oversubscribe"},
          {o.allow_run_as_root, "--allow-run-as-root"},
          {!o.mpi_params.empty(), "--mpi-params"}};
}

void add_unavailable(CLI::App& app, const std::string& name, const std::string& description, int& exit_code) {
  CLI::App* sub = app.add_subcommand(name, description + " (not available in this version)");
  sub->allow_extras();
  // Of a command its program too.
  const bool top = app.get_parent() == nullptr;
  const std::string whole = top ? name : app.get_name() + " " + name;
  const std::string others = top ? "stoker --help" : fmt::format("stoker {} --help", app.get_name());
  sub->callback([whole, others, &exit_code] {
    exit_code =
        print_error(Error{Code::kUnsupported, fmt::format("'{}' is not available in this version of stoker", whole),
                          fmt::format("'{}' lists what is", others)});
  });
}

}  // namespace stoker::app
