#include "data/dataset/deletion_guard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::dataset {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A folder that may be deleted.
DeletionFacts facts() {
  DeletionFacts f;
  f.folder = "data";
  f.canonical = "/mnt/nvme/user/data";
  f.homes = {"/home/user", "/root"};
  f.working_folder = "/mnt/nvme/user";
  f.results = {"/mnt/nvme/user/run"};
  f.files = {"stoker_dataset.json", "train", "valid", "notes.txt"};
  return f;
}

std::string reason(const DeletionFacts& f) {
  const Status status = may_delete(f);
  if (status) return "";
  EXPECT_EQ(static_cast<int>(status.error().code), static_cast<int>(Code::kConfig));
  EXPECT_THAT(status.error().hint, HasSubstr("dataset.data_folder"));
  const std::string head = f.folder.string() + ": the data set in this folder may not be deleted: ";
  EXPECT_THAT(status.error().message, ::testing::StartsWith(f.folder.empty() ? "''" + head : head));
  return status.error().message.substr(status.error().message.find("deleted: ") + 9);
}

TEST(DeletionGuard, AFolderOfItsOwnMayBeDeleted) {
  EXPECT_OK(may_delete(facts()));
}

TEST(DeletionGuard, EmptyNamesAreRefused) {
  DeletionFacts f = facts();
  f.folder.clear();
  EXPECT_EQ(reason(f), "its name is empty");
}

TEST(DeletionGuard, RootIsRefusedUnderAnyName) {
  DeletionFacts f = facts();
  f.folder = "../../..";
  f.canonical = "/";
  EXPECT_EQ(reason(f), "it is the root of all folders");
}

TEST(DeletionGuard, MountPointsAreRefused) {
  DeletionFacts f = facts();
  f.is_mount_root = true;
  EXPECT_EQ(reason(f), "it is the root of a mounted file system");
}

TEST(DeletionGuard, HomesAndTheFoldersAboveThemAreRefused) {
  DeletionFacts f = facts();
  f.canonical = "/home/user";
  EXPECT_EQ(reason(f), "it is the home folder");
  f.canonical = "/home";
  EXPECT_EQ(reason(f), "the home folder, /home/user, lies in it");
  f.canonical = "/root";
  EXPECT_EQ(reason(f), "it is the home folder");
  for (const char* path : {"/home/user/data", "/home/use", "/home/user2", "/roots"}) {
    f.canonical = path;
    EXPECT_EQ(reason(f), "") << path;
  }
}

TEST(DeletionGuard, WorkingFolderAndTheFoldersAboveItAreRefused) {
  DeletionFacts f = facts();
  f.results.clear();
  f.canonical = "/mnt/nvme/user";
  EXPECT_EQ(reason(f), "it is the working folder");
  f.canonical = "/mnt/nvme";
  EXPECT_EQ(reason(f), "the working folder, /mnt/nvme/user, lies in it");
}

TEST(DeletionGuard, FoldersWithResultsOfThisRunAreRefused) {
  DeletionFacts f = facts();
  f.results = {"/elsewhere", "/mnt/nvme/user/data/run"};
  EXPECT_EQ(reason(f), "the folder of this run's results, /mnt/nvme/user/data/run, lies in it");
  f.results = {"/mnt/nvme/user/data"};
  EXPECT_EQ(reason(f), "it is the folder of this run's results");
}

TEST(DeletionGuard, FoldersWithResultsOfAnyRunAreRefused) {
  for (const char* name : {"summary.json", ".hydra", "dlio_config", "dlio.log", "hydra_log", "per_epoch_stats.json",
                           "0_output.json", "12_per_epoch_stats.json", "training_20260501_100000_metadata.json"}) {
    DeletionFacts f = facts();
    f.files.emplace_back(name);
    EXPECT_EQ(reason(f), "it holds results of a run (" + std::string(name) + ")");
  }
  for (const char* name : {"summary.jsonl", "hydra", "output.json.gz", "metadata.json", "x.log"}) {
    DeletionFacts f = facts();
    f.files.emplace_back(name);
    EXPECT_EQ(reason(f), "") << name;
  }
}

TEST(DeletionGuard, LinkedFoldersOfTheDataSetAreRefused) {
  for (const char* name : {"train", "valid"}) {
    DeletionFacts f = facts();
    f.links = {"other", name};
    EXPECT_EQ(reason(f), "its folder " + std::string(name) + " is a link, and what is behind a link is not deleted");
  }
  DeletionFacts f = facts();
  f.links = {"other"};
  EXPECT_EQ(reason(f), "");
}

TEST(DeletionGuard, NamesAreSpelledOut) {
  DeletionFacts f = facts();
  f.folder = "a\x1b[31m";
  f.is_mount_root = true;
  EXPECT_THAT(may_delete(f).error().message, ::testing::StartsWith("a\\x1b[31m: the data set"));
}

// ---- facts from the system ----

