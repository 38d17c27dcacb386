#include "data/audit/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/audit/testing/data_set.h"
#include "data/audit/verify_text.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/faulty_storage.h"
#include "results/testing/manifest_file.h"

namespace stoker::audit {
namespace {

namespace fs = std::filesystem;

using testing::content;
using testing::put;

// A data set of three files (train 0 and 1, valid 0) with a manifest and, unless told otherwise, records.
class DataSet : public ::testing::Test {
 protected:
  DataSet() {
    workload_ = testing::small_workload(root().string());
    testing::write_data_set(*storage_, workload_);
    manifest_ = results::manifest_of(workload_, "1.0");
    manifest_.complete = true;
    write_manifest();
  }

  [[nodiscard]] fs::path root() const { return folder_.path() / "d"; }
  [[nodiscard]] io::Path file(std::uint64_t g) const { return dataset::Layout(workload_).file(g).path; }
  void write_manifest() { ASSERT_OK(results::testing::write_manifest(root(), manifest_)); }

  void write_records() {
    const dataset::RecordsKey key{.identity = results::manifest_identity(manifest_), .files = 3};
    auto journal = dataset::FileJournal::create(*storage_, root(), 0, key);
    ASSERT_OK(journal);
    for (std::uint64_t g = 0; g < 3; ++g) {
      const std::string bytes = content(file(g));
      ASSERT_OK((*journal)->add(
          g, {.rows = 10, .bytes = bytes.size(), .checksum = checksum(std::as_bytes(std::span(bytes)))}));
    }
    ASSERT_OK((*journal)->close());
    ASSERT_OK(dataset::merge_records(*storage_, root(), key));
  }

  // Faults as "file: fault".
  Result<Verified> verify(const fs::path& path, double percent = 100, bool values = false, unsigned ranks = 2) {
    faults_.clear();
    auto files = ExpectedFiles::find(*storage_, path);
    if (!files) return std::move(files).error();
    VerifyRequest request{
        .storage = *storage_, .files = *files, .sample_percent = percent, .values = values, .ranks = ranks};
    request.faulty = [&](const ExpectedFile& expected, const FileCheck& check) {
      for (const std::string& fault : check.faults) faults_.push_back(expected.file.name + ": " + fault);
    };
    request.progress = [&](std::uint64_t) { ++progress_; };
    auto verified = verify_files(request, {});
    std::ranges::sort(faults_);
    if (verified) {
      limits_ = limits(*files);
      summary_ = summary_line(request, *verified);
    }
    return verified;
  }

