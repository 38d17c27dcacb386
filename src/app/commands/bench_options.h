// What the commands of `stoker bench` have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "base/status.h"
#include "config/load.h"
#include "results/ceilings.h"

namespace stoker::app {

struct BenchOptions {
  CommonOptions standard;  // all but the two that are ours
  std::string results_dir, config_dir;
  std::string json;
  bool quiet = false;
  std::vector<std::string> words;  // workload=NAME and overrides
};

void add_bench_options(CLI::App& app, BenchOptions& options);

// The workload that the words name, checked as for a run of one rank; Code::kUnsupported for one that reads nothing.
[[nodiscard]] Result<config::Loaded> load_workload(const BenchOptions& options);
// The folder of results, absolute.
[[nodiscard]] std::filesystem::path results_folder(const BenchOptions& options);

// What every document says of this host and workload.
[[nodiscard]] results::Ceilings begin_ceilings(const config::Loaded& loaded, const config::Workload& described);

// Writes the document, there and to --json, and says where it is.
Status save(const BenchOptions& options, results::CeilingKind kind, const results::Ceilings& ceilings);

// Progress, unless --quiet.
void say(const BenchOptions& options, const std::string& text);

}  // namespace stoker::app
