#include "reports/submission/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/testing/status_matchers.h"
#include "reports/runs/testing/run_files.h"
#include "reports/submission/testing/package.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using rules::Category;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Package;

TEST_F(Package, WithoutFaults) {
  const Submission submission = check();
  EXPECT_TRUE(submission.findings.empty()) << to_text(submission);
  EXPECT_TRUE(submission.valid()) << to_text(submission);
  ASSERT_EQ(submission.report.workloads.size(), 2U);
  EXPECT_EQ(submission.report.workloads[0].origin.system, "sys-a");
  EXPECT_EQ(submission.report.runs.size(), 6U);
  const std::string text = to_text(submission);
  EXPECT_THAT(text, HasSubstr("closed/Acme/sys-a"));
  EXPECT_THAT(text, HasSubstr("Workloads: 2 CLOSED, 0 OPEN, 0 INVALID"));
  EXPECT_THAT(text, HasSubstr("Runs: 6 CLOSED, 0 OPEN, 0 INVALID"));
  EXPECT_THAT(text, HasSubstr("Nothing is INVALID."));
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  EXPECT_EQ(submission.descriptions.at("closed/Acme/sys-a").at("storage_location"), "remote");
}

TEST_F(Package, WorkloadFileHasSystemsAndFigures) {
  const Submission submission = check();
  const std::string csv = workload_csv(submission.report, submission.descriptions);
  EXPECT_THAT(csv, HasSubstr("Submitter,System Name,Model,Accelerator,Division,number_of_nodes,# Simulated "
                             "Accelerators,num_runs,run_ids,Read B/W (GiB/s),Write B/W (GiB/s),Read Duration,Write "
                             "Duration,System."));
  EXPECT_THAT(csv, HasSubstr("\nAcme,sys-a,unet3d,h100,closed,1,4,5,training_run_unet3d_20250601_100000 "));
  EXPECT_THAT(csv, HasSubstr("\nAcme,sys-a,llama3-8b,,closed,1,8,1,checkpointing_run_llama3-8b_20250601_120000,21"));
  EXPECT_THAT(csv, HasSubstr("System.storage_location"));
}

TEST_F(Package, CapitalLettersOfTheFirstText) {
  fs::rename(root() / "closed", root() / "Closed");
  EXPECT_TRUE(check().valid());
  EXPECT_EQ(check().report.workloads[0].origin.division, "closed");
}

TEST_F(Package, FourRuns) {
  fs::remove_all(unet3d() / "run/20250601_102000");
  const Submission submission = check();
  EXPECT_TRUE(submission.findings.empty());
  EXPECT_FALSE(submission.valid());
  EXPECT_EQ(submission.report.workloads[1].judgement.category(), Category::kInvalid);  // checkpointing comes first
  EXPECT_THAT(to_text(submission), HasSubstr("Workloads: 1 CLOSED, 0 OPEN, 1 INVALID"));
}

TEST_F(Package, AGapBetweenRuns) {
  const fs::path last = unet3d() / "run/20250601_102000/summary.json";
  auto summary = *results::read_json(last);
  summary["start"] = testing::minute_text(60);
  summary["end"] = testing::minute_text(64);
  testing::write_json(last, summary);
  const Submission submission = check();
  EXPECT_FALSE(submission.valid());
  EXPECT_THAT(to_text(submission), HasSubstr("too much time passed"));
}

TEST_F(Package, NineReads) {
  testing::write_checkpointing(llama() / "20250601_120000", {.loads = 9});
  EXPECT_FALSE(check().valid());
}

TEST_F(Package, TooLittleUtilisation) {
  testing::write_training(unet3d() / "run/20250601_100500", {.stamp = "20250601_100500", .minute = 5, .au = 89});
  const Submission submission = check();
  EXPECT_FALSE(submission.valid());
  EXPECT_THAT(to_text(submission), HasSubstr("Runs: 5 CLOSED, 0 OPEN, 1 INVALID"));
}

TEST_F(Package, OpenRunsInTheClosedDivision) {
  testing::TrainingFiles files;
  files.overrides.emplace_back("reader.data_loader", "dali");
  testing::write_five(unet3d() / "run", files);
  const Submission submission = check();
  ASSERT_EQ(submission.findings.size(), 1U) << to_text(submission);
  EXPECT_EQ(submission.findings[0].check, "package.division");
  EXPECT_EQ(submission.findings[0].path, sys());
  EXPECT_FALSE(submission.valid());
  fs::create_directories(root() / "open");
  fs::rename(acme(), root() / "open/Acme");
  fs::remove(root() / "closed");
  EXPECT_TRUE(check().valid()) << to_text(check());
}

TEST_F(Package, SubmittersAndModels) {
  fs::copy(acme(), root() / "closed/Bolt", fs::copy_options::recursive);
  fs::remove_all(root() / "closed/Bolt/code");
  EXPECT_FALSE(check().valid());
  EXPECT_TRUE(check({.submitters = {"Acme"}}).valid());
  EXPECT_TRUE(check({.exclude_submitters = {"Bolt"}}).valid());
  EXPECT_EQ(check({.submitters = {"Acme"}}).report.runs.size(), 6U);
  EXPECT_EQ(check({.submitters = {"Acme"}, .models = {"llama3-8b"}}).report.runs.size(), 1U);
  EXPECT_ERROR(check_submission(root(), {.submitters = {"Acne"}}), Code::kInvalidArgument, "did you mean 'Acme'?");
  EXPECT_ERROR(check_submission(root(), {.models = {"bert"}}), Code::kInvalidArgument, "--models");
}

// Nothing was looked at, so nothing may be found in order.
TEST_F(Package, NothingToValidateIsNotValid) {
  EXPECT_ERROR(check_submission(root(), {.submitters = {"Acme"}, .exclude_submitters = {"Acme"}}),
               Code::kInvalidArgument, "leave nothing to validate");
  fs::remove_all(acme());
  const Submission submission = check();
  EXPECT_FALSE(submission.valid());
  EXPECT_THAT(to_text(submission), HasSubstr("has no submitter"));
  EXPECT_ERROR(check_submission(root(), {.runs_only = true}), Code::kNotFound, "no run to judge");
}

TEST_F(Package, RunsOnly) {
  fs::remove_all(acme() / "code");
  fs::remove(acme() / "systems/sys-a.pdf");
  fs::remove_all(unet3d() / "run/20250601_102000");
  const Submission submission = check({.runs_only = true});
  EXPECT_TRUE(submission.valid());
  EXPECT_EQ(submission.report.runs.size(), 5U);
  EXPECT_TRUE(submission.report.workloads.empty());
  EXPECT_THAT(to_text(submission), HasSubstr("training/unet3d/run/20250601_100000"));
}

}  // namespace
}  // namespace stoker::reports