  stoker::testing::TempDir folder_;
  std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
  config::Workload workload_;
  results::DatasetManifest manifest_;
  std::vector<std::string> faults_, limits_;
  std::string summary_;
  std::atomic<int> progress_{0};
};

TEST_F(DataSet, AsItWasWrittenHasNoFaults) {
  write_records();
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_TRUE(verified->is_fine());
  EXPECT_EQ(verified->files, 3U);
  EXPECT_EQ(verified->rows, 30U);
  EXPECT_EQ(verified->bytes, fs::file_size(file(0)) + fs::file_size(file(1)) + fs::file_size(file(2)));
  EXPECT_EQ(progress_.load(), 3);
  EXPECT_TRUE(limits_.empty());
  EXPECT_EQ(summary_.substr(0, 18), "verified 3 files (");
  EXPECT_TRUE(summary_.ends_with(", 30 rows): sizes, checksums and structure: no faults")) << summary_;
}

TEST_F(DataSet, WhatLiesBesideItIsTold) {
  const auto beside = [&] {
    const auto files = ExpectedFiles::find(*storage_, root());
    return files ? others_beside(*storage_, *files) : files.error().message;
  };
  write_records();
  EXPECT_EQ(beside(), "");
  put(root() / "train" / "notes.txt", "abc");
  EXPECT_EQ(beside(), "1 other file, 3 B: train/notes.txt");
  ASSERT_OK(verify(root()));
  EXPECT_EQ(faults_, std::vector<std::string>{});
  // Without a manifest the folder is no data set that something could lie beside.
  fs::remove(root() / results::kManifestName);
  EXPECT_EQ(beside(), "");
}

TEST_F(DataSet, AMissingFileIsNamed) {
  write_records();
  fs::remove(file(1));
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_EQ(faults_, std::vector<std::string>{"train/img_1_of_2.parquet: is missing"});
  EXPECT_EQ(verified->faulty, 1U);
  EXPECT_EQ(verified->missing, 1U);
  EXPECT_EQ(verified->faulty_files, std::vector<std::uint64_t>{1});
  EXPECT_TRUE(summary_.ends_with(": 1 fault in 1 file, 1 of which is missing")) << summary_;
}

TEST_F(DataSet, AFileThatIsCutShortHasAnotherSizeAndNoEnd) {
  write_records();
  const auto size = fs::file_size(file(0));
  fs::resize_file(file(0), size - 1);
  ASSERT_OK(verify(root()));
  ASSERT_EQ(faults_.size(), 2U);
  EXPECT_EQ(faults_[0].substr(0, 54), "train/img_0_of_2.parquet: does not end with the magic ");
  EXPECT_EQ(faults_[1], fmt::format("train/img_0_of_2.parquet: is {} bytes long, expected {}", size - 1, size));
}

TEST_F(DataSet, ABitThatFlippedInAPageIsFoundByTheChecksum) {
  write_records();
  std::string bytes = content(file(2));
  const std::uint64_t before = checksum(std::as_bytes(std::span(bytes)));
  // A value of the first column, which has no say in what is decoded.
  bytes[60] = static_cast<char>(bytes[60] ^ 1);
  put(file(2), bytes);
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_EQ(verified->faulty_files, std::vector<std::uint64_t>{2});
  ASSERT_GE(faults_.size(), 1U);
  // Where the format compares values, the place is told instead.
  if (format::find_format(config::FormatName::kParquet).value()->make_checker == nullptr) {
    EXPECT_EQ(faults_[0], fmt::format("valid/img_0_of_1.parquet: has checksum {:016x}, expected {:016x}",
                                      checksum(std::as_bytes(std::span(bytes))), before));
  } else {
    EXPECT_THAT(faults_[0], ::testing::HasSubstr("valid/img_0_of_1.parquet: column 'text', row 0: found "));
    EXPECT_EQ(faults_.size(), 1U);
  }
}

TEST_F(DataSet, TwoFilesThatChangedPlacesAreBothFaulty) {
  write_records();
  const std::string first = content(file(0));
  put(file(0), content(file(1)));
  put(file(1), first);
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_EQ(verified->faulty_files, (std::vector<std::uint64_t>{0, 1}));
}

TEST_F(DataSet, WithoutRecordsStructureAndRowsAreKnown) {
  EXPECT_OK(verify(root()));
  EXPECT_EQ(limits_, std::vector<std::string>{"this data set has a manifest but no records of its files: nothing is "
                                              "known of sizes and checksums"});
  EXPECT_TRUE(summary_.ends_with(" rows): structure: no faults")) << summary_;

  config::Workload longer = workload_;
  longer.dataset.num_samples_per_file = 11;
  testing::write_file(*storage_, longer, dataset::Layout(longer).file(1));
  ASSERT_OK(verify(root()));
  EXPECT_EQ(faults_, std::vector<std::string>{"train/img_1_of_2.parquet: has 11 rows, expected 10"});
}

TEST_F(DataSet, DamagedRecordsAreNoRecords) {
  write_records();
  put(root() / "stoker_dataset.files", "something else");
  ASSERT_OK(verify(root()));
  ASSERT_EQ(limits_.size(), 1U);
  EXPECT_THAT(limits_[0], ::testing::StartsWith("sizes and checksums are not known: "));
  EXPECT_THAT(limits_[0], ::testing::HasSubstr("stoker_dataset.files"));
}

TEST_F(DataSet, ADamagedRecordIsAFaultOfItsFile) {
  write_records();
  std::string table = content(root() / "stoker_dataset.files");
  // The second entry's rows.
  table[32 + 32] = static_cast<char>(table[32 + 32] ^ 1);
  put(root() / "stoker_dataset.files", table);
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_EQ(verified->faulty_files, std::vector<std::uint64_t>{1});
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_THAT(faults_[0], ::testing::HasSubstr("stoker_dataset.files"));
}

// Whoever believed such a manifest would never come to an end.
TEST_F(DataSet, AManifestThatNamesFarMoreFilesThanThereAreIsTheFault) {
  manifest_.num_files_train = 10'000'000'000;
  write_manifest();
  const std::string message = (root() / "stoker_dataset.json").string() +
                              ": names 10,000,000,001 files, of which 1 lie there, and there are no records of the "
                              "others";
  for (const double percent : {100.0, 5.0}) EXPECT_ERROR(verify(root(), percent), Code::kCorrupt, message);
  // A sample is as much work as it has files.
  const auto sample = verify(root(), 1e-7);
  ASSERT_OK(sample);
  EXPECT_EQ(sample->files, 11U);
  EXPECT_EQ(sample->missing, 11U);
  // With files that are there.
  put(root() / "train" / "img_00000000007_of_10000000000.parquet", "x");
  EXPECT_ERROR(verify(root()), Code::kCorrupt, ", of which 2 lie there, and");
}

TEST_F(DataSet, SoManyFilesMayBeMissing) {
  manifest_.num_files_train = static_cast<std::int64_t>(kMissingMost) + 1;
  manifest_.num_files_eval = 0;
  write_manifest();
  EXPECT_ERROR(verify(root()), Code::kCorrupt, ": names 1,000,001 files, of which 0 lie there");
  put(root() / "train" / "img_0000007_of_1000001.parquet.tmp", "x");
  EXPECT_ERROR(verify(root()), Code::kCorrupt, "of which 0 lie there");
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  // Those that are asked for by number are no more than that.
  EXPECT_OK(verify_files({.storage = *storage_, .files = *files, .only = {0, 1, 2}}, {}));
}

TEST_F(DataSet, WithoutAManifestItIsAFolderOfFiles) {
  fs::remove(root() / "stoker_dataset.json");
  fs::remove(file(1));
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_EQ(verified->files, 2U);
  EXPECT_TRUE(verified->is_fine());
  EXPECT_EQ(limits_, std::vector<std::string>{"no manifest describes these files: nothing is known of their sizes, "
                                              "checksums and values"});
  put(root() / "train" / "text.parquet", "this is only some text");
  ASSERT_OK(verify(root()));
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].substr(0, 47), "train/text.parquet: does not end with the magic");
}

