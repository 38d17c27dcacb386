#include <gtest/gtest.h>

#include "mlperf/rules/judge.h"
#include "mlperf/rules/testing/finding_matchers.h"
#include "mlperf/rules/testing/sample_runs.h"

namespace stoker::rules {
namespace {

using testing::broken;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::of_rule;

using std::chrono::seconds;

const results::WallTime kNoon = results::WallTime{} + std::chrono::hours(400'000);

// Runs of ten minutes with a minute between them.
std::vector<Run> training_runs(std::size_t count) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < count; ++i) {
    rules::Run run = testing::finished_run();
    run.id.datetime = "20250111_1" + std::to_string(40000 + i);
    run.start = kNoon + seconds(660 * static_cast<std::int64_t>(i));
    run.end = *run.start + seconds(600);
    runs.push_back(std::move(run));
  }
  return runs;
}

Judgement submit(const std::vector<Run>& runs) {
  std::vector<Judgement> judgements;
  for (const rules::Run& run : runs) judgements.push_back(judge(run));
  return judge_submission(runs, judgements);
}

TEST(JudgeSubmission, FiveRunsInARowAreClosed) {
  const Judgement judgement = submit(training_runs(5));
  EXPECT_EQ(judgement.category(), Category::kClosed) << testing::text(judgement);
  EXPECT_EQ(of_rule(judgement, "submission.category").size(), 1U);
}

TEST(JudgeSubmission, TheOrderInWhichRunsAreFoundDoesNotMatter) {
  auto runs = training_runs(5);
  std::swap(runs[0], runs[3]);
  std::swap(runs[1], runs[4]);
  EXPECT_EQ(submit(runs).category(), Category::kClosed);
}

TEST(JudgeSubmission, ASixthAndEarliestRunIsTheWarmUpAndIsIgnored) {
  auto runs = training_runs(6);
  runs[0].training->au_mean_percent = 12;                  // INVALID by itself
  runs[0].start = *runs[0].start - std::chrono::hours(5);  // and long ago
  runs[0].end = *runs[0].start + seconds(600);
  const Judgement judgement = submit(runs);
  EXPECT_EQ(judgement.category(), Category::kClosed) << testing::text(judgement);
  EXPECT_THAT(of_rule(judgement, "submission.runs")[0].message, HasSubstr("warm-up"));
  EXPECT_THAT(measured_runs(runs), ElementsAre(1U, 2U, 3U, 4U, 5U));
  EXPECT_THAT(measured_runs(training_runs(5)), ElementsAre(0U, 1U, 2U, 3U, 4U));
}

TEST(JudgeSubmission, OtherNumbersOfRunsAreInvalid) {
  for (const std::size_t count : {1U, 4U, 7U}) {
    const Judgement judgement = submit(training_runs(count));
    EXPECT_THAT(broken(judgement), ElementsAre("submission.runs")) << count;
    EXPECT_FALSE(of_rule(judgement, "submission.runs")[0].remedy.empty());
  }
  EXPECT_THAT(broken(judge_submission({}, {})), ElementsAre("submission.group"));
}

TEST(JudgeSubmission, TheWorstRunDecides) {
  auto runs = training_runs(5);
  runs[2].overrides["dataset.format"] = "parquet";
  Judgement judgement = submit(runs);
  EXPECT_EQ(judgement.category(), Category::kOpen);
  EXPECT_THAT(of_rule(judgement, "submission.category")[0].message,
              HasSubstr("1 of 5 runs is OPEN: training_run_unet3d"));
  runs[4].training->au_mean_percent = 20;
  judgement = submit(runs);
  EXPECT_EQ(judgement.category(), Category::kInvalid);
  EXPECT_THAT(of_rule(judgement, "submission.category")[0].message, HasSubstr("140004"));
}

TEST(JudgeSubmission, OneModelAndOneSystem) {
  auto runs = training_runs(5);
  runs[1].accelerator = "a100";
  EXPECT_THAT(broken(submit(runs)), Contains("submission.model"));
  runs = training_runs(5);
  runs[1].processes = 2;
  EXPECT_THAT(broken(submit(runs)), Contains("submission.processes"));
}

TEST(JudgeSubmission, MixedBenchmarksAreAnError) {
  auto runs = training_runs(5);
  runs[1].id.type = results::BenchmarkType::kCheckpointing;
  EXPECT_THAT(broken(submit(runs)), ElementsAre("submission.group"));
  const std::vector<Judgement> too_few(2);
  EXPECT_THAT(broken(judge_submission(training_runs(5), too_few)), ElementsAre("submission.group"));
}

TEST(JudgeSubmission, GapsAreAtMostTheMeanTimeOfARun) {
  auto runs = training_runs(5);
  for (std::size_t i = 3; i < 5; ++i) {  // a gap of exactly ten minutes
    runs[i].start = *runs[i].start + seconds(540);
    runs[i].end = *runs[i].end + seconds(540);
  }
  EXPECT_THAT(broken(submit(runs)), IsEmpty());
  for (std::size_t i = 3; i < 5; ++i) {
    runs[i].start = *runs[i].start + seconds(1);
    runs[i].end = *runs[i].end + seconds(1);
  }
  const Judgement judgement = submit(runs);
  EXPECT_THAT(broken(judgement), ElementsAre("submission.gaps"));
  EXPECT_EQ(of_rule(judgement, "submission.gaps")[0].actual, "601.0 s");

  runs = training_runs(5);
  runs[1].start = *runs[0].end - seconds(2);
  EXPECT_THAT(of_rule(submit(runs), "submission.gaps")[0].message, HasSubstr("before"));
  runs = training_runs(5);
  runs[2].end.reset();
  EXPECT_THAT(of_rule(submit(runs), "submission.gaps")[0].message, HasSubstr("does not say when"));
}

Run checkpoints(std::size_t writes, std::size_t reads, const std::string& when) {
  rules::Run run = testing::checkpointing_run("llama3-8b", 8, 16);
  run.directory = "/r/" + when;
  run.id.datetime = when;
  run.finished = true;
  run.checkpointing.emplace();
  run.checkpointing->saves.resize(writes);
  run.checkpointing->loads.resize(reads);
  return run;
}

TEST(JudgeSubmission, TenWritesAndTenReadsInOneRunOrInMany) {
  for (const auto& runs :
       {std::vector{checkpoints(10, 10, "1")}, std::vector{checkpoints(10, 0, "1"), checkpoints(0, 10, "2")},
        std::vector{checkpoints(4, 0, "1"), checkpoints(6, 0, "2"), checkpoints(0, 10, "3")}}) {
    const Judgement judgement = submit(runs);
    EXPECT_EQ(judgement.category(), Category::kClosed) << testing::text(judgement);
    EXPECT_EQ(of_rule(judgement, "submission.complete").size(), 1U);
  }
  EXPECT_THAT(broken(submit({checkpoints(9, 10, "1")})), ElementsAre("submission.writes"));
  EXPECT_THAT(broken(submit({checkpoints(10, 9, "1")})), ElementsAre("submission.reads"));
  EXPECT_THAT(of_rule(submit({checkpoints(10, 9, "1")}), "submission.complete"), IsEmpty());
}

TEST(JudgeSubmission, ThereAreNoCheckpointsToChooseFrom) {
  EXPECT_THAT(broken(submit({checkpoints(11, 10, "1")})), ElementsAre("submission.writes", "submission.too_many"));
  const Judgement judgement = submit({checkpoints(10, 10, "1"), checkpoints(10, 10, "2")});
  EXPECT_THAT(broken(judgement), ElementsAre("submission.writes", "submission.reads", "submission.too_many"));
  EXPECT_THAT(of_rule(judgement, "submission.too_many")[0].remedy, HasSubstr("checkpointing_llama3-8b_1 alone"));
  // The counts are right, but one may not pick the better of two runs that do both.
  EXPECT_THAT(broken(submit({checkpoints(5, 5, "1"), checkpoints(5, 5, "2")})), ElementsAre("submission.too_many"));
}

TEST(JudgeSubmission, OfPreviewsOnlyCategoryAndModelAreJudged) {
  rules::Run run;
  run.id = {results::BenchmarkType::kVectorDatabase, "", "run", "1"};
  run.directory = "/r";
  run.finished = true;
  EXPECT_THAT(broken(submit({run})), ElementsAre("submission.category"));
  EXPECT_EQ(submit({run}).category(), Category::kOpen);
}

}  // namespace
}  // namespace stoker::rules
