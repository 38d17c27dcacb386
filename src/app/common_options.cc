#include "app/common_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/print_error.h"
#include "base/units.h"
#include "config/node.h"
#include "config/yaml.h"
#include "results/json.h"

namespace stoker::app {

void add_common_options(CLI::App& app, CommonOptions& o) {
  app.add_option("--results-dir,--rd", o.results_dir,
                 "root of all results (default: mlperf_storage_results in the system's temporary folder)");
  app.add_option("--loops", o.loops, "run the whole benchmark that many times; stops at the first failure")
      ->check(CLI::PositiveNumber);
  app.add_option("-c,--config-file", o.config_file, "YAML map of options; the command line wins over it");
  app.add_option("--config-dir", o.config_dir, "more workload files: DIR/workload/NAME.yaml");
  auto* open = app.add_flag("--open", o.open, "verify for the OPEN division");
  app.add_flag("--closed", o.closed, "verify for the CLOSED division")->excludes(open);
  app.add_flag("--allow-invalid-params,--aip", o.allow_invalid, "go on although verification says INVALID");
  app.add_flag("--what-if", o.what_if, "do everything but run the engine: print its command");
  app.add_flag("--debug", o.debug, "debug log level");
  app.add_flag("--verbose", o.verbose, "more log lines");
  app.add_option("--stream-log-level", o.stream_log_level, "log level of the console");
  app.add_flag("--quiet,-q", o.quiet, "no progress and no report lines of the engine");
  app.add_option("--verify-lockfile", o.verify_lockfile, "compare the build with a lockfile first");
  app.add_flag("--skip-validation", o.skip_validation, "skip the checks of the environment");
  app.add_flag("--skip-timeseries", o.skip_timeseries, "collect no time series of the hosts");
  app.add_option("--timeseries-interval", o.timeseries_interval, "seconds between samples of the hosts");
  app.add_option("--max-timeseries-samples", o.max_timeseries_samples, "samples per host at most");
}

void add_mpi_options(CLI::App& app, MpiOptions& o) {
  app.add_option("-e,--exec-type,--et", o.exec_type,
                 "local: ranks are threads of one process; mpi: processes under mpirun; auto: local when every host is "
                 "this one")
      ->check(CLI::IsMember({"auto", "local", "mpi", "docker"}))
      ->capture_default_str();
  app.add_option("--mpi-bin", o.mpi_bin, "launcher (MPI_RUN_BIN and MPI_EXEC_BIN name other programs)")
      ->check(CLI::IsMember({"mpirun", "mpiexec"}))
      ->capture_default_str();
  app.add_flag("--oversubscribe", o.oversubscribe, "let the launcher start more processes than slots");
  app.add_flag("--allow-run-as-root", o.allow_run_as_root, "let the launcher run as root");
  app.add_option("--mpi-params", o.mpi_params, "passed to the launcher as they are, last")->expected(1, -1)->take_all();
  app.add_option("-s,--hosts", o.hosts, "hosts, each may carry :slots; words or one comma-separated list")
      ->expected(1, -1);
}

Status prepare(CommonOptions& o) {
  if (o.results_dir.empty())
    o.results_dir = (std::filesystem::temp_directory_path() / "mlperf_storage_results").string();
  o.results_dir = std::filesystem::absolute(o.results_dir).lexically_normal().string();
  const auto refuse = [](std::string_view option, std::string_view what) {
    return make_error(Code::kUnsupported, "{}: {} is not available in this version of stoker", option, what);
  };
  if (o.open) return refuse("--open", "verification by the rules");
  if (o.closed) return refuse("--closed", "verification by the rules");
  if (o.allow_invalid) return refuse("--allow-invalid-params", "verification by the rules");
  if (!o.verify_lockfile.empty()) return refuse("--verify-lockfile", "comparing builds");
  if (o.timeseries_interval != 0) return refuse("--timeseries-interval", "collecting time series of the hosts");
  if (o.max_timeseries_samples != 0) return refuse("--max-timeseries-samples", "collecting time series of the hosts");
  return {};
}

void add_unavailable(CLI::App& app, const std::string& name, const std::string& description, int& exit_code) {
  CLI::App* sub = app.add_subcommand(name, description + " (not available in this version)");
  sub->allow_extras();
  sub->callback([name, &exit_code] {
    exit_code = print_error(
        Error{Code::kUnsupported, fmt::format("'{}' is not available in this version of stoker", name), ""});
  });
}

Result<std::vector<std::string>> with_config_file(const std::vector<std::string>& args) {
  std::string file;
  std::vector<std::string> given;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].rfind("--", 0) != 0 && args[i] != "-c") continue;
    const auto at = args[i].find('=');
    given.push_back(args[i].substr(0, at));
    if (given.back() == "--config-file" || given.back() == "-c") {
      if (at != std::string::npos)
        file = args[i].substr(at + 1);
      else if (i + 1 < args.size())
        file = args[i + 1];
    }
  }
  if (file.empty()) return args;
  auto text = results::read_file(file);
  if (!text) {
    Error error = std::move(text).error();
    error.code = Code::kInvalidArgument;
    return std::move(error).with_context("--config-file");
  }
  auto parsed = config::parse_yaml(*text, file);
  if (!parsed) {
    Error error = std::move(parsed).error();
    error.code = Code::kInvalidArgument;
    return error;
  }
  const config::Node& node = *parsed;
  if (!node.is_map()) return make_error(Code::kInvalidArgument, "{}: expected a map of options", file);
  std::vector<std::string> all = args;
  for (const auto& [key, place, value] : node.entries) {
    std::string option = "--" + key;
    std::replace(option.begin(), option.end(), '_', '-');
    // The command line is what the user typed last: it wins.
    if (value.is_null() || std::find(given.begin(), given.end(), option) != given.end()) continue;
    if (value.kind == config::Node::Kind::kBool) {
      if (config::parse_bool(value.text).value_or(false)) all.push_back(option);
      continue;
    }
    all.push_back(option);
    if (value.is_list()) {
      for (const auto& item : value.items) all.push_back(item.text);
    } else if (value.is_map()) {
      for (const auto& entry : value.entries) all.push_back(entry.key + "=" + entry.value.text);
    } else {
      all.push_back(value.text);
    }
  }
  return all;
}

}  // namespace stoker::app
