#include "data/dataset/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

config::Workload workload(std::int64_t files) {
  config::Workload w;
  w.dataset.format = config::FormatName::kNpz;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = files;
  return w;
}

std::vector<std::string> paths_of(const FileTable& table) {
  std::vector<std::string> paths;
  for (std::uint64_t i = 0; i < table.size(); ++i) paths.push_back(table.path(i).string());
  return paths;
}

class ListingTest : public ::testing::Test {
 protected:
  void put_all(const config::Workload& w) {
    const Layout layout(w);
    for (std::uint64_t g = 0; g < layout.total_files(); ++g) storage_.put(layout.file(g).path, "x");
  }
  Result<FileTable> find(const config::Workload& w, Split split = Split::kTrain) {
    return find_files(storage_, Layout(w), split, w.dataset);
  }

  io::testing::MemStorage storage_;
};

TEST_F(ListingTest, OwnNamesAreComputedAndTakeTwoBytesToSend) {
  config::Workload w = workload(12);
  w.dataset.num_files_eval = 3;
  put_all(w);
  for (const Split split : {Split::kTrain, Split::kEval}) {
    const auto table = find(w, split);
    ASSERT_OK(table);
    EXPECT_TRUE(table->is_computed());
    EXPECT_EQ(table->warning(), "");
    EXPECT_EQ(table->size(), split == Split::kTrain ? 12U : 3U);
    EXPECT_EQ(table->serialize().size(), 2U);
    const auto again = FileTable::parse(Layout(w), table->serialize());
    ASSERT_OK(again);
    EXPECT_EQ(paths_of(*again), paths_of(*table));
    EXPECT_EQ(again->split(), split);
  }
}

TEST_F(ListingTest, NamesOfAnotherFileCountAreListedInOrderWithAWarning) {
  put_all(workload(12));
  const auto table = find(workload(3));
  ASSERT_OK(table);
  EXPECT_FALSE(table->is_computed());
  EXPECT_THAT(paths_of(*table),
              ElementsAre("/d/train/img_00_of_12.npz", "/d/train/img_01_of_12.npz", "/d/train/img_02_of_12.npz"));
  EXPECT_EQ(table->warning(), "/d/train: found 12 files, using the first 3 by name (dataset.num_files_train)");
  const auto again = FileTable::parse(Layout(workload(3)), table->serialize());
  ASSERT_OK(again);
  EXPECT_EQ(paths_of(*again), paths_of(*table));
}

TEST_F(ListingTest, SubfoldersAreSortedByFileNameGlobally) {
  config::Workload w = workload(6);
  w.dataset.num_subfolders_train = 2;
  put_all(w);
  auto table = find(w);
  ASSERT_OK(table);
  EXPECT_TRUE(table->is_computed());
  EXPECT_EQ(table->path(1), "/d/train/1/img_1_of_6.npz");
  // Dealt differently than the configuration says: still found, still by name.
  w.dataset.num_subfolders_train = 3;
  table = find(w);
  ASSERT_OK(table);
  EXPECT_FALSE(table->is_computed());
  EXPECT_EQ(table->path(3), "/d/train/1/img_3_of_6.npz");
  EXPECT_EQ(table->path(4), "/d/train/0/img_4_of_6.npz");
}

TEST_F(ListingTest, PartitionFoldersAreSearchedEvenWhenThereIsOnlyOne) {
  config::Workload w = workload(1);
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = {{.name = "day", .dtype = config::DType::kInt32}};
  w.dataset.parquet.partition_by = "day";
  put_all(w);
  const auto table = find(w);
  ASSERT_OK(table);
  EXPECT_TRUE(table->is_computed());
  EXPECT_EQ(table->path(0), "/d/train/day=0/img_0_of_1.parquet");
}

TEST_F(ListingTest, OnlyFilesOfTheFormatCount) {
  config::Workload w = workload(2);
  w.dataset.format = config::FormatName::kIndexedBinary;
  for (const char* name : {"a.indexed_binary", "b.INDEXED_BINARY", "a.indexed_binary.off.idx", "c.indexed_binary.tmp",
                           "d.mmap_indexed_binary", "indexed_binary", "e.npz"}) {
    storage_.put(io::Path("/d/train") / name, "x");
  }
  const auto table = find(w);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/train/a.indexed_binary", "/d/train/b.INDEXED_BINARY"));
  EXPECT_EQ(table->warning(), "");
}