TEST_F(DataSet, ASampleIsAlwaysTheSameFiles) {
  fs::remove(file(0));
  fs::remove(file(1));
  fs::remove(file(2));
  const auto one = verify(root(), 34);
  ASSERT_OK(one);
  EXPECT_EQ(one->files, 2U);
  EXPECT_EQ(summary_.substr(0, 20), "verified 2 of 3 file");
  const auto again = verify(root(), 34);
  ASSERT_OK(again);
  EXPECT_EQ(again->faulty_files, one->faulty_files);
}

// A look at each file for checksum, headers, rows and values would be four of them.
TEST_F(DataSet, EachFileIsOpenedOnce) {
  class Counting final : public io::ForwardingStorage {
   public:
    using ForwardingStorage::ForwardingStorage;
    Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions& options) override {
      ++opened[path.string()];
      return inner().open(path, options);
    }
    std::map<std::string, int> opened;
  };
  write_records();
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  Counting storage(*storage_);
  const auto verified = verify_files({.storage = storage, .files = *files, .values = true}, {});
  ASSERT_OK(verified);
  EXPECT_TRUE(verified->is_fine());
  EXPECT_EQ(storage.opened,
            (std::map<std::string, int>{{file(0).string(), 1}, {file(1).string(), 1}, {file(2).string(), 1}}));
}

// What is kept from file to file belongs to a format, and to a number of rows.
TEST_F(DataSet, FilesOfAllKindsAreVerifiedByOne) {
  const io::Path number = root() / "1.synthetic";
  put(number, "1");
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  FileVerifier verifier(*storage_, {});
  const auto rows_of = [&](const ExpectedFile& expected) -> std::uint64_t {
    const auto check = verifier.verify(expected, {});
    EXPECT_OK(check);
    EXPECT_TRUE(check->is_fine());
    return check->rows;
  };
  ExpectedFile synthetic{.file = {.path = number, .name = "1", .format = format_of("1.synthetic")}};
  const auto without_rows = rows_of(synthetic);
  for (const std::uint64_t rows : {7U, 9U}) {
    synthetic.spec = dataset::FileSpec{.rows = rows, .path = number};
    synthetic.file.rows = rows;
    EXPECT_EQ(rows_of(synthetic), rows);
    EXPECT_EQ(rows_of(files->file(rows % 3)), 10U);
  }
  synthetic.spec.reset();
  synthetic.file.rows = 0;
  EXPECT_EQ(rows_of(synthetic), without_rows);
}

