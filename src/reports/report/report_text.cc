#include "reports/report/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <span>
#include <utility>

#include "base/printable.h"
#include "mlperf/rules/overrides.h"

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

void put_issues(std::string& text, const rules::Judgement& judgement, std::string_view indent) {
  std::string issues;
  const bool any = put_findings(issues, judgement, std::string(indent) + "  ");
  if (any) {
    put_line(text, fmt::format("{}Issues:", indent));
    text += issues;
  }
  // Remarks that weaken a verdict without changing it: facts that are missing or assumed.
  for (const rules::Finding& finding : judgement.findings) {
    if (finding.category == Category::kClosed && finding.severity == rules::Severity::kWarning)
      put_line(text, fmt::format("{}Remark: {}", indent, finding.message));
  }
  if (!any) {
    put_line(text,
             fmt::format("{}Issues: {}", indent, judgement.findings.empty() ? "no issues" : "no actionable issues"));
  }
}

// Numbers, texts and lists of a metrics object. What is split further (latencies, times by cause) is for the files.
void put_metrics(std::string& text, const Json& metrics, std::string_view indent) {
  if (!metrics.is_object() || metrics.empty()) return;
  put_line(text, fmt::format("{}Metrics:", indent));
  for (const auto& [key, value] : metrics.items()) {
    if (value.is_null() || value.is_object()) continue;
    put_line(text, fmt::format("{}  {}: {}", indent, key, metric_text(key, value)));
  }
}

std::vector<std::string> all_notes(const RunRecord& record) {
  std::vector<std::string> notes = record.notes;
  for (const Contradiction& contradiction : record.contradictions) notes.push_back(contradiction.text);
  return notes;
}

void put_run(std::string& text, const JudgedRun& run) {
  const rules::Run& r = run.record.run;
  text += "\n";
  put_line(text, fmt::format("{} {}", badge(run.judgement.category()), results::to_string(r.id)));
  put_line(text, fmt::format("    Benchmark: {}", results::to_string(r.id.type)));
  if (!r.id.model.empty()) put_line(text, fmt::format("    Model: {}", r.id.model));
  if (!r.accelerator.empty()) put_line(text, fmt::format("    Accelerator: {}", r.accelerator));
  put_line(text, fmt::format("    Command: {}", r.id.command));
  put_line(text, fmt::format("    Processes: {}", r.processes));
  if (!run.origin.submitter.empty()) {
    put_line(text, fmt::format("    Submitter: {} ({}), system {}", run.origin.submitter, run.origin.division,
                               run.origin.system));
  }
  put_issues(text, run.judgement, "    ");
  if (!run.category_note.empty()) put_line(text, fmt::format("    Verdict: {}", run.category_note));
  for (const std::string& note : all_notes(run.record)) put_line(text, fmt::format("    Note: {}", note));
  if (!run.record.coverage.empty()) put_line(text, fmt::format("    Samples: {}", run.record.coverage));
  put_metrics(text, reported_metrics(run.record), "    ");
}

std::string allowed(std::span<const rules::OverrideRow> table) {
  std::string text;
  for (const rules::OverrideRow& row : table) {
    if (row.category == Category::kClosed)
      text += (text.empty() ? "only allowed overrides: " : ", ") + std::string(row.key);
  }
  return text;
}

std::vector<std::string> checklist(BenchmarkType type) {
  switch (type) {
    case BenchmarkType::kTraining:
      return {"data set of at least 5 times the clients' memory", "at least 500 steps per epoch",
              "5 runs one after the other", allowed(rules::training_overrides()),
              "model, batch size, computation time and record size as in the workload file"};
    case BenchmarkType::kCheckpointing:
      return {"10 checkpoints written", "10 checkpoints read", "one of the benchmark's models",
              allowed(rules::checkpointing_overrides())};
    case BenchmarkType::kKvCache:
      return {"at least 30 s", "a known model", "at least 1 user", "a preview: reported, not ranked"};
    case BenchmarkType::kVectorDatabase:
      return {"at least 30 s", "a collection that exists", "host and port that answer",
              "a preview: reported, not ranked"};
  }
  return {};
}

void put_workload(std::string& text, const Workload& workload, const Report& report) {
  const Category category = workload.judgement.category();
  text += "\n";
  put_line(text, fmt::format("{} {} submission: {}{}{}", badge(category), results::to_string(workload.type),
                             workload.model, workload.accelerator.empty() ? "" : " on ", workload.accelerator));
  if (!workload.origin.submitter.empty()) {
    put_line(text, fmt::format("    Submitter: {} ({}), system {}", workload.origin.submitter, workload.origin.division,
                               workload.origin.system));
  }
  put_line(text, fmt::format("    Benchmark: {}", results::to_string(workload.type)));
  put_line(text, "    Command: run");
  put_line(text, fmt::format("    Runs: {}", workload.runs.size()));
  for (const std::size_t index : workload.runs) {
    const JudgedRun& run = report.runs[index];
    const bool measured = std::ranges::find(workload.measured, index) != workload.measured.end();
    put_line(text, fmt::format("      {} {}{}", badge(run.judgement.category()), results::to_string(run.record.run.id),
                               measured ? "" : " (warm-up, not in the means)"));
  }
  for (const std::size_t index : workload.left_out) {
    const JudgedRun& run = report.runs[index];
    put_line(text, fmt::format("      not counted: {} ({})", results::to_string(run.record.run.id),
                               run.record.notes.empty() ? "it did not end well" : run.record.notes.back()));
  }
  put_issues(text, workload.judgement, "    ");
  put_metrics(text, workload.means, "    ");
  if (category == Category::kClosed) return;
  text += "    What CLOSED asks for:\n";
  for (const std::string& line : checklist(workload.type)) put_line(text, fmt::format("      - {}", line));
}

}  // namespace

