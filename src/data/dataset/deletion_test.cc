#include "data/dataset/deletion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/folder.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::dataset {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using Op = io::testing::MemCall::Op;

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 3;
  w.dataset.num_files_eval = 1;
  return w;
}

class DeletionTest : public ::testing::Test {
 protected:
  void put(std::initializer_list<const char*> paths) {
    for (const char* path : paths) storage_.put(path, "x");
  }
  void put_all(const Layout& layout) {
    for (std::uint64_t g = 0; g < layout.total_files(); ++g) storage_.put(layout.file(g).path, "x");
    put({"/d/stoker_dataset.json", "/d/stoker_dataset.files"});
  }
  [[nodiscard]] std::vector<std::string> removed() const {
    std::vector<std::string> paths;
    for (const auto& call : storage_.calls()) {
      if (call.op == Op::kRemove) paths.push_back(call.path);
    }
    return paths;
  }
  [[nodiscard]] bool exists(const char* path) { return *storage_.exists(path); }

  io::testing::MemStorage storage_;
};

TEST_F(DeletionTest, RemovesWhatTheLayoutNamesAndTheManifestLast) {
  const Layout layout(workload());
  put_all(layout);
  put({"/d/stoker_dataset.journal.0", "/d/stoker_dataset.journal.12", "/d/stoker_dataset.json.99.0.tmp",
       "/d/stoker_dataset.files.tmp", "/d/train/img_1_of_3.parquet.tmp", "/d/train/img_2_of_3.parquet.tmp"});
  ASSERT_OK(storage_.make_directories("/d/test"));
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 6U);
  EXPECT_EQ(deleted->folders_kept, 0U);
  EXPECT_TRUE(deleted->is_whole());
  EXPECT_FALSE(exists("/d"));
  EXPECT_THAT(removed(), ElementsAre("/d/train/img_0_of_3.parquet", "/d/train/img_1_of_3.parquet",
                                     "/d/train/img_1_of_3.parquet.tmp", "/d/train/img_2_of_3.parquet",
                                     "/d/train/img_2_of_3.parquet.tmp", "/d/train", "/d/valid/img_0_of_1.parquet",
                                     "/d/valid", "/d/test", "/d/stoker_dataset.files", "/d/stoker_dataset.files.tmp",
                                     "/d/stoker_dataset.journal.0", "/d/stoker_dataset.journal.12",
                                     "/d/stoker_dataset.json.99.0.tmp", "/d/stoker_dataset.json", "/d"));
}

TEST_F(DeletionTest, FilesOfOthersStayWithTheirFolders) {
  const Layout layout(workload());
  put_all(layout);
  put({"/d/train/mine.txt", "/d/train/img_00_of_12.parquet", "/d/train/sub/img_0_of_3.parquet", "/d/notes",
       "/d/other/img_0_of_3.parquet", "/d/stoker_dataset.json.bak", "/d/stoker_dataset.journal.", "/d/test/x",
       "/d/stoker_dataset.journal.x", "/d/stoker_dataset.filesystem", "/d/train/img_0_of_3.parquet.bak", "/other/f",
       "/d/stoker_dataset.filesx.tmp"});
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 4U);
  EXPECT_EQ(deleted->folders_kept, 3U);  // train, test and the data folder
  EXPECT_TRUE(deleted->is_whole());
  for (const char* path :
       {"/d/train/mine.txt", "/d/train/img_00_of_12.parquet", "/d/train/sub/img_0_of_3.parquet", "/d/notes",
        "/d/other/img_0_of_3.parquet", "/d/stoker_dataset.json.bak", "/d/stoker_dataset.journal.", "/d/test/x",
        "/d/stoker_dataset.journal.x", "/d/stoker_dataset.filesystem", "/d/train/img_0_of_3.parquet.bak", "/other/f",
        "/d/stoker_dataset.filesx.tmp"}) {
    EXPECT_TRUE(exists(path)) << path;
  }
  EXPECT_FALSE(exists("/d/valid"));
  EXPECT_FALSE(exists("/d/stoker_dataset.json"));
  EXPECT_FALSE(exists("/d/stoker_dataset.files"));
  // And nothing but the data set's own folders is even looked at.
  const std::vector<std::string> own = {"/d", "/d/train", "/d/valid"};
  for (const auto& call : storage_.calls()) {
    if (call.op == Op::kList) {
      EXPECT_THAT(own, Contains(call.path));
    }
  }
}

