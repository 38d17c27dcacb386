#include "results/folder_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/testing/bound_by_permissions.h"
#include "base/testing/temp_dir.h"
#include "results/run_directory.h"

namespace stoker::results {
namespace {

namespace fs = std::filesystem;
using stoker::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FolderWalk, FoldersSortedWithoutHiddenOnes) {
  const TempDir dir;
  for (const char* name : {"b", "a", ".git"}) fs::create_directory(dir.path() / name);
  std::ofstream(dir.path() / "file") << "x";
  FolderWalk walk(dir.path());
  const auto listing = walk.list(dir.path());
  EXPECT_THAT(listing.folders, ElementsAre(dir.path() / "a", dir.path() / "b"));
  EXPECT_FALSE(listing.error);
  EXPECT_THAT(walk.list(dir.path()).folders, ElementsAre(dir.path() / "a", dir.path() / "b")) << "when asked again";
}

TEST(FolderWalk, LinksLeadOutOfTheTreeButOnlyOnceAnywhere) {
  const TempDir dir;
  const fs::path root = dir.path() / "root";
  fs::create_directories(root / "real");
  fs::create_directories(dir.path() / "disk/deep");
  fs::create_directory_symlink(root / "real", root / "a-link-inside");
  fs::create_directory_symlink(dir.path() / "disk", root / "disk");
  fs::create_directory_symlink(dir.path() / "disk", root / "disk-again");
  fs::create_directory_symlink(root, root / "circle");
  fs::create_directory_symlink(dir.path(), root / "up");
  fs::create_directory_symlink(dir.path() / "gone", root / "gone");
  std::ofstream(dir.path() / "file") << "x";
  fs::create_symlink(dir.path() / "file", root / "a-file");
  fs::create_directory_symlink(".", dir.path() / "disk/here");
  FolderWalk walk(root);
  const auto listing = walk.list(root);
  EXPECT_THAT(listing.folders, ElementsAre(root / "disk", root / "real"));
  EXPECT_THAT(listing.repeated, ElementsAre(root / "a-link-inside", root / "circle", root / "disk-again", root / "up"));
  EXPECT_THAT(listing.dangling, ElementsAre(root / "gone"));
  EXPECT_THAT(walk.list(root / "disk").folders, ElementsAre(root / "disk/deep"));
  EXPECT_THAT(walk.list(root / "disk").repeated, ElementsAre(root / "disk/here"));
}

// Stores of files keep them below a hidden folder, with links to them: nobody else leads there.
TEST(FolderWalk, AHiddenFolderIsReachedByItsLink) {
  const TempDir dir;
  fs::create_directories(dir.path() / ".store/1");
  fs::create_directory_symlink(".store/1", dir.path() / "run");
  FolderWalk walk(dir.path());
  EXPECT_THAT(walk.list(dir.path()).folders, ElementsAre(dir.path() / "run"));
}

TEST(FolderWalk, WhatCannotBeListed) {
  const TempDir dir;
  FolderWalk walk(dir.path());
  ASSERT_TRUE(walk.list(dir.path() / "absent").error);
  EXPECT_EQ(walk.list(dir.path() / "absent").error->code, Code::kNotFound);
  const stoker::testing::BoundByPermissions bound;
  fs::create_directory(dir.path() / "closed");
  fs::permissions(dir.path() / "closed", fs::perms::none);
  const auto listing = walk.list(dir.path() / "closed");
  fs::permissions(dir.path() / "closed", fs::perms::owner_all);
  ASSERT_TRUE(listing.error);
  EXPECT_EQ(listing.error->code, Code::kPermission);
  EXPECT_FALSE(listing.error->hint.empty());
}

TEST(FolderWalk, RunsBehindLinksAreFoundOnce) {
  const TempDir dir;
  const fs::path run = dir.path() / "disk/unet3d/run/20250601_100000";
  fs::create_directories(run);
  std::ofstream(run / "summary.json") << "{}";
  fs::create_directories(dir.path() / "results/training");
  fs::create_directory_symlink(dir.path() / "disk/unet3d", dir.path() / "results/training/unet3d");
  fs::create_directory_symlink("20250601_100000", run.parent_path() / "latest");
  fs::create_directory_symlink(dir.path() / "results", run.parent_path() / "results");
  const auto scan = scan_runs(dir.path() / "results");
  ASSERT_TRUE(scan.has_value());
  EXPECT_THAT(scan->runs, ElementsAre(dir.path() / "results/training/unet3d/run/20250601_100000"));
  EXPECT_THAT(scan->unreadable, IsEmpty());
}

}  // namespace
}  // namespace stoker::results