void put_line(std::string& text, std::string_view line) {
  text += printable_line(line);
  text += '\n';
}

std::string heading(std::string_view title) {
  std::string text = rule('=');
  put_line(text, title);
  return text + rule('=');
}

bool put_findings(std::string& text, const rules::Judgement& judgement, std::string_view indent) {
  bool any = false;
  for (const rules::Finding& finding : judgement.findings) {
    if (finding.category == Category::kClosed) continue;
    any = true;
    put_line(text, fmt::format("{}- {}", indent, rules::to_string(finding)));
    if (!finding.remedy.empty()) put_line(text, fmt::format("{}    {}", indent, finding.remedy));
  }
  return any;
}

std::string reason_text(const ProcessingError& error) {
  const std::string prefix = error.path.string() + "/";
  return error.reason.starts_with(prefix) ? error.reason.substr(prefix.size()) : error.reason;
}

std::string badge(Category category) {
  return fmt::format("[{}]", rules::to_string(category));
}

std::string with_colours(std::string_view text) {
  static constexpr std::array<std::pair<Category, std::string_view>, 3> kColours{
      {{Category::kClosed, "\033[32m"}, {Category::kOpen, "\033[33m"}, {Category::kInvalid, "\033[31m"}}};
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t begin = std::min(line.find_first_not_of(" -"), line.size());
    std::string_view rest = line.substr(begin);
    shown += line.substr(0, begin);
    for (const auto& [category, colour] : kColours) {
      const std::string plain = badge(category);
      if (!rest.starts_with(plain)) continue;
      shown += fmt::format("{}{}\033[0m", colour, plain);
      rest.remove_prefix(plain.size());
      break;
    }
    shown += rest;
    text.remove_prefix(line.size());
    if (text.empty()) break;
    shown += '\n';
    text.remove_prefix(1);
  }
  return shown;
}

std::string metric_text(std::string_view name, const Json& value) {
  if (value.is_array()) {
    std::string text;
    for (const Json& entry : value) text += (text.empty() ? "" : ", ") + metric_text(name, entry);
    return text;
  }
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "not measured";
  if (!value.is_number()) return value.dump();
  const auto number = value.get<double>();
  if (name.find("percentage") != std::string_view::npos || name.find("pct") != std::string_view::npos)
    return fmt::format("{:.1f}%", number);
  if (name.find("bytes") != std::string_view::npos) {
    static constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double scaled = number;
    std::size_t unit = 0;
    while (std::abs(scaled) >= 1024 && unit + 1 < kUnits.size()) {
      scaled /= 1024;
      ++unit;
    }
    return fmt::format("{:.1f} {}", scaled, kUnits[unit]);
  }
  // Thousands separators without a locale: the digits before the point, grouped. What was counted has no point.
  std::string text = fmt::format("{:.{}f}", std::abs(number), value.is_number_integer() ? 0 : 2);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string cents = text.substr(point);
  std::string digits = text.substr(0, point);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return (number < 0 ? "-" : "") + digits + cents;
}

std::string to_text(const Report& report) {
  std::string text = heading("MLPerf Storage results");
  put_line(text, fmt::format("Runs: {}", std::ranges::count_if(report.runs, &JudgedRun::is_run)));
  for (const Category category : {Category::kClosed, Category::kOpen, Category::kInvalid})
    put_line(text, fmt::format("  {}: {}", rules::to_string(category), report.count(category)));
  for (const Category category : kOrder) {
    if (report.count(category) == 0) continue;
    text += "\n" + heading(fmt::format("{} runs", rules::to_string(category)));
    for (const JudgedRun& run : report.runs) {
      if (run.is_run() && run.judgement.category() == category) put_run(text, run);
    }
  }
  if (!report.workloads.empty()) {
    text += "\n" + heading("Submission: runs by workload");
    for (const Category category : kOrder) {
      for (const Workload& workload : report.workloads) {
        if (workload.judgement.category() == category) put_workload(text, workload, report);
      }
    }
  }
  if (std::ranges::any_of(report.runs, std::not_fn(&JudgedRun::is_run))) {
    text += "\n" + heading("Sizes and data sets: nothing to judge");
    for (const JudgedRun& run : report.runs) {
      if (run.is_run()) continue;
      put_line(text, fmt::format("  - {}", results::to_string(run.record.run.id)));
      for (const std::string& note : all_notes(run.record)) put_line(text, fmt::format("      Note: {}", note));
    }
  }
  if (!report.plans.empty()) {
    text += "\n" + heading("Plans (--what-if): nothing was run, nothing is judged");
    for (const auto& path : report.plans) put_line(text, fmt::format("  - {}", path.string()));
  }
  if (!report.copies.empty()) {
    text += "\n" + heading("Copies: the same id and start as a run above, counted once");
    for (const RunCopy& copy : report.copies)
      put_line(text, fmt::format("  - {} is a copy of {}", copy.path.string(), copy.of.string()));
  }
  if (!report.errors.empty()) {
    text += "\n" + heading("Processing errors");
    for (const ProcessingError& error : report.errors) {
      text += "\n";
      put_line(text, error.path.string());
      put_line(text, "    " + reason_text(error));
      if (!error.remedy.empty()) put_line(text, fmt::format("    {}", error.remedy));
    }
  }
  return text;
}

}  // namespace stoker::reports
