#include "reports/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/testing/bound_by_permissions.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "reports/report/report_files.h"
#include "reports/report/report_text.h"
#include "reports/runs/testing/run_files.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using results::Json;
using rules::Category;
using stoker::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;

// Compares with tests/data/reports/<name>; writes it when STOKER_UPDATE_GOLDEN is set.
void expect_golden(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(STOKER_SOURCE_DIR) / "tests/data/reports" / name;
  if (std::getenv("STOKER_UPDATE_GOLDEN") != nullptr) testing::write_text(path, text);
  const auto committed = results::read_file(path);
  ASSERT_OK(committed);
  EXPECT_EQ(*committed, text) << "run this test once with STOKER_UPDATE_GOLDEN=1 and look at the difference";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// One of everything: five CLOSED runs, what does not count beside them, an OPEN and an INVALID workload, checkpoints
// without metadata, and a run that cannot be read.
void write_all(const fs::path& root) {
  const fs::path unet3d = root / "training/unet3d";
  testing::write_five(unet3d / "run", {.verification = "CLOSED"});
  testing::write_training(unet3d / "datasize/20250601_090000", {.stamp = "20250601_090000", .command = "datasize"});
  testing::write_training(unet3d / "datagen/20250601_091500", {.stamp = "20250601_091500", .command = "datagen"});
  testing::write_training(unet3d / "run/20250601_113000", {.stamp = "20250601_113000", .minute = 90});
  fs::remove(unet3d / "run/20250601_113000/summary.json");
  testing::write_training(unet3d / "run/20250601_120000",
                          {.stamp = "20250601_120000",
                           .accelerator = "a100",
                           .minute = 120,
                           .verification = "OPEN",
                           .overrides = {{"dataset.num_files_train", "14000"}, {"reader.data_loader", "dali"}}});
  testing::write_training(
      unet3d / "run/20250601_123000",
      {.stamp = "20250601_123000", .accelerator = "a100", .minute = 150, .au = 75.5, .verification = "CLOSED"});
  testing::write_training(unet3d / "run/20250601_130000", {.stamp = "20250601_130000"});
  testing::write_text(unet3d / "run/20250601_130000/summary.json", R"({"start": )");
  testing::write_checkpointing(root / "checkpointing/llama3-8b/20250601_120000", {});
}

TEST(Report, GoldenTextJsonAndCsv) {
  const TempDir dir;
  write_all(dir.path());
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  const auto shown = [&dir](const std::string& text) { return replaced(text, dir.path().string(), "RESULTS"); };
  expect_golden("report.txt", shown(to_text(*report)));
  expect_golden("results.json", results_json(*report));
  expect_golden("results.csv", results_csv(*report));
  expect_golden("workload_results.csv", shown(workload_csv(*report)));
}

TEST(Report, FilesGoWhereTheyAreAskedFor) {
  const TempDir dir;
  testing::write_five(dir.path() / "R/training/unet3d/run");
  const auto report = make_report(dir.path() / "R");
  ASSERT_OK(report);
  const auto written = write_files(*report, dir.path() / "out/deep");
  ASSERT_OK(written);
  EXPECT_EQ(written->size(), 3U);
  for (const char* name : {"results.json", "results.csv", "workload_results.csv"}) {
    const auto text = results::read_file(dir.path() / "out/deep" / name);
    ASSERT_OK(text);
    EXPECT_THAT(*text, Not(HasSubstr("\r")));
    EXPECT_FALSE(fs::exists(dir.path() / "R" / name));
  }
}

// The count says what the report has, wherever it lies, and data sets are no runs.
TEST(Report, CountsWhatItHas) {
  const TempDir dir;
  write_all(dir.path());
  testing::write_training_v2(dir.path() / "kept/20250601_140000", {.minute = 240});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(count_text(*report),
            "10 runs found: training, checkpointing; 2 data sets and sizes; 1 that cannot be read");
  EXPECT_THAT(to_text(*report), HasSubstr("Runs: 10\n"));
}

// docs/reports.md: links are followed, and what is reached twice counts once.
TEST(Report, RunsBehindLinks) {
  const TempDir dir;
  testing::write_five(dir.path() / "disk/run");
  fs::create_directories(dir.path() / "results/training");
  fs::create_directory_symlink(dir.path() / "disk", dir.path() / "results/training/unet3d");
  fs::create_directory_symlink(dir.path() / "disk", dir.path() / "results/training/unet3d-again");
  fs::create_directory_symlink("20250601_102000", dir.path() / "disk/run/latest");
  fs::create_directory_symlink("..", dir.path() / "disk/run/up");
  const auto report = make_report(dir.path() / "results");
  ASSERT_OK(report);
  EXPECT_EQ(count_text(*report), "5 runs found: training");
  ASSERT_EQ(report->workloads.size(), 1U);
  EXPECT_EQ(report->workloads[0].judgement.category(), Category::kClosed) << to_text(*report);
}

TEST(Report, ACopyOfARunIsNamedAndCountedOnce) {
  const TempDir dir;
  const fs::path runs = dir.path() / "training/unet3d/run";
  testing::write_five(runs);
  fs::copy(runs / "20250601_100500", runs / "20250601_100500_copy", fs::copy_options::recursive);
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(count_text(*report), "5 runs found: training; 1 copy");
  ASSERT_EQ(report->copies.size(), 1U);
  EXPECT_EQ(report->copies[0].path, runs / "20250601_100500_copy");
  EXPECT_EQ(report->copies[0].of, runs / "20250601_100500");
  ASSERT_EQ(report->workloads.size(), 1U);
  EXPECT_EQ(report->workloads[0].runs.size(), 5U);
  EXPECT_THAT(to_text(*report),
              HasSubstr(fmt::format("  - {0}_copy is a copy of {0}\n", (runs / "20250601_100500").string())));
  const std::string csv = results_csv(*report);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 6);
}

