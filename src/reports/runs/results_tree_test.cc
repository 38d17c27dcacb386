#include "reports/runs/results_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/bound_by_permissions.h"
#include "base/testing/temp_dir.h"
#include "reports/runs/testing/run_files.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using stoker::testing::TempDir;
using ::testing::HasSubstr;
using Kind = TreeIssue::Kind;
using Severity = TreeIssue::Severity;

std::string all(const ResultsTree& tree) {
  std::string text;
  for (const TreeIssue& issue : tree.issues) text += to_text(issue) + "\n";
  return text;
}

// The one issue of a tree.
void expect_issue(const ResultsTree& tree, Kind kind, Severity severity, const fs::path& path, const char* message) {
  ASSERT_EQ(tree.issues.size(), 1U) << all(tree);
  EXPECT_EQ(tree.issues[0].kind, kind);
  EXPECT_EQ(tree.issues[0].severity, severity);
  EXPECT_EQ(tree.issues[0].path, path);
  EXPECT_THAT(tree.issues[0].message, HasSubstr(message));
  EXPECT_FALSE(tree.issues[0].remedy.empty());
  EXPECT_EQ(tree.valid(), severity != Severity::kInvalid);
}

// A tree without faults, to which a test adds one.
class Tree : public ::testing::Test {
 protected:
  Tree() { testing::write_training(run(), {}); }
  [[nodiscard]] fs::path root() const { return dir_.path(); }
  [[nodiscard]] fs::path run() const { return root() / "training/unet3d/run/20250601_100000"; }
  [[nodiscard]] ResultsTree inspect() const { return inspect_results(root()); }
  TempDir dir_;
};

TEST_F(Tree, Valid) {
  testing::write_training(root() / "training/unet3d/datasize/20250601_090000",
                          {.stamp = "20250601_090000", .command = "datasize"});
  testing::write_text(root() / "vector_database/run/20250601_110000/vector_database_x_metadata.json", "{}");
  testing::write_text(root() / "kv_cache/llama3.1-8b/run/20250601_110000/kv_cache_x_metadata.json", "{}");
  const ResultsTree tree = inspect();
  EXPECT_TRUE(tree.issues.empty()) << all(tree);
}

TEST(ResultsTree, Absent) {
  const TempDir dir;
  const ResultsTree tree = inspect_results(dir.path() / "absent");
  expect_issue(tree, Kind::kMissing, Severity::kInvalid, dir.path() / "absent", "does not exist");
  EXPECT_EQ(to_text(tree.issues[0]), (dir.path() / "absent").string() +
                                         ": does not exist; create it, or name another folder with --results-dir");
  EXPECT_THAT(std::string(example_tree()), HasSubstr("training_20250601_100000_metadata.json"));
}

TEST(ResultsTree, AFile) {
  const TempDir dir;
  testing::write_text(dir.path() / "file", "");
  expect_issue(inspect_results(dir.path() / "file"), Kind::kMalformed, Severity::kInvalid, dir.path() / "file",
               "is a file");
}

TEST(ResultsTree, NoBenchmark) {
  const TempDir dir;
  const ResultsTree tree = inspect_results(dir.path());
  expect_issue(tree, Kind::kMalformed, Severity::kInvalid, dir.path(), "no folder of a benchmark");
  EXPECT_THAT(tree.issues[0].remedy, HasSubstr("training, checkpointing, vector_database, kv_cache"));
}

TEST_F(Tree, StrayFolder) {
  fs::create_directories(root() / "old-results/x");
  fs::create_directories(root() / ".hidden");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, root() / "old-results", "none of the benchmarks' folders");
}

TEST_F(Tree, EmptyType) {
  fs::create_directories(root() / "checkpointing");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, root() / "checkpointing", "is empty");
}

TEST_F(Tree, ModelWithoutRuns) {
  fs::create_directories(root() / "training/resnet50/run");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, root() / "training/resnet50", "holds no run");
}

TEST_F(Tree, NotATimeOfDay) {
  fs::create_directories(root() / "training/unet3d/run/first-try");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, root() / "training/unet3d/run/first-try",
               "not named like a run");
  // Only the beginning counts: suffixes are in use.
  fs::rename(root() / "training/unet3d/run/first-try", root() / "gone");
  fs::remove(root() / "gone");
  fs::rename(run(), run().string() + "_1-renamed");
  EXPECT_TRUE(inspect().issues.empty());
}

TEST_F(Tree, RunWithoutMetadata) {
  fs::remove(run() / "training_20250601_100000_metadata.json");
  expect_issue(inspect(), Kind::kMalformed, Severity::kError, run(), "no *_metadata.json");
}

TEST_F(Tree, RunWithoutSummary) {
  fs::remove(run() / "summary.json");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, run(), "may be incomplete");
}

TEST_F(Tree, CheckpointingHasNoCommandLevel) {
  testing::write_checkpointing(root() / "checkpointing/llama3-8b/20250601_120000", {});
  expect_issue(inspect(), Kind::kMalformed, Severity::kError, root() / "checkpointing/llama3-8b/20250601_120000",
               "no *_metadata.json");
  fs::remove(root() / "checkpointing/llama3-8b/20250601_120000/summary.json");
  testing::write_text(root() / "checkpointing/llama3-8b/20250601_120000/checkpointing_x_metadata.json", "{}");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, root() / "checkpointing/llama3-8b/20250601_120000",
               "may be incomplete");
}

// What cannot be listed is not empty: nobody is told to remove it.
TEST_F(Tree, UnreadableFolder) {
  const stoker::testing::BoundByPermissions bound;
  for (const fs::path& folder : {run(), run().parent_path(), run().parent_path().parent_path(), root() / "training"}) {
    fs::permissions(folder, fs::perms::none);
    const ResultsTree tree = inspect();
    fs::permissions(folder, fs::perms::owner_all);
    expect_issue(tree, Kind::kMalformed, Severity::kError, folder, "cannot be listed");
    EXPECT_THAT(to_text(tree.issues[0]), HasSubstr("make the folder readable"));
  }
}

TEST_F(Tree, Links) {
  const TempDir disk;
  testing::write_training(disk.path() / "run/20250601_110000", {.stamp = "20250601_110000"});
  fs::create_directory_symlink(disk.path(), root() / "training/resnet50");
  EXPECT_TRUE(inspect().issues.empty()) << all(inspect());
  fs::create_directory_symlink("20250601_100000", run().parent_path() / "latest");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, run().parent_path() / "latest", "counts once");
  fs::remove(run().parent_path() / "latest");
  fs::create_directory_symlink("20250601_120000", run().parent_path() / "20250601_130000");
  expect_issue(inspect(), Kind::kOdd, Severity::kWarning, run().parent_path() / "20250601_130000", "leads nowhere");
}

}  // namespace
}  // namespace stoker::reports