TEST_F(DeletionTest, SubfoldersGoWhenTheyAreEmpty) {
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 2;
  const Layout layout(w);
  put_all(layout);
  put({"/d/train/1/mine", "/d/train/2/img_2_of_3.parquet", "/d/train/0/img_1_of_3.parquet"});
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 4U);
  EXPECT_EQ(deleted->folders_kept, 4U);  // 0, 1, train, the data folder
  EXPECT_TRUE(exists("/d/train/1/mine"));
  EXPECT_TRUE(exists("/d/train/2/img_2_of_3.parquet"));  // no folder of this data set
  EXPECT_TRUE(exists("/d/train/0/img_1_of_3.parquet"));  // belongs into folder 1
  EXPECT_FALSE(exists("/d/train/0/img_0_of_3.parquet"));
}

TEST_F(DeletionTest, EmptySubfoldersAreRemoved) {
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 2;
  put_all(Layout(w));
  const auto deleted = delete_data_set(storage_, Layout(w));
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->folders_kept, 0U);
  EXPECT_FALSE(exists("/d"));
}

TEST_F(DeletionTest, FoldersOfAFilesNameAreNoFiles) {
  const Layout layout(workload());
  put_all(layout);
  ASSERT_OK(storage_.remove("/d/train/img_0_of_3.parquet"));
  ASSERT_OK(storage_.make_directories("/d/train/img_0_of_3.parquet"));
  ASSERT_OK(storage_.make_directories("/d/stoker_dataset.journal.7"));
  storage_.clear_calls();
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 3U);
  EXPECT_TRUE(exists("/d/train/img_0_of_3.parquet"));
  EXPECT_TRUE(exists("/d/stoker_dataset.journal.7"));
  EXPECT_THAT(removed(), Not(Contains("/d/train/img_0_of_3.parquet")));
}

// Half a deletion could not be gone on with.
TEST_F(DeletionTest, NothingIsRemovedWhereAFolderIsALink) {
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 2;
  const Layout layout(w);
  put_all(layout);
  storage_.mark_symlink("/d/train/1");
  storage_.mark_symlink("/d/valid");
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_THAT(deleted->links, ElementsAre("train/1", "valid"));
  EXPECT_FALSE(deleted->is_whole());
  EXPECT_EQ(deleted->files, 0U);
  EXPECT_THAT(removed(), IsEmpty());
  EXPECT_TRUE(exists("/d/train/0"));
}

TEST_F(DeletionTest, SideFilesGoWithTheirFiles) {
  config::Workload w = workload();
  w.dataset.format = config::FormatName::kIndexedBinary;
  const Layout layout(w);
  put_all(layout);
  put({"/d/train/img_1_of_3.indexed_binary.off.idx", "/d/train/img_1_of_3.indexed_binary.sz.idx.tmp",
       "/d/train/img_1_of_3.indexed_binary.idx"});
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 6U);
  EXPECT_FALSE(exists("/d/train/img_1_of_3.indexed_binary.off.idx"));
  EXPECT_FALSE(exists("/d/train/img_1_of_3.indexed_binary.sz.idx.tmp"));
  EXPECT_TRUE(exists("/d/train/img_1_of_3.indexed_binary.idx")) << "nobody here writes that";
}

TEST_F(DeletionTest, SideFilesGoOutOfTheirOwnFolder) {
  config::Workload w = workload();
  w.dataset.format = config::FormatName::kTfrecord;
  const Layout layout(w);
  const auto fill = [&] {
    put_all(layout);
    put({"/d/index/train/img_0_of_3.tfrecord.idx", "/d/index/train/img_2_of_3.tfrecord.idx.tmp",
         "/d/index/valid/img_0_of_1.tfrecord.idx"});
  };
  fill();
  ASSERT_OK(delete_data_set(storage_, layout));
  EXPECT_FALSE(exists("/d"));
  // Those of others stay, with what is above them.
  fill();
  put({"/d/index/train/img_0_of_3.tfrecord", "/d/index/img_0_of_3.tfrecord.idx"});
  const auto deleted = delete_data_set(storage_, layout);
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 7U);
  EXPECT_EQ(deleted->folders_kept, 3U);
  EXPECT_TRUE(exists("/d/index/train/img_0_of_3.tfrecord"));
  EXPECT_TRUE(exists("/d/index/img_0_of_3.tfrecord.idx"));
  EXPECT_FALSE(exists("/d/index/train/img_0_of_3.tfrecord.idx"));
  EXPECT_FALSE(exists("/d/index/valid"));
  // A link is not followed, and nothing is removed then.
  for (const char* link : {"/d/index", "/d/index/train"}) {
    io::testing::MemStorage other;
    for (std::uint64_t g = 0; g < layout.total_files(); ++g) other.put(layout.file(g).path, "x");
    other.put("/d/index/train/img_0_of_3.tfrecord.idx", "x");
    other.mark_symlink(link);
    const auto refused = delete_data_set(other, layout);
    ASSERT_OK(refused);
    EXPECT_THAT(refused->links, ElementsAre(std::string(link).substr(3)));
    EXPECT_TRUE(*other.exists("/d/train/img_0_of_3.tfrecord"));
  }
}

