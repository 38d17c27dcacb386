// What is to be said about a set of runs: each one judged, then the workloads they make up. A plain record; text
// (report_text.h) and files (report_files.h) are two views of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "mlperf/rules/judge.h"
#include "reports/report/aggregate.h"
#include "reports/runs/read_run.h"

namespace stoker::reports {

// Where in a submission package a run lies; all "" in a plain results folder.
struct Origin {
  std::string division;  // closed, open
  std::string submitter, system;
  friend bool operator==(const Origin&, const Origin&) = default;
};

[[nodiscard]] std::string to_string(const Origin& origin);  // "closed/Acme/sys-a", without what is ""

struct JudgedRun {
  RunRecord record;
  Origin origin;
  rules::Judgement judgement;
  std::string category_note;  // why the verdict is not the one recorded before the run; "" : it is, or none was

  // Else it is of datagen or datasize, which measure nothing: listed, and in no category.
  [[nodiscard]] bool is_run() const { return record.run.id.command == "run"; }
};

// Runs that belong together: same origin, benchmark, model and accelerator.
struct Workload {
  Origin origin;
  results::BenchmarkType type = results::BenchmarkType::kTraining;
  std::string model, accelerator;
  std::vector<std::size_t> runs;                  // indices of those that count: completed ones of the command `run`
  std::vector<std::size_t> measured;              // of these, in the order of their start, without the warm-up
  std::vector<std::size_t> left_out;              // attempts to run that did not end well
  rules::Judgement judgement;                     // over `runs`
  results::Json means = results::Json::object();  // over `measured`
};

// A run, or a folder, that could not be read. It is reported and spoils nothing else.
struct ProcessingError {
  std::filesystem::path path;
  std::string reason, remedy;
};
// With the place in the file in its reason, and with a remedy also where the error has none.
[[nodiscard]] ProcessingError processing_error(const std::filesystem::path& path, const Error& error);

// A directory that holds a run which the report has already: the same id, begun in the same microsecond.
struct RunCopy {
  std::filesystem::path path, of;
};

struct Report {
  std::filesystem::path root;
  std::vector<JudgedRun> runs;      // by path
  std::vector<Workload> workloads;  // in order of first appearance
  std::vector<ProcessingError> errors;
  std::vector<std::filesystem::path> plans;  // directories of --what-if: not runs, and judged by nobody
  std::vector<RunCopy> copies;               // counted once, as the run that they are copies of

  [[nodiscard]] std::size_t count(rules::Category category) const;  // of those that are runs
};

// Reads and judges one run, and adds it to the report, to its plans, to its copies or to its errors.
void add_run(Report& report, const std::filesystem::path& directory, const Origin& origin = {});
// Groups what add_run() added and judges the groups, also those of one run. Datagen, datasize and unfinished runs are
// in no group's count.
void group_runs(Report& report);

// Every run below `results`, wherever it lies. Code::kNotFound when the folder does not exist.
[[nodiscard]] Result<Report> make_report(const std::filesystem::path& results);

// "4 runs found: training; 2 data sets and sizes": what the report has, by its kinds.
[[nodiscard]] std::string count_text(const Report& report);

// "training unet3d h100".
[[nodiscard]] std::string title(const Workload& workload);

}  // namespace stoker::reports
