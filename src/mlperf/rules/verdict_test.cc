// From findings to a category, and from a category to a decision.
#include <gtest/gtest.h>

#include "mlperf/rules/decision.h"
#include "mlperf/rules/finding.h"
#include "mlperf/rules/planned_run.h"
#include "mlperf/rules/testing/sample_runs.h"

namespace stoker::rules {
namespace {

TEST(Judgement, TheWorstFindingDecides) {
  Judgement judgement;
  EXPECT_EQ(judgement.category(), Category::kClosed);
  judgement.findings.push_back({.category = Category::kClosed});
  EXPECT_EQ(judgement.category(), Category::kClosed);
  judgement.findings.push_back({.category = Category::kOpen});
  EXPECT_EQ(judgement.category(), Category::kOpen);
  judgement.findings.push_back({.category = Category::kInvalid});
  judgement.findings.push_back({.category = Category::kOpen});
  EXPECT_EQ(judgement.category(), Category::kInvalid);
}

TEST(Finding, ExpectedAndActualAreShownOnlyTogether) {
  Finding finding{.category = Category::kOpen, .message = "text", .parameter = "a.b", .expected = "1", .actual = "2"};
  EXPECT_EQ(to_string(finding), "[OPEN] a.b: text (expected 1, found 2)");
  finding.actual.clear();
  EXPECT_EQ(to_string(finding), "[OPEN] a.b: text");
  finding.parameter.clear();
  EXPECT_EQ(to_string(finding), "[OPEN] text");
  finding.actual = "2";
  EXPECT_EQ(to_string(finding), "[OPEN] text (expected 1, found 2)");
}

struct Row {
  Category verdict;
  Division wanted;
  bool runs, warns, runs_when_allowed;
};

TEST(Decide, TheThreeStates) {
  using enum Category;
  for (const Row& row :
       {Row{kClosed, Division::kNone, true, true, true}, Row{kOpen, Division::kNone, true, true, true},
        Row{kInvalid, Division::kNone, true, true, true}, Row{kClosed, Division::kOpen, true, false, true},
        Row{kOpen, Division::kOpen, true, false, true}, Row{kInvalid, Division::kOpen, false, false, true},
        Row{kClosed, Division::kClosed, true, false, true}, Row{kOpen, Division::kClosed, false, false, false},
        Row{kInvalid, Division::kClosed, false, false, true}}) {
    SCOPED_TRACE(std::string(to_string(row.verdict)) + " " + std::to_string(static_cast<int>(row.wanted)));
    const Decision decision = decide(row.verdict, row.wanted, false);
    EXPECT_EQ(decision.run, row.runs);
    EXPECT_EQ(!decision.warning.empty(), row.warns);
    EXPECT_EQ(!decision.refusal.empty(), !row.runs);
    EXPECT_EQ(!decision.hint.empty(), !row.runs);
    const Decision allowed = decide(row.verdict, row.wanted, true);
    EXPECT_EQ(allowed.run, row.runs_when_allowed);
    EXPECT_EQ(!allowed.warning.empty(), row.warns || (!row.runs && row.runs_when_allowed));
  }
  EXPECT_NE(decide(Category::kOpen, Division::kClosed, false).hint.find("--open"), std::string::npos);
}

TEST(PlannedHosts, CollectedFactsWinOverTheCommandLine) {
  results::SystemInfo collected;
  collected.collection_method = "mpi";
  results::HostInfo host;
  host.hostname = "alpha";
  host.memory.total = 100;
  host.memory.cached = 7;
  collected.hosts = {host};
  const PlannedHosts hosts = planned_hosts(collected, 2, 64);
  EXPECT_EQ(hosts.from, "mpi");
  ASSERT_EQ(hosts.hosts.size(), 1U);
  EXPECT_EQ(hosts.hosts[0].memory_bytes, 100U);
  EXPECT_EQ(hosts.hosts[0].page_cache_bytes, 7U);
  EXPECT_EQ(hosts.num_hosts, 2);
  collected.hosts[0].memory.cached = 0;
  EXPECT_EQ(planned_hosts(collected, 2, 64).hosts[0].page_cache_bytes, std::nullopt) << "nobody looked";
}

TEST(PlannedHosts, WithoutFactsTheCommandLineCounts) {
  for (const auto& collected : {std::optional<results::SystemInfo>(), std::optional(results::SystemInfo())}) {
    const PlannedHosts hosts = planned_hosts(collected, 2, 64);
    EXPECT_EQ(hosts.from, "args");
    ASSERT_EQ(hosts.hosts.size(), 2U);
    EXPECT_EQ(hosts.hosts[1].memory_bytes, 64 * kGiB);
  }
  EXPECT_TRUE(planned_hosts(std::nullopt, 2, 0).hosts.empty());
}

TEST(AddOutcome, TakesOverWhatTheSummarySays) {
  results::Summary summary;
  summary.start = "2025-06-01T10:00:00.000000";
  summary.end = "2025-06-01T10:01:30.000000";
  summary.train.emplace();
  summary.train->au_mean_percent = 91;
  summary.train->meets_expectation = true;
  rules::Run run = testing::training_run();
  add_outcome(run, summary);
  EXPECT_TRUE(run.finished);
  ASSERT_TRUE(run.start && run.end && run.training);
  EXPECT_EQ(*run.end - *run.start, std::chrono::seconds(90));
  EXPECT_EQ(run.training->au_mean_percent, 91);
  summary.status = "failed";
  summary.train.reset();
  rules::Run failed = testing::training_run();
  add_outcome(failed, summary);
  EXPECT_FALSE(failed.finished);
  EXPECT_FALSE(failed.training.has_value());
}

}  // namespace
}  // namespace stoker::rules
