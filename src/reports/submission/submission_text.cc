#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "reports/report/report_text.h"
#include "reports/submission/submission.h"

namespace stoker::reports {

namespace {

using rules::Category;
using Severity = PackageFinding::Severity;

struct Counts {
  std::array<std::size_t, 3> workloads{}, runs{};  // by Category
  std::size_t invalid_findings = 0, warnings = 0, unreadable = 0;
};

Counts count(const Submission& submission, const Origin* system) {
  Counts counts;
  const auto mine = [system](const Origin& origin) { return system == nullptr || origin == *system; };
  for (const Workload& workload : submission.report.workloads) {
    if (mine(workload.origin)) ++counts.workloads[static_cast<std::size_t>(workload.judgement.category())];
  }
  for (const JudgedRun& run : submission.report.runs) {
    if (mine(run.origin)) ++counts.runs[static_cast<std::size_t>(run.judgement.category())];
  }
  for (const PackageFinding& finding : submission.findings) {
    if (mine(finding.origin)) ++(finding.severity == Severity::kInvalid ? counts.invalid_findings : counts.warnings);
  }
  return counts;
}

std::string counts_text(const Counts& counts) {
  const auto three = [](const std::array<std::size_t, 3>& n) {
    return fmt::format("{} CLOSED, {} OPEN, {} INVALID", n[0], n[1], n[2]);
  };
  return fmt::format("    Workloads: {}\n    Runs: {}\n    Package: {} INVALID, {} warnings\n", three(counts.workloads),
                     three(counts.runs), counts.invalid_findings, counts.warnings);
}

std::string shown(const Submission& submission, const std::filesystem::path& path) {
  const std::filesystem::path relative = path.lexically_relative(submission.report.root);
  return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

std::string findings_of(const JudgedRun& run, std::string_view indent) {
  std::string text;
  (void)put_findings(text, run.judgement, indent);
  if (!run.category_note.empty()) put_line(text, fmt::format("{}verdict: {}", indent, run.category_note));
  for (const std::string& note : run.record.notes) put_line(text, fmt::format("{}note: {}", indent, note));
  return text;
}

// Runs with what was found in them. What is word for word the same as for the run above is not said again. `measured`:
// those whose mean counts; all without it.
void put_runs(std::string& text, const Submission& submission, std::span<const std::size_t> runs,
              std::string_view indent, const std::vector<std::size_t>* measured = nullptr) {
  std::string above;
  for (const std::size_t index : runs) {
    const JudgedRun& run = submission.report.runs[index];
    const bool warm_up = measured != nullptr && std::ranges::find(*measured, index) == measured->end();
    put_line(text, fmt::format("{}{} {}{}", indent, badge(run.judgement.category()),
                               shown(submission, run.record.run.directory),
                               !run.record.counts() ? " (not counted: it did not end well)"
                               : warm_up            ? " (warm-up, not in the means)"
                                                    : ""));
    std::string findings = findings_of(run, std::string(indent) + "    ");
    if (!findings.empty() && findings == above) {
      put_line(text, fmt::format("{}    as the run above", indent));
    } else {
      text += findings;
    }
    above = std::move(findings);
  }
}

void put_workload(std::string& text, const Submission& submission, const Workload& workload) {
  put_line(text, fmt::format("  {} {}: {} run{}", badge(workload.judgement.category()), title(workload),
                             workload.runs.size(), workload.runs.size() == 1 ? "" : "s"));
  (void)put_findings(text, workload.judgement, "      ");
  put_runs(text, submission, workload.runs, "      ", &workload.measured);
  put_runs(text, submission, workload.left_out, "      ");
  for (const auto& [key, value] : workload.means.items())
    put_line(text, fmt::format("      {}: {}", key, metric_text(key, value)));
}

void put_package(std::string& text, const Submission& submission, Severity severity, const Origin& origin) {
  for (const PackageFinding& finding : submission.findings) {
    if (finding.severity != severity || finding.origin != origin) continue;
    const std::string label = severity == Severity::kInvalid ? badge(Category::kInvalid) : "[WARNING]";
    put_line(text,
             fmt::format("  {} {}: {} ({})", label, shown(submission, finding.path), finding.message, finding.check));
    if (!finding.remedy.empty()) put_line(text, fmt::format("      {}", finding.remedy));
  }
}

// The package itself, then submitters, then their systems, in the order of the walk.
std::vector<Origin> origins(const Submission& submission) {
  std::vector<Origin> list;
  const auto add = [&list](const Origin& origin) {
    if (std::ranges::find(list, origin) == list.end()) list.push_back(origin);
  };
  add({});
  for (const PackageFinding& finding : submission.findings) {
    if (finding.origin.system.empty()) add(finding.origin);
  }
  for (const Origin& system : submission.systems) add(system);
  for (const PackageFinding& finding : submission.findings) add(finding.origin);
  return list;
}

std::string name(const Origin& origin) {
  return origin.submitter.empty() ? "package" : to_string(origin);
}

}  // namespace

std::string to_text(const Submission& submission) {
  std::string text = heading("MLPerf Storage submission");
  put_line(text, fmt::format("Package: {}", submission.report.root.string()));
  const bool grouped = !submission.report.workloads.empty();
  for (const Origin& origin : origins(submission)) {
    std::string body;
    put_package(body, submission, Severity::kInvalid, origin);
    for (const Workload& workload : submission.report.workloads) {
      if (workload.origin == origin) put_workload(body, submission, workload);
    }
    if (!grouped) {
      std::vector<std::size_t> mine;
      for (std::size_t i = 0; i < submission.report.runs.size(); ++i) {
        if (submission.report.runs[i].origin == origin) mine.push_back(i);
      }
      put_runs(body, submission, mine, "  ");
    }
    const bool system = !origin.system.empty();
    if (body.empty() && !system) continue;
    text += "\n" + heading(name(origin)) + body;
    if (system) text += counts_text(count(submission, &origin));
  }
  std::string warnings;
  for (const Origin& origin : origins(submission)) put_package(warnings, submission, Severity::kWarning, origin);
  if (!warnings.empty()) text += "\n" + heading("Warnings") + warnings;
  if (!submission.report.errors.empty()) {
    text += "\n" + heading("Processing errors");
    for (const ProcessingError& error : submission.report.errors) {
      put_line(text, fmt::format("  {} {}", badge(Category::kInvalid), shown(submission, error.path)));
      put_line(text, "      " + reason_text(error));
      if (!error.remedy.empty()) put_line(text, fmt::format("      {}", error.remedy));
    }
  }
  text += "\n" + heading("Totals") + fmt::format("    Systems: {}\n", submission.systems.size()) +
          counts_text(count(submission, nullptr)) +
          fmt::format("    Unreadable: {}\n", submission.report.errors.size()) +
          fmt::format("{}\n", submission.valid() ? "Nothing is INVALID." : "The package is INVALID.");
  return text;
}

}  // namespace stoker::reports
