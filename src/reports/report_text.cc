#include "reports/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/units.h"

namespace stoker::reports {

namespace {

using results::BenchmarkType;
using results::Json;
using rules::Category;

constexpr std::size_t kWidth = 70;
constexpr std::array<Category, 3> kOrder{Category::kInvalid, Category::kOpen, Category::kClosed};

std::string rule(char c) {
  return std::string(kWidth, c) + "\n";
}

// "[CAT] parameter: message".
std::string issue_text(const rules::Finding& finding) {
  std::string text = fmt::format("[{}] {}", rules::to_string(finding.category), message_text(finding));
  if (!finding.expected.empty() && !finding.actual.empty())
    text += fmt::format(" (expected {}, found {})", finding.expected, finding.actual);
  return text;
}

void put_issues(std::string& text, const rules::Judgement& judgement, std::string_view indent) {
  bool any = false;
  for (const rules::Finding& finding : judgement.findings) {
    if (finding.category == Category::kClosed) continue;
    if (!any) text += fmt::format("{}Issues:\n", indent);
    any = true;
    text += fmt::format("{}  - {}\n", indent, issue_text(finding));
    if (!finding.remedy.empty()) text += fmt::format("{}      {}\n", indent, finding.remedy);
  }
  // Remarks that weaken a verdict without changing it: facts that are missing or assumed.
  for (const rules::Finding& finding : judgement.findings) {
    if (finding.category == Category::kClosed && finding.severity == rules::Severity::kWarning)
      text += fmt::format("{}Remark: {}\n", indent, finding.message);
  }
  if (!any) {
    text += fmt::format("{}Issues: {}\n", indent, judgement.findings.empty() ? "no issues" : "no actionable issues");
  }
}

// Numbers, texts and lists of a metrics object. What is split further (latencies, times by cause) is for the files.
void put_metrics(std::string& text, const Json& metrics, std::string_view indent) {
  if (!metrics.is_object() || metrics.empty()) return;
  text += fmt::format("{}Metrics:\n", indent);
  for (const auto& [key, value] : metrics.items()) {
    if (value.is_null() || value.is_object()) continue;
    text += fmt::format("{}  {}: {}\n", indent, key, metric_text(key, value));
  }
}

void put_run(std::string& text, const JudgedRun& run, bool colours) {
  const rules::Run& r = run.record.run;
  text += fmt::format("\n{} {}\n", badge(run.judgement.category(), colours), results::to_string(r.id));
  text += fmt::format("    Benchmark: {}\n", results::to_string(r.id.type));
  if (!r.id.model.empty()) text += fmt::format("    Model: {}\n", r.id.model);
  if (!r.accelerator.empty()) text += fmt::format("    Accelerator: {}\n", r.accelerator);
  text += fmt::format("    Command: {}\n    Processes: {}\n", r.id.command, r.processes);
  if (!run.origin.submitter.empty()) {
    text += fmt::format("    Submitter: {} ({}), system {}\n", run.origin.submitter, run.origin.division,
                        run.origin.system);
  }
  put_issues(text, run.judgement, "    ");
  if (!run.category_note.empty()) text += fmt::format("    Verdict: {}\n", run.category_note);
  for (const std::string& note : run.record.notes) text += fmt::format("    Note: {}\n", note);
  put_metrics(text, reported_metrics(run.record), "    ");
}

std::vector<std::string_view> checklist(BenchmarkType type) {
  switch (type) {
    case BenchmarkType::kTraining:
      return {"data set of at least 5 times the clients' memory", "at least 500 steps per epoch",
              "5 runs one after the other", "only allowed overrides ('stoker rules list' names them)",
              "model, batch size, computation time and record size as in the workload file"};
    case BenchmarkType::kCheckpointing:
      return {"10 checkpoints written", "10 checkpoints read", "one of the benchmark's models",
              "only allowed overrides: checkpoint.checkpoint_folder, checkpoint.mode, "
              "checkpoint.num_checkpoints_read, checkpoint.num_checkpoints_write, model.parallelism.data, "
              "storage.storage_type, storage.storage_root"};
    case BenchmarkType::kKvCache:
      return {"at least 30 s", "a known model", "at least 1 user", "a preview: reported, not ranked"};
    case BenchmarkType::kVectorDatabase:
      return {"at least 30 s", "a collection that exists", "host and port that answer",
              "a preview: reported, not ranked"};
  }
  return {};
}

void put_workload(std::string& text, const Workload& workload, const Report& report, bool colours) {
  const Category category = workload.judgement.category();
  text += fmt::format("\n{} {} submission: {}{}{}\n", badge(category, colours), results::to_string(workload.type),
                      workload.model, workload.accelerator.empty() ? "" : " on ", workload.accelerator);
  if (!workload.origin.submitter.empty()) {
    text += fmt::format("    Submitter: {} ({}), system {}\n", workload.origin.submitter, workload.origin.division,
                        workload.origin.system);
  }
  text += fmt::format("    Benchmark: {}\n    Command: run\n    Runs: {}\n", results::to_string(workload.type),
                      workload.runs.size());
  for (const std::size_t index : workload.runs) {
    const JudgedRun& run = report.runs[index];
    const bool measured = std::ranges::find(workload.measured, index) != workload.measured.end();
    text += fmt::format("      {} {}{}\n", badge(run.judgement.category(), colours),
                        results::to_string(run.record.run.id), measured ? "" : " (warm-up, not in the means)");
  }
  for (const std::size_t index : workload.left_out) {
    const JudgedRun& run = report.runs[index];
    text += fmt::format("      not counted: {} ({})\n", results::to_string(run.record.run.id),
                        run.record.notes.empty() ? "it did not end well" : run.record.notes.back());
  }
  put_issues(text, workload.judgement, "    ");
  put_metrics(text, workload.means, "    ");
  if (category == Category::kClosed) return;
  text += "    What CLOSED asks for:\n";
  for (const std::string_view line : checklist(workload.type)) text += fmt::format("      - {}\n", line);
}

}  // namespace

std::string heading(std::string_view title) {
  return rule('=') + fmt::format("{}\n", title) + rule('=');
}

std::string message_text(const rules::Finding& finding) {
  if (finding.parameter.empty() || finding.message.find(finding.parameter) != std::string::npos) return finding.message;
  return finding.parameter + ": " + finding.message;
}

std::string reason_text(const ProcessingError& error) {
  const std::string prefix = error.path.string() + "/";
  return error.reason.starts_with(prefix) ? error.reason.substr(prefix.size()) : error.reason;
}

std::string badge(Category category, bool colours) {
  std::string text = fmt::format("[{}]", rules::to_string(category));
  if (!colours) return text;
  static constexpr std::array<std::string_view, 3> kColours{"\033[32m", "\033[33m", "\033[31m"};
  return fmt::format("{}{}\033[0m", kColours[static_cast<std::size_t>(category)], text);
}

std::string metric_text(std::string_view name, const Json& value) {
  if (value.is_array()) {
    std::string text;
    for (const Json& entry : value) text += (text.empty() ? "" : ", ") + metric_text(name, entry);
    return text;
  }
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return value.dump();
  const auto number = value.get<double>();
  if (name.find("percentage") != std::string_view::npos || name.find("pct") != std::string_view::npos)
    return fmt::format("{:.1f}%", number);
  if (name.find("bytes") != std::string_view::npos) {
    static constexpr std::array<std::string_view, 6> kUnits{"B", "KB", "MB", "GB", "TB", "PB"};
    double scaled = number;
    std::size_t unit = 0;
    while (std::abs(scaled) >= 1024 && unit + 1 < kUnits.size()) {
      scaled /= 1024;
      ++unit;
    }
    return fmt::format("{:.1f} {}", scaled, kUnits[unit]);
  }
  // Thousands separators without a locale: the digits before the point, grouped.
  std::string text = fmt::format("{:.2f}", std::abs(number));
  const std::size_t point = text.find('.');
  const std::string cents = text.substr(point);
  std::string digits = text.substr(0, point);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return (number < 0 ? "-" : "") + digits + cents;
}

std::string to_text(const Report& report, bool colours) {
  std::string text = heading("MLPerf Storage results");
  text += fmt::format("Runs: {}\n", report.runs.size());
  for (const Category category : {Category::kClosed, Category::kOpen, Category::kInvalid})
    text += fmt::format("  {}: {}\n", rules::to_string(category), report.count(category));
  for (const Category category : kOrder) {
    if (report.count(category) == 0) continue;
    text += "\n" + heading(fmt::format("{} runs", rules::to_string(category)));
    for (const JudgedRun& run : report.runs) {
      if (run.judgement.category() == category) put_run(text, run, colours);
    }
  }
  if (!report.workloads.empty()) {
    text += "\n" + heading("Submission: runs by workload");
    for (const Category category : kOrder) {
      for (const Workload& workload : report.workloads) {
        if (workload.judgement.category() == category) put_workload(text, workload, report, colours);
      }
    }
  }
  if (!report.plans.empty()) {
    text += "\n" + heading("Plans (--what-if): nothing was run, nothing is judged");
    for (const auto& path : report.plans) text += fmt::format("  - {}\n", path.string());
  }
  if (!report.errors.empty()) {
    text += "\n" + heading("Processing errors");
    for (const ProcessingError& error : report.errors) {
      text += fmt::format("\n{}\n    {}\n", error.path.string(), reason_text(error));
      if (!error.remedy.empty()) text += fmt::format("    {}\n", error.remedy);
    }
  }
  return text;
}

}  // namespace stoker::reports
