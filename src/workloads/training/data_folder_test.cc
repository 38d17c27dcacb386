#include "workloads/training/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/dataset/file_records.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A folder that is nowhere on this machine: the guard asks the system about it.
const io::Path kRoot = "/stoker-data-folder-test/d";
const io::Path kManifest = kRoot / "stoker_dataset.json";

config::Workload workload(std::int64_t files = 3) {
  config::Workload w;
  w.dataset.format = config::FormatName::kSynthetic;
  w.dataset.data_folder = kRoot;
  w.dataset.num_files_train = files;
  w.dataset.num_files_eval = 1;
  return w;
}

class DataFolderTest : public ::testing::Test {
 protected:
  Result<DataFolder> prepare(const config::Workload& w, const std::vector<io::Path>& results = {}) {
    return prepare_data_folder(storage_, w, dataset::Layout(w), results::manifest_of(w, "1"), results,
                               [&](const Part& freed) {
                                 freed_ = freed;
                                 return room_;
                               });
  }
  // A data set as datagen leaves it, with records.
  void write(const config::Workload& w, bool complete) {
    const dataset::Layout layout(w);
    for (std::uint64_t g = 0; g < layout.total_files(); ++g) storage_.put(layout.file(g).path, "x");
    results::DatasetManifest m = results::manifest_of(w, "1");
    m.complete = complete;
    ASSERT_OK(replace_manifest(storage_, layout, m));
    storage_.put(kRoot / dataset::kRecordsName, "records");
    storage_.put(kRoot / "stoker_dataset.journal.0", "journal");
  }
  bool there(const io::Path& path) { return *storage_.exists(path); }

  io::testing::MemStorage storage_;
  Status room_;  // what is said of it
  Part freed_;   // what was asked
};

// Has no space until a file was removed.
class FullUntilRemoved final : public io::ForwardingStorage {
 public:
  explicit FullUntilRemoved(io::Storage& inner) : ForwardingStorage(inner) {}
  Result<std::unique_ptr<io::WritableFile>> create(const io::Path& path, const io::WriteOptions& options) override {
    if (!removed_) return make_error(Code::kNoSpace, "{}: create: No space left on device", path.string());
    return ForwardingStorage::create(path, options);
  }
  Status remove(const io::Path& path) override {
    removed_ = true;
    return ForwardingStorage::remove(path);
  }
  Result<std::unique_ptr<io::Folder>> open_folder(const io::Path& path) override { return Storage::open_folder(path); }

 private:
  bool removed_ = false;
};

TEST_F(DataFolderTest, ThatIsNotThereOrEmptyIsUnknown) {
  for (int i = 0; i < 2; ++i) {
    const auto folder = prepare(workload());
    ASSERT_OK(folder);
    EXPECT_FALSE(folder->known);
    EXPECT_FALSE(folder->complete);
    EXPECT_TRUE(folder->notes.empty());
    ASSERT_OK(storage_.make_directories(kRoot));
  }
}

TEST_F(DataFolderTest, WithTheSameDataSetIsKnown) {
  for (const bool complete : {false, true}) {
    write(workload(), complete);
    const auto folder = prepare(workload());
    ASSERT_OK(folder);
    EXPECT_TRUE(folder->known);
    EXPECT_EQ(folder->complete, complete);
    EXPECT_TRUE(there(kRoot / dataset::kRecordsName));
  }
}

TEST_F(DataFolderTest, WithAnotherDataSetIsRefusedWithTheKeysThatDiffer) {
  write(workload(3), true);
  config::Workload other = workload(4);
  other.dataset.file_prefix = std::string(60, 'p');
  const auto folder = prepare(other);
  EXPECT_ERROR(folder, Code::kConfig, "/stoker-data-folder-test/d: another data set is there; it differs in 2 keys:");
  EXPECT_THAT(folder.error().list,
              ElementsAre("  key                      there  asked for", "  dataset.num_files_train  3      4",
                          "  dataset.file_prefix      img    ppppppppppppppppppppppppppppppppppppppppppppp..."));
  EXPECT_THAT(folder.error().hint, HasSubstr("--overwrite of training datagen, ++dataset.overwrite=True of dlio"));
  EXPECT_TRUE(there(dataset::Layout(workload(3)).file(0).path));
  write(workload(3), false);
  EXPECT_ERROR(prepare(workload(4)), Code::kConfig,
               "another data set is there, an incomplete one; it differs in 1 key");
}

