#include "data/dataset/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace stoker::dataset {
namespace {

config::Workload workload(std::int64_t train, std::int64_t eval = 0) {
  config::Workload w;
  w.dataset.format = config::FormatName::kNpz;
  w.dataset.data_folder = "data";
  w.dataset.num_files_train = train;
  w.dataset.num_files_eval = eval;
  w.dataset.num_samples_per_file = 3;
  w.storage.storage_root = "/mnt";
  return w;
}

TEST(Layout, NumbersArePaddedToTheDigitsOfTheFileCount) {
  EXPECT_EQ(Layout(workload(8)).file_name(Split::kTrain, 0), "img_0_of_8.npz");
  EXPECT_EQ(Layout(workload(10)).file_name(Split::kTrain, 0), "img_00_of_10.npz");
  EXPECT_EQ(Layout(workload(168)).file_name(Split::kTrain, 7), "img_007_of_168.npz");
  EXPECT_EQ(Layout(workload(100'000'000)).file_name(Split::kTrain, 42), "img_000000042_of_100000000.npz");
}

TEST(Layout, TrainAndValidAreNumberedIndependently) {
  const Layout layout(workload(10, 2));
  EXPECT_EQ(layout.total_files(), 12U);
  const FileSpec first_eval = layout.file(10);
  EXPECT_EQ(first_eval.path, "/mnt/data/valid/img_0_of_2.npz");
  EXPECT_EQ(first_eval.index, 10U);
  EXPECT_EQ(first_eval.number, 0U);
  EXPECT_EQ(first_eval.split, Split::kEval);
  EXPECT_EQ(first_eval.rows, 3U);
  EXPECT_EQ(layout.file(9).path, "/mnt/data/train/img_09_of_10.npz");
  EXPECT_EQ(layout.file(9).index, 9U);
}

TEST(Layout, NoSubfolderAndOneSubfolderAreBothFlat) {
  for (const int subfolders : {0, 1}) {
    config::Workload w = workload(4);
    w.dataset.num_subfolders_train = subfolders;
    const Layout layout(w);
    EXPECT_EQ(layout.folders(Split::kTrain), 1U);
    EXPECT_EQ(layout.subfolder(Split::kTrain, 3), "");
    EXPECT_EQ(layout.file(Split::kTrain, 3).path, "/mnt/data/train/img_3_of_4.npz");
  }
}

TEST(Layout, SubfoldersArePaddedToTheDigitsOfTheirCount) {
  config::Workload w = workload(20, 20);
  w.dataset.num_subfolders_train = 10;
  w.dataset.num_subfolders_eval = 9;
  const Layout layout(w);
  EXPECT_EQ(layout.file(Split::kTrain, 13).path, "/mnt/data/train/03/img_13_of_20.npz");
  EXPECT_EQ(layout.file(Split::kEval, 13).path, "/mnt/data/valid/4/img_13_of_20.npz");
  EXPECT_EQ(layout.folders(Split::kTrain), 10U);
  EXPECT_EQ(layout.folders(Split::kEval), 9U);
}

TEST(Layout, DataFolderIsJoinedToTheStorageRootUnlessItIsAbsolute) {
  config::Workload w = workload(1);
  w.storage.storage_root = "./";
  const std::pair<const char*, const char*> roots[] = {
      {"./data", "data"},
      {"data/unet3d/", "data/unet3d"},
      {"/srv/set/", "/srv/set"},
      {"/", "/"},
      {"./a//./b/", "a/b"},
      {".", "."},
      {"/a/link/../b", "/a/link/../b"},  // behind a link, ".." is not what stands before it
      {"a://..", "a://.."},              // a URI of a storage that there is not: refused by config::validate
  };
  for (const auto& [folder, root] : roots) {
    w.dataset.data_folder = folder;
    EXPECT_EQ(Layout(w).root(), root);
  }
  w.storage.storage_root = "s3://bucket";
  w.dataset.data_folder = "set";
  EXPECT_EQ(Layout(w).root(), "s3://bucket/set");
  w.dataset.data_folder = "s3://other/set";
  EXPECT_EQ(Layout(w).root(), "s3://other/set");
}

TEST(Layout, ExtensionIsTheFormatNameAndForCompressedCsvTheSuffixToo) {
  config::Workload w = workload(1);
  w.dataset.format = config::FormatName::kMmapIndexedBinary;
  EXPECT_EQ(Layout(w).file_name(Split::kTrain, 0), "img_0_of_1.mmap_indexed_binary");
  w.dataset.format = config::FormatName::kJpeg;
  EXPECT_EQ(Layout(w).file_name(Split::kTrain, 0), "img_0_of_1.jpeg");
  w.dataset.format = config::FormatName::kCsv;
  const std::pair<config::Compression, std::string> suffixes[] = {{config::Compression::kNone, "csv"},
                                                                  {config::Compression::kGzip, "csv.gz"},
                                                                  {config::Compression::kBz2, "csv.bz2"},
                                                                  {config::Compression::kXz, "csv.xz"},
                                                                  {config::Compression::kZip, "csv.zip"}};
  for (const auto& [compression, extension] : suffixes) {
    w.dataset.compression = compression;
    EXPECT_EQ(Layout(w).file_name(Split::kTrain, 0), "img_0_of_1." + extension);
  }
  // Only csv compresses the whole file.
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.compression = config::Compression::kGzip;
  EXPECT_EQ(Layout(w).file_name(Split::kTrain, 0), "img_0_of_1.parquet");
}

config::Workload partitioned(config::DType type, std::int64_t train, std::int64_t eval) {
  config::Workload w = workload(train, eval);
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = {{.name = "x"}, {.name = "day", .dtype = type}};
  w.dataset.parquet.partition_by = "day";
  return w;
}

TEST(Layout, PartitionsGoRoundOverTheWholeWorkList) {
  const Layout layout(partitioned(config::DType::kInt32, 20, 3));
  EXPECT_EQ(layout.folders(Split::kTrain), 16U);
  EXPECT_EQ(layout.folders(Split::kEval), 3U);
  EXPECT_EQ(layout.file(Split::kTrain, 17).path, "/mnt/data/train/day=1/img_17_of_20.parquet");
  EXPECT_EQ(layout.file(Split::kEval, 0).path, "/mnt/data/valid/day=2/img_0_of_3.parquet");
}

TEST(Layout, BoolPartitionsAreFalseAndTrue) {
  const Layout layout(partitioned(config::DType::kBool, 4, 0));
  EXPECT_EQ(layout.folders(Split::kTrain), 2U);
  EXPECT_EQ(layout.subfolder(Split::kTrain, 2), "day=false");
  EXPECT_EQ(layout.subfolder(Split::kTrain, 3), "day=true");
}

TEST(Layout, PartitionsTakeThePlaceOfSubfoldersAndConcernParquetOnly) {
  config::Workload w = partitioned(config::DType::kString, 4, 0);
  w.dataset.num_subfolders_train = 2;
  EXPECT_EQ(Layout(w).subfolder(Split::kTrain, 3), "day=3");
  w.dataset.format = config::FormatName::kNpz;
  EXPECT_EQ(Layout(w).subfolder(Split::kTrain, 3), "1");
}

TEST(Layout, SplitsWithoutFilesCostNothing) {
  const Layout layout(workload(2, 0));
  EXPECT_EQ(layout.files(Split::kEval), 0U);
  EXPECT_EQ(layout.folders(Split::kEval), 1U);
  EXPECT_EQ(layout.split_folder(Split::kEval), "/mnt/data/valid");
}

TEST(LayoutFirst, KeepsNamesFoldersAndIndexesOfTheWhole) {
  config::Workload w;
  w.dataset.format = config::FormatName::kNpz;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 12;
  w.dataset.num_files_eval = 4;
  w.dataset.num_subfolders_train = 5;
  const Layout all(w);
  const Layout some = all.first(7, 2);
  EXPECT_EQ(some.files(Split::kTrain), 7U);
  EXPECT_EQ(some.files(Split::kEval), 2U);
  EXPECT_EQ(some.total_files(), 9U);
  for (std::uint64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(some.file(Split::kTrain, i).path, all.file(Split::kTrain, i).path);
    EXPECT_EQ(some.file(Split::kTrain, i).index, i);
  }
  EXPECT_EQ(some.file(Split::kEval, 1).path, "/d/valid/img_1_of_4.npz");
  EXPECT_EQ(some.file(Split::kEval, 1).index, 13U);
  EXPECT_THAT(some.subfolders(Split::kTrain), ::testing::ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_THAT(all.first(2, 0).subfolders(Split::kTrain), ::testing::ElementsAre("0", "1"));
  EXPECT_THAT(all.subfolders(Split::kEval), ::testing::ElementsAre(""));
  EXPECT_DEATH((void)some.file(Split::kTrain, 7), "out of range");
  EXPECT_DEATH((void)all.first(13, 0), "more files than there are");
  EXPECT_DEATH((void)all.first(0, 5), "more files than there are");
}

TEST(LayoutFirst, PartitionsOfEvaluationFilesAreThoseOfTheWhole) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 5;
  w.dataset.num_files_eval = 3;
  w.dataset.parquet.columns = {{.name = "day", .dtype = config::DType::kInt32}, {.name = "x"}};
  w.dataset.parquet.partition_by = "day";
  const Layout all(w);
  EXPECT_EQ(all.first(1, 3).file(Split::kEval, 0).path, all.file(Split::kEval, 0).path);
  EXPECT_EQ(all.file(Split::kEval, 0).path, "/d/valid/day=2/img_0_of_3.parquet");
  EXPECT_THAT(all.subfolders(Split::kEval), ::testing::ElementsAre("day=2", "day=0", "day=1"));
  for (const char* name : {"day=0", "day=1", "day=2", "day=3", "day=4"})
    EXPECT_TRUE(all.has_subfolder(Split::kTrain, name));
  for (const char* name : {"day=5", "day=", "0", "", "day"})
    EXPECT_FALSE(all.has_subfolder(Split::kTrain, name)) << name;
}

TEST(LayoutFind, IsTheReverseOfNaming) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.file_prefix = "a_0_of_7";
  w.dataset.num_files_train = 11;
  w.dataset.num_files_eval = 2;
  w.dataset.num_subfolders_train = 3;
  const Layout layout(w);
  for (const Split split : {Split::kTrain, Split::kEval}) {
    for (std::uint64_t i = 0; i < layout.files(split); ++i) {
      const std::string folder = layout.subfolder(split, i).string();
      const std::string name = layout.file_name(split, i);
      EXPECT_EQ(layout.find(split, folder, name), (NamedFile{i, false}));
      EXPECT_EQ(layout.find(split, folder, name + ".tmp"), (NamedFile{i, true}));
      // Nothing is written under other names: they are somebody's.
      EXPECT_EQ(layout.find(split, folder, name + ".my-notes.tmp"), std::nullopt);
      EXPECT_EQ(layout.find(split, folder, name + ".bak"), std::nullopt);
      EXPECT_EQ(layout.find(split, folder, name + "tmp"), std::nullopt);
      EXPECT_EQ(layout.find(split, folder, name + "x.tmp"), std::nullopt);
      EXPECT_EQ(layout.find(split, folder, "x" + name), std::nullopt);
      EXPECT_EQ(layout.find(split, folder + "x", name), std::nullopt);
    }
  }
  // Still known when only the first files are taken.
  EXPECT_EQ(layout.first(2, 0).find(Split::kTrain, "1", "a_0_of_7_10_of_11.parquet"), (NamedFile{10, false}));
}

