#include "reports/submission/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "base/testing/bound_by_permissions.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "reports/runs/testing/run_files.h"
#include "reports/submission/testing/system_files.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using rules::Category;
using stoker::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;
using Severity = PackageFinding::Severity;

// results.json as reportgen writes it over the runs of a folder.
void write_results(const fs::path& folder) {
  const auto report = make_report(folder);
  ASSERT_OK(report);
  testing::write_text(folder / "results.json", results_json(*report));
}

// A package without faults: closed/Acme with training and checkpointing on sys-a. Each test breaks one thing.
class Package : public ::testing::Test {
 protected:
  Package() {
    testing::write_text(acme() / "code/README", "unchanged\n");
    testing::write_text(acme() / "systems/sys-a.yaml", testing::filled_description());
    testing::write_text(acme() / "systems/sys-a.pdf", "%PDF-1.4\n%%EOF\n");
    testing::write_training(unet3d() / "datagen/20250601_091500", {.stamp = "20250601_091500", .command = "datagen"});
    testing::write_five(unet3d() / "run");
    write_results(unet3d() / "run");
    testing::write_checkpointing(llama() / "20250601_120000", {});
    write_results(llama());
  }
  [[nodiscard]] fs::path root() const { return dir_.path(); }
  [[nodiscard]] fs::path acme() const { return root() / "closed/Acme"; }
  [[nodiscard]] fs::path sys() const { return acme() / "results/sys-a"; }
  [[nodiscard]] fs::path unet3d() const { return sys() / "training/unet3d"; }
  [[nodiscard]] fs::path llama() const { return sys() / "checkpointing/llama3-8b"; }

  [[nodiscard]] Submission check(const SubmissionOptions& options = {}) const {
    auto submission = check_submission(root(), options);
    EXPECT_OK(submission);
    return submission ? std::move(*submission) : Submission{};
  }

  // Exactly one finding, which is this one.
  void expect_finding(Severity severity, const std::string& id, const fs::path& path, const std::string& part) const {
    const Submission submission = check();
    ASSERT_EQ(submission.findings.size(), 1U) << to_text(submission);
    const PackageFinding& finding = submission.findings[0];
    EXPECT_EQ(finding.severity, severity);
    EXPECT_EQ(finding.check, id);
    EXPECT_EQ(finding.path, path);
    EXPECT_THAT(finding.message, HasSubstr(part));
    EXPECT_FALSE(finding.remedy.empty());
    EXPECT_EQ(submission.valid(), severity == Severity::kWarning);
    EXPECT_THAT(to_text(submission), HasSubstr(part));
  }

  TempDir dir_;
};

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

// --- layout

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

// --- files

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

// --- system descriptions

TEST_F(Package, Pdf) {
  fs::remove(acme() / "systems/sys-a.pdf");
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.pdf", "is missing");
}

TEST_F(Package, PdfThatIsNone) {
  for (const std::string text : {"", "%P", "%PDF-1.4\ncut off", "no mark, but %%EOF\n"}) {
    testing::write_text(acme() / "systems/sys-a.pdf", text);
    expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.pdf", "is not a whole PDF");
  }
  // The marks may stand 1 KiB inside.
  testing::write_text(acme() / "systems/sys-a.pdf",
                      "x\n%PDF-1.4\n" + std::string(5000, ' ') + "%%EOF\n" + std::string(900, ' '));
  EXPECT_TRUE(check().valid()) << to_text(check());
}

// It would be waited for without end.
TEST_F(Package, PdfThatIsAPipe) {
  fs::remove(acme() / "systems/sys-a.pdf");
  ASSERT_EQ(::mkfifo((acme() / "systems/sys-a.pdf").c_str(), 0600), 0);
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.pdf", "is not a whole PDF");
}

TEST_F(Package, TheDescriptionOfAnotherSystemIsNotSimilar) {
  fs::copy(sys(), acme() / "results/sys-ab", fs::copy_options::recursive);
  const Submission submission = check();
  std::vector<std::string> paths;
  std::size_t copies = 0;
  for (const PackageFinding& finding : submission.findings) {
    EXPECT_EQ(finding.severity, Severity::kInvalid);
    copies += finding.check == "package.contradiction" ? 1 : 0;
    if (finding.check == "package.system") paths.push_back(finding.path.filename().string() + ": " + finding.message);
  }
  EXPECT_THAT(paths, ::testing::ElementsAre("sys-ab.pdf: is missing", "sys-ab.yaml: is missing"));
  EXPECT_EQ(copies, 6U) << "its runs are those of sys-a";
}

// The same name in both divisions is two systems.
TEST_F(Package, DescriptionsByDivision) {
  fs::create_directories(root() / "open");
  fs::copy(acme(), root() / "open/Acme", fs::copy_options::recursive);
  testing::write_text(root() / "open/Acme/systems/sys-a.yaml",
                      testing::replace_line(testing::filled_description(), "System.storage_location", "local"));
  const Submission submission = check();
  EXPECT_TRUE(submission.valid()) << to_text(submission);
  const std::string csv = workload_csv(submission.report, submission.descriptions);
  std::size_t remote = 0;
  std::size_t local = 0;
  for (const std::string_view line : config::split(csv, '\n')) {
    const bool open = line.find(",open,") != std::string_view::npos;
    remote += line.find(",remote,") != std::string_view::npos && !open ? 1 : 0;
    local += line.find(",local,") != std::string_view::npos && open ? 1 : 0;
  }
  EXPECT_EQ(remote, 2U) << csv;
  EXPECT_EQ(local, 2U) << csv;
}

TEST_F(Package, DescriptionUnderOtherNames) {
  const fs::path systems = acme() / "systems";
  fs::rename(systems / "sys-a.yaml", systems / "Acme-SYS-A-final.yaml");
  expect_finding(Severity::kWarning, "package.system", systems / "Acme-SYS-A-final.yaml", "is taken for");
  fs::rename(systems / "Acme-SYS-A-final.yaml", systems / "Sys-A.yaml");
  expect_finding(Severity::kWarning, "package.system", systems / "Sys-A.yaml", "is taken for");
  fs::rename(systems / "Sys-A.yaml", systems / "sys-a.json");
  expect_finding(Severity::kInvalid, "package.system", systems / "sys-a.yaml", "JSON file of an earlier form");
  fs::rename(systems / "sys-a.json", systems / "sys-a.yml");
  expect_finding(Severity::kInvalid, "package.system", systems / "sys-a.yaml", "there is sys-a.yml");
  EXPECT_EQ(check().findings[0].remedy, "rename sys-a.yml to sys-a.yaml");
  fs::remove(systems / "sys-a.yml");
  expect_finding(Severity::kInvalid, "package.system", systems / "sys-a.yaml", "is missing");
}

TEST_F(Package, DescriptionOfASystemWithoutResults) {
  testing::write_text(acme() / "systems/other.yaml", testing::filled_description());
  expect_finding(Severity::kWarning, "package.system", acme() / "systems/other.yaml", "without results");
}

TEST_F(Package, BlanksAreNamed) {
  testing::write_text(acme() / "systems/sys-a.yaml",
                      testing::replace_line(testing::filled_description(), "Nodes.client.hardware.cpu_qty", ""));
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.yaml",
                 "Nodes.client.hardware.cpu_qty (line 31) is not filled in");
}

TEST_F(Package, DescriptionThatIsNoYaml) {
  testing::write_text(acme() / "systems/sys-a.yaml", "System:\n  name: [");
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.yaml", "cannot be read");
  EXPECT_THAT(check().findings[0].message, HasSubstr("(line 2)"));
}

// --- what the rules say

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

// --- options

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