// Two systems may begin a run in the same second.
TEST(Report, ARunThatBeganAtAnotherTimeIsNoCopy) {
  const TempDir dir;
  testing::write_training(dir.path() / "a/training/unet3d/run/20250601_100000", {.stamp = "20250601_100000"});
  testing::write_training(dir.path() / "b/training/unet3d/run/20250601_100000",
                          {.stamp = "20250601_100000", .minute = 1});
  testing::write_training(dir.path() / "c/training/unet3d/run/20250601_100001", {.stamp = "20250601_100001"});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(count_text(*report), "3 runs found: training");
  EXPECT_TRUE(report->copies.empty());
}

TEST(Report, AFolderThatCannotBeListedIsNamed) {
  const stoker::testing::BoundByPermissions bound;
  const TempDir dir;
  testing::write_five(dir.path() / "training/unet3d/run");
  fs::permissions(dir.path() / "training/unet3d", fs::perms::none);
  const auto report = make_report(dir.path());
  fs::permissions(dir.path() / "training/unet3d", fs::perms::owner_all);
  ASSERT_OK(report);
  ASSERT_EQ(report->errors.size(), 1U);
  EXPECT_EQ(report->errors[0].path, dir.path() / "training/unet3d");
  EXPECT_THAT(report->errors[0].reason, HasSubstr("cannot be listed: Permission denied"));
  EXPECT_THAT(report->errors[0].remedy, HasSubstr("make the folder readable"));
}

// docs/reports.md: processing errors have path, reason and remedy.
TEST(Report, ProcessingErrorsSayWhereAndWhatToDo) {
  const TempDir dir;
  testing::write_training_v2(dir.path() / "training/unet3d/run/20250601_100000", {});
  const fs::path config = dir.path() / "training/unet3d/run/20250601_100000/.hydra_config/config.yaml";
  testing::write_text(config, "workload:\n  model: {name: unet3d\n  train: [\n");
  auto report = make_report(dir.path());
  ASSERT_OK(report);
  ASSERT_EQ(report->errors.size(), 1U);
  EXPECT_THAT(report->errors[0].reason, HasSubstr(config.string() + ":3:"));
  EXPECT_FALSE(report->errors[0].remedy.empty());
  testing::write_text(config.parent_path().parent_path() / "summary.json", "{");
  report = make_report(dir.path());
  ASSERT_OK(report);
  ASSERT_EQ(report->errors.size(), 1U);
  EXPECT_THAT(report->errors[0].reason, HasSubstr("summary.json: parse error at line 1"));
  EXPECT_THAT(report->errors[0].remedy, HasSubstr("copy it again"));
}