// The name of a format or of a split means nothing elsewhere in a path.
TEST_F(ListingTest, FoldersMayBeCalledLikeFormatsAndSplits) {
  config::Workload w = workload(2);
  w.dataset.data_folder = "/valid.npz";
  w.dataset.num_subfolders_train = 2;
  for (const char* name : {"0/npz.npz", "1/valid.NPZ", "1/train.npz.txt"})
    storage_.put(io::Path("/valid.npz/train") / name, "x");
  const auto table = find(w);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/valid.npz/train/0/npz.npz", "/valid.npz/train/1/valid.NPZ"));
}

TEST_F(ListingTest, CompressedCsvHasTheSuffix) {
  config::Workload w = workload(1);
  w.dataset.format = config::FormatName::kCsv;
  w.dataset.compression = config::Compression::kGzip;
  storage_.put("/d/train/x.csv", "x");
  storage_.put("/d/train/x.csv.gz", "x");
  const auto table = find(w);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/train/x.csv.gz"));
}

TEST_F(ListingTest, TooFewFilesAreRefusedWithBothNumbersAndTheRemedy) {
  put_all(workload(3));
  const auto table = find(workload(4));
  EXPECT_ERROR(table, Code::kNotFound,
               "/d/train: found 3 files ending in '.npz', expected 4 (dataset.num_files_train)");
  EXPECT_THAT(table.error().hint, HasSubstr("++workload.workflow.generate_data=True"));
  EXPECT_THAT(table.error().hint, HasSubstr("lower dataset.num_files_train"));
}

TEST_F(ListingTest, MissingFolderMeansNoFiles) {
  const auto table = find(workload(4));
  EXPECT_ERROR(table, Code::kNotFound, "/d/train: found 0 files");
  EXPECT_THAT(table.error().hint, HasSubstr("++workload.workflow.generate_data=True"));
}

TEST_F(ListingTest, SubfoldersThatTheConfigurationDoesNotMentionArePointedAt) {
  config::Workload w = workload(4);
  w.dataset.num_subfolders_train = 2;
  put_all(w);
  w.dataset.num_subfolders_train = 0;
  const auto table = find(w);
  EXPECT_ERROR(table, Code::kNotFound, "found 0 files");
  EXPECT_THAT(table.error().hint, HasSubstr("2 subfolders were not searched, see dataset.num_subfolders_train"));
  storage_.put("/d/valid/0/img_0_of_1.npz", "x");
  w.dataset.num_files_eval = 1;
  EXPECT_THAT(find(w, Split::kEval).error().hint,
              HasSubstr("1 subfolder was not searched, see dataset.num_subfolders_eval"));
}

// A storage whose folders cannot be listed or looked into.
class ForbiddenStorage final : public io::ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<bool> exists(const io::Path& p) override { return make_error(Code::kPermission, "{}: stat", p.string()); }
  Result<std::vector<io::DirEntry>> list(const io::Path& p, io::Sizes) override {
    return make_error(Code::kPermission, "{}: list", p.string());
  }
};

TEST_F(ListingTest, FailuresOfTheStorageAreNotMistakenForMissingFiles) {
  config::Workload w = workload(4);
  put_all(w);
  ForbiddenStorage forbidden(storage_);
  EXPECT_ERROR(find_files(forbidden, Layout(w), Split::kTrain, w.dataset), Code::kPermission, "/d/train: list");
  w.dataset.skip_listing = true;
  EXPECT_ERROR(find_files(forbidden, Layout(w), Split::kTrain, w.dataset), Code::kPermission, "img_0_of_4.npz: stat");
}

TEST_F(ListingTest, SplitWithoutFilesIsNotLookedAt) {
  const auto table = find(workload(4), Split::kEval);
  ASSERT_OK(table);
  EXPECT_EQ(table->size(), 0U);
  EXPECT_TRUE(storage_.calls().empty());
}

class SkipListingTest : public ListingTest {
 protected:
  static config::Workload skipping(std::int64_t files, std::int64_t interval) {
    config::Workload w = workload(files);
    w.dataset.skip_listing = true;
    w.dataset.listing_validation_interval = interval;
    return w;
  }
  [[nodiscard]] std::vector<std::string> probed() const {
    std::vector<std::string> names;
    for (const io::testing::MemCall& call : storage_.calls()) {
      EXPECT_EQ(static_cast<int>(call.op), static_cast<int>(io::testing::MemCall::Op::kStat));
      names.push_back(io::Path(call.path).filename().string());
    }
    return names;
  }
};

