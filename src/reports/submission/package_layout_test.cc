// Where folders, data sets and runs of a package lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/testing/bound_by_permissions.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "reports/runs/testing/run_files.h"
#include "reports/submission/submission.h"
#include "reports/submission/testing/package.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using stoker::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Package;
using Severity = PackageFinding::Severity;

TEST(Submission, NoFolder) {
  EXPECT_ERROR(check_submission("/no/such/package", {}), Code::kNotFound, "/no/such/package");
}

TEST(Submission, NoDivision) {
  const TempDir dir;
  const auto submission = check_submission(dir.path(), {});
  ASSERT_OK(submission);
  ASSERT_EQ(submission->findings.size(), 1U);
  EXPECT_THAT(submission->findings[0].message, HasSubstr("no folder closed or open"));
  EXPECT_FALSE(submission->valid());
}

TEST_F(Package, StrayFolders) {
  fs::create_directories(root() / "drafts");
  expect_finding(Severity::kWarning, "package.layout", root() / "drafts", "neither a division");
  fs::rename(root() / "drafts", acme() / "drafts");
  expect_finding(Severity::kWarning, "package.layout", acme() / "drafts", "does not belong here");
  fs::rename(acme() / "drafts", sys() / "drafts");
  expect_finding(Severity::kWarning, "package.layout", sys() / "drafts", "does not belong here");
  fs::rename(sys() / "drafts", unet3d() / "drafts");
  expect_finding(Severity::kWarning, "package.layout", unet3d() / "drafts", "does not belong here");
  fs::remove(unet3d() / "drafts");
  fs::create_directories(acme() / "generation_logs");
  expect_finding(Severity::kWarning, "package.layout", acme() / "generation_logs", "earlier layout");
}

TEST_F(Package, Code) {
  fs::remove(acme() / "code/README");
  expect_finding(Severity::kInvalid, "package.code", acme() / "code", "is empty");
  fs::remove(acme() / "code");
  expect_finding(Severity::kInvalid, "package.code", acme() / "code", "is missing");
  // v3.0's pool beside the divisions is as good.
  fs::create_directories(root() / "Acme/code-0123abcd/src");
  expect_finding(Severity::kInvalid, "package.code", root() / "Acme/code-0123abcd", "is empty");
  testing::write_text(root() / "Acme/code-0123abcd/src/main.cc", "");
  EXPECT_TRUE(check().valid());
}

TEST_F(Package, CodeOfEmptyFoldersIsNone) {
  fs::remove(acme() / "code/README");
  fs::create_directories(acme() / "code/src/deep");
  expect_finding(Severity::kInvalid, "package.code", acme() / "code", "is empty");
  testing::write_text(acme() / "code/src/deep/main.cc", "");
  EXPECT_TRUE(check().valid());
}

TEST_F(Package, FoldersThatCannotBeReadAreNotMissing) {
  const stoker::testing::BoundByPermissions bound;
  const fs::path run = unet3d() / "run/20250601_100500";
  const std::vector<std::pair<fs::path, std::string>> cases{{acme() / "code", "package.code"},
                                                            {acme() / "systems", "package.system"},
                                                            {run / "dlio_config", "package.files"}};
  for (const auto& [folder, id] : cases) {
    fs::permissions(folder, fs::perms::none);
    expect_finding(Severity::kInvalid, id, folder, "cannot be listed: Permission denied");
    fs::permissions(folder, fs::perms::owner_all);
  }
  fs::permissions(run / "dlio.log", fs::perms::none);
  expect_finding(Severity::kInvalid, "package.files", run / "dlio.log", "cannot be read: Permission denied");
  fs::permissions(run / "dlio.log", fs::perms::owner_all);
  // Of the run itself and of the results nothing else is said.
  for (const fs::path& folder : {root(), root() / "closed", run, acme() / "results", sys(), unet3d() / "run"}) {
    fs::permissions(folder, fs::perms::none);
    const Submission submission = check();
    fs::permissions(folder, fs::perms::owner_all);
    ASSERT_EQ(submission.report.errors.size(), 1U) << folder << to_text(submission);
    EXPECT_EQ(submission.report.errors[0].path, folder);
    EXPECT_FALSE(submission.report.errors[0].remedy.empty());
    EXPECT_THAT(to_text(submission), Not(HasSubstr("has no"))) << to_text(submission);
    EXPECT_THAT(to_text(submission), Not(HasSubstr("lacks"))) << to_text(submission);
    EXPECT_FALSE(submission.valid());
  }
}

TEST_F(Package, NoResults) {
  fs::remove_all(acme() / "results");
  const Submission submission = check();
  ASSERT_EQ(submission.findings.size(), 2U);
  EXPECT_EQ(submission.findings[0].path, acme() / "results");
  EXPECT_EQ(submission.findings[1].path, acme() / "systems/sys-a.yaml");  // describes nothing now
  EXPECT_FALSE(submission.valid());
}