// A folder of that name is somebody else's where the format has none.
TEST_F(DeletionTest, FoldersOfSideFilesOfOtherFormatsStay) {
  const Layout layout(workload());
  put_all(layout);
  put({"/d/index/train/img_0_of_3.parquet.idx"});
  ASSERT_OK(delete_data_set(storage_, layout));
  EXPECT_TRUE(exists("/d/index/train/img_0_of_3.parquet.idx"));
}

TEST_F(DeletionTest, NothingIsThere) {
  const auto deleted = delete_data_set(storage_, Layout(workload()));
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 0U);
  EXPECT_EQ(deleted->folders_kept, 0U);
  EXPECT_THAT(removed(), ElementsAre("/d/test", "/d/stoker_dataset.json", "/d"));
}

TEST_F(DeletionTest, FileInThePlaceOfAFolderIsNotRemoved) {
  put({"/d/train", "/d/stoker_dataset.json"});
  const auto deleted = delete_data_set(storage_, Layout(workload()));
  ASSERT_OK(deleted);
  EXPECT_TRUE(exists("/d/train"));
  EXPECT_THAT(removed(), Not(Contains("/d/train")));
}

// Refuses the n-th removal, as a storage does that fails or a process that is killed.
class StoppingStorage final : public io::ForwardingStorage {
 public:
  StoppingStorage(io::Storage& inner, int removals) : ForwardingStorage(inner), left_(removals) {}
  Status remove(const io::Path& path) override {
    if (left_-- <= 0) return make_error(Code::kIo, "{}: remove: stopped", path.string());
    return inner().remove(path);
  }
  Result<bool> remove_empty_directory(const io::Path& path) override {
    if (left_-- <= 0) return make_error(Code::kIo, "{}: remove folder: stopped", path.string());
    return inner().remove_empty_directory(path);
  }
  Result<std::unique_ptr<io::Folder>> open_folder(const io::Path& path) override { return Storage::open_folder(path); }

 private:
  int left_;
};

TEST_F(DeletionTest, EndsEarlyAnywhereWithTheManifestThereAndGoesOn) {
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 2;
  const Layout layout(w);
  int removals = 0;
  for (;; ++removals) {
    put_all(layout);
    StoppingStorage stopping(storage_, removals);
    const auto deleted = delete_data_set(stopping, layout);
    if (deleted) break;
    EXPECT_ERROR(deleted, Code::kIo, "stopped");
    // Only the data folder itself comes after the manifest.
    EXPECT_EQ(exists("/d/stoker_dataset.json"), removals < 11) << removals;
    EXPECT_OK(delete_data_set(storage_, layout));
    EXPECT_FALSE(exists("/d")) << removals;
  }
  // 4 files, 2 subfolders, 3 folders, records, manifest, data folder.
  EXPECT_EQ(removals, 12);
}

TEST_F(DeletionTest, FailureToListIsAnError) {
  class Blind final : public io::ForwardingStorage {
   public:
    Blind(io::Storage& inner, std::string path) : ForwardingStorage(inner), path_(std::move(path)) {}
    Result<std::vector<io::DirEntry>> list(const io::Path& path, io::Sizes sizes) override {
      if (path == path_) return make_error(Code::kPermission, "{}: list: denied", path.string());
      return inner().list(path, sizes);
    }
    Result<std::unique_ptr<io::Folder>> open_folder(const io::Path& path) override {
      return Storage::open_folder(path);
    }

   private:
    std::string path_;
  };
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 2;
  put_all(Layout(w));
  for (const char* path : {"/d", "/d/train", "/d/train/1", "/d/valid"}) {
    Blind blind(storage_, path);
    EXPECT_ERROR(delete_data_set(blind, Layout(w)), Code::kPermission, std::string(path) + ": list: denied");
    EXPECT_TRUE(exists("/d/stoker_dataset.json"));
  }
}

class PosixDeletionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root() / "data/train");
    fs::create_directories(root() / "elsewhere");
  }
  [[nodiscard]] fs::path root() const { return dir_.path(); }
  void write(const fs::path& path) const { std::ofstream(root() / path) << "x"; }
  [[nodiscard]] bool is_there(const fs::path& path) const { return fs::exists(fs::symlink_status(root() / path)); }
  [[nodiscard]] Layout layout() const {
    config::Workload w = workload();
    w.dataset.data_folder = (root() / "data").string();
    return Layout(w);
  }

  std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();

 private:
  ::stoker::testing::TempDir dir_;
};

TEST_F(PosixDeletionTest, OfALinkTheLinkIsRemoved) {
  write("elsewhere/f");
  fs::create_directories(root() / "elsewhere/sub");
  write("elsewhere/sub/g");
  fs::create_symlink("../../elsewhere/f", root() / "data/train/img_0_of_3.parquet");
  fs::create_directory_symlink("../../elsewhere/sub", root() / "data/train/img_1_of_3.parquet");
  fs::create_symlink("nowhere", root() / "data/train/img_2_of_3.parquet");
  fs::create_symlink("../elsewhere/f", root() / "data/stoker_dataset.files");
  write("data/stoker_dataset.json");
  const auto deleted = delete_data_set(*storage_, layout());
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 3U);
  EXPECT_FALSE(is_there("data"));
  EXPECT_TRUE(is_there("elsewhere/f"));
  EXPECT_TRUE(is_there("elsewhere/sub/g"));
}

TEST_F(PosixDeletionTest, FolderThatIsALinkIsNotFollowed) {
  fs::remove(root() / "data/train");
  fs::create_directory_symlink("../elsewhere", root() / "data/train");
  write("elsewhere/img_0_of_3.parquet");
  write("data/stoker_dataset.json");
  const auto deleted = delete_data_set(*storage_, layout());
  ASSERT_OK(deleted);
  EXPECT_THAT(deleted->links, ElementsAre("train"));
  EXPECT_TRUE(is_there("elsewhere/img_0_of_3.parquet"));
  EXPECT_TRUE(is_there("data/stoker_dataset.json"));
}

TEST_F(PosixDeletionTest, DataFolderMayBeALinkWhichStays) {
  fs::rename(root() / "data", root() / "elsewhere/data");
  fs::create_directory_symlink("elsewhere/data", root() / "data");
  write("data/train/img_0_of_3.parquet");
  write("data/stoker_dataset.json");
  const auto deleted = delete_data_set(*storage_, layout());
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 1U);
  EXPECT_EQ(deleted->folders_kept, 1U);
  EXPECT_THAT(deleted->links, IsEmpty());
  EXPECT_TRUE(fs::is_empty(root() / "elsewhere/data"));
  EXPECT_TRUE(is_there("data"));
}

TEST_F(PosixDeletionTest, NothingIsThere) {
  fs::remove_all(root() / "data");
  bool begun = false;
  const auto deleted = delete_data_set(*storage_, layout(), [&]() -> Status {
    begun = true;
    return {};
  });
  ASSERT_OK(deleted);
  EXPECT_EQ(deleted->files, 0U);
  EXPECT_FALSE(begun);
}

// Does something right after a folder of that name was listed.
class AfterListing final : public io::ForwardingStorage {
 public:
  AfterListing(io::Storage& inner, std::string name, std::function<void()> then)
      : ForwardingStorage(inner), name_(std::move(name)), then_(std::move(then)) {}
  Result<std::unique_ptr<io::Folder>> open_folder(const io::Path& path) override {
    STOKER_ASSIGN(auto folder, inner().open_folder(path));
    return std::unique_ptr<io::Folder>(std::make_unique<Open>(*this, "", std::move(folder)));
  }

 private:
  class Open final : public io::Folder {
   public:
    Open(AfterListing& owner, std::string name, std::unique_ptr<io::Folder> inner)
        : owner_(owner), name_(std::move(name)), inner_(std::move(inner)) {}
    Result<std::vector<io::DirEntry>> list() override {
      auto entries = inner_->list();
      if (name_ == owner_.name_ && owner_.then_) owner_.then_();
      return entries;
    }
    Result<std::unique_ptr<io::Folder>> open(const std::string& name) override {
      STOKER_ASSIGN(auto folder, inner_->open(name));
      return std::unique_ptr<io::Folder>(std::make_unique<Open>(owner_, name, std::move(folder)));
    }
    Status remove(const std::string& name) override { return inner_->remove(name); }
    Result<bool> remove_empty_directory(const std::string& name) override {
      return inner_->remove_empty_directory(name);
    }

