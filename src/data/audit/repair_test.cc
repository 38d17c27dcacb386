#include "data/audit/repair.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/audit/testing/data_set.h"
#include "data/datagen/generate.h"
#include "data/format/codec_library.h"
#include "data/io/forwarding_storage.h"
#include "results/testing/manifest_file.h"

namespace stoker::audit {
namespace {

namespace fs = std::filesystem;

using testing::content;
using testing::put;

// A complete data set of three files, with manifest and records.
class Repair : public ::testing::Test {
 protected:
  Repair() {
    workload_ = testing::small_workload(root().string());
    testing::write_data_set(*storage_, workload_);
    manifest_ = results::manifest_of(workload_, "1.0");
    manifest_.complete = true;
    EXPECT_OK(results::testing::write_manifest(root(), manifest_));
    auto journal = dataset::FileJournal::create(*storage_, root(), 0, key());
    EXPECT_OK(journal);
    for (std::uint64_t g = 0; g < 3; ++g) EXPECT_OK((*journal)->add(g, record(g)));
    EXPECT_OK((*journal)->close());
    EXPECT_OK(dataset::merge_records(*storage_, root(), key()));
    original_ = tree();
  }

  [[nodiscard]] fs::path root() const { return folder_.path() / "d"; }
  [[nodiscard]] io::Path file(std::uint64_t g) const { return dataset::Layout(workload_).file(g).path; }
  [[nodiscard]] dataset::RecordsKey key() const {
    return {.identity = results::manifest_identity(manifest_), .files = 3};
  }
  [[nodiscard]] dataset::FileRecord record(std::uint64_t g) const {
    const std::string bytes = content(file(g));
    return {.rows = 10, .bytes = bytes.size(), .checksum = checksum(std::as_bytes(std::span(bytes)))};
  }
  // Every file below the data folder.
  [[nodiscard]] std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(root())) {
      if (entry.is_regular_file()) files[entry.path().lexically_relative(root()).string()] = content(entry.path());
    }
    return files;
  }

  Result<Repaired> repair(double percent = 100) {
    const auto files = ExpectedFiles::find(*storage_, root());
    EXPECT_OK(files);
    const VerifyRequest request{.storage = *storage_, .files = *files, .sample_percent = percent, .ranks = 2};
    const RepairEvents events{.writing = [this](std::uint64_t n) { announced_ = n; },
                              .written = [this](std::uint64_t n, std::uint64_t) { written_ += n; }};
    return verify_and_repair(request, root(), events, {});
  }

  stoker::testing::TempDir folder_;
  std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
  config::Workload workload_;
  results::DatasetManifest manifest_;
  std::map<std::string, std::string> original_;
  std::uint64_t announced_ = 0;
  std::atomic<std::uint64_t> written_{0};
};

TEST_F(Repair, OfAFineDataSetTouchesNothing) {
  const auto before = fs::last_write_time(root() / "stoker_dataset.json");
  const auto repaired = repair();
  ASSERT_OK(repaired);
  EXPECT_TRUE(repaired->before.is_fine());
  EXPECT_TRUE(repaired->after.is_fine());
  EXPECT_EQ(repaired->after.files, 3U);
  EXPECT_EQ(repaired->written.files, 0U);
  EXPECT_EQ(announced_, 0U);
  EXPECT_EQ(tree(), original_);
  EXPECT_EQ(fs::last_write_time(root() / "stoker_dataset.json"), before);
}

