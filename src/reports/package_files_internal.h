// Which files a run and a workload must have in a submission package.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "results/run_directory.h"

namespace stoker::reports::internal {

// Names of required files that a run directory lacks, patterns with '*'. Runs of `run`: both logs, rank outputs,
// per-epoch statistics, summary.json, dlio.log, and the three copies of the configuration. Datagen measures nothing and
// needs logs and configuration only. Empty for kv_cache and vector_database, for which the rules name no files.
[[nodiscard]] std::vector<std::string> missing_files(const std::filesystem::path& run, results::BenchmarkType type,
                                                     const std::string& command);

// The results.json that covers the runs of `folder`: there, or in a folder above it up to `top`. Empty: none.
[[nodiscard]] std::filesystem::path find_results_json(const std::filesystem::path& folder,
                                                      const std::filesystem::path& top);
// The run ids that it lists.
[[nodiscard]] Result<std::set<std::string>> run_ids_in(const std::filesystem::path& results_json);

// systems/<system>.<extension>: by the exact name, in lower case, and by a name that contains the other. `exact` says
// which. Empty: none.
[[nodiscard]] std::filesystem::path find_system_file(const std::filesystem::path& systems, const std::string& system,
                                                     const std::string& extension, bool& exact);

// Whether a file has the first and the last mark of a PDF (ISO 32000-1, 7.5.2 and 7.5.5), which readers look for within
// the first and the last 1024 bytes.
[[nodiscard]] bool is_whole_pdf(const std::filesystem::path& file);

}  // namespace stoker::reports::internal
