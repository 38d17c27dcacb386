#include "data/dataset/other_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 3;
  w.dataset.num_files_eval = 1;
  return w;
}

class OneUnreadable final : public io::ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<std::vector<io::DirEntry>> list(const io::Path& path, io::Sizes sizes) override {
    if (path == "/d/train/0") return make_error(Code::kIo, "{}: list: Permission denied", path.string());
    return ForwardingStorage::list(path, sizes);
  }
};

TEST(OtherFiles, AreNotTheDataSetsOwn) {
  io::testing::MemStorage storage;
  const Layout layout(workload());
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) storage.put(layout.file(g).path, "own");
  for (const char* path : {"/d/stoker_dataset.json", "/d/stoker_dataset.files", "/d/stoker_dataset.journal.3",
                           "/d/train/img_1_of_3.parquet.tmp", "/d/else/img_0_of_3.parquet"}) {
    storage.put(path, "own");
  }
  const auto others = other_files(storage, layout);
  EXPECT_EQ(others.count, 0U);
  EXPECT_EQ(others.own, 4U);
  EXPECT_EQ(others.bytes, 0U);
  EXPECT_THAT(others.names, IsEmpty());
  EXPECT_EQ(to_text(others), "");
}

TEST(OtherFiles, AreCountedWithTheirBytesAndThreeAreNamed) {
  io::testing::MemStorage storage;
  storage.put("/d/top.txt", "1");
  storage.put("/d/train/img_00_of_12.parquet", "22");
  storage.put("/d/train/0/img_0_of_3.parquet", "333");
  storage.put("/d/train/a/b/c/d/deep", "4444");
  storage.put("/d/train/a/b/c/d/e/deeper", "5");
  storage.put("/d/valid/x", "66666");
  const auto others = other_files(storage, Layout(workload()));
  EXPECT_EQ(others.count, 5U);
  EXPECT_EQ(others.own, 0U);
  EXPECT_EQ(others.bytes, 15U);
  EXPECT_THAT(others.names, ElementsAre("top.txt", "train/img_00_of_12.parquet", "train/0/img_0_of_3.parquet"));
  EXPECT_EQ(to_text(others),
            "5 other files, 15 B: top.txt, train/img_00_of_12.parquet, train/0/img_0_of_3.parquet, ...");
}

TEST(OtherFiles, OneIsOne) {
  io::testing::MemStorage storage;
  storage.put("/d/a\x1b", "1");
  const auto others = other_files(storage, Layout(workload()));
  EXPECT_EQ(to_text(others), "1 other file, 1 B: a\\x1b");
}

TEST(OtherFiles, LinksThatLeadNowhereHaveNoBytes) {
  const ::stoker::testing::TempDir dir;
  std::filesystem::create_symlink("nowhere", dir.path() / "dangling");
  config::Workload w = workload();
  w.dataset.data_folder = dir.path().string();
  const auto others = other_files(*io::make_posix_storage(), Layout(w));
  EXPECT_EQ(others.count, 1U);
  EXPECT_EQ(others.bytes, 0U);
  EXPECT_EQ(others.unknown, 0U);
}

// A link may lead in a circle, or out to the whole machine.
TEST(OtherFiles, LinksAreNotFollowed) {
  const ::stoker::testing::TempDir dir;
  std::filesystem::create_directories(dir.path() / "train");
  std::filesystem::create_directories(dir.path() / "elsewhere" / "deep");
  std::filesystem::create_symlink("../elsewhere", dir.path() / "train" / "a");
  config::Workload w = workload();
  w.dataset.data_folder = dir.path().string();
  const auto storage = io::make_posix_storage();
  EXPECT_EQ(other_files(*storage, Layout(w)).unknown, 0U) << "a folder is there, and has no size";
  std::filesystem::create_symlink("loop", dir.path() / "loop");
  const auto others = other_files(*storage, Layout(w));
  EXPECT_EQ(others.count, 2U);
  EXPECT_THAT(others.names, ElementsAre("loop", "train/a"));
  EXPECT_EQ(others.unknown, 1U);
  EXPECT_EQ(to_text(others).substr(0, 14), "2 other files,");
  EXPECT_THAT(to_text(others), ::testing::EndsWith("; 1 file or folder cannot be looked at"));
}

TEST(OtherFiles, WhatCannotBeListedIsCounted) {
  io::testing::MemStorage memory;
  memory.put("/d/train/0/img", "1");
  OneUnreadable storage(memory);
  const auto others = other_files(storage, Layout(workload()));
  EXPECT_EQ(others.count, 0U);
  EXPECT_EQ(others.unknown, 1U);
  EXPECT_EQ(to_text(others), "1 file or folder cannot be looked at");
}

TEST(OtherFiles, FolderThatIsNotThereHasNone) {
  io::testing::MemStorage storage;
  const auto others = other_files(storage, Layout(workload()));
  EXPECT_EQ(others.count, 0U);
}

TEST(OtherFiles, SideFilesAreNone) {
  config::Workload w;
  w.dataset.format = config::FormatName::kTfrecord;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 2;
  io::testing::MemStorage storage;
  storage.put("/d/train/img_0_of_2.tfrecord", "x");
  storage.put("/d/index/train/img_0_of_2.tfrecord.idx", "x");
  storage.put("/d/index/train/img_1_of_2.tfrecord.idx.tmp", "x");
  storage.put("/d/index/train/other.idx", "four");
  storage.put("/d/index/notes.txt", "six666");
  storage.put("/d/train/img_0_of_2.tfrecord.idx", "five5");
  const OtherFiles others = other_files(storage, Layout(w));
  EXPECT_EQ(others.own, 1U);
  EXPECT_EQ(others.count, 3U);
  EXPECT_EQ(others.bytes, 15U);
  w.dataset.format = config::FormatName::kIndexedBinary;
  io::testing::MemStorage beside;
  beside.put("/d/train/img_0_of_2.indexed_binary", "x");
  beside.put("/d/train/img_0_of_2.indexed_binary.off.idx", "x");
  beside.put("/d/train/img_0_of_2.indexed_binary.sz.idx", "x");
  EXPECT_EQ(other_files(beside, Layout(w)).own, 1U);
  EXPECT_EQ(other_files(beside, Layout(w)).count, 0U);
}

}  // namespace
}  // namespace stoker::dataset