TEST(Report, AFileIsNoFolderForTheReport) {
  const TempDir dir;
  testing::write_text(dir.path() / "file", "");
  for (const char* name : {"file", "file/deep/er"}) {
    const auto written = write_files({}, dir.path() / name);
    EXPECT_ERROR(written, Code::kInvalidArgument, (dir.path() / "file").string() + ": is a file, expected a folder");
    EXPECT_THAT(written.error().hint, HasSubstr("--output-dir"));
  }
}

// What a name in a result file holds can steer neither a terminal nor the reader's eye.
TEST(Report, TablesHaveNoControlCharacters) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000",
                          {.accelerator = "h\x1b[2J\r\n\xe2\x80\xae"});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  for (const std::string& csv : {results_csv(*report), workload_csv(*report)}) {
    EXPECT_THAT(csv, HasSubstr("h\\x1b[2J\\x0d\\x0a\\u202e"));
    EXPECT_THAT(csv, Not(HasSubstr("\x1b")));
    EXPECT_EQ(std::ranges::count(csv, '\n'), 2);
  }
}

// A spreadsheet would compute them, and a formula may start a program. Numbers stay numbers.
TEST(Report, ACellOfATableIsNoFormula) {
  const auto first_cell = [](const std::string& submitter) {
    Report report;
    Workload workload;
    workload.origin.submitter = submitter;
    report.workloads.push_back(workload);
    const std::string csv = workload_csv(report);
    const std::string row = csv.substr(csv.find('\n') + 1);
    return row.substr(0, row.find(",,"));
  };
  EXPECT_EQ(first_cell("=1+1"), "'=1+1");
  EXPECT_EQ(first_cell("+1-1"), "'+1-1");
  EXPECT_EQ(first_cell("-1+1"), "'-1+1");
  EXPECT_EQ(first_cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(first_cell("\t=1"), "'\t=1");
  EXPECT_EQ(first_cell("\r=1"), "'\\x0d=1");
  EXPECT_EQ(first_cell("=cmd|'/c calc',\"x\""), "\"'=cmd|'/c calc',\"\"x\"\"\"");
  EXPECT_EQ(first_cell("-"), "'-");
  EXPECT_EQ(first_cell("-inf"), "'-inf");
  EXPECT_EQ(first_cell("-1.5e-7"), "-1.5e-7");
  EXPECT_EQ(first_cell("-3"), "-3");
  EXPECT_EQ(first_cell("1+1"), "1+1");
  EXPECT_EQ(first_cell("Acme = us"), "Acme = us");
  EXPECT_EQ(first_cell("'quoted'"), "'quoted'");
}

TEST(Report, AFigureThatCannotBeIsNotClosed) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {.au = 250});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(report->runs[0].judgement.category(), Category::kInvalid);
  EXPECT_THAT(to_text(*report), HasSubstr("measured what cannot be (expected 0 to 100 %, found 250)"));
}

// The checklist names what the rules allow, from their own tables.
TEST(Report, SaysWhichSamplesWereRead) {
  const TempDir dir;
  const fs::path run = dir.path() / "training/unet3d/run/20250601_100000";
  testing::write_training(run, {});
  EXPECT_THAT(to_text(*make_report(dir.path())), Not(HasSubstr("Samples:")));
  Json summary = testing::summary_json({});
  summary["coverage"]["train"] = Json::parse(R"([{"read": 40, "left_out": 2, "digest": "08a60b0eb38bfb85"}])");
  testing::write_json(run / "summary.json", summary);
  EXPECT_THAT(to_text(*make_report(dir.path())),
              HasSubstr("    Samples: 40 of 42 samples read, none more than once; digest 08a60b0eb38bfb85\n"));
}

TEST(Report, TheChecklistNamesAllowedOverrides) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {});
  testing::write_checkpointing(dir.path() / "checkpointing/llama3-8b/20250601_120000", {.loads = 9});
  const std::string text = to_text(*make_report(dir.path()));
  EXPECT_THAT(text, HasSubstr("only allowed overrides: dataset.num_files_train, "));
  EXPECT_THAT(text, HasSubstr("only allowed overrides: checkpoint.checkpoint_folder, checkpoint.mode, "));
}

