// Files of the runs of a package.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "reports/runs/testing/run_files.h"
#include "reports/submission/submission.h"
#include "reports/submission/testing/package.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::Package;
using testing::write_results;
using Severity = PackageFinding::Severity;

TEST_F(Package, EveryRequiredFileOfARun) {
  const fs::path run = unet3d() / "run/20250601_100500";
  for (const char* name :
       {"training_run.stdout.log", "training_run.stderr.log", "0_output.json", "0_per_epoch_stats.json", "dlio.log",
        "dlio_config/hydra.yaml", "dlio_config/overrides.yaml"}) {
    SCOPED_TRACE(name);
    fs::rename(run / name, root() / "kept");
    const std::string shown = name[0] == '0' ? std::string("*") + (name + 2) : name;
    expect_finding(Severity::kInvalid, "package.files", run, "lacks " + shown);
    fs::rename(root() / "kept", run / name);
  }
  fs::remove_all(run / "dlio_config");
  expect_finding(Severity::kInvalid, "package.files", run,
                 "lacks dlio_config/config.yaml, dlio_config/hydra.yaml, dlio_config/overrides.yaml");
}

// A name is no file.
TEST_F(Package, RequiredFilesCanBeRead) {
  const fs::path run = unet3d() / "run/20250601_100500";
  const std::vector<std::pair<std::string, std::string>> contents{{"0_output.json", "{"},
                                                                  {"0_per_epoch_stats.json", ""},
                                                                  {"dlio_config/config.yaml", "workload: ["},
                                                                  {"dlio_config/hydra.yaml", "a: b: c"},
                                                                  {"dlio_config/overrides.yaml", "- [\n"}};
  for (const auto& [name, text] : contents) {
    SCOPED_TRACE(name);
    fs::rename(run / name, root() / ".kept");
    testing::write_text(run / name, text);
    expect_finding(Severity::kInvalid, "package.files", run / name, "is damaged: ");
    fs::rename(root() / ".kept", run / name);
  }
  const fs::path log = run / "dlio.log";
  fs::remove(log);
  fs::create_symlink("gone", log);
  expect_finding(Severity::kInvalid, "package.files", log, "leads nowhere");
  fs::remove(log);
  fs::create_directory(log);
  expect_finding(Severity::kInvalid, "package.files", log, "is a folder");
  fs::remove(log);
  ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
  expect_finding(Severity::kInvalid, "package.files", log, "is a device or a pipe");
}

// Of large files the ends are looked at.
TEST_F(Package, LargeFilesOfRanks) {
  const fs::path file = unet3d() / "run/20250601_100500/0_output.json";
  const std::string text = "{\"a\": \"" + std::string(5 << 20, 'x') + "\"}\n";
  testing::write_text(file, text);
  EXPECT_TRUE(check().valid()) << to_text(check());
  testing::write_text(file, text.substr(0, text.size() - 5));
  expect_finding(Severity::kInvalid, "package.files", file, "does not begin and end as JSON does");
}

TEST_F(Package, TheHiddenConfigurationFolderOfV20) {
  for (const fs::path& run : {unet3d() / "run/20250601_100500", unet3d() / "datagen/20250601_091500"})
    fs::rename(run / "dlio_config", run / ".hydra_config");
  EXPECT_TRUE(check().valid());
}

TEST_F(Package, FilesOfDatagenAndCheckpointing) {
  fs::remove(unet3d() / "datagen/20250601_091500/training_datagen.stdout.log");
  expect_finding(Severity::kInvalid, "package.files", unet3d() / "datagen/20250601_091500",
                 "lacks training_datagen.stdout.log");
  testing::write_text(unet3d() / "datagen/20250601_091500/training_datagen.stdout.log", "");
  fs::remove(llama() / "20250601_120000/checkpointing_run.stderr.log");
  expect_finding(Severity::kInvalid, "package.files", llama() / "20250601_120000",
                 "lacks checkpointing_run.stderr.log");
}

TEST_F(Package, ResultsFile) {
  fs::remove(unet3d() / "run/results.json");
  expect_finding(Severity::kInvalid, "package.results", unet3d() / "run/results.json", "is missing");
  testing::write_text(unet3d() / "run/results.json", "[");
  expect_finding(Severity::kInvalid, "package.results", unet3d() / "run/results.json", "cannot be read");
  testing::write_text(unet3d() / "run/results.json", "{}");
  expect_finding(Severity::kInvalid, "package.results", unet3d() / "run/results.json", "expected a list of runs");
  write_results(unet3d() / "run");
  fs::remove(llama() / "results.json");
  testing::write_text(acme() / "results.json", R"([{"run_id": "checkpointing_run_llama3-8b_20250601_120000"}])");
  EXPECT_TRUE(check().findings.empty());  // one for all, higher up
}

TEST_F(Package, ResultsFileOfOtherRuns) {
  testing::write_text(llama() / "results.json", R"([{"run_id": "checkpointing_run_llama3-8b_20250501_120000"}])");
  expect_finding(Severity::kWarning, "package.results", llama() / "results.json",
                 "does not list checkpointing_run_llama3-8b_20250601_120000");
}

TEST_F(Package, UnreadableRun) {
  testing::write_text(llama() / "20250601_120000/summary.json", "{");
  const Submission submission = check();
  EXPECT_FALSE(submission.valid());
  ASSERT_EQ(submission.report.errors.size(), 1U);
  EXPECT_EQ(submission.report.runs.size(), 5U);
  const std::string text = to_text(submission);
  EXPECT_THAT(text, HasSubstr("Processing errors"));
  EXPECT_THAT(text, HasSubstr("Unreadable: 1"));
  EXPECT_THAT(text, HasSubstr("The package is INVALID."));
}

}  // namespace
}  // namespace stoker::reports