TEST_F(Package, RunsWithAnotherName) {
  fs::rename(llama() / "20250601_120000", llama() / "final");
  const Submission submission = check();
  ASSERT_FALSE(submission.findings.empty());
  EXPECT_EQ(submission.findings[0].path, llama() / "final");
  EXPECT_THAT(submission.findings[0].message, HasSubstr("not named like a run"));
  EXPECT_EQ(submission.report.runs.size(), 6U);  // it is judged all the same
}

TEST_F(Package, RunsInTheEarlierLayoutAreJudgedAndSaidToBe) {
  fs::create_directories(sys() / "unet3d-h100/runs");
  fs::rename(unet3d() / "run", sys() / "unet3d-h100/runs/all");
  fs::remove_all(sys() / "training");
  const Submission submission = check();
  ASSERT_EQ(submission.findings.size(), 1U) << to_text(submission);
  EXPECT_EQ(submission.findings[0].path, sys() / "unet3d-h100");
  EXPECT_THAT(submission.findings[0].message, HasSubstr("earlier layout"));
  EXPECT_EQ(submission.report.workloads.size(), 2U);
}

TEST_F(Package, NoDatagen) {
  fs::remove_all(unet3d() / "datagen");
  expect_finding(Severity::kInvalid, "package.layout", unet3d() / "datagen", "has no run");
}

TEST_F(Package, NoRuns) {
  fs::remove_all(unet3d() / "run");
  fs::create_directories(unet3d() / "run");
  expect_finding(Severity::kInvalid, "package.layout", unet3d() / "run", "has no run");
  fs::remove_all(unet3d().parent_path());
  fs::remove_all(llama());
  fs::create_directories(llama());
  expect_finding(Severity::kInvalid, "package.layout", llama(), "has no run");
}

TEST_F(Package, ASystemWithoutRunsIsNotValid) {
  fs::remove_all(sys() / "training");
  fs::remove_all(sys() / "checkpointing");
  expect_finding(Severity::kInvalid, "package.layout", sys(), "has no run");
  fs::create_directories(sys() / "training");
  fs::create_directories(sys() / "checkpointing");
  expect_finding(Severity::kInvalid, "package.layout", sys(), "has no run");
}

TEST_F(Package, AFolderThatCannotBeListedIsNotTakenForEmpty) {
  const stoker::testing::BoundByPermissions bound;
  fs::permissions(sys() / "checkpointing", fs::perms::none);
  const Submission submission = check();
  fs::permissions(sys() / "checkpointing", fs::perms::owner_all);
  ASSERT_EQ(submission.report.errors.size(), 1U);
  EXPECT_THAT(submission.report.errors.front().reason, HasSubstr("cannot be listed"));
  EXPECT_FALSE(submission.valid());
}

// Nothing but runs is a result: not the data sets and plans that lie in their place.
TEST_F(Package, DataSetsAndPlansInThePlaceOfRuns) {
  fs::remove_all(llama());
  fs::remove_all(sys() / "checkpointing");
  const fs::path run = unet3d() / "run/20250601_100500";
  const fs::path file = run / "training_20250601_100500_metadata.json";
  const auto metadata = *results::read_json(file);
  auto changed = metadata;
  changed["command"] = "datagen";
  testing::write_json(file, changed);
  Submission submission = check();
  ASSERT_EQ(submission.findings.size(), 1U) << to_text(submission);
  EXPECT_EQ(submission.findings[0].check, "package.layout");
  EXPECT_EQ(submission.findings[0].path, run);
  EXPECT_THAT(submission.findings[0].message, HasSubstr("is of the command 'datagen' and no run"));
  EXPECT_THAT(submission.findings[0].remedy, HasSubstr("datagen/"));
  EXPECT_EQ(submission.report.runs.size(), 4U);
  EXPECT_FALSE(submission.valid());

  changed = metadata;
  changed["args"]["what_if"] = true;
  testing::write_json(file, changed);
  submission = check();
  ASSERT_EQ(submission.findings.size(), 1U) << to_text(submission);
  EXPECT_THAT(submission.findings[0].message, HasSubstr("is a plan of --what-if"));
  EXPECT_EQ(submission.findings[0].severity, Severity::kInvalid);

  // All of them: there is no run at all.
  for (const char* kind : {"datagen", "plan"}) {
    for (const auto& entry : fs::directory_iterator(unet3d() / "run")) {
      if (!entry.is_directory()) continue;
      const std::string name = entry.path().filename().string();
      auto json = *results::read_json(entry.path() / ("training_" + name + "_metadata.json"));
      json["command"] = std::string(kind) == "plan" ? "run" : kind;
      json["args"]["what_if"] = std::string(kind) == "plan";
      testing::write_json(entry.path() / ("training_" + name + "_metadata.json"), json);
    }
    submission = check();
    EXPECT_TRUE(submission.report.runs.empty());
    EXPECT_EQ(submission.findings.size(), 5U) << to_text(submission);
    EXPECT_FALSE(submission.valid());
    EXPECT_ERROR(check_submission(root(), {.runs_only = true}), Code::kNotFound, "no run to judge");
  }
}