TEST(Report, AFolderThatIsNotThere) {
  EXPECT_ERROR(make_report("/no/such/folder"), Code::kNotFound, "/no/such/folder");
}

TEST(Report, OneUnreadableRunSpoilsNothing) {
  const TempDir dir;
  testing::write_five(dir.path() / "training/unet3d/run");
  for (const char* broken : {"{", "[]", R"({"metric": {"train_au_percentage": "x"}})", ""}) {
    testing::write_training_v2(dir.path() / "training/unet3d/run/20250602_100000", {});
    testing::write_text(dir.path() / "training/unet3d/run/20250602_100000/summary.json", broken);
    const auto report = make_report(dir.path());
    ASSERT_OK(report);
    EXPECT_EQ(report->runs.size(), 5U);
    ASSERT_EQ(report->errors.size(), 1U) << broken;
    EXPECT_EQ(report->errors[0].path, dir.path() / "training/unet3d/run/20250602_100000");
    EXPECT_THAT(report->errors[0].reason, HasSubstr("summary.json"));
    ASSERT_EQ(report->workloads.size(), 1U);
    EXPECT_EQ(report->workloads[0].judgement.category(), Category::kClosed);
    EXPECT_THAT(to_text(*report), HasSubstr("Processing errors"));
  }
}

// docs/faults.md: datasize and incomplete runs counted in a submission, groups of one were not checked.
TEST(Groups, OnlyCompletedRunsCount) {
  const TempDir dir;
  testing::write_five(dir.path() / "training/unet3d/run");
  testing::write_training(dir.path() / "training/unet3d/datasize/20250601_090000",
                          {.stamp = "20250601_090000", .command = "datasize"});
  testing::write_training(dir.path() / "training/unet3d/datagen/20250601_091500",
                          {.stamp = "20250601_091500", .command = "datagen"});
  testing::write_training(dir.path() / "training/unet3d/run/20250601_113000", {.stamp = "20250601_113000"});
  fs::remove(dir.path() / "training/unet3d/run/20250601_113000/summary.json");
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(report->runs.size(), 8U);
  ASSERT_EQ(report->workloads.size(), 1U);
  EXPECT_EQ(report->workloads[0].runs.size(), 5U);
  EXPECT_EQ(report->workloads[0].left_out.size(), 1U);
  EXPECT_EQ(report->workloads[0].judgement.category(), Category::kClosed);
  EXPECT_THAT(to_text(*report), HasSubstr("not counted: training_run_unet3d_20250601_113000 (no summary.json"));
}

TEST(Groups, OneRunIsCheckedToo) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  ASSERT_EQ(report->workloads.size(), 1U);
  EXPECT_EQ(report->runs[0].judgement.category(), Category::kClosed);
  EXPECT_EQ(report->workloads[0].judgement.category(), Category::kInvalid);  // 1 of 5 runs
}

TEST(Groups, NoCompletedRunAtAll) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {});
  fs::remove(dir.path() / "training/unet3d/run/20250601_100000/summary.json");
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  ASSERT_EQ(report->workloads.size(), 1U);
  EXPECT_EQ(report->workloads[0].judgement.category(), Category::kInvalid);
  EXPECT_THAT(to_text(*report), HasSubstr("no run of this workload was completed"));
}

TEST(Groups, AcceleratorsAndModelsApart) {
  const TempDir dir;
  testing::write_five(dir.path() / "training/unet3d/run");
  testing::write_training(dir.path() / "training/unet3d/run/20250601_150000",
                          {.stamp = "20250601_150000", .accelerator = "a100"});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  ASSERT_EQ(report->workloads.size(), 2U);
  EXPECT_EQ(title(report->workloads[0]), "training unet3d h100");
  EXPECT_EQ(title(report->workloads[1]), "training unet3d a100");
}

