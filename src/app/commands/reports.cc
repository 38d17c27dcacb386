#include "app/commands/reports.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/print_error.h"
#include "base/error_number.h"
#include "base/exit_code.h"
#include "base/variables.h"
#include "reports/report/report_files.h"
#include "reports/report/report_text.h"
#include "reports/runs/results_tree.h"
#include "reports/submission/submission.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

struct ReportgenOptions {
  CommonOptions standard;
  std::string results_dir, output_dir;
  bool no_print = false;
};

struct ValidateOptions {
  CommonOptions standard;
  std::string root, output_dir;
  reports::SubmissionOptions submission;
  bool no_print = false;
};

// Colours are for people who look at a terminal and have not said that they want none.
bool wants_colours() {
  return ::isatty(STDOUT_FILENO) == 1 && !variable("NO_COLOR");
}

void print_report(std::string text) {
  if (wants_colours()) text = reports::with_colours(std::move(text));
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int write(const reports::Report& report, const fs::path& directory, const reports::Descriptions& descriptions) {
  const auto written = reports::write_files(report, directory, descriptions);
  if (!written) return print_error(written.error());
  for (const fs::path& path : *written) cli::log(cli::Level::kResult, "wrote " + path.string());
  return 0;
}

// Whatever else there is to say: without a folder of results, that is the error.
int refuse(const reports::ResultsTree& tree) {
  for (const reports::TreeIssue& issue : tree.issues) {
    if (issue.severity != reports::TreeIssue::Severity::kInvalid) continue;
    Error error = make_error(Code::kNotFound, "{}: {}", issue.path.string(), issue.message);
    error.hint = issue.remedy;
    if (issue.kind != reports::TreeIssue::Kind::kMissing) error.number = ErrorNumber::kBadStructure;
    (void)print_error(error);
  }
  cli::print_above(reports::example_tree());
  return static_cast<int>(ExitCode::kNotFound);
}

int reportgen(const ReportgenOptions& o) {
  if (const Status fine = check_standard(o.standard, "reports reportgen"); !fine) return print_error(fine.error());
  CommonOptions common;  // for its default
  common.results_dir = o.results_dir;
  complete(common);
  const reports::ResultsTree tree = reports::inspect_results(common.results_dir);
  if (!tree.valid()) return refuse(tree);
  for (const reports::TreeIssue& issue : tree.issues) {
    const bool warning = issue.severity == reports::TreeIssue::Severity::kWarning;
    cli::log(warning ? cli::Level::kWarning : cli::Level::kError, reports::to_text(issue));
  }
  const auto report = reports::make_report(common.results_dir);
  if (!report) return print_error(report.error());
  cli::log(cli::Level::kInfo, reports::count_text(*report));
  if (!o.no_print) print_report(reports::to_text(*report));
  return write(*report, o.output_dir.empty() ? common.results_dir : o.output_dir, {});
}

int validate(const ValidateOptions& o) {
  if (const Status fine = check_standard(o.standard, "reports validate"); !fine) return print_error(fine.error());
  if (o.root.empty()) {
    return print_error(Error{.code = Code::kInvalidArgument,
                             .message = "reports validate: the name of the package is empty",
                             .hint = "name the folder that holds closed/ and open/",
                             .number = ErrorNumber::kMissing});
  }
  const fs::path root = fs::absolute(o.root).lexically_normal();
  const auto submission = reports::check_submission(root, o.submission);
  if (!submission) return print_error(submission.error());
  if (!o.no_print) print_report(reports::to_text(*submission));
  if (!o.output_dir.empty()) {
    if (const int code = write(submission->report, o.output_dir, submission->descriptions); code != 0) return code;
  }
  if (submission->valid()) return 0;
  Error error = make_error(Code::kFailed, "{}: the package is INVALID", root.string());
  error.hint = o.no_print ? "run it again without --no-print" : "each finding above says what to do about it";
  error.number = ErrorNumber::kSubmission;
  return print_error(error);
}

void add_reportgen(CLI::App& parent, int& exit_code) {
  const auto o = std::make_shared<ReportgenOptions>();
  CLI::App* sub = parent.add_subcommand("reportgen", "judge every run below a results folder and report on them");
  sub->footer("example:\n  stoker reports reportgen --results-dir results --output-dir report");
  sub->add_option("--results-dir,--rd", o->results_dir,
                  "root of all results (default: mlperf_storage_results in the system's temporary folder)");
  sub->add_option("-o,--output-dir", o->output_dir,
                  "where results.json, results.csv and workload_results.csv go (default: the results folder)");
  sub->add_flag("--no-print", o->no_print, "write the files only");
  add_standard_options(*sub, o->standard);
  sub->callback([o, &exit_code] { exit_code = reportgen(*o); });
}

void add_validate(CLI::App& parent, int& exit_code) {
  const auto o = std::make_shared<ValidateOptions>();
  CLI::App* sub = parent.add_subcommand("validate", "check a submission package: layout, files, systems and runs");
  sub->footer(
      "exit code 0 when nothing is INVALID, 1 otherwise\n"
      "example:\n  stoker reports validate package --submitters Acme --output-dir report");
  sub->add_option("root", o->root, "folder that holds closed/ and open/")->required();
  sub->add_option("-o,--output-dir", o->output_dir, "write results.json, results.csv and workload_results.csv there");
  const auto list = [sub](const std::string& names, std::vector<std::string>& to, const std::string& help) {
    sub->add_option(names, to, help)->delimiter(',')->expected(1, -1);
  };
  list("-s,--submitters", o->submission.submitters, "only these, words or comma-separated");
  list("-x,--exclude-submitters", o->submission.exclude_submitters, "all but these");
  list("--models", o->submission.models, "only the runs of these models");
  sub->add_flag("--runs-only", o->submission.runs_only, "judge each run; no layout, no systems, no workloads");
  sub->add_flag("--no-print", o->no_print, "the exit code and the files only");
  add_standard_options(*sub, o->standard);
  sub->callback([o, &exit_code] { exit_code = validate(*o); });
}

}  // namespace

void add_reports(CLI::App& app, int& exit_code) {
  CLI::App* reports = app.add_subcommand("reports", "reports over results, and the check of a submission package");
  reports->require_subcommand(1);
  reports->footer("example:\n  stoker reports reportgen --results-dir results --output-dir report");
  add_reportgen(*reports, exit_code);
  add_validate(*reports, exit_code);
}

}  // namespace stoker::app