   private:
    AfterListing& owner_;
    const std::string name_;
    const std::unique_ptr<io::Folder> inner_;
  };

  const std::string name_;
  const std::function<void()> then_;
};

// Whenever it happens, what the link leads to is not touched.
class FolderSwappedForALink : public PosixDeletionTest {
 protected:
  void SetUp() override {
    PosixDeletionTest::SetUp();
    write("data/stoker_dataset.json");
    fs::create_directories(root() / "data/train/0");
    fs::create_directories(root() / "data/train/1");
    fs::create_directories(root() / "elsewhere/0");
    fs::create_directories(root() / "elsewhere/1");
    for (const char* folder : {"data/train", "elsewhere"}) {
      write(fs::path(folder) / "0/img_0_of_3.parquet");
      write(fs::path(folder) / "0/img_2_of_3.parquet");
      write(fs::path(folder) / "1/img_1_of_3.parquet");
    }
  }
  // Once: `folder` becomes a link to `target`, and lies beside as "was".
  void swap(const fs::path& folder, const fs::path& target) const {
    if (is_there("was")) return;
    fs::rename(root() / folder, root() / "was");
    fs::create_directory_symlink(target, root() / folder);
  }
  Result<Deleted> remove(io::Storage& storage, const std::function<Status()>& begin = nullptr) {
    config::Workload w = workload();
    w.dataset.data_folder = (root() / "data").string();
    w.dataset.num_subfolders_train = 2;
    return delete_data_set(storage, Layout(w), begin);
  }
  void expect_untouched() const {
    for (const char* file : {"0/img_0_of_3.parquet", "0/img_2_of_3.parquet", "1/img_1_of_3.parquet"}) {
      EXPECT_TRUE(is_there(fs::path("elsewhere") / file)) << file;
    }
  }
};

TEST_F(FolderSwappedForALink, BetweenTheLookForLinksAndTheFirstRemoval) {
  const auto deleted = remove(*storage_, [&]() -> Status {
    swap("data/train", root() / "elsewhere");
    return {};
  });
  ASSERT_OK(deleted);
  expect_untouched();
  // What was the data set's folder is emptied wherever it lies now.
  EXPECT_EQ(deleted->files, 3U);
  EXPECT_TRUE(fs::is_empty(root() / "was"));
  EXPECT_TRUE(is_there("data/train"));
  EXPECT_EQ(deleted->folders_kept, 2U);
}

TEST_F(FolderSwappedForALink, BetweenItsListingAndTheRemoval) {
  AfterListing storage(*storage_, "0", [&] { swap("data/train/0", root() / "elsewhere/0"); });
  const auto deleted = remove(storage);
  ASSERT_OK(deleted);
  expect_untouched();
  EXPECT_EQ(deleted->files, 3U);
  EXPECT_TRUE(fs::is_empty(root() / "was"));
}

TEST_F(FolderSwappedForALink, BetweenTheListingOfTheFolderAboveAndItsOwn) {
  int listed = 0;  // the first time is the look for links
  AfterListing storage(*storage_, "train", [&] {
    if (++listed == 2) swap("data/train/1", root() / "elsewhere/1");
  });
  const auto deleted = remove(storage);
  ASSERT_OK(deleted);
  expect_untouched();
  EXPECT_EQ(listed, 2);
  EXPECT_EQ(deleted->files, 2U);
  EXPECT_TRUE(is_there("was/img_1_of_3.parquet"));
}

TEST_F(FolderSwappedForALink, AndTheDataFolderItself) {
  fs::create_directories(root() / "elsewhere/train");
  write("elsewhere/stoker_dataset.json");
  AfterListing storage(*storage_, "", [&] { swap("data", root() / "elsewhere"); });
  const auto deleted = remove(storage);
  ASSERT_OK(deleted);
  expect_untouched();
  EXPECT_TRUE(is_there("elsewhere/train"));
  EXPECT_TRUE(is_there("elsewhere/stoker_dataset.json"));
  EXPECT_TRUE(fs::is_empty(root() / "was"));
}

}  // namespace
}  // namespace stoker::dataset