TEST_F(SkipListingTest, ProbesFirstLastAndEveryNth) {
  put_all(workload(10));
  ASSERT_OK(find(skipping(10, 4)));
  EXPECT_THAT(probed(), ElementsAre("img_00_of_10.npz", "img_04_of_10.npz", "img_08_of_10.npz", "img_09_of_10.npz"));
  storage_.clear_calls();
  ASSERT_OK(find(skipping(10, 1000)));
  EXPECT_THAT(probed(), ElementsAre("img_00_of_10.npz", "img_09_of_10.npz"));
}

TEST_F(SkipListingTest, IntervalZeroProbesNothing) {
  const auto table = find(skipping(1'000'000'000, 0));
  ASSERT_OK(table);
  EXPECT_EQ(table->size(), 1'000'000'000U);
  EXPECT_TRUE(probed().empty());
}

TEST_F(SkipListingTest, MissingFilesAreCountedAndThreeAreNamed) {
  put_all(workload(10));
  for (const auto& entry : *storage_.list("/d/train")) ASSERT_OK(storage_.remove("/d/train/" + entry.name));
  ASSERT_OK(storage_.remove_empty_directory("/d/train"));
  storage_.put("/d/train/img_00_of_10.npz", "x");
  const auto table = find(skipping(10, 1));
  EXPECT_ERROR(table, Code::kNotFound,
               "/d/train: 9 of 10 probed files are missing: img_01_of_10.npz, img_02_of_10.npz, img_03_of_10.npz, ...");
  EXPECT_THAT(table.error().hint, HasSubstr("skip_listing"));
  EXPECT_THAT(table.error().hint, HasSubstr("++workload.workflow.generate_data=True"));
}

TEST_F(SkipListingTest, ProbesAreAtMostAThousandHoweverManyFiles) {
  for (const std::int64_t files : {999, 1000, 1001, 1998, 1999, 2000, 10'000, 1'000'003}) {
    storage_.clear_calls();
    EXPECT_ERROR(find(skipping(files, 1)), Code::kNotFound, "are missing");
    EXPECT_LE(probed().size(), 1000U) << files;
    EXPECT_GE(probed().size(), 500U) << files;
    EXPECT_THAT(probed().back(), HasSubstr(std::to_string(files - 1) + "_of_")) << files;
  }
}

// ---- data of other programs ----

config::Workload parquet(std::int64_t files) {
  config::Workload w = workload(files);
  w.dataset.format = config::FormatName::kParquet;
  return w;
}

class ForeignListingTest : public ListingTest {
 protected:
  void put(std::initializer_list<const char*> paths) {
    for (const char* path : paths) storage_.put(io::Path("/d") / path, "x");
  }
};

TEST_F(ForeignListingTest, HiddenFilesAndFoldersAreNoData) {
  put({"train/._f0.parquet", "train/.f1.parquet", "train/_metadata.parquet", "train/_SUCCESS", "train/f2.parquet",
       "train/_tmp/f3.parquet", "train/.hidden/f4.parquet", "train/a/f5.parquet"});
  config::Workload w = parquet(2);
  w.dataset.num_subfolders_train = 2;
  auto table = find(w);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/train/f2.parquet", "/d/train/a/f5.parquet"));
  EXPECT_EQ(table->warning(), "");
}

TEST_F(ForeignListingTest, ParquetHasThreeExtensionsInAnyCase) {
  put({"train/a.parq", "train/b.PQ", "train/c.Parquet", "train/d.parquet", "train/e.pqx", "train/pq",
       "train/f.parquet.tmp"});
  const auto table = find(parquet(4));
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table),
              ElementsAre("/d/train/a.parq", "/d/train/b.PQ", "/d/train/c.Parquet", "/d/train/d.parquet"));
  EXPECT_EQ(table->warning(), "");
  EXPECT_ERROR(find(workload(1)), Code::kNotFound, "/d/train: found 0 files ending in '.npz', expected 1");
}

TEST_F(ForeignListingTest, NamesOfDataHubsAreFoundInTheirFolder) {
  put({"data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test-00000-of-00001.parquet",
       "data/validation-00000-of-00001.parquet", "data/trainer-00000-of-00001.parquet", "data/train-x.parquet",
       "data/train-00000-of-00002.json", "data/train--of-00002.parquet", "data/train-0-of-.parquet",
       "data/train-0-of-1x.parquet", "data/-0-of-1.parquet", "data/train-0_of-1.parquet", "README.md"});
  auto table = find(parquet(2));
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table),
              ElementsAre("/d/data/train-00000-of-00002.parquet", "/d/data/train-00001-of-00002.parquet"));
  EXPECT_EQ(table->warning(), "");
  const auto again = FileTable::parse(Layout(parquet(2)), table->serialize());
  ASSERT_OK(again);
  EXPECT_EQ(paths_of(*again), paths_of(*table));

  config::Workload w = parquet(2);
  w.dataset.num_files_eval = 1;
  table = find(w, Split::kEval);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/data/validation-00000-of-00001.parquet"));
  EXPECT_EQ(table->warning(), "");
}