TEST_F(DataFolderTest, WithADamagedManifestIsRefused) {
  write(workload(), true);
  storage_.put(kManifest, "{");
  for (const bool overwrite : {false, true}) {
    config::Workload w = workload();
    w.dataset.overwrite = overwrite;
    const auto folder = prepare(w);
    EXPECT_ERROR(folder, Code::kCorrupt, kManifest.string());
    EXPECT_THAT(folder.error().hint, HasSubstr("without it nobody knows which files are the data set's"));
  }
  EXPECT_TRUE(there(dataset::Layout(workload()).file(0).path));
}

TEST_F(DataFolderTest, FilesThatNobodyKnowsAreNotReplaced) {
  const dataset::Layout layout(workload());
  storage_.put(layout.file(dataset::Split::kTrain, 1).path, "somebody's");
  storage_.put(layout.file(dataset::Split::kEval, 0).path, "somebody's");
  const auto folder = prepare(workload());
  EXPECT_ERROR(
      folder, Code::kConfig,
      "the data set would replace 2 files that no manifest (stoker_dataset.json) calls a data set of stoker's, "
      "such as /stoker-data-folder-test/d/train/img_1_of_3");
  EXPECT_THAT(folder.error().hint, HasSubstr("or move those files away"));
}

TEST_F(DataFolderTest, OverwritingDeletesExactlyTheOldDataSet) {
  config::Workload old = workload(12);
  old.dataset.file_prefix = "old";
  write(old, true);
  storage_.put(kRoot / "train" / "notes.txt", "mine");
  config::Workload w = workload(2);
  w.dataset.overwrite = true;
  const auto folder = prepare(w);
  ASSERT_OK(folder);
  EXPECT_FALSE(folder->known);
  EXPECT_THAT(folder->notes, ElementsAre("dataset.overwrite: deleted 13 files of the data set that was there"));
  for (std::uint64_t g = 0; g < 13; ++g) EXPECT_FALSE(there(dataset::Layout(old).file(g).path)) << g;
  EXPECT_FALSE(there(kRoot / dataset::kRecordsName));
  EXPECT_FALSE(there(kRoot / "stoker_dataset.journal.0"));
  EXPECT_TRUE(there(kRoot / "train" / "notes.txt"));
}

// A run must not take what is left when the deletion is interrupted.
TEST_F(DataFolderTest, ADataSetThatIsDeletedIsIncompleteFirst) {
  write(workload(12), true);
  const dataset::Layout layout(workload(12));
  const auto manifest = *read_manifest(storage_, layout);
  ASSERT_OK(mark_incomplete(storage_, layout, *manifest));
  const auto left = read_manifest(storage_, layout);
  ASSERT_OK(left);
  ASSERT_TRUE(left->has_value());
  EXPECT_EQ((*left)->num_files_train, 12);
  EXPECT_FALSE((*left)->complete);
  EXPECT_TRUE(there(kRoot / dataset::kRecordsName));
}

// As long as anything stands against it the old data set is whole.
TEST_F(DataFolderTest, OverwritingDeletesNothingBeforeAllIsWell) {
  config::Workload old = workload(12);
  old.dataset.num_subfolders_train = 3;
  write(old, true);
  config::Workload w = workload(2);
  w.dataset.overwrite = true;
  const auto is_whole = [&] {
    for (std::uint64_t g = 0; g < 13; ++g) EXPECT_TRUE(there(dataset::Layout(old).file(g).path)) << g;
    EXPECT_TRUE(there(kRoot / dataset::kRecordsName));
    const auto manifest = read_manifest(storage_, dataset::Layout(old));
    EXPECT_TRUE(manifest && *manifest && (*manifest)->complete);
  };
  room_ = make_error(Code::kNoSpace, "no room");
  EXPECT_ERROR(prepare(w), Code::kNoSpace, "no room");
  EXPECT_EQ(freed_.files, 13U);
  EXPECT_EQ(freed_.bytes, 10U + 2 * 2 + 2) << "each file holds its number";
  is_whole();
  room_ = {};
  storage_.mark_symlink(kRoot / "train" / "1");
  EXPECT_ERROR(prepare(w), Code::kConfig,
               "the old data set cannot be deleted: train/1 is a link, which is not followed");
  is_whole();
}

