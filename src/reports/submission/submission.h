// A submission package: layout, files, system descriptions, and the runs in it judged by division, submitter and
// system.
//
//   <root>/{closed,open}/<submitter>/code/
//                                   systems/<system>.yaml, <system>.pdf
//                                   results/<system>/training/<model>/{datagen,run}/<YYYYMMDD_HHMMSS>/,
//                                   run/results.json
//                                                    checkpointing/<model>/<YYYYMMDD_HHMMSS>/, results.json
//
// That is the later v2.0 text. Of v3.0 packages the pool of code beside the divisions, <root>/<submitter>/code-*/, and
// the runs of kv_cache and vector_database are accepted. Earlier layouts are read as far as they hold runs, and said to
// be what they are. Names of divisions are compared without regard to case.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "reports/report/report.h"
#include "reports/report/report_files.h"

namespace stoker::reports {

struct SubmissionOptions {
  std::vector<std::string> submitters;          // only these; empty: all
  std::vector<std::string> exclude_submitters;  // not these
  std::vector<std::string> models;              // only these; empty: all
  bool runs_only = false;                       // judge each run, look at nothing else
};

struct PackageFinding {
  enum class Severity { kInvalid, kWarning };
  Severity severity = Severity::kInvalid;
  // package.layout, package.code, package.files, package.contradiction, package.system, package.results,
  // package.division
  std::string check;
  Origin origin;  // system "" : of the submitter; submitter "" : of the package
  std::filesystem::path path;
  std::string message, remedy;
};

struct Submission {
  Report report;                         // runs of the command `run`, and the workloads they make up
  std::vector<PackageFinding> findings;  // in the order of the walk
  std::vector<Origin> systems;           // that have results, likewise
  Descriptions descriptions;

  // No finding, run or workload is INVALID, and everything could be read.
  [[nodiscard]] bool valid() const;
};

// Code::kNotFound when `root` is no folder. Whatever is wrong inside is a finding. A name among the options that the
// package does not have is Code::kInvalidArgument.
[[nodiscard]] Result<Submission> check_submission(const std::filesystem::path& root, const SubmissionOptions& options);

// Findings with path and remedy by submitter and system, counts per category, warnings apart, grand totals.
[[nodiscard]] std::string to_text(const Submission& submission);

}  // namespace stoker::reports