TEST_F(DataSet, AFileThatCannotBeReadIsAFault) {
  write_records();
  io::testing::FaultyStorage faulty(*storage_, {.fail_open = "img_1_of_2"});
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  const auto check = FileVerifier(faulty, {}).verify(files->file(1), {});
  ASSERT_OK(check);
  EXPECT_FALSE(check->is_missing);
  ASSERT_FALSE(check->faults.empty());
  EXPECT_EQ(check->faults[0], "open: Permission denied");
}

// Too many open files say nothing about any of them.
TEST_F(DataSet, ALimitOfTheProcessIsNoFaultOfAFile) {
  write_records();
  class OutOfDescriptors final : public io::ForwardingStorage {
   public:
    using ForwardingStorage::ForwardingStorage;
    Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions&) override {
      return make_error(Code::kLimit, "{}: open: Too many open files", path.string());
    }
  };
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  OutOfDescriptors storage(*storage_);
  EXPECT_ERROR(FileVerifier(storage, {}).verify(files->file(1), {}), Code::kLimit, "Too many open files");
}

TEST_F(DataSet, AStopEndsIt) {
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_ERROR(FileVerifier(*storage_, {}).verify(files->file(0), stopped.get_token()), Code::kInterrupted,
               "interrupted");
  EXPECT_ERROR(verify_files({.storage = *storage_, .files = *files}, stopped.get_token()), Code::kInterrupted,
               "interrupted");
}

TEST_F(DataSet, ValuesAreKnownOfADataSetWithAManifest) {
  const auto described = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(described);
  EXPECT_OK(check_values_known(*described));
  const auto found = ExpectedFiles::find(*storage_, root() / "train");
  ASSERT_OK(found);
  EXPECT_ERROR(check_values_known(*found), Code::kInvalidArgument,
               "has no manifest (stoker_dataset.json), so nothing is known of the values of its files");
  manifest_.format = "synthetic";
  write_manifest();
  const auto numbers = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(numbers);
  EXPECT_ERROR(check_values_known(*numbers), Code::kUnsupported, "synthetic");
}

TEST_F(DataSet, ValuesThatAreNotTheGeneratorsAreFoundWithoutRecords) {
  const config::Workload& workload = workload_;
  dataset::FileSpec other = dataset::Layout(workload).file(1);
  other.path = file(0);
  testing::write_file(*storage_, workload, other);
  const auto blind = verify(root());
  ASSERT_OK(blind);
  EXPECT_TRUE(blind->is_fine());
  const auto values = verify(root(), 100, true);
  ASSERT_OK(values);
  EXPECT_EQ(values->faulty_files, std::vector<std::uint64_t>{0});
  // One for each row group: the first value that differs there.
  ASSERT_EQ(faults_.size(), 3U);
  EXPECT_THAT(faults_[0], ::testing::StartsWith("train/img_0_of_2.parquet: column 'number', row 0: found "));
  EXPECT_THAT(summary_, ::testing::EndsWith(": structure and values: 3 faults in 1 file"));
}

TEST_F(DataSet, AFileOfManyFaultsIsNotReadToItsEnd) {
  workload_.dataset.parquet.row_group_size = 1;
  testing::write_data_set(*storage_, workload_);
  dataset::FileSpec other = dataset::Layout(workload_).file(1);
  other.path = file(0);
  testing::write_file(*storage_, workload_, other);
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  FileVerifier verifier(*storage_, {.values = true, .workload = &files->workload()});
  const auto check = verifier.verify(files->file(0), {});
  ASSERT_OK(check);
  EXPECT_EQ(check->faults.size(), kFaultsPerFile);
  EXPECT_TRUE(check->has_more);
  const auto fine = verifier.verify(files->file(1), {});
  ASSERT_OK(fine);
  EXPECT_FALSE(fine->has_more);
  EXPECT_FALSE(fine->checksum.has_value());
}

TEST_F(DataSet, AnIncompleteDataSetIsNotFine) {
  manifest_.complete = false;
  write_manifest();
  const auto verified = verify(root());
  ASSERT_OK(verified);
  EXPECT_TRUE(verified->is_incomplete);
  EXPECT_EQ(verified->faulty, 0U);
  EXPECT_FALSE(verified->is_fine());
  EXPECT_TRUE(summary_.ends_with(": no faults, but the data set is incomplete")) << summary_;
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  EXPECT_EQ(set_fault_line(*files), (root() / "stoker_dataset.json").string() +
                                        ": says that the data set is incomplete: datagen did not finish\n");
  manifest_.complete = true;
  write_manifest();
  EXPECT_EQ(set_fault_line(*ExpectedFiles::find(*storage_, root())), "");
}