// The records lose their meaning anyway.
TEST_F(DataFolderTest, OnAFullFileSystemTheRecordsMakeRoom) {
  write(workload(12), true);
  const dataset::Layout layout(workload(12));
  const auto manifest = *read_manifest(storage_, layout);
  FullUntilRemoved full(storage_);
  ASSERT_OK(mark_incomplete(full, layout, *manifest));
  EXPECT_FALSE((*read_manifest(storage_, layout))->complete);
  EXPECT_FALSE(there(kRoot / dataset::kRecordsName));
  EXPECT_FALSE(there(kRoot / "stoker_dataset.journal.0"));
}

TEST_F(DataFolderTest, OverwritingSparesWhatMayNotBeDeleted) {
  write(workload(12), true);
  config::Workload w = workload(2);
  w.dataset.overwrite = true;
  const dataset::Layout old(workload(12));
  EXPECT_ERROR(prepare(w, {kRoot / "run"}), Code::kConfig,
               "may not be deleted: the folder of this run's results, /stoker-data-folder-test/d/run, lies in it");
  storage_.put(kRoot / "summary.json", "{}");
  EXPECT_ERROR(prepare(w), Code::kConfig, "may not be deleted: it holds results of a run (summary.json)");
  ASSERT_OK(storage_.remove(kRoot / "summary.json"));
  // A file of somebody else's under a name that the new data set has, but not the old one.
  storage_.put(dataset::Layout(w).file(0).path, "somebody's");
  EXPECT_ERROR(prepare(w), Code::kConfig, "the data set would replace 1 file that no manifest");
  for (std::uint64_t g = 0; g < 13; ++g) EXPECT_TRUE(there(old.file(g).path)) << g;
  const auto manifest = read_manifest(storage_, old);
  ASSERT_OK(manifest);
  EXPECT_TRUE((*manifest)->complete);
}

TEST_F(DataFolderTest, OfAnotherCodecLibraryIsAnotherOne) {
  config::Workload w = workload();
  results::DatasetManifest there = results::manifest_of(w, "1");
  there.codec_library = "zstd 1.5.4";
  ASSERT_OK(storage_.make_directories(kRoot));
  ASSERT_OK(replace_manifest(storage_, dataset::Layout(w), there));
  const auto refused = prepare(w);
  EXPECT_ERROR(refused, Code::kConfig, "an incomplete one; it differs in 1 key");
  EXPECT_THAT(refused.error().list, ElementsAre(HasSubstr("there"), HasSubstr("codec_library  zstd 1.5.4  not set")));
}

TEST(CodecLibraries, AreTheSameOnAllRanks) {
  EXPECT_OK(same_codec_libraries({}));
  EXPECT_OK(same_codec_libraries({"zstd 1.5.4"}));
  EXPECT_OK(same_codec_libraries({"zstd 1.5.4", "zstd 1.5.4", "zstd 1.5.4"}));
  const Status refused = same_codec_libraries({"zstd 1.5.4", "zstd 1.5.4", "zstd 1.5.7"});
  EXPECT_ERROR(refused, Code::kUnsupported,
               "dataset.compression: rank 0 has zstd 1.5.4, rank 2 has zstd 1.5.7, which writes other bytes");
  EXPECT_THAT(refused.error().hint, HasSubstr("the same version on all hosts"));
}

}  // namespace
}  // namespace stoker::training