TEST_F(ForeignListingTest, NamesOfDataHubsAreFoundInTheDataFolderItselfFirst) {
  put({"train-00000-of-00001-4ee8e2aae6c3e7a1.parquet", "data/train-00000-of-00002.parquet",
       "test-00000-of-00001.parquet"});
  config::Workload w = parquet(1);
  w.dataset.num_files_eval = 1;
  auto table = find(w);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/train-00000-of-00001-4ee8e2aae6c3e7a1.parquet"));
  table = find(w, Split::kEval);
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/test-00000-of-00001.parquet"));
  EXPECT_EQ(table->warning(), "/d: there is no validation split: evaluating with the test split");
}

TEST_F(ForeignListingTest, EverySpellingOfTheValidationSplitIsFound) {
  for (const char* word : {"validation", "valid", "val", "dev"}) {
    io::testing::MemStorage storage;
    const std::string name = "/d/" + std::string(word) + "-00000-of-00001.parquet";
    storage.put(name, "x");
    storage.put("/d/test-00000-of-00001.parquet", "x");
    config::Workload w = parquet(1);
    w.dataset.num_files_eval = 1;
    const auto table = find_files(storage, Layout(w), Split::kEval, w.dataset);
    ASSERT_OK(table);
    EXPECT_THAT(paths_of(*table), ElementsAre(name));
  }
}

TEST_F(ForeignListingTest, FolderOfTheSplitWinsOverHubNames) {
  put({"train/z.parquet", "data/train-00000-of-00001.parquet", "a.parquet"});
  const auto table = find(parquet(1));
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/train/z.parquet"));
}

TEST_F(ForeignListingTest, WithoutATrainFolderTheDataFolderIsTakenAndThatIsSaid) {
  put({"b.parquet", "a.parquet", "c.parquet", "_metadata", ".a.parquet", "x.txt", "other/d.parquet",
       "validation-00000-of-00001.parquet"});
  auto table = find(parquet(2));
  ASSERT_OK(table);
  EXPECT_THAT(paths_of(*table), ElementsAre("/d/a.parquet", "/d/b.parquet"));
  EXPECT_EQ(
      table->warning(),
      "/d: there is no folder 'train': taking the files that lie in the data folder; /d: found 3 files, using the "
      "first 2 by name (dataset.num_files_train)");
  // Not where there is one, though it be empty.
  ASSERT_OK(storage_.make_directories("/d/train"));
  EXPECT_ERROR(find(parquet(2)), Code::kNotFound, "/d/train: found 0 files");
}

TEST_F(ForeignListingTest, DataFolderItselfIsNoEvaluationSplit) {
  put({"a.parquet", "b.parquet"});
  config::Workload w = parquet(1);
  w.dataset.num_files_eval = 1;
  EXPECT_ERROR(find(w, Split::kEval), Code::kNotFound,
               "/d/valid: found 0 files ending in '.parquet', '.parq' or '.pq', expected 1 (dataset.num_files_eval); "
               "found instead: 2 files ending in '.parquet' (a.parquet, b.parquet)");
}

