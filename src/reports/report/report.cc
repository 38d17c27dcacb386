#include "reports/report/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/plural.h"
#include "reports/runs/error_text.h"

namespace stoker::reports {

namespace {

namespace fs = std::filesystem;
using results::Json;
using rules::Category;

// Findings that keep a run out of the category it was recorded with, in short.
std::string reasons(const rules::Judgement& judgement) {
  std::string text;
  for (const rules::Finding& finding : judgement.findings) {
    if (finding.category == Category::kClosed) continue;
    if (!text.empty()) text += "; ";
    text += rules::message_text(finding);
  }
  return text;
}

// Why a verdict changed between the command and the report. The same functions judge both, so it is either what the run
// measured, or the metadata is of another program.
std::string category_note(const rules::Run& run, const rules::Judgement& judgement) {
  if (!run.recorded_category) return "";
  const std::string_view now = rules::to_string(judgement.category());
  if (*run.recorded_category == now) return "";
  rules::Run plan = run;
  plan.directory.clear();
  plan.finished = false;
  plan.training.reset();
  plan.checkpointing.reset();
  const rules::Judgement planned = rules::judge(plan);
  const bool by_outcome = rules::to_string(planned.category()) == *run.recorded_category;
  const std::string why = reasons(judgement);
  std::string text = fmt::format("{} before the run, {} now: ", *run.recorded_category, now);
  if (by_outcome) return text + "what the run measured decides" + (why.empty() ? "" : ": " + why);
  if (why.empty()) return text + "no rule objects to what the run left behind";
  return text + why;
}

// Of one system a run may be handed in to both divisions.
bool is_copy(const JudgedRun& earlier, const rules::Run& run, const Origin& origin) {
  const rules::Run& original = earlier.record.run;
  if (!run.start || original.start != run.start || results::to_string(original.id) != results::to_string(run.id))
    return false;
  const Origin& there = earlier.origin;
  return there.division == origin.division || there.submitter != origin.submitter || there.system != origin.system;
}

bool same_workload(const Workload& workload, const JudgedRun& run) {
  return workload.origin == run.origin && workload.type == run.record.run.id.type &&
         workload.model == run.record.run.id.model && workload.accelerator == run.record.run.accelerator;
}

void judge_workload(Workload& workload, const Report& report) {
  std::vector<rules::Run> runs;
  std::vector<rules::Judgement> judgements;
  std::vector<Json> metrics;
  for (const std::size_t index : workload.runs) {
    runs.push_back(report.runs[index].record.run);
    judgements.push_back(report.runs[index].judgement);
  }
  workload.measured = workload.runs;
  if (workload.type == results::BenchmarkType::kTraining) {
    workload.measured.clear();
    for (const std::size_t i : rules::measured_runs(runs)) workload.measured.push_back(workload.runs[i]);
  }
  for (const std::size_t index : workload.measured) metrics.push_back(workload_metrics(report.runs[index].record));
  workload.means = mean_over_runs(metrics);
  if (!runs.empty()) {
    workload.judgement = rules::judge_submission(runs, judgements);
    return;
  }
  workload.judgement.findings.push_back({.rule = "submission.runs",
                                         .category = Category::kInvalid,
                                         .message = "no run of this workload was completed",
                                         .expected = "at least one",
                                         .actual = fmt::format("0 of {}", workload.left_out.size()),
                                         .remedy = "look into the logs of the runs that were left out, and run again"});
}

}  // namespace

std::string to_string(const Origin& origin) {
  std::string text;
  for (const std::string& part : {origin.division, origin.submitter, origin.system}) {
    if (!part.empty()) text += (text.empty() ? "" : "/") + part;
  }
  return text;
}

ProcessingError processing_error(const fs::path& path, const Error& error) {
  return {
      path, internal::text_with_place(error),
      error.hint.empty() ? "copy it again from where it was written, or take the run out and repeat it" : error.hint};
}

std::size_t Report::count(Category category) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      runs, [category](const JudgedRun& run) { return run.is_run() && run.judgement.category() == category; }));
}

void add_run(Report& report, const fs::path& directory, const Origin& origin) {
  Result<RunRecord> record = read_run(directory);
  if (!record) {
    report.errors.push_back(processing_error(directory, record.error()));
    return;
  }
  if (record->is_plan) {
    report.plans.push_back(directory);
    return;
  }
  const auto original = std::ranges::find_if(
      report.runs, [&](const JudgedRun& earlier) { return is_copy(earlier, record->run, origin); });
  if (original != report.runs.end()) {
    report.copies.push_back({directory, original->record.run.directory});
    return;
  }
  JudgedRun run{.record = std::move(*record), .origin = origin};
  run.judgement = rules::judge(run.record.run);
  run.category_note = category_note(run.record.run, run.judgement);
  report.runs.push_back(std::move(run));
}

void group_runs(Report& report) {
  report.workloads.clear();
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const JudgedRun& run = report.runs[i];
    if (!run.is_run()) continue;
    auto workload = std::ranges::find_if(report.workloads, [&run](const Workload& w) { return same_workload(w, run); });
    if (workload == report.workloads.end()) {
      report.workloads.push_back({.origin = run.origin,
                                  .type = run.record.run.id.type,
                                  .model = run.record.run.id.model,
                                  .accelerator = run.record.run.accelerator});
      workload = std::prev(report.workloads.end());
    }
    (run.record.counts() ? workload->runs : workload->left_out).push_back(i);
  }
  for (Workload& workload : report.workloads) judge_workload(workload, report);
}

Result<Report> make_report(const fs::path& results) {
  STOKER_ASSIGN(const results::Scan scan, results::scan_runs(results));
  Report report{.root = results};
  for (const auto& [path, error] : scan.unreadable) report.errors.push_back(processing_error(path, error));
  for (const fs::path& directory : scan.runs) add_run(report, directory);
  group_runs(report);
  return report;
}

std::string count_text(const Report& report) {
  std::set<results::BenchmarkType> types;
  std::size_t runs = 0;
  for (const JudgedRun& run : report.runs) {
    if (!run.is_run()) continue;
    ++runs;
    types.insert(run.record.run.id.type);
  }
  std::vector<std::string_view> names;
  for (const results::BenchmarkType type : types) names.push_back(results::to_string(type));
  std::string text =
      fmt::format("{} found{}{}", counted(runs, "run"), names.empty() ? "" : ": ", fmt::join(names, ", "));
  const auto add = [&text](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) text += "; " + counted(count, one, many);
  };
  add(report.runs.size() - runs, "data set or size", "data sets and sizes");
  add(report.plans.size(), "plan", "plans");
  add(report.copies.size(), "copy", "copies");
  add(report.errors.size(), "that cannot be read", "that cannot be read");
  return text;
}

std::string title(const Workload& workload) {
  std::string text(results::to_string(workload.type));
  for (const std::string& part : {workload.model, workload.accelerator}) {
    if (!part.empty()) text += " " + part;
  }
  return text;
}

}  // namespace stoker::reports
