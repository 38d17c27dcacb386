// Checks over the runs that are handed in together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include "base/units.h"
#include "mlperf/rules/judge.h"

namespace stoker::rules {
namespace {

using enum Category;
using results::BenchmarkType;

constexpr std::size_t kCheckpoints = 10;  // to be written, and to be read

struct Group {
  std::span<const Run> runs;
  std::span<const Judgement> judgements;
  std::vector<std::size_t> counted;  // by start; without the warm-up
  std::vector<Finding>& findings;

  [[nodiscard]] const Run& front() const { return runs.front(); }
};

std::string name_of(const Run& run) {
  return results::to_string(run.id);
}

std::vector<std::size_t> by_start(std::span<const Run> runs) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A run without a start has the second in its name.
  const auto start_text = [&](std::size_t i) {
    if (!runs[i].start) return runs[i].id.datetime;
    const auto whole = std::chrono::floor<std::chrono::seconds>(*runs[i].start);
    const auto part = std::chrono::duration_cast<std::chrono::microseconds>(*runs[i].start - whole);
    return fmt::format("{}.{:06}", results::run_stamp(*runs[i].start), part.count());
  };
  std::ranges::stable_sort(order, {}, start_text);
  return order;
}

double seconds_between(results::WallTime from, results::WallTime to) {
  return std::chrono::duration<double>(to - from).count();
}

void check_category(Group& g) {
  Category worst = kClosed;
  std::vector<std::string> names;
  for (const std::size_t i : g.counted) worst = std::max(worst, g.judgements[i].category());
  for (const std::size_t i : g.counted) {
    if (worst != kClosed && g.judgements[i].category() == worst) names.push_back(name_of(g.runs[i]));
  }
  Finding finding{.rule = "submission.category", .category = worst, .message = "every run is CLOSED"};
  if (worst == kClosed) {
    finding.severity = Severity::kInfo;
  } else {
    finding.message = fmt::format("{} of {} runs {} {}: {}", names.size(), g.counted.size(),
                                  names.size() == 1 ? "is" : "are", to_string(worst), fmt::join(names, ", "));
    finding.remedy = "repeat these runs as their own findings say";
  }
  g.findings.push_back(std::move(finding));
}

void check_one_workload(Group& g) {
  std::set<std::string> models;
  std::set<std::string> accelerators;
  std::set<std::int64_t> processes;
  for (const std::size_t i : g.counted) {
    models.insert(g.runs[i].id.model);
    accelerators.insert(g.runs[i].accelerator);
    processes.insert(g.runs[i].processes);
  }
  if (models.size() > 1 || accelerators.size() > 1) {
    g.findings.push_back({.rule = "submission.model",
                          .message = "all runs of a submission must be of one model and accelerator",
                          .parameter = "model",
                          .expected = "one",
                          .actual = fmt::format("{} {}", fmt::join(models, ", "), fmt::join(accelerators, ", ")),
                          .remedy = "keep the runs of each workload apart"});
  }
  if (processes.size() > 1) {
    g.findings.push_back({.rule = "submission.processes",
                          .message = "the runs differ in their number of processes, so their mean says nothing",
                          .parameter = "num_processes",
                          .expected = "one number",
                          .actual = fmt::format("{}", fmt::join(processes, ", ")),
                          .remedy = "keep the runs of each system apart"});
  }
}

void check_run_count(Group& g) {
  const std::size_t count = g.runs.size();
  const bool right = count == kMeasuredRuns || count == kMeasuredRuns + 1;
  Finding finding{.rule = "submission.runs",
                  .category = right ? kClosed : kInvalid,
                  .message = fmt::format("{} made", count == 1 ? "1 run was" : fmt::format("{} runs were", count)),
                  .parameter = "runs",
                  .expected = fmt::format("{}, and at most one warm-up before them", kMeasuredRuns),
                  .actual = std::to_string(count),
                  .severity = right ? Severity::kInfo : Severity::kError};
  if (count == kMeasuredRuns + 1) {
    finding.message += fmt::format("; the first one, {}, is the warm-up and does not count",
                                   name_of(g.runs[by_start(g.runs).front()]));
  }
  if (count < kMeasuredRuns) finding.remedy = "make all runs again, one after the other: --loops 5";
  if (count > kMeasuredRuns + 1) finding.remedy = "hand in five runs in a row; the others must not lie among them";
  g.findings.push_back(std::move(finding));
}

void check_gaps(Group& g) {
  double total = 0;
  for (const std::size_t i : g.counted) {
    const Run& run = g.runs[i];
    if (run.start && run.end && *run.end >= *run.start) {
      total += seconds_between(*run.start, *run.end);
      continue;
    }
    g.findings.push_back({.rule = "submission.gaps",
                          .message = fmt::format("{} does not say when it began and ended", name_of(run)),
                          .parameter = "start, end",
                          .remedy = "the summary of the run must hold both"});
    return;
  }
  if (g.counted.size() < 2) return;
  const double mean = total / static_cast<double>(g.counted.size());
  for (std::size_t i = 1; i < g.counted.size(); ++i) {
    const Run& before = g.runs[g.counted[i - 1]];
    const Run& after = g.runs[g.counted[i]];
    const double gap = seconds_between(*before.end, *after.start);
    if (gap >= 0 && gap <= mean) continue;
    g.findings.push_back(
        {.rule = "submission.gaps",
         .message = gap < 0 ? fmt::format("{} began before {} had ended", name_of(after), name_of(before))
                            : fmt::format("too much time passed between {} and {}", name_of(before), name_of(after)),
         .parameter = "start",
         .expected = fmt::format("a gap of 0 to {:.1f} s, the mean time of a run", mean),
         .actual = fmt::format("{:.1f} s", gap),
         .remedy = "make all runs again, one after the other: --loops 5"});
  }
}

struct Checkpoints {
  std::size_t writes = 0, reads = 0, combined = 0;
  const Run* whole = nullptr;  // a run with ten of each
};

Checkpoints count_checkpoints(const Group& g) {
  Checkpoints sum;
  for (const Run& run : g.runs) {
    if (!run.checkpointing) continue;
    const std::size_t writes = run.checkpointing->saves.size();
    const std::size_t reads = run.checkpointing->loads.size();
    sum.writes += writes;
    sum.reads += reads;
    if (writes > 0 && reads > 0) ++sum.combined;
    if (writes == kCheckpoints && reads == kCheckpoints && sum.whole == nullptr) sum.whole = &run;
  }
  return sum;
}

void check_checkpoint_counts(Group& g) {
  const Checkpoints found = count_checkpoints(g);
  const auto count = [&](std::string_view rule, std::string_view what, std::size_t number) {
    const bool right = number == kCheckpoints;
    g.findings.push_back({.rule = std::string(rule),
                          .category = right ? kClosed : kInvalid,
                          .message = fmt::format("{} checkpoints were {}", number, what),
                          .parameter = fmt::format("checkpoints {}", what),
                          .expected = std::to_string(kCheckpoints),
                          .actual = std::to_string(number),
                          .remedy = right ? "" : fmt::format("all runs together must have {} of them", kCheckpoints),
                          .severity = right ? Severity::kInfo : Severity::kError});
  };
  count("submission.writes", "written", found.writes);
  count("submission.reads", "read", found.reads);
  const bool complete = found.writes == kCheckpoints && found.reads == kCheckpoints;
  if (complete) {
    g.findings.push_back({.rule = "submission.complete",
                          .category = kClosed,
                          .message = "all writes and reads are there",
                          .severity = Severity::kInfo});
  }
  if (found.writes <= kCheckpoints && found.reads <= kCheckpoints && found.combined <= 1) return;
  g.findings.push_back(
      {.rule = "submission.too_many",
       .message = "there are more checkpoints or runs than a submission has",
       .parameter = "runs",
       .expected = fmt::format("{0} writes and {0} reads, in at most one run that does both", kCheckpoints),
       .actual = fmt::format("{} writes, {} reads, {} runs with both", found.writes, found.reads, found.combined),
       .remedy = found.whole != nullptr ? fmt::format("{} alone is complete: hand in that one and take the others out",
                                                      name_of(*found.whole))
                                        : "take runs out until the counts are right"});
}

}  // namespace