TEST(LayoutFind, NamesOfOtherDataSetsAreNotFound) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 12;
  const Layout layout(w);
  EXPECT_EQ(layout.find(Split::kTrain, "", "img_07_of_12.parquet"), (NamedFile{7, false}));
  EXPECT_EQ(layout.find(Split::kTrain, "", "img_11_of_12.parquet"), (NamedFile{11, false}));
  for (const char* name : {"",
                           "img",
                           "img_",
                           "img_0",
                           "img_07",
                           "img_7_of_12.parquet",
                           "img_12_of_12.parquet",
                           "img_99_of_12.parquet",
                           "img_007_of_168.parquet",
                           "img_07_of_13.parquet",
                           "img_07_of_12.parq",
                           "img_+7_of_12.parquet",
                           "img_-7_of_12.parquet",
                           "img_ 7_of_12.parquet",
                           "img_0x_of_12.parquet",
                           "img_07_of_12.parque",
                           "._img_07_of_12.parquet",
                           "IMG_07_of_12.parquet",
                           ".tmp",
                           "img_07_of_12.tmp",
                           "img_07_of_12.parquet."}) {
    EXPECT_EQ(layout.find(Split::kTrain, "", name), std::nullopt) << name;
  }
  EXPECT_EQ(layout.find(Split::kEval, "", "img_0_of_0.parquet"), std::nullopt);
}