TEST_F(ForeignListingTest, WhatLiesThereInsteadIsToldWithWhatWouldHaveBeenTaken) {
  put({"train/d.csv", "train/a.csv", "train/b.csv", "train/readme", "train/c.json", "train/._x.parquet", "top.csv"});
  const auto table = find(parquet(4));
  EXPECT_ERROR(
      table, Code::kNotFound,
      "/d/train: found 0 files ending in '.parquet', '.parq' or '.pq', expected 4 (dataset.num_files_train); "
      "found instead: 3 files ending in '.csv', 1 file without an ending, 1 file ending in '.json', 1 hidden file "
      "(train/a.csv, train/b.csv, train/c.json, ...)");
  EXPECT_EQ(
      table.error().hint,
      "generate the data set with ++workload.workflow.generate_data=True; data of other programs are taken from "
      "train/, or train-00000-of-00001.parquet and so on from /d or its folder data, or without a folder train all "
      "that lie in it; names that begin with . or _ are hidden");
}

TEST_F(ForeignListingTest, ExactlyThreeNamesHaveNoDots) {
  put({"train/a.csv", "train/b.csv", "train/c.csv"});
  EXPECT_ERROR(find(parquet(1)), Code::kNotFound,
               "found instead: 3 files ending in '.csv' (train/a.csv, train/b.csv, train/c.csv)");
}

TEST_F(ForeignListingTest, ManyEndingsAreCutAndNamesAreSpelledOut) {
  put({"train/a.v", "train/a.w", "train/a.x", "train/a.y", "train/\x1b[31m.z"});
  const auto table = find(parquet(1));
  EXPECT_ERROR(
      table, Code::kNotFound,
      "found instead: 1 file ending in '.v', 1 file ending in '.w', 1 file ending in '.x', 1 file ending in '.y', "
      "others (train/\\x1b[31m.z, train/a.v, train/a.w, ...)");
}

TEST_F(ForeignListingTest, FilesOfOtherNamesInTheHubsFolderAreTold) {
  put({"data/foo.parquet"});
  EXPECT_ERROR(find(parquet(1)), Code::kNotFound, "found instead: 1 file ending in '.parquet' (data/foo.parquet)");
}

// Each of its files would be read once per turn.
TEST(ListingOfLinks, ALinkThatLeadsUpIsRefused) {
  const ::stoker::testing::TempDir dir;
  std::filesystem::create_directories(dir.path() / "train" / "0");
  std::ofstream(dir.path() / "train" / "a.npz") << "x";
  config::Workload w = workload(1);
  w.dataset.data_folder = dir.path().string();
  w.dataset.num_subfolders_train = 2;
  const auto storage = io::make_posix_storage();
  EXPECT_OK(find_files(*storage, Layout(w), Split::kTrain, w.dataset));
  std::filesystem::create_directory_symlink("..", dir.path() / "train" / "0" / "up");
  EXPECT_ERROR(find_files(*storage, Layout(w), Split::kTrain, w.dataset), Code::kUnsupported,
               "train/0/up: is a link that leads back up");
}

TEST_F(ForeignListingTest, FoldersHaveABound) {
  std::string path = "train";
  for (int i = 0; i < 17; ++i) path += "/x";
  put({(path + "/a.parquet").c_str()});
  config::Workload w = parquet(1);
  w.dataset.num_subfolders_train = 2;
  EXPECT_ERROR(find(w), Code::kUnsupported, "lies more than 16 folders below train");
}

TEST_F(ForeignListingTest, OnlyHiddenFilesAreCounted) {
  put({"train/_a.parquet", "train/.b.parquet"});
  EXPECT_ERROR(find(parquet(1)), Code::kNotFound, "found instead: 2 hidden files");
}

// ---- data sets with a manifest ----

class NamedListingTest : public ListingTest {
 protected:
  Result<FileTable> find_named(const config::Workload& w, const Layout& layout, Split split = Split::kTrain) {
    return find_named_files(storage_, layout, split, w.dataset);
  }
};

TEST_F(NamedListingTest, FilesOfAnOlderDataSetBesideThemAreNotTaken) {
  put_all(workload(168));
  put_all(workload(7));
  const config::Workload w = workload(7);
  const auto table = find_named(w, Layout(w));
  ASSERT_OK(table);
  EXPECT_TRUE(table->is_computed());
  EXPECT_EQ(table->size(), 7U);
  EXPECT_EQ(table->path(6), "/d/train/img_6_of_7.npz");
  EXPECT_EQ(table->warning(), "");
}