TEST_F(Repair, WritesTheFaultyFilesAndNoOthers) {
  fs::remove_all(root() / "valid");
  put(file(0), "nothing of use");
  const auto untouched = fs::last_write_time(file(1));
  const auto repaired = repair();
  ASSERT_OK(repaired);
  EXPECT_EQ(repaired->before.faulty_files, (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(repaired->written.files, 2U);
  EXPECT_EQ(announced_, 2U);
  EXPECT_EQ(written_.load(), 2U);
  EXPECT_TRUE(repaired->after.is_fine());
  EXPECT_EQ(repaired->after.files, 2U);
  EXPECT_EQ(tree(), original_);
  EXPECT_EQ(fs::last_write_time(file(1)), untouched);
}

TEST_F(Repair, GivesRecordsToFilesThatHaveNone) {
  fs::remove(root() / "stoker_dataset.files");
  // A value of another file's, which nothing but the generator knows to be wrong.
  put(file(1), original_["train/img_0_of_2.parquet"]);
  const auto repaired = repair();
  ASSERT_OK(repaired);
  EXPECT_EQ(repaired->before.faulty_files, std::vector<std::uint64_t>{1});
  EXPECT_EQ(tree(), original_);
}

TEST_F(Repair, OfADamagedRecordIsThatRecord) {
  std::string table = original_["stoker_dataset.files"];
  table[32 + 32] = static_cast<char>(table[32 + 32] ^ 1);
  put(root() / "stoker_dataset.files", table);
  const auto repaired = repair();
  ASSERT_OK(repaired);
  EXPECT_TRUE(repaired->before.is_fine());
  EXPECT_EQ(tree(), original_);
}

TEST_F(Repair, OfASampleLeavesTheOthers) {
  for (std::uint64_t g = 0; g < 3; ++g) fs::remove(file(g));
  const auto repaired = repair(34);
  ASSERT_OK(repaired);
  EXPECT_EQ(repaired->written.files, 2U);
  EXPECT_TRUE(repaired->after.is_fine());
  EXPECT_EQ(tree().size(), 4U);
}

TEST_F(Repair, FinishesAnInterruptedDataSet) {
  manifest_.complete = false;
  ASSERT_OK(results::testing::write_manifest(root(), manifest_));
  fs::remove(root() / "stoker_dataset.files");
  fs::remove(file(2));
  // What its rank 0 had written when it was interrupted.
  auto journal = dataset::FileJournal::create(*storage_, root(), 0, key());
  ASSERT_OK(journal);
  ASSERT_OK((*journal)->add(0, record(0)));
  ASSERT_OK((*journal)->close());
  const auto repaired = repair();
  ASSERT_OK(repaired);
  EXPECT_TRUE(repaired->before.is_incomplete);
  EXPECT_EQ(repaired->before.faulty_files, std::vector<std::uint64_t>{2});
  EXPECT_FALSE(repaired->after.is_incomplete);
  EXPECT_EQ(tree(), original_);
}

TEST_F(Repair, OfPartOfAnInterruptedDataSetDoesNotFinishIt) {
  manifest_.complete = false;
  ASSERT_OK(results::testing::write_manifest(root(), manifest_));
  fs::remove(root() / "stoker_dataset.files");
  const auto repaired = repair(34);
  ASSERT_OK(repaired);
  EXPECT_TRUE(repaired->after.is_incomplete);
  EXPECT_FALSE(results::read_manifest(root())->value().complete);
}

// As an interrupted deletion leaves it: all records, an incomplete manifest, some files.
TEST_F(Repair, OfASampleDoesNotCallWhatItDidNotSeeComplete) {
  manifest_.complete = false;
  ASSERT_OK(results::testing::write_manifest(root(), manifest_));
  for (std::uint64_t g = 0; g < 3; ++g) {
    fs::remove(file(g));
    const auto repaired = repair(34);
    ASSERT_OK(repaired);
    EXPECT_TRUE(repaired->after.is_incomplete) << g;
    EXPECT_FALSE(results::read_manifest(root())->value().complete) << g;
  }
  ASSERT_OK(repair());
  EXPECT_EQ(tree(), original_);
}

// The others are written all the same.
TEST_F(Repair, OfAFileWhoseNameAFolderHasIsNotPossible) {
  fs::remove(file(0));
  fs::remove(file(1));
  fs::create_directory(file(1));
  const auto repaired = repair();
  ASSERT_OK(repaired);
  EXPECT_EQ(repaired->before.faulty_files, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(repaired->written.files, 1U);
  EXPECT_EQ(repaired->after.faulty_files, std::vector<std::uint64_t>{1});
  EXPECT_TRUE(fs::exists(file(0)));
  fs::remove(file(1));
  ASSERT_OK(repair());
  EXPECT_EQ(tree(), original_);
}

// A manifest may come from anywhere.
TEST_F(Repair, OfFarMoreFilesThanThereAreIsRefused) {
  manifest_.num_files_train = 10'000'000'000;
  ASSERT_OK(results::testing::write_manifest(root(), manifest_));
  EXPECT_ERROR(repair(), Code::kCorrupt, "names 10,000,000,001 files, of which ");
  EXPECT_FALSE(fs::exists(root() / "stoker_dataset.files.tmp"));
}

TEST_F(Repair, NeedsTheRoomOfTheRecordsAndNotMore) {
  class Room final : public io::ForwardingStorage {
   public:
    Room(io::Storage& inner, std::uint64_t free) : ForwardingStorage(inner), free_(free) {}
    Result<std::optional<io::SpaceInfo>> space(const io::Path&) override {
      return std::optional(io::SpaceInfo{.free_bytes = free_, .block_bytes = 64});
    }

   private:
    const std::uint64_t free_;
  };
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  const auto repair_with = [&](std::uint64_t free) {
    Room storage(*storage_, free);
    return verify_and_repair({.storage = storage, .files = *files}, root(), {}, {});
  };
  // Two blocks for the table, and one for the journal's header.
  EXPECT_ERROR(repair_with(191), Code::kNoSpace,
               "the records of the 3 files that the manifest names need 192 B, but only 191 B are free");
  EXPECT_OK(repair_with(192));
}

TEST_F(Repair, IsForDataSetsOfThisVersion) {
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  EXPECT_OK(check_repairable(*files, "1.0"));
  const Status other = check_repairable(*files, "1.1");
  EXPECT_ERROR(other, Code::kUnsupported, "was written by stoker 1.0, and this is 1.1, which writes other bytes");
  EXPECT_EQ(other.error().hint, "repair it with that version, or generate the data set again");
  const auto found = ExpectedFiles::find(*storage_, root() / "train");
  ASSERT_OK(found);
  EXPECT_ERROR(check_repairable(*found, "1.0"), Code::kInvalidArgument,
               "has no manifest (stoker_dataset.json), so nothing is known of what its files should hold");
}

TEST_F(Repair, IsForDataSetsOfThisCodecLibrary) {
  workload_.dataset.compression = config::Compression::kZstd;
  manifest_ = results::manifest_of(workload_, "1.0");
  const auto check = [&] {
    EXPECT_OK(results::testing::write_manifest(root(), manifest_));
    const auto files = ExpectedFiles::find(*storage_, root());
    EXPECT_OK(files);
    return check_repairable(*files, "1.0");
  };
  EXPECT_ERROR(check(), Code::kUnsupported,
               "was compressed by a library that its manifest does not name, and this is zstd ");
  manifest_.codec_library = "zstd 0.1";
  EXPECT_ERROR(check(), Code::kUnsupported, "was compressed by zstd 0.1, and this is zstd ");
  manifest_.codec_library = format::codec_library(workload_);
  EXPECT_OK(check());
  manifest_.compression = "none";
  EXPECT_ERROR(check(), Code::kUnsupported, ", and this is none, which writes other bytes");
}

TEST_F(Repair, AStopSaysOfHowManyFaultyFiles) {
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  const auto journal = dataset::FileJournal::create(*storage_, root(), 0, key());
  ASSERT_OK(journal);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_ERROR(repair_files({.storage = *storage_, .files = *files, .faulty = {0, 2}, .journal = **journal},
                            stopped.get_token()),
               Code::kInterrupted, "interrupted after 0 of 2 files");
}

TEST_F(Repair, AStopLeavesNoHalfFile) {
  fs::remove(file(0));
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_ERROR(verify_and_repair({.storage = *storage_, .files = *files}, root(), {}, stopped.get_token()),
               Code::kInterrupted, "interrupted");
  EXPECT_FALSE(fs::exists(file(0)));
  ASSERT_OK(repair());
  EXPECT_EQ(tree(), original_);
}

// An index that says something else, or is gone, is a fault of its file, and written anew with it.
TEST(RepairOfSideFiles, MakesThemAgain) {
  stoker::testing::TempDir folder;
  const auto storage = io::make_posix_storage();
  const fs::path root = folder.path() / "d";
  config::Workload w = testing::small_workload(root.string());
  w.dataset.format = config::FormatName::kTfrecord;
  w.dataset.record_length_bytes = 100;
  const datagen::Request request{.workload = w,
                                 .format = **format::find_format(w.dataset.format),
                                 .layout = dataset::Layout(w),
                                 .storage = *storage};
  ASSERT_OK(datagen::make_folders(request));
  testing::write_data_set(*storage, w);
  results::DatasetManifest manifest = results::manifest_of(w, "1.0");
  manifest.complete = true;
  ASSERT_OK(results::testing::write_manifest(root, manifest));
  const auto verify = [&] {
    const auto files = ExpectedFiles::find(*storage, root);
    EXPECT_OK(files);
    std::string faults;
    const auto verified = verify_files(
        {.storage = *storage,
         .files = *files,
         .values = true,
         .faulty = [&](const ExpectedFile& file,
                       const FileCheck& check) { faults += file.file.name + ": " + check.faults.front(); }},
        {});
    EXPECT_OK(verified);
    return faults;
  };
  EXPECT_EQ(verify(), "");
  const fs::path index = root / "index/train/img_1_of_2.tfrecord.idx";
  const std::string whole = content(index);
  std::string changed = whole;
  changed[0] = '7';
  put(index, changed);
  EXPECT_EQ(verify(), "train/img_1_of_2.tfrecord: " + index.string() + ": byte 0: found 0x37, expected 0x30");
  fs::remove(index);
  EXPECT_EQ(verify(), "train/img_1_of_2.tfrecord: " + index.string() + ": open: No such file or directory");
  // All of them, with their folder; and one that is no file any more stays, and its file is faulty still.
  fs::remove_all(root / "index");
  fs::create_directories(root / "index/train/img_0_of_2.tfrecord.idx");
  const auto files = ExpectedFiles::find(*storage, root);
  const VerifyRequest both{.storage = *storage, .files = *files, .values = true};
  const auto repaired = verify_and_repair(both, root, {}, {});
  ASSERT_OK(repaired);
  EXPECT_EQ(repaired->before.faulty, 3U);
  EXPECT_EQ(repaired->after.faulty, 1U);
  EXPECT_EQ(content(index), whole);
  fs::remove(root / "index/train/img_0_of_2.tfrecord.idx");
  const auto again = verify_and_repair({.storage = *storage, .files = *files, .values = true}, root, {}, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->after.faulty, 0U);
}

}  // namespace
}  // namespace stoker::audit
