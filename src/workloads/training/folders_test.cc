#include "workloads/training/folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/dataset/layout.h"
#include "results/testing/manifest_file.h"
#include "workloads/training/data_folder.h"

namespace stoker::training {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FoldersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    top_ = fs::canonical(dir_.path());
    w_.workflow = {.train = true};
    w_.dataset.format = config::FormatName::kParquet;
    w_.dataset.data_folder = (top_ / "data").string();
    w_.dataset.num_files_train = 3;
    w_.dataset.keep_files = false;
    fs::create_directories(top_ / "data/train");
  }
  void write(const fs::path& path) const { std::ofstream(top_ / path) << "x"; }
  // Of a data set of `files` training files, which are written.
  results::DatasetManifest generate(std::int64_t files) {
    config::Workload w = w_;
    w.dataset.num_files_train = files;
    const dataset::Layout layout(w);
    for (std::uint64_t g = 0; g < layout.total_files(); ++g) std::ofstream(layout.file(g).path) << "x";
    results::DatasetManifest m = results::manifest_of(w, "1");
    m.complete = true;
    EXPECT_OK(results::testing::write_manifest(top_ / "data", m));
    return m;
  }
  Status check(std::initializer_list<const char*> results) {
    std::vector<io::Path> paths;
    for (const char* path : results) paths.push_back(top_ / path);
    return check_folders(*storage_, w_, paths);
  }

  ::stoker::testing::TempDir dir_;
  fs::path top_;
  config::Workload w_;
  std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
};

TEST_F(FoldersTest, SideBySideIsFine) {
  EXPECT_OK(check_apart(top_ / "data", top_ / "run"));
  EXPECT_OK(check_apart(top_ / "data", top_ / "data2"));
  EXPECT_OK(check({"run", "out"}));
}

TEST_F(FoldersTest, ResultsInsideTheDataAreRefusedWithBothPaths) {
  const Status status = check_apart(top_ / "data", top_ / "data/run/1");
  EXPECT_ERROR(status, Code::kConfig,
               "the folder of results, " + (top_ / "data/run/1").string() + ", lies inside the data folder, " +
                   (top_ / "data").string());
  EXPECT_THAT(status.error().hint, HasSubstr("side by side"));
  fs::create_directory_symlink("data", top_ / "link");
  EXPECT_ERROR(check_apart(top_ / "data", top_ / "link/run"), Code::kConfig, "lies inside the data folder");
  EXPECT_ERROR(check({"run", "data/run"}), Code::kConfig, "lies inside the data folder");
}

TEST_F(FoldersTest, DataInsideTheResultsAreRefusedWithBothPaths) {
  EXPECT_ERROR(
      check_apart(top_ / "data", top_), Code::kConfig,
      "the data folder, " + (top_ / "data").string() + ", lies inside the folder of results, " + top_.string());
  EXPECT_ERROR(check_apart(top_ / "data", top_ / "data/../data"), Code::kConfig,
               "results and data set have the same folder, " + (top_ / "data").string());
  EXPECT_ERROR(check_apart(".", "hydra_log/x"), Code::kConfig, "lies inside the data folder");
}

TEST_F(FoldersTest, RunsThatTouchNoDataMayWriteAnywhere) {
  w_.dataset.keep_files = true;
  EXPECT_ERROR(check({"data/run"}), Code::kConfig, "lies inside");
  w_.dataset.format = config::FormatName::kSynthetic;
  EXPECT_OK(check({"data/run"}));
  // It gives up nothing that it did not read.
  w_.dataset.keep_files = false;
  EXPECT_OK(check({"data/run"}));
  w_.dataset.keep_files = true;
  w_.workflow.generate_data = true;
  EXPECT_ERROR(check({"data/run"}), Code::kConfig, "lies inside");
}

TEST_F(FoldersTest, WhatMayNotBeDeletedIsSaidAtTheStart) {
  write("data/summary.json");
  EXPECT_ERROR(check({"run"}), Code::kConfig,
               "dataset.keep_files is False: " + (top_ / "data").string() +
                   ": the data set in this folder may not be deleted: it holds results of a run (summary.json)");
  w_.dataset.keep_files = true;
  EXPECT_OK(check({"run"}));
  // Generating alone deletes nothing.
  w_.dataset.keep_files = false;
  w_.workflow = {.generate_data = true, .train = false};
  EXPECT_OK(check({"run"}));
}