TEST(DeletionFacts, AreThoseOfTheRealPlace) {
  const ::stoker::testing::TempDir dir;
  const fs::path top = fs::canonical(dir.path());
  const auto storage = io::make_posix_storage();
  fs::create_directories(top / "real/valid");
  fs::create_directories(top / "results");
  fs::create_directory_symlink("real", top / "link");
  fs::create_directory_symlink("/", top / "real/train");
  fs::create_symlink("x", top / "real/file");
  const io::Path results[] = {top / "link/../results/new"};
  const auto f = deletion_facts(*storage, top / "link", results);
  ASSERT_OK(f);
  EXPECT_EQ(f->folder, top / "link");
  EXPECT_EQ(f->canonical, top / "real");
  EXPECT_FALSE(f->is_mount_root);
  EXPECT_EQ(f->working_folder, fs::current_path());
  EXPECT_THAT(f->homes, ::testing::Not(IsEmpty()));
  EXPECT_THAT(f->results, ElementsAre(top / "results/new"));
  EXPECT_THAT(f->files, UnorderedElementsAre("train", "valid", "file"));
  EXPECT_THAT(f->links, ElementsAre("train"));
  EXPECT_ERROR(may_delete(*f), Code::kConfig, "its folder train is a link");
}

TEST(DeletionFacts, RootAndMountPointsAndTheWorkingFolderAreSeen) {
  const ::stoker::testing::TempDir dir;
  const auto storage = io::make_posix_storage();
  fs::create_directory_symlink("/", dir.path() / "slash");
  const auto check = [&](const io::Path& folder) {
    const auto f = deletion_facts(*storage, folder, {});
    return f ? may_delete(*f) : Status(f.error());
  };
  EXPECT_ERROR(check(""), Code::kConfig, "its name is empty");
  EXPECT_ERROR(check("/"), Code::kConfig, "it is the root of all folders");
  EXPECT_ERROR(check(dir.path() / "slash"), Code::kConfig, "it is the root of all folders");
  EXPECT_ERROR(check(dir.path() / "slash/"), Code::kConfig, "it is the root of all folders");
  EXPECT_ERROR(check("/proc"), Code::kConfig, "it is the root of a mounted file system");
  EXPECT_OK(check(dir.path()));
  EXPECT_OK(check(dir.path() / "not/there/yet"));
  // One of its own: that of the tests may be a mount point, which is another reason.
  const fs::path before = fs::current_path();
  fs::create_directory(dir.path() / "work");
  fs::current_path(dir.path() / "work");
  EXPECT_ERROR(check("."), Code::kConfig, "it is the working folder");
  EXPECT_ERROR(check(".."), Code::kConfig, "the working folder");
  EXPECT_ERROR(check(dir.path()), Code::kConfig, "the working folder, ");
  fs::current_path(before);
}

class RunsBelow : public ::testing::Test {
 protected:
  std::string found() {
    const auto f = deletion_facts(storage_, "/d", {});
    EXPECT_OK(f);
    EXPECT_EQ(may_delete(*f).has_value(), f->run_below.empty());
    return f->run_below;
  }
  io::testing::MemStorage storage_;
};

TEST_F(RunsBelow, AreFoundWhereTheyMayLie) {
  // The data set's own folders may be huge, and a link leads anywhere.
  for (const char* path : {"/d/train/summary.json", "/d/valid/0/summary.json", "/d/link/summary.json",
                           "/d/a/link/summary.json", "/d/a/1/2/3/4/5/6/7/summary.json"}) {
    storage_.put(path, "{}");
  }
  storage_.mark_symlink("/d/link");
  storage_.mark_symlink("/d/a/link");
  EXPECT_EQ(found(), "");
  storage_.put("/d/a/1/2/3/4/5/6/summary.json", "{}");
  EXPECT_EQ(found(), "a/1/2/3/4/5/6/summary.json");
  storage_.put("/d/a/0_output.json", "{}");
  EXPECT_EQ(found(), "a/0_output.json");
}

TEST_F(RunsBelow, AreLookedForInSoManyEntries) {
  for (int i = 0; i < 10'000; ++i) storage_.put(fmt::format("/d/a/{}", i), "x");
  storage_.put("/d/b/summary.json", "{}");
  EXPECT_EQ(found(), "");
  ASSERT_OK(storage_.remove("/d/a/0"));
  EXPECT_EQ(found(), "b/summary.json");
}

TEST(DeletionFacts, FailureToListIsAnError) {
  class Blind final : public io::ForwardingStorage {
   public:
    using ForwardingStorage::ForwardingStorage;
    Result<std::vector<io::DirEntry>> list(const io::Path& path, io::Sizes) override {
      return make_error(Code::kPermission, "{}: list: denied", path.string());
    }
  };
  io::testing::MemStorage storage;
  Blind blind(storage);
  EXPECT_ERROR(deletion_facts(blind, "/d", {}), Code::kPermission, "/d: list: denied");
}

}  // namespace
}  // namespace stoker::dataset
