// Options that every benchmark command has.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::app {

struct CommonOptions {
  std::string results_dir;
  int loops = 1;
  std::string config_file;
  std::string config_dir;
  bool open = false, closed = false, allow_invalid = false;
  bool debug = false, verbose = false, what_if = false, skip_validation = false, quiet = false;
  std::string stream_log_level;
  std::string verify_lockfile;
};

struct MpiOptions {
  std::string exec_type = "auto";
  std::string mpi_bin = "mpirun";
  bool oversubscribe = false, allow_run_as_root = false;
  std::vector<std::string> mpi_params;
  std::vector<std::string> hosts{"127.0.0.1"};
};

// All of them, under their names with underscores, as the metadata keep the options of a command.
void put_args(results::Json& args, const CommonOptions& common);
void put_args(results::Json& args, const MpiOptions& mpi);

// The program that --mpi-bin stands for.
[[nodiscard]] std::string launcher_of(const MpiOptions& options);

// What a command that is printed for pasting repeats of them, besides --hosts and --exec-type, to find the same
// launcher and the same workload files.
[[nodiscard]] std::vector<std::string> repeated_options(const CommonOptions& common, const MpiOptions& mpi);

void add_common_options(CLI::App& app, CommonOptions& options);
void add_mpi_options(CLI::App& app, MpiOptions& options);

// The standard options on commands that run no benchmark (reports, history, lockfile), where mlpstorage has them too:
// those of the console and --config-file do what they say, the others are accepted for scripts. Options that the
// command has itself are left alone. `check_standard` says which had no effect, and refuses --what-if, which would not
// hold these commands back.
void add_standard_options(CLI::App& app, CommonOptions& options);
[[nodiscard]] Status check_standard(const CommonOptions& options, std::string_view command);

// Fills in what was not given: the results folder, as an absolute path.
void complete(CommonOptions& options);

// Says of each option that was given although the command has no use for it. `why` follows a colon.
using NamedFlag = std::pair<bool, std::string_view>;
void note_without_effect(std::string_view command, const std::vector<NamedFlag>& flags, std::string_view why);
// Those that only a launcher can obey, and whether they were given.
[[nodiscard]] std::vector<NamedFlag> launcher_options(const MpiOptions& options);

// A command that exists in the benchmark but not yet here: says so and exits with kFailure.
void add_unavailable(CLI::App& app, const std::string& name, const std::string& description, int& exit_code);

}  // namespace stoker::app