TEST(Groups, TheWarmUpIsNotInTheMeans) {
  const TempDir dir;
  testing::write_five(dir.path() / "training/unet3d/run");
  // Earlier than the five, and slower.
  testing::write_training(dir.path() / "training/unet3d/run/20250601_095500",
                          {.stamp = "20250601_095500", .minute = 0, .au = 91});
  auto summary = *results::read_json(dir.path() / "training/unet3d/run/20250601_095500/summary.json");
  summary["start"] = "2025-06-01T09:55:00.000000";
  summary["end"] = "2025-06-01T09:59:00.000000";
  testing::write_json(dir.path() / "training/unet3d/run/20250601_095500/summary.json", summary);
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  ASSERT_EQ(report->workloads.size(), 1U);
  EXPECT_EQ(report->workloads[0].runs.size(), 6U);
  EXPECT_EQ(report->workloads[0].measured.size(), 5U);
  EXPECT_EQ(report->workloads[0].means["mean_train_au_mean_percentage"], 95.0);
  EXPECT_EQ(report->workloads[0].judgement.category(), Category::kClosed);
  EXPECT_THAT(to_text(*report), HasSubstr("training_run_unet3d_20250601_095500 (warm-up, not in the means)"));
}

// docs/faults.md: a verdict is one of three, and it is the same before and after the run; where it is not, the report
// says why.
TEST(Verdicts, SameBeforeAndAfter) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {.verification = "CLOSED"});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(report->runs[0].category_note, "");
}

TEST(Verdicts, WhatWasMeasuredDecides) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {.au = 50, .verification = "CLOSED"});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_THAT(report->runs[0].category_note,
              HasSubstr("CLOSED before the run, INVALID now: what the run measured decides: "));
}

TEST(Verdicts, OtherProgramsJudgedDifferently) {
  const TempDir dir;
  testing::write_training(dir.path() / "training/unet3d/run/20250601_100000", {.verification = "INVALID"});
  testing::write_training(dir.path() / "training/unet3d/run/20250601_110000",
                          {.stamp = "20250601_110000",
                           .verification = "CLOSED",
                           .overrides = {{"dataset.num_files_train", "16000"}, {"reader.batch_size", "8"}}});
  const auto report = make_report(dir.path());
  ASSERT_OK(report);
  EXPECT_EQ(report->runs[0].category_note,
            "INVALID before the run, CLOSED now: no rule objects to what the run left behind");
  EXPECT_THAT(report->runs[1].category_note, HasSubstr("CLOSED before the run, INVALID now: reader.batch_size "));
}

TEST(Badge, ColoursOnlyWhenAskedFor) {
  EXPECT_EQ(badge(Category::kClosed), "[CLOSED]");
  EXPECT_EQ(with_colours("[CLOSED] a\n  [OPEN] b\n    - [INVALID] c [CLOSED]\n\n"),
            "\033[32m[CLOSED]\033[0m a\n  \033[33m[OPEN]\033[0m b\n    - \033[31m[INVALID]\033[0m c [CLOSED]\n\n");
}

TEST(MetricText, ByName) {
  EXPECT_EQ(metric_text("train_au_percentage", Json::array({95.04, 90})), "95.0%, 90.0%");
  EXPECT_EQ(metric_text("au_pct", 1), "1.0%");
  EXPECT_EQ(metric_text("train_au_percentage", Json::parse("[95, null]")), "95.0%, not measured");
  EXPECT_EQ(metric_text("bytes_read", 1536), "1.5 KiB");
  EXPECT_EQ(metric_text("bytes_read", 3.0 * 1125899906842624.0), "3.0 PiB");
  EXPECT_EQ(metric_text("bytes_read", 12), "12.0 B");
  EXPECT_EQ(metric_text("throughput", 1234567.891), "1,234,567.89");
  EXPECT_EQ(metric_text("throughput", -1234.5), "-1,234.50");
  EXPECT_EQ(metric_text("throughput", 999.0), "999.00");
  EXPECT_EQ(metric_text("num_load_ops", 12345), "12,345");
  EXPECT_EQ(metric_text("verdict", "success"), "success");
}

TEST(Flatten, MapsByDotsListsAsText) {
  const auto row = flatten(Json::parse(R"({"a": {"b": 1, "c": {"d": "x"}}, "e": [1, 2], "f": null, "g": true})"));
  const std::map<std::string, std::string> expected{{"a.b", "1"}, {"a.c.d", "x"}, {"e", "[1,2]"}, {"g", "true"}};
  EXPECT_EQ(row, expected);
}

}  // namespace
}  // namespace stoker::reports
