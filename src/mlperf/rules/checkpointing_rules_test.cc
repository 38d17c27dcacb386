#include <gtest/gtest.h>

#include "mlperf/rules/judge.h"
#include "mlperf/rules/testing/finding_matchers.h"
#include "mlperf/rules/testing/sample_runs.h"

namespace stoker::rules {
namespace {

using testing::broken;
using testing::checkpointing_run;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::of_rule;

TEST(JudgeCheckpointing, ClosedProcessCountsAreClosed) {
  for (const auto& [model, processes] :
       {std::pair("llama3-8b", 8), std::pair("llama3-70b", 64), std::pair("llama3-405b", 512),
        std::pair("llama3-1t", 1024), std::pair("llama3-70b", 8), std::pair("llama3-405b", 8),
        std::pair("llama3-1t", 8)}) {
    const Judgement judgement = judge(checkpointing_run(model, processes));
    EXPECT_EQ(judgement.category(), Category::kClosed) << model << " " << processes << "\n" << testing::text(judgement);
  }
}

TEST(JudgeCheckpointing, MultiplesOfAnInstanceAreOpenAndOtherCountsInvalid) {
  for (const auto& [model, processes] :
       {std::pair("llama3-8b", 16), std::pair("llama3-70b", 72), std::pair("llama3-70b", 16),
        std::pair("llama3-405b", 256), std::pair("llama3-1t", 512)}) {
    const Judgement judgement = judge(checkpointing_run(model, processes));
    EXPECT_THAT(broken(judgement), ElementsAre("checkpointing.processes")) << model << " " << processes;
    EXPECT_EQ(judgement.category(), Category::kOpen) << model << " " << processes;
  }
  for (const auto& [model, processes] : {std::pair("llama3-8b", 12), std::pair("llama3-70b", 60),
                                         std::pair("llama3-405b", 64), std::pair("llama3-1t", 256)}) {
    const Judgement judgement = judge(checkpointing_run(model, processes));
    EXPECT_THAT(broken(judgement), ElementsAre("checkpointing.processes")) << model << " " << processes;
    EXPECT_EQ(judgement.category(), Category::kInvalid) << model << " " << processes;
  }
}

TEST(JudgeCheckpointing, TheRightNumberOfProcessesIsNamed) {
  const auto of = [](const rules::Run& run) {
    const Judgement judgement = judge(run);
    const auto findings = of_rule(judgement, "checkpointing.processes");
    EXPECT_EQ(findings.size(), 1U) << testing::text(judgement);
    return findings.empty() ? Finding{} : findings[0];
  };
  // Fewer than 64 are a subset by themselves, but 64 is what was meant.
  Finding finding = of(checkpointing_run("llama3-70b", 60));
  EXPECT_EQ(finding.expected, "64, or 8 as a subset; OPEN: a multiple of 8");
  EXPECT_EQ(finding.actual, "60");
  EXPECT_EQ(finding.remedy, "use --num-processes 64, or 8 as a subset");
  finding = of(checkpointing_run("llama3-405b", 256));
  EXPECT_EQ(finding.expected, "512, or 8 as a subset; OPEN: a multiple of 256");
  // A mode that nobody typed is nothing to leave out.
  finding = of(checkpointing_run("llama3-8b", 4));
  EXPECT_EQ(finding.expected, "8; OPEN: a multiple of 8");
  EXPECT_EQ(finding.remedy, "use --num-processes 8");
  EXPECT_THAT(broken(judge(checkpointing_run("llama3-8b", 4))), ElementsAre("checkpointing.processes"));

  rules::Run run = checkpointing_run("llama3-70b", 64);
  run.overrides["checkpoint.mode"] = "subset";
  EXPECT_EQ(of(run).actual, "64 as a subset");
  EXPECT_EQ(of(run).remedy, "leave checkpoint.mode out");
  run = checkpointing_run("llama3-70b", 8);
  run.overrides["checkpoint.mode"] = "default";
  EXPECT_EQ(of(run).actual, "8 as a whole job");
}

TEST(JudgeCheckpointing, Model) {
  rules::Run run = checkpointing_run();
  run.id.model = "llama3-13b";
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.model"));
}

TEST(JudgeCheckpointing, Mode) {
  rules::Run run = checkpointing_run("llama3-70b", 64);
  run.overrides["checkpoint.mode"] = "default";
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.overrides["checkpoint.mode"] = "partial";
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.mode"));
  run = checkpointing_run();
  run.overrides["checkpoint.mode"] = "subset";
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.mode")) << "8b has no subset";
  run = checkpointing_run("llama3-70b", 64);
  run.overrides["checkpoint.mode"] = "subset";
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.processes")) << "a subset has 8 processes";
}

TEST(JudgeCheckpointing, ProcessesPerHost) {
  rules::Run run = checkpointing_run();
  run.hosts.assign(2, {"h", 8 * kGiB, std::nullopt, 8});
  run.num_hosts = 2;
  EXPECT_THAT(broken(judge(run)), IsEmpty()) << "4 are enough";
  run.hosts.push_back({"h", 8 * kGiB, std::nullopt, 8});
  run.num_hosts = 3;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.processes_per_host"));
}

TEST(JudgeCheckpointing, ProcessesPerHostAreThoseOfTheSlots) {
  rules::Run run = checkpointing_run();
  run.hosts.assign(2, {"h", 8 * kGiB, std::nullopt, 8});
  run.num_hosts = 2;
  run.ranks_by_host = {7, 1};
  const Judgement judgement = judge(run);
  EXPECT_THAT(broken(judgement), ElementsAre("checkpointing.processes_per_host"));
  EXPECT_EQ(of_rule(judgement, "checkpointing.processes_per_host")[0].actual, "8 on 2 hosts: 1 where they are fewest");
  run.ranks_by_host = {4, 4};
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.ranks_by_host = {7, 1, 0};
  EXPECT_THAT(broken(judge(run)), IsEmpty()) << "not of these hosts: dealt evenly";
}

TEST(JudgeCheckpointing, Fsync) {
  rules::Run run = checkpointing_run();
  run.parameters["checkpoint"]["fsync"] = false;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.fsync"));
  run.overrides["checkpoint.fsync"] = true;
  EXPECT_THAT(broken(judge(run)), IsEmpty());
}

TEST(JudgeCheckpointing, AChangedWorkloadFileIsFound) {
  rules::Run run = checkpointing_run();
  run.parameters["model"]["num_layers"] = 8;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.workload"));
  run = checkpointing_run();
  run.parameters["checkpoint"].erase("time_between_checkpoints");
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.workload"));
  run = checkpointing_run();
  run.parameters["checkpoint"]["randomize_tensor"] = false;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.workload"));
  run = checkpointing_run();
  run.parameters["storage"]["storage_root"] = "/mnt";
  run.parameters["checkpoint"]["rank_sync"] = "False";
  EXPECT_EQ(judge(run).category(), Category::kClosed) << testing::text(judge(run));
}

TEST(JudgeCheckpointing, Overrides) {
  rules::Run run = checkpointing_run();
  run.overrides["model.num_layers"] = 8;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.override.invalid"));
}

// 8b on one host holds 104.7 GiB of a checkpoint: caches matter above 314 GiB of memory.
TEST(JudgeCheckpointing, ARunWithWritesAndReadsMustNotFitTheCache) {
  EXPECT_THAT(broken(judge(checkpointing_run("llama3-8b", 8, 314))), IsEmpty());
  const Judgement judgement = judge(checkpointing_run("llama3-8b", 8, 315));
  EXPECT_THAT(broken(judgement), ElementsAre("checkpointing.cache"));
  EXPECT_THAT(of_rule(judgement, "checkpointing.cache")[0].remedy, HasSubstr("--num-checkpoints-read 0"));
}

TEST(JudgeCheckpointing, ASubsetIsTheFirstRanksOfTheWholeJob) {
  // 8 ranks of 405b hold 94.5 GiB, not an eighth of the whole.
  EXPECT_THAT(broken(judge(checkpointing_run("llama3-405b", 8, 283))), IsEmpty());
  EXPECT_THAT(broken(judge(checkpointing_run("llama3-405b", 8, 284))), ElementsAre("checkpointing.cache"));
}

TEST(JudgeCheckpointing, WritesAloneAreFineAndReadsAloneNeedAClearedCache) {
  rules::Run run = checkpointing_run("llama3-8b", 8, 1024);
  run.overrides["checkpoint.num_checkpoints_read"] = 0;
  EXPECT_THAT(broken(judge(run)), IsEmpty());

  run.overrides["checkpoint.num_checkpoints_read"] = 10;
  run.overrides["checkpoint.num_checkpoints_write"] = 0;
  run.hosts[0].page_cache_bytes = 314 * kGiB;
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.hosts[0].page_cache_bytes = 315 * kGiB;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache"));

  run.hosts[0].page_cache_bytes.reset();
  const Judgement planned = judge(run);
  EXPECT_THAT(broken(planned), IsEmpty());
  EXPECT_EQ(of_rule(planned, "checkpointing.cache")[0].severity, Severity::kWarning);
  run.directory = "/r";
  run.finished = true;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache")) << "a finished run must be able to show it";
}

// 405b has the model on the first 256 of 512 ranks: of 64 hosts that are dealt a rank at a time all hold the same, 82.7
// GiB, so that caches matter above 248 GiB.
TEST(JudgeCheckpointing, EveryHostCountsWithItsShare) {
  rules::Run run = checkpointing_run("llama3-405b", 512, 240);
  ASSERT_EQ(run.hosts.size(), 64U);
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.hosts[40].memory_bytes = 260 * kGiB;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache")) << "any host";
  run.hosts.pop_back();
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache")) << "one that is missing may be the large one";

  // 8b: 13.1 GiB a rank. Five and three are 65 and 39 GiB: caches matter above 196 and 118.
  run = checkpointing_run("llama3-8b", 8, 150);
  run.hosts.push_back(run.hosts[0]);
  run.num_hosts = 2;
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.ranks_by_host = {5, 3};
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.processes_per_host", "checkpointing.cache"));
}

TEST(JudgeCheckpointing, ReadsAloneNeedClearedCachesOnAllHostsThatAreKnown) {
  rules::Run run = checkpointing_run("llama3-8b", 8, 1024);
  run.hosts.push_back(run.hosts[0]);
  run.num_hosts = 2;
  run.overrides["checkpoint.num_checkpoints_write"] = 0;
  // Four ranks hold 52.3 GiB: 157 GiB of page cache are the most.
  run.hosts[0].page_cache_bytes = 1 * kGiB;
  EXPECT_THAT(broken(judge(run)), IsEmpty()) << "other tools record the first host's only";
  run.hosts[1].page_cache_bytes = 157 * kGiB;
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.hosts[1].page_cache_bytes = 158 * kGiB;
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache"));
  EXPECT_THAT(of_rule(judge(run), "checkpointing.cache")[0].actual, HasSubstr("158"));
  run.hosts[0].page_cache_bytes = 158 * kGiB;
  run.hosts[1].page_cache_bytes.reset();
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache"));
}

TEST(JudgeCheckpointing, WhatWasMeasuredCountsMoreThanWhatWasPlanned) {
  rules::Run run = checkpointing_run("llama3-8b", 8, 1024);
  run.directory = "/r";
  run.finished = true;
  run.checkpointing.emplace();
  run.checkpointing->saves.resize(10);
  EXPECT_THAT(broken(judge(run)), IsEmpty()) << "nothing was read";
  run.checkpointing->loads.resize(1);
  EXPECT_THAT(broken(judge(run)), ElementsAre("checkpointing.cache"));
}

TEST(JudgeCheckpointing, UnknownMemoryCannotBeJudged) {
  rules::Run run = checkpointing_run();
  run.hosts.clear();
  EXPECT_THAT(broken(judge(run)), Contains("checkpointing.cache"));
}

}  // namespace
}  // namespace stoker::rules