TEST(LayoutFind, HostileNumbersOfFilesAndFoldersTakeNoTimeAndNoMemory) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = std::numeric_limits<std::int64_t>::max();
  w.dataset.num_subfolders_train = std::numeric_limits<std::int64_t>::max();
  const Layout layout(w);
  EXPECT_TRUE(layout.has_subfolder(Split::kTrain, "0000000000000000007"));
  EXPECT_FALSE(layout.has_subfolder(Split::kTrain, "9999999999999999999"));
  EXPECT_FALSE(layout.has_subfolder(Split::kTrain, "7"));
  EXPECT_EQ(layout.find(Split::kTrain, "0000000000000000007", "img_0000000000000000007_of_9223372036854775807.parquet"),
            (NamedFile{7, false}));
  EXPECT_EQ(layout.find(Split::kTrain, "9999999999999999999", "img_9999999999999999999_of_9223372036854775807.parquet"),
            std::nullopt);
}

TEST(LayoutFind, SubfoldersAreThoseWithFiles) {
  config::Workload w;
  w.dataset.format = config::FormatName::kNpz;
  w.dataset.num_files_train = 4;
  w.dataset.num_subfolders_train = 10;
  const Layout layout(w);
  EXPECT_THAT(layout.subfolders(Split::kTrain), ::testing::ElementsAre("00", "01", "02", "03"));
  EXPECT_TRUE(layout.has_subfolder(Split::kTrain, "03"));
  for (const char* name : {"04", "3", "003", "0x", "", "+3"})
    EXPECT_FALSE(layout.has_subfolder(Split::kTrain, name)) << name;
  w.dataset.num_subfolders_train = 1;
  EXPECT_FALSE(Layout(w).has_subfolder(Split::kTrain, "0"));
}