TEST_F(Package, RunsOfAnotherModelThanTheirFolder) {
  fs::rename(unet3d(), sys() / "training/resnet50");
  const Submission submission = check();
  ASSERT_EQ(submission.findings.size(), 6U) << to_text(submission);  // five runs and the datagen
  EXPECT_EQ(submission.findings[1].check, "package.layout");
  EXPECT_THAT(submission.findings[1].message, HasSubstr("lies where runs of training resnet50 "));
  EXPECT_FALSE(submission.valid());
}

TEST_F(Package, DatagenIsReadAsWell) {
  const fs::path datagen = unet3d() / "datagen/20250601_091500";
  fs::rename(datagen, unet3d() / "datagen/foo");
  expect_finding(Severity::kInvalid, "package.layout", unet3d() / "datagen/foo", "not named like a run");
  fs::rename(unet3d() / "datagen/foo", datagen);
  const fs::path file = datagen / "training_20250601_091500_metadata.json";
  const auto metadata = *results::read_json(file);
  auto changed = metadata;
  changed["command"] = "run";
  testing::write_json(file, changed);
  expect_finding(Severity::kInvalid, "package.layout", datagen, "its own files say training unet3d run");
  changed = metadata;
  changed["args"]["what_if"] = true;
  testing::write_json(file, changed);
  expect_finding(Severity::kInvalid, "package.layout", datagen, "is a plan of --what-if");
  testing::write_text(file, "{");
  const Submission submission = check();
  ASSERT_EQ(submission.report.errors.size(), 1U) << to_text(submission);
  EXPECT_EQ(submission.report.errors[0].path, datagen);
  EXPECT_FALSE(submission.report.errors[0].remedy.empty());
  EXPECT_FALSE(submission.valid());
  fs::remove(file);  // v2.0 writes none
  EXPECT_TRUE(check().valid());
}

TEST_F(Package, FilesThatContradictEachOther) {
  const fs::path run = unet3d() / "run/20250601_100500";
  auto summary = *results::read_json(run / "summary.json");
  summary["num_files_train"] = 100;
  testing::write_json(run / "summary.json", summary);
  expect_finding(Severity::kInvalid, "package.contradiction", run,
                 "dataset.num_files_train is judged as 14000, summary.json says 100");
  // It is the run's own fault, so that it is judged without the package, too.
  EXPECT_FALSE(check({.runs_only = true}).valid());
  testing::write_training(run, {.stamp = "20250601_100500", .minute = 5});
  testing::write_text(run / "dlio_config/overrides.yaml",
                      "- workload=unet3d_h100\n- ++workload.dataset.num_files_train=14000\n"
                      "- ++workload.reader.batch_size=1\n");
  expect_finding(Severity::kInvalid, "package.contradiction", run,
                 "overrides.yaml sets reader.batch_size=1, which the metadata do not have");
}

TEST_F(Package, ARunIsHandedInOnce) {
  const fs::path run = unet3d() / "run/20250601_100500";
  const fs::path copy = unet3d() / "run/20250601_101234";
  fs::copy(run, copy, fs::copy_options::recursive);
  expect_finding(Severity::kInvalid, "package.contradiction", copy,
                 fmt::format("is a copy of {}: the same id and the same start", run.string()));
  EXPECT_FALSE(check({.runs_only = true}).valid());
  EXPECT_EQ(check().report.copies.size(), 1U);
}

TEST_F(Package, LinksThatCountNothingTwice) {
  // Results that lie elsewhere are as good.
  const TempDir disk;
  fs::rename(unet3d() / "run", disk.path() / "run");
  fs::create_directory_symlink(disk.path() / "run", unet3d() / "run");
  EXPECT_TRUE(check().valid()) << to_text(check());
  EXPECT_EQ(check().report.runs.size(), 6U);
  fs::create_directory_symlink("sys-a", acme() / "results/sys-b");
  expect_finding(Severity::kInvalid, "package.layout", acme() / "results/sys-b", "read by another name");
  fs::remove(acme() / "results/sys-b");
  fs::create_directory_symlink("20250601_100000", disk.path() / "run/20250601_093000");
  expect_finding(Severity::kInvalid, "package.layout", unet3d() / "run/20250601_093000", "read by another name");
  fs::remove(disk.path() / "run/20250601_093000");
  fs::create_directory_symlink("gone", disk.path() / "run/20250601_093000");
  expect_finding(Severity::kInvalid, "package.layout", unet3d() / "run/20250601_093000", "leads nowhere");
}

}  // namespace
}  // namespace stoker::reports
