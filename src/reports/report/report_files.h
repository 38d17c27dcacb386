// A report as files: results.json, results.csv and workload_results.csv.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "reports/report/report.h"

namespace stoker::reports {

// A list of objects, one per run: run_id, benchmark_type, model, command, num_processes, parameters, system_info,
// metrics, and accelerator where there is one. Indented by 2.
[[nodiscard]] std::string results_json(const Report& report);

// The same with maps flattened by dots (lists stay JSON text), columns the sorted union of all keys, LF line ends.
// What is null or not a number is left empty; text that a spreadsheet would take for a formula begins with an
// apostrophe.
[[nodiscard]] std::string results_csv(const Report& report);

// System descriptions by to_string(Origin), flattened: the columns System.*.
using Descriptions = std::map<std::string, std::map<std::string, std::string>>;

// One row per workload: Submitter, System Name, Model, Accelerator, Division, number_of_nodes, # Simulated
// Accelerators, num_runs, run_ids, Read B/W (GiB/s), Write B/W (GiB/s), Read Duration, Write Duration, System.*,
// metrics.*, category, issues. Runs are the measured ones.
[[nodiscard]] std::string workload_csv(const Report& report, const Descriptions& descriptions = {});

// Writes the three into `directory`, which is created. Returns their paths.
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_files(const Report& report,
                                                                     const std::filesystem::path& directory,
                                                                     const Descriptions& descriptions = {});

// {"a": {"b": 1}, "c": null} -> {"a.b": "1"}.
[[nodiscard]] std::map<std::string, std::string> flatten(const results::Json& json);

}  // namespace stoker::reports
