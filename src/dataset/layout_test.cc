#include "dataset/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  w.dataset.data_folder = "./data";
  EXPECT_EQ(Layout(w).root(), "data");
  w.dataset.data_folder = "data/unet3d/";
  EXPECT_EQ(Layout(w).root(), "data/unet3d");
  w.dataset.data_folder = "/srv/set/";
  EXPECT_EQ(Layout(w).root(), "/srv/set");
  w.dataset.data_folder = "/";
  EXPECT_EQ(Layout(w).root(), "/");
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

}  // namespace
}  // namespace stoker::dataset