TEST_F(NamedListingTest, FewerAreTheFirstUnderTheirOwnNames) {
  config::Workload w = workload(7);
  w.dataset.num_files_eval = 3;
  put_all(w);
  ASSERT_OK(storage_.remove("/d/train/img_5_of_7.npz"));
  const Layout some = Layout(w).first(5, 2);
  auto table = find_named(w, some);
  ASSERT_OK(table);
  EXPECT_EQ(table->size(), 5U);
  EXPECT_EQ(table->path(4), "/d/train/img_4_of_7.npz");
  const auto again = FileTable::parse(some, table->serialize());
  ASSERT_OK(again);
  EXPECT_EQ(paths_of(*again), paths_of(*table));
  table = find_named(w, some, Split::kEval);
  ASSERT_OK(table);
  EXPECT_EQ(table->size(), 2U);
  EXPECT_EQ(table->path(1), "/d/valid/img_1_of_3.npz");
  EXPECT_ERROR(find_named(w, Layout(w).first(6, 0)), Code::kNotFound,
               "/d/train: 1 of the 6 files that the data set's manifest names are missing: img_5_of_7.npz");
}

TEST_F(NamedListingTest, MissingFilesAreCountedAndThreeAreNamed) {
  config::Workload w = workload(6);
  w.dataset.num_subfolders_train = 2;
  put_all(w);
  // In the wrong folder, half written, a folder of the name: not there.
  storage_.put("/d/train/0/img_1_of_6.npz", "x");
  storage_.put("/d/train/1/img_1_of_6.npz.tmp", "x");
  ASSERT_OK(storage_.remove("/d/train/1/img_1_of_6.npz"));
  ASSERT_OK(storage_.remove("/d/train/0/img_2_of_6.npz"));
  ASSERT_OK(storage_.make_directories("/d/train/0/img_2_of_6.npz"));
  auto table = find_named(w, Layout(w));
  EXPECT_ERROR(table, Code::kNotFound,
               "/d/train: 2 of the 6 files that the data set's manifest names are missing: 1/img_1_of_6.npz, "
               "0/img_2_of_6.npz");
  EXPECT_THAT(table.error().message, ::testing::Not(HasSubstr("...")));
  EXPECT_EQ(table.error().hint, "write them again with ++workload.workflow.generate_data=True");
  ASSERT_OK(storage_.remove("/d/train/1/img_3_of_6.npz"));
  ASSERT_OK(storage_.remove("/d/train/1/img_5_of_6.npz"));
  EXPECT_ERROR(find_named(w, Layout(w)), Code::kNotFound,
               "4 of the 6 files that the data set's manifest names are missing: 1/img_1_of_6.npz, 0/img_2_of_6.npz, "
               "1/img_3_of_6.npz, ...");
}

TEST_F(NamedListingTest, EachFolderIsListedOnceAndNothingElseIsAsked) {
  config::Workload w = workload(4);
  w.dataset.num_subfolders_train = 2;
  put_all(w);
  ASSERT_OK(find_named(w, Layout(w)));
  std::vector<std::string> listed;
  for (const auto& call : storage_.calls()) {
    EXPECT_EQ(static_cast<int>(call.op), static_cast<int>(io::testing::MemCall::Op::kList));
    listed.push_back(call.path);
  }
  EXPECT_THAT(listed, ElementsAre("/d/train/0", "/d/train/1"));
}

TEST_F(NamedListingTest, MissingFolderMeansAllOfItsFilesAreMissing) {
  const config::Workload w = workload(2);
  EXPECT_EQ(
      find_named(w, Layout(w)).error().message,
      "/d/train: 2 of the 2 files that the data set's manifest names are missing: img_0_of_2.npz, img_1_of_2.npz");
  const config::Workload one = workload(1);
  EXPECT_ERROR(find_named(one, Layout(one)), Code::kNotFound, "/d/train: 1 of the 1 file that");
  ForbiddenStorage forbidden(storage_);
  EXPECT_ERROR(find_named_files(forbidden, Layout(w), Split::kTrain, w.dataset), Code::kPermission, "/d/train: list");
}

TEST_F(NamedListingTest, SkipListingProbesTheNamesOfTheDataSet) {
  config::Workload w = workload(12);
  put_all(w);
  w.dataset.skip_listing = true;
  w.dataset.listing_validation_interval = 1;
  ASSERT_OK(find_named(w, Layout(w).first(3, 0)));
  EXPECT_EQ(storage_.calls().back().path, "/d/train/img_02_of_12.npz");
  ASSERT_OK(storage_.remove("/d/train/img_02_of_12.npz"));
  EXPECT_ERROR(find_named(w, Layout(w).first(3, 0)), Code::kNotFound,
               "1 of 3 probed files are missing: img_02_of_12.npz");
}

