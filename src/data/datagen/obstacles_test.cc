#include "data/datagen/obstacles.h"

#include "data/datagen/testing/data_set.h"

namespace stoker::datagen {
namespace {

using io::testing::MemStorage;

struct ObstaclesTest : ::testing::Test {
  Obstacles find(const dataset::Layout* ours = nullptr) {
    const auto found = find_obstacles(storage, dataset::Layout(w), ours);
    EXPECT_OK(found);
    return *found;
  }
  config::Workload w = testing::workload();
  MemStorage storage;
};

TEST_F(ObstaclesTest, AnAbsentOrEmptyFolderHasNone) {
  EXPECT_EQ(find().files, 0U);
  ASSERT_OK(storage.make_directories("/data/train"));
  EXPECT_EQ(find().files, 0U);
  EXPECT_TRUE(find().first.empty());
}

TEST_F(ObstaclesTest, FilesOfTheDataSetsNamesAreFound) {
  storage.put("/data/valid/img_1_of_2.parquet", "x");
  storage.put("/data/train/img_4_of_5.parquet", "x");
  storage.put("/data/train/img_0_of_5.parquet", "x");
  const Obstacles found = find();
  EXPECT_EQ(found.files, 3U);
  EXPECT_EQ(found.first, "/data/train/img_0_of_5.parquet");
}

TEST_F(ObstaclesTest, OtherNamesAreNone) {
  for (const char* name :
       {"img_5_of_5.parquet", "img_9_of_5.parquet", "img_00_of_5.parquet", "img_0_of_6.parquet",
        "img_0_of_5.parquet.tmp2", "img_0_of_5.csv", "xmg_0_of_5.parquet", "im_0_of_5.parquet", "img_+0_of_5.parquet",
        "img_x_of_5.parquet", "_0_of_5.parquet", "0_of_5.parquet", "x", "5.parquet", "img_-_of_5.parquet"}) {
    storage.put(io::Path("/data/train") / name, "x");
  }
  storage.put("/data/img_0_of_5.parquet", "x");
  storage.put("/data/train/0/img_0_of_5.parquet", "x");
  EXPECT_EQ(find().files, 0U);
}

TEST_F(ObstaclesTest, NumbersOfSeveralDigits) {
  w.dataset.num_files_train = 120;
  w.dataset.file_prefix = "a1_of_120";
  storage.put("/data/train/a1_of_120_007_of_120.parquet", "x");
  storage.put("/data/train/a1_of_120_119_of_120.parquet", "x");
  storage.put("/data/train/a1_of_120_120_of_120.parquet", "x");
  storage.put("/data/train/a1_of_120_07_of_120.parquet", "x");
  EXPECT_EQ(find().files, 2U);
}

TEST_F(ObstaclesTest, EachFileHasItsFolder) {
  w.dataset.num_subfolders_train = 3;
  storage.put("/data/train/0/img_0_of_5.parquet", "x");
  storage.put("/data/train/1/img_0_of_5.parquet", "x");  // is file 1's and file 4's folder
  storage.put("/data/train/2/img_2_of_5.parquet", "x");
  storage.put("/data/train/img_1_of_5.parquet", "x");
  const Obstacles found = find();
  EXPECT_EQ(found.files, 2U);
  EXPECT_EQ(found.first, "/data/train/0/img_0_of_5.parquet");
}

TEST_F(ObstaclesTest, FilesThatAreReplacedAreNone) {
  storage.put("/data/train/img_0_of_5.parquet", "x");
  storage.put("/data/valid/img_1_of_2.parquet", "x");
  const dataset::Layout same(w);
  EXPECT_EQ(find(&same).files, 0U);
  config::Workload old = w;
  old.dataset.num_files_eval = 3;
  const dataset::Layout other(old);
  const Obstacles found = find(&other);
  EXPECT_EQ(found.files, 1U);
  EXPECT_EQ(found.first, "/data/valid/img_1_of_2.parquet");
}

TEST_F(ObstaclesTest, FilesBeyondTheFirstThatAreTakenAreNone) {
  storage.put("/data/train/img_2_of_5.parquet", "x");
  storage.put("/data/train/img_3_of_5.parquet", "x");
  const auto found = find_obstacles(storage, dataset::Layout(w).first(3, 2), nullptr);
  ASSERT_OK(found);
  EXPECT_EQ(found->files, 1U);
  EXPECT_EQ(found->first, "/data/train/img_2_of_5.parquet");
}

TEST_F(ObstaclesTest, SideFilesAreSome) {
  w.dataset.format = config::FormatName::kTfrecord;
  storage.put("/data/index/valid/img_1_of_2.tfrecord.idx", "x");
  storage.put("/data/index/train/img_4_of_5.tfrecord.idx.tmp", "x");
  storage.put("/data/index/train/img_4_of_5.tfrecord", "x");
  EXPECT_EQ(find().files, 2U);
  EXPECT_EQ(find().first, "/data/index/train/img_4_of_5.tfrecord.idx.tmp");
  const dataset::Layout ours(w);
  EXPECT_EQ(find(&ours).files, 0U);
  w.dataset.format = config::FormatName::kIndexedBinary;
  storage.put("/data/train/img_0_of_5.indexed_binary.sz.idx", "x");
  EXPECT_EQ(find().files, 1U);
}

}  // namespace
}  // namespace stoker::datagen