std::vector<std::size_t> measured_runs(std::span<const Run> runs) {
  std::vector<std::size_t> order = by_start(runs);
  if (order.size() == kMeasuredRuns + 1) order.erase(order.begin());
  return order;
}

Judgement judge_submission(std::span<const Run> runs, std::span<const Judgement> judgements) {
  Judgement judgement;
  const auto invalid = [&](std::string message, std::string remedy) {
    judgement.findings.push_back(
        {.rule = "submission.group", .message = std::move(message), .remedy = std::move(remedy)});
    return judgement;
  };
  if (runs.empty()) return invalid("there are no finished runs", "make the runs first");
  if (judgements.size() != runs.size()) {
    return invalid(fmt::format("{} verdicts for {} runs", judgements.size(), runs.size()), "judge every run first");
  }
  const BenchmarkType type = runs.front().id.type;
  if (std::ranges::any_of(runs, [&](const Run& run) { return run.id.type != type; })) {
    return invalid("runs of different benchmarks are grouped together", "keep the runs of each benchmark apart");
  }
  const bool training = type == BenchmarkType::kTraining;
  Group group{runs, judgements, training ? measured_runs(runs) : by_start(runs), judgement.findings};
  check_category(group);
  check_one_workload(group);
  if (training) {
    check_run_count(group);
    check_gaps(group);
  }
  if (type == BenchmarkType::kCheckpointing) check_checkpoint_counts(group);
  return judgement;
}

}  // namespace stoker::rules
