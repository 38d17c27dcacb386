// Which files a run and a workload must have in a submission package.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "results/run_directory.h"

namespace stoker::reports::internal {

struct FileFault {
  std::filesystem::path path;  // of the run, for files that are not there
  std::string message, remedy;
};

// What is wrong with the files that a run must have. Runs of `run`: both logs, rank outputs, per-epoch statistics,
// summary.json, dlio.log, and the three copies of the configuration. Datagen measures nothing and needs logs and
// configuration only. Nothing is asked of kv_cache and vector_database, for which the rules name no files.
//
// Each must be a file that can be read, what ends in .json must be JSON (of a large one, begin and end like it), and
// the copies must be YAML.
[[nodiscard]] std::vector<FileFault> check_files(const std::filesystem::path& run, results::BenchmarkType type,
                                                 const std::string& command);

// Names in a folder, sorted. Code::kNotFound when there is none, Code::kPermission when it cannot be listed.
[[nodiscard]] Result<std::vector<std::string>> names_in(const std::filesystem::path& folder);

// Whether any file lies in a folder or below it; errors as of names_in().
[[nodiscard]] Result<bool> holds_a_file(const std::filesystem::path& folder);

// The results.json that covers the runs of `folder`: there, or in a folder above it up to `top`. Empty: none.
[[nodiscard]] std::filesystem::path find_results_json(const std::filesystem::path& folder,
                                                      const std::filesystem::path& top);
// The run ids that it lists.
[[nodiscard]] Result<std::set<std::string>> run_ids_in(const std::filesystem::path& results_json);

// Of the `names` in systems/ that of <system>.<extension>: by the exact name, in lower case, and by a name that
// contains the other. `exact` says which. A file that has the exact name of one of `systems`, all that have results, is
// of no other. Empty: none.
[[nodiscard]] std::string find_system_file(const std::vector<std::string>& names, const std::string& system,
                                           const std::string& extension, const std::set<std::string>& systems,
                                           bool& exact);

// Whether a file has the first and the last mark of a PDF (ISO 32000-1, 7.5.2 and 7.5.5), which readers look for within
// the first and the last 1024 bytes.
[[nodiscard]] bool is_whole_pdf(const std::filesystem::path& file);

}  // namespace stoker::reports::internal