TEST_F(DataSet, FilesWithoutRecordsCanBeGivenOne) {
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  std::vector<std::uint64_t> fine(3);
  VerifyRequest request{.storage = *storage_, .files = *files, .make_records = true};
  request.fine = [&](std::uint64_t number, const ExpectedFile&, const FileCheck& check) -> Status {
    fine.at(number) = check.checksum.value_or(0);
    return {};
  };
  ASSERT_OK(verify_files(request, {}));
  for (std::uint64_t g = 0; g < 3; ++g) {
    const std::string bytes = content(file(g));
    EXPECT_EQ(fine[g], checksum(std::as_bytes(std::span(bytes))));
  }
  // Only what has the generator's values.
  dataset::FileSpec other = dataset::Layout(workload_).file(1);
  other.path = file(0);
  testing::write_file(*storage_, workload_, other);
  const auto verified = verify_files(request, {});
  ASSERT_OK(verified);
  EXPECT_EQ(verified->faulty_files, std::vector<std::uint64_t>{0});
  request.fine = [](std::uint64_t, const ExpectedFile&, const FileCheck&) -> Status {
    return make_error(Code::kNoSpace, "no room for records");
  };
  EXPECT_ERROR(verify_files(request, {}), Code::kNoSpace, "no room for records");
}

TEST_F(DataSet, OnlySomeFilesCanBeAskedFor) {
  fs::remove(file(0));
  fs::remove(file(2));
  const auto files = ExpectedFiles::find(*storage_, root());
  ASSERT_OK(files);
  const auto verified = verify_files({.storage = *storage_, .files = *files, .only = {1, 2}}, {});
  ASSERT_OK(verified);
  EXPECT_EQ(verified->files, 2U);
  EXPECT_EQ(verified->faulty_files, std::vector<std::uint64_t>{2});
}

TEST(ExpectedFilesOfAPath, ThatHoldsNothingAreTheErrorOfTheSearch) {
  const stoker::testing::TempDir folder;
  const auto storage = io::make_posix_storage();
  EXPECT_ERROR(ExpectedFiles::find(*storage, folder.path()), Code::kNotFound, "no data file is in this folder");
  EXPECT_ERROR(ExpectedFiles::find(*storage, folder.path() / "x"), Code::kNotFound, "no such file or folder");
}

TEST(ExpectedFilesOfAPath, WithADamagedManifestAreItsError) {
  const stoker::testing::TempDir folder;
  put(folder.path() / "stoker_dataset.json", "{}");
  EXPECT_ERROR(ExpectedFiles::find(*io::make_posix_storage(), folder.path()), Code::kCorrupt, "stoker_dataset.json");
}

TEST(SampleOfFiles, HasTheShareRoundedUpAndAtLeastOne) {
  EXPECT_EQ(Sample(1000, 5).size(), 50U);
  EXPECT_EQ(Sample(1001, 5).size(), 51U);
  EXPECT_EQ(Sample(1000, 0.001).size(), 1U);
  EXPECT_EQ(Sample(1000, 100).size(), 1000U);
  EXPECT_EQ(Sample(3, 99).size(), 3U);
  EXPECT_EQ(Sample(0, 50).size(), 0U);
}

TEST(SampleOfFiles, TakesEachFileOnce) {
  const Sample part(100, 30);
  std::set<std::uint64_t> files;
  for (std::uint64_t i = 0; i < part.size(); ++i) files.insert(part.file(i));
  EXPECT_EQ(files.size(), 30U);
  EXPECT_LT(*files.rbegin(), 100U);
  EXPECT_NE(part.file(0) * 1000 + part.file(1), 1U);
  EXPECT_FALSE(part.is_all());
  const Sample all(100, 100);
  EXPECT_TRUE(all.is_all());
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(all.file(i), i);
}

TEST(FaultLines, HaveThePathInFrontAndSayWhenTheyAreNotAll) {
  ExpectedFile file;
  file.file.path = "a\n/b.parquet";
  FileCheck check;
  check.faults = {"is missing", "has 3 rows"};
  EXPECT_EQ(fault_lines(file, check), "a\\x0a/b.parquet: is missing\na\\x0a/b.parquet: has 3 rows\n");
  check.has_more = true;
  EXPECT_EQ(fault_lines(file, check),
            "a\\x0a/b.parquet: is missing\na\\x0a/b.parquet: has 3 rows\na\\x0a/b.parquet: not read further, after 2 "
            "faults\n");
}

}  // namespace
}  // namespace stoker::audit