TEST(LayoutExtensions, ParquetHasThree) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  EXPECT_THAT(Layout(w).extensions(), ::testing::ElementsAre("parquet", "parq", "pq"));
  w.dataset.format = config::FormatName::kCsv;
  w.dataset.compression = config::Compression::kGzip;
  EXPECT_THAT(Layout(w).extensions(), ::testing::ElementsAre("csv.gz"));
}

TEST(LayoutSides, LieBesideTheirFiles) {
  config::Workload w;
  w.dataset.format = config::FormatName::kIndexedBinary;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 12;
  w.dataset.num_subfolders_train = 3;
  const Layout layout(w);
  ASSERT_EQ(layout.side_files(), 2U);
  EXPECT_TRUE(layout.side_folders().empty());
  const FileSpec file = layout.file(Split::kTrain, 7);
  EXPECT_EQ(layout.side_path(file, 0), "/d/train/1/img_07_of_12.indexed_binary.off.idx");
  EXPECT_EQ(layout.side_path(file, 1), "/d/train/1/img_07_of_12.indexed_binary.sz.idx");
  for (const std::size_t side : {0U, 1U}) {
    for (const bool is_temporary : {false, true}) {
      const std::string name = layout.side_path(file, side).filename().string() + (is_temporary ? ".tmp" : "");
      const auto found = layout.find(Split::kTrain, "1", name);
      ASSERT_TRUE(found) << name;
      EXPECT_EQ(*found, (NamedFile{.number = 7, .is_temporary = is_temporary, .side = side}));
      EXPECT_FALSE(found->is_data());
      EXPECT_FALSE(layout.find(Split::kTrain, "2", name));
    }
  }
  EXPECT_TRUE(layout.find(Split::kTrain, "1", "img_07_of_12.indexed_binary")->is_data());
  for (const char* other :
       {"img_07_of_12.indexed_binary.idx", "img_07_of_12.indexed_binary.off", "img_07_of_12.off.idx",
        "img_07_of_12.indexed_binary.off.idx.tmp.tmp", "img_07_of_12.indexed_binary.tmp.off.idx"}) {
    EXPECT_FALSE(layout.find(Split::kTrain, "1", other)) << other;
  }
}

TEST(LayoutSides, MayHaveAFolderOfTheirOwn) {
  config::Workload w;
  w.dataset.format = config::FormatName::kTfrecord;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 12;
  w.dataset.num_files_eval = 2;
  w.dataset.num_subfolders_train = 3;
  const Layout layout(w);
  ASSERT_EQ(layout.side_files(), 1U);
  EXPECT_EQ(layout.side_folders(), std::vector<std::string>{"index"});
  // Subfolders are not mirrored.
  EXPECT_EQ(layout.side_path(layout.file(Split::kTrain, 7), 0), "/d/index/train/img_07_of_12.tfrecord.idx");
  EXPECT_EQ(layout.side_path(layout.file(Split::kEval, 1), 0), "/d/index/valid/img_1_of_2.tfrecord.idx");
  const auto find = [&](Split split, std::string_view name) { return layout.find_apart(split, "index", name); };
  EXPECT_EQ(find(Split::kTrain, "img_07_of_12.tfrecord.idx"), (NamedFile{.number = 7, .side = 0}));
  EXPECT_EQ(find(Split::kTrain, "img_07_of_12.tfrecord.idx.tmp"),
            (NamedFile{.number = 7, .is_temporary = true, .side = 0}));
  EXPECT_EQ(find(Split::kEval, "img_1_of_2.tfrecord.idx")->number, 1U);
  EXPECT_FALSE(find(Split::kEval, "img_07_of_12.tfrecord.idx"));
  EXPECT_FALSE(find(Split::kTrain, "img_07_of_12.tfrecord"));
  EXPECT_FALSE(layout.find_apart(Split::kTrain, "other", "img_07_of_12.tfrecord.idx"));
  EXPECT_FALSE(layout.find(Split::kTrain, "1", "img_07_of_12.tfrecord.idx"));
  EXPECT_TRUE(layout.find(Split::kTrain, "1", "img_07_of_12.tfrecord")->is_data());
}

}  // namespace
}  // namespace stoker::dataset