TEST_F(FoldersTest, WithoutAManifestThereIsAWarning) {
  const auto warning = [&] {
    const auto text = deletion_warning(w_);
    EXPECT_OK(text);
    return text ? *text : "";
  };
  EXPECT_EQ(warning(), "dataset.keep_files is False, but " + (top_ / "data").string() +
                           " has no stoker_dataset.json: only files that a manifest names are deleted, so all of them "
                           "stay");
  w_.workflow.generate_data = true;
  EXPECT_EQ(warning(), "");
  w_.workflow.generate_data = false;
  w_.dataset.keep_files = true;
  EXPECT_EQ(warning(), "");
  w_.dataset.keep_files = false;
  generate(3);
  EXPECT_EQ(warning(), "");
  write("data/stoker_dataset.json");
  EXPECT_ERROR(deletion_warning(w_), Code::kCorrupt, "stoker_dataset.json");
}

// What lies there may be somebody's whose run it was.
TEST_F(FoldersTest, ARunThatReadsNothingGivesNothingUp) {
  generate(3);
  w_.reader.data_loader = config::DataLoaderName::kSynthetic;
  EXPECT_EQ(*deletion_warning(w_), "dataset.keep_files is False, but this run reads nothing of " +
                                       (top_ / "data").string() + ": what lies there stays");
  EXPECT_FALSE(mark_data_set(w_)->has_value());
  w_.reader.data_loader = config::DataLoaderName::kPytorch;
  w_.storage.storage_type = config::StorageType::kGenerated;
  EXPECT_FALSE(mark_data_set(w_)->has_value());
  w_.storage.storage_type = config::StorageType::kLocalFs;
  w_.reader.data_loader = config::DataLoaderName::kSynthetic;
  // Unless it wrote it.
  w_.workflow.generate_data = true;
  EXPECT_TRUE(mark_data_set(w_)->has_value());
  EXPECT_EQ(*deletion_warning(w_), "");
}

TEST_F(FoldersTest, ADataSetIsKnownByItsPlaceAndItsManifest) {
  EXPECT_FALSE(mark_data_set(w_)->has_value()) << "there is none";
  generate(3);
  const auto mark = *mark_data_set(w_);
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->place, top_ / "data");
  generate(4);
  EXPECT_NE((*mark_data_set(w_))->identity, mark->identity);
  fs::rename(top_ / "data", top_ / "other");
  fs::create_directory_symlink("other", top_ / "data");
  EXPECT_EQ((*mark_data_set(w_))->place, top_ / "other");
  w_.dataset.keep_files = true;
  EXPECT_FALSE(mark_data_set(w_)->has_value());
}

TEST_F(FoldersTest, DeletionFollowsTheManifestAndNotTheRun) {
  const results::DatasetManifest m = generate(5);
  write("data/train/img_0_of_3.parquet");  // what the run's own settings would name
  const auto deleted = delete_stored_data_set(*storage_, top_ / "data", m);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 5U);
  EXPECT_TRUE(fs::exists(top_ / "data/train/img_0_of_3.parquet"));
  EXPECT_FALSE(fs::exists(top_ / "data/stoker_dataset.json"));
}

TEST_F(FoldersTest, DeletionIsNotBegunWhereAFolderIsALink) {
  const results::DatasetManifest m = generate(3);
  fs::create_directories(top_ / "real");
  fs::rename(top_ / "data/train", top_ / "real/train");
  fs::create_directory_symlink("../real/train", top_ / "data/train");
  const auto refused = delete_stored_data_set(*storage_, top_ / "data", m);
  ASSERT_OK(refused);
  EXPECT_FALSE(refused->is_whole());
  auto left = results::read_manifest(top_ / "data");
  ASSERT_OK(left);
  ASSERT_TRUE(left->has_value());
  EXPECT_TRUE((*left)->complete);
  // Once more, with what is left.
  fs::remove(top_ / "data/train");
  fs::rename(top_ / "real/train", top_ / "data/train");
  const auto deleted = delete_stored_data_set(*storage_, top_ / "data", **left);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 3U);
  EXPECT_FALSE(fs::exists(top_ / "data"));
}

TEST_F(FoldersTest, RelativeFoldersAreDeletedToo) {
  const results::DatasetManifest m = generate(2);
  const fs::path before = fs::current_path();
  fs::current_path(top_);
  const auto deleted = delete_stored_data_set(*storage_, "data", m);
  fs::current_path(before);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 2U);
  EXPECT_FALSE(fs::exists(top_ / "data"));
}

}  // namespace
}  // namespace stoker::training