TEST_F(NamedListingTest, SplitWithoutFilesIsNotLookedAt) {
  const config::Workload w = workload(4);
  const auto table = find_named(w, Layout(w), Split::kEval);
  ASSERT_OK(table);
  EXPECT_EQ(table->size(), 0U);
  EXPECT_TRUE(storage_.calls().empty());
}

TEST(FileTable, ListedNamesTakeAFewBytesEachToSend) {
  config::Workload w = workload(20'000);
  config::Workload other = workload(100'000);
  other.dataset.num_subfolders_train = 10;
  const Layout names(other);
  std::vector<std::string> paths;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    paths.push_back(
        (io::Path("train") / names.subfolder(Split::kTrain, i) / names.file_name(Split::kTrain, i)).string());
  }
  const FileTable table = FileTable::listed(Layout(w), Split::kTrain, paths);
  const std::string text = table.serialize();
  EXPECT_LT(text.size(), 20'000U * 7);
  const auto again = FileTable::parse(Layout(w), text);
  ASSERT_OK(again);
  EXPECT_EQ(paths_of(*again), paths_of(table));
  EXPECT_EQ(again->path(12'345), "/d/train/05/img_012345_of_100000.npz");
}

TEST(FileTable, OddNamesSurvive) {
  const std::vector<std::string> paths = {"",   "a",          "aa",           "aaa",
                                          "aa", "a b\nc.npz", "\xFF\x80.npz", std::string(300, 'z')};
  const FileTable table = FileTable::listed(Layout(workload(8)), Split::kTrain, paths);
  const auto again = FileTable::parse(Layout(workload(8)), table.serialize());
  ASSERT_OK(again);
  EXPECT_EQ(paths_of(*again), paths_of(table));
  EXPECT_EQ(again->path(5), "/d/a b\nc.npz");
}

TEST(FileTable, DamagedTextIsAnError) {
  const Layout layout(workload(3));
  const std::string text = FileTable::listed(layout, Split::kTrain, {"abc.npz", "abd.npz", "abe.npz"}).serialize();
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_ERROR(FileTable::parse(layout, std::string_view(text).substr(0, length)), Code::kCorrupt, "damaged");
  }
  EXPECT_ERROR(FileTable::parse(layout, text + "x"), Code::kCorrupt, "damaged");
  EXPECT_ERROR(FileTable::parse(layout, "xt"), Code::kCorrupt, "damaged");
  EXPECT_ERROR(FileTable::parse(layout, "cq"), Code::kCorrupt, "damaged");
  // Shares more with the name before than that has.
  EXPECT_ERROR(FileTable::parse(layout, std::string("lt\x01\x00\x01\x00\x05\x00\x01z", 10)), Code::kCorrupt, "damaged");
  // A folder that is not there.
  EXPECT_ERROR(FileTable::parse(layout, std::string("lt\x01\x00\x01\x01\x00\x00\x01z", 10)), Code::kCorrupt, "damaged");
  EXPECT_OK(FileTable::parse(layout, std::string("lt\x01\x00\x01\x00\x00\x00\x01z", 10)));
  // A number that never ends.
  EXPECT_ERROR(FileTable::parse(layout, "lt" + std::string(20, '\xFF')), Code::kCorrupt, "damaged");
}

TEST(FileTable, NamesAreThoseBelowTheFolderOfTheSplit) {
  config::Workload w = workload(12);
  w.dataset.num_subfolders_train = 3;
  const Layout layout(w);
  const FileTable computed = FileTable::computed(layout, Split::kTrain);
  EXPECT_EQ(layout.split_folder(Split::kTrain) / computed.name(11), computed.path(11));
  EXPECT_EQ(computed.name(11), (layout.subfolder(Split::kTrain, 11) / layout.file_name(Split::kTrain, 11)).string());
  const FileTable listed =
      FileTable::listed(layout, Split::kTrain, {"train/a.npz", "train/k=1/b.npz", "trainer/c.npz"});
  EXPECT_EQ(listed.name(0), "a.npz");
  EXPECT_EQ(listed.name(1), "k=1/b.npz");
  EXPECT_EQ(listed.name(2), "trainer/c.npz");
}

}  // namespace
}  // namespace stoker::dataset
