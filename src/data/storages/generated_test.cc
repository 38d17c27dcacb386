#include "data/storages/generated.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/dataset/layout.h"
#include "data/dataset/listing.h"
#include "data/format/format.h"
#include "data/io/folder.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::storages {
namespace {

using dataset::Split;
using io::testing::MemStorage;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/data/set";
  w.dataset.num_files_train = 12;
  w.dataset.num_files_eval = 2;
  w.dataset.num_samples_per_file = 1500;
  w.dataset.parquet.row_group_size = 1000;
  w.dataset.parquet.columns = {{.name = "a", .dtype = config::DType::kFloat32, .size = 20},
                               {.name = "b", .dtype = config::DType::kInt8}};
  w.storage.storage_root = "/";
  w.storage.storage_type = config::StorageType::kGenerated;
  return w;
}

// Over a storage in memory that has something in the data folder, which must not be seen, and a folder of results.
class GeneratedStorage : public ::testing::Test {
 protected:
  void make(const config::Workload& w) {
    auto below = std::make_unique<MemStorage>();
    below->put("/data/set/stoker_dataset.json", "{}");
    below->put("/data/set/train/other.parquet", "x");
    below->put("/data/settled/file", "results");
    below_ = below.get();
    auto storage = make_generated_storage(std::move(below), w);
    ASSERT_OK(storage);
    storage_ = *std::move(storage);
  }
  std::vector<std::string> names(const io::Path& folder) {
    const auto entries = storage_->list(folder);
    EXPECT_OK(entries);
    std::vector<std::string> names;
    for (const io::DirEntry& entry : *entries) names.push_back(entry.name + (entry.is_directory ? "/" : ""));
    std::ranges::sort(names);
    return names;
  }

  MemStorage* below_ = nullptr;
  std::unique_ptr<io::Storage> storage_;
};

// Written by the format's writer, as datagen does.
std::vector<std::byte> written(const config::Workload& w, const dataset::FileSpec& spec) {
  MemStorage storage;
  const auto format = format::find_format(w.dataset.format);
  auto writer = (*format)->make_writer(w);
  EXPECT_OK(writer);
  auto file = storage.create("f");
  EXPECT_OK((*writer)->write(spec, **file, {}));
  EXPECT_OK((*file)->commit());
  return storage.get("f");
}

TEST_F(GeneratedStorage, HoldsTheFilesThatDatagenWouldWrite) {
  const config::Workload w = workload();
  make(w);
  const dataset::Layout layout(w);
  for (const Split split : {Split::kTrain, Split::kEval}) {
    for (std::uint64_t i = 0; i < layout.files(split); ++i) {
      const dataset::FileSpec spec = layout.file(split, i);
      const std::vector<std::byte> expected = written(w, spec);
      EXPECT_EQ(*storage_->exists(spec.path), true);
      EXPECT_EQ(*storage_->file_size(spec.path), expected.size());
      const auto file = storage_->open(spec.path, {});
      ASSERT_OK(file);
      EXPECT_EQ((*file)->path(), spec.path);
      std::vector<std::byte> found((*file)->size());
      ASSERT_OK(io::read_at(**file, 0, found));
      EXPECT_EQ(found, expected) << spec.path;
    }
  }
  EXPECT_EQ(below_->calls().size(), 0U) << "nothing is asked of the storage below";
}

TEST_F(GeneratedStorage, ListsThemAndNothingElse) {
  config::Workload w = workload();
  make(w);
  EXPECT_THAT(names("/data/set"), ElementsAre("train/", "valid/"));
  EXPECT_THAT(names("/data/set/valid"), ElementsAre("img_0_of_2.parquet", "img_1_of_2.parquet"));
  EXPECT_EQ(names("/data/set/train").size(), 12U);
  EXPECT_EQ(*storage_->exists("/data/set/stoker_dataset.json"), false);
  EXPECT_EQ(*storage_->exists("/data/set/train/other.parquet"), false);
  EXPECT_EQ(*storage_->exists("/data/set/train/img_00_of_12.parquet.tmp"), false);
  EXPECT_ERROR(storage_->open("/data/set/train/other.parquet", {}), Code::kNotFound, "is none of the generated files");
  EXPECT_ERROR(storage_->list("/data/set/other"), Code::kNotFound, "/data/set/other: is none of the generated files");

  w.dataset.num_subfolders_train = 3;
  w.dataset.num_files_eval = 0;
  make(w);
  EXPECT_THAT(names("/data/set"), ElementsAre("train/"));
  EXPECT_THAT(names("/data/set/train"), ElementsAre("0/", "1/", "2/"));
  EXPECT_THAT(names("/data/set/train/2"), ElementsAre("img_02_of_12.parquet", "img_05_of_12.parquet",
                                                      "img_08_of_12.parquet", "img_11_of_12.parquet"));
  EXPECT_EQ(*storage_->exists("/data/set/train/1/img_02_of_12.parquet"), false);
  const auto found = dataset::find_files(*storage_, dataset::Layout(w), Split::kTrain, w.dataset);
  ASSERT_OK(found);
  EXPECT_TRUE(found->is_computed());
}

TEST_F(GeneratedStorage, OtherPathsAreThoseOfTheStorageBelow) {
  make(workload());
  EXPECT_EQ(*storage_->file_size("/data/settled/file"), 7U) << "a name that only begins like the data folder's";
  EXPECT_OK(storage_->make_directories("/results"));
  const auto file = storage_->create("/results/summary.json");
  ASSERT_OK(file);
  EXPECT_OK((*file)->commit());
  EXPECT_EQ(*storage_->exists("/results/summary.json"), true);
  EXPECT_THAT(names("/data/settled"), UnorderedElementsAre("file"));
}

TEST_F(GeneratedStorage, NothingIsWrittenIntoTheDataFolder) {
  make(workload());
  constexpr const char* kRefused = "the files of the data folder are computed (storage.storage_type: generated)";
  const io::Path inside = "/data/set/train/img_00_of_12.parquet";
  EXPECT_ERROR(storage_->create(inside), Code::kConfig, kRefused);
  EXPECT_ERROR(storage_->create_if_absent("/data/set/lock", "x"), Code::kConfig, kRefused);
  EXPECT_ERROR(storage_->make_directories("/data/set"), Code::kConfig, kRefused);
  EXPECT_ERROR(storage_->create_log(inside), Code::kConfig, kRefused);
  EXPECT_ERROR(storage_->remove(inside), Code::kConfig, kRefused);
  EXPECT_ERROR(storage_->open_folder("/data/set/train"), Code::kConfig, kRefused);
  EXPECT_ERROR(storage_->remove_empty_directory("/data/set/train"), Code::kConfig, kRefused);
  EXPECT_EQ(below_->count(io::testing::MemCall::Op::kRemove), 0U);
}

// What is asked for, one request for each range.
class Requests final : public io::ReadObserver {
 public:
  std::int64_t now_ns() override { return ++now_; }
  void completed(std::int64_t begin, std::int64_t end, std::uint64_t size, bool) override {
    EXPECT_LT(begin, end);
    bytes.push_back(size);
  }
  std::vector<std::uint64_t> bytes;

 private:
  std::int64_t now_ = 0;
};

TEST_F(GeneratedStorage, EachRangeIsARequest) {
  const config::Workload w = workload();
  make(w);
  const dataset::FileSpec spec = dataset::Layout(w).file(Split::kTrain, 7);
  const std::vector<std::byte> expected = written(w, spec);
  const auto file = storage_->open(spec.path, {});
  ASSERT_OK(file);
  EXPECT_EQ((*file)->alignment(), 1U);
  std::vector<std::byte> a(100), b(5000);
  const std::vector<io::ReadOp> ops{{.offset = 1, .into = a}, {.offset = 60'001, .into = b}};
  Requests requests;
  ASSERT_OK((*file)->read_many(ops, &requests));
  EXPECT_THAT(requests.bytes, ElementsAre(100, 5000));
  EXPECT_TRUE(std::equal(a.begin(), a.end(), expected.begin() + 1));
  EXPECT_TRUE(std::equal(b.begin(), b.end(), expected.begin() + 60'001));
  EXPECT_ERROR(io::read_at(**file, expected.size() - 99, a), Code::kCorrupt, "img_07_of_12.parquet: file ends at byte");
  EXPECT_ERROR(io::read_at(**file, expected.size() + 9, a), Code::kCorrupt, "img_07_of_12.parquet: file ends at byte");
}

// With the alignment of O_DIRECT the last block may reach past the end.
TEST_F(GeneratedStorage, DirectReadsEndWithTheFile) {
  const config::Workload w = workload();
  make(w);
  const dataset::FileSpec spec = dataset::Layout(w).file(Split::kTrain, 0);
  const std::vector<std::byte> expected = written(w, spec);
  const auto file = storage_->open(spec.path, {.direct = true});
  ASSERT_OK(file);
  ASSERT_EQ((*file)->alignment(), 4096U);
  ASSERT_NE(expected.size() % 4096, 0U);
  const std::uint64_t last = expected.size() / 4096 * 4096;
  std::vector<std::byte> into(4096);
  Requests requests;
  ASSERT_OK(io::read_at(**file, last, into, &requests));
  EXPECT_THAT(requests.bytes, ElementsAre(expected.size() - last));
  EXPECT_TRUE(std::equal(expected.begin() + static_cast<std::ptrdiff_t>(last), expected.end(), into.begin()));
  EXPECT_ERROR(io::read_at(**file, last + 4096, into), Code::kCorrupt, "file ends at byte");
}

TEST_F(GeneratedStorage, WhatCannotBeComputedIsRefused) {
  config::Workload w = workload();
  w.dataset.compression = config::Compression::kZstd;
  EXPECT_ERROR(make_generated_storage(std::make_unique<MemStorage>(), w), Code::kConfig,
               "storage.storage_type: generated: bytes of these files depend on their values");
}

TEST_F(GeneratedStorage, HoldsTheIndexesBesideFiles) {
  config::Workload w = workload();
  w.dataset.format = config::FormatName::kIndexedBinary;
  w.dataset.record_length_bytes = 100;
  make(w);
  const dataset::Layout layout(w);
  const dataset::FileSpec spec = layout.file(Split::kTrain, 3);
  for (std::size_t side = 0; side < layout.side_files(); ++side) {
    const io::Path path = layout.side_path(spec, side);
    EXPECT_EQ(*storage_->file_size(path), 1500 * 8U);
    EXPECT_TRUE(*storage_->exists(path));
    const auto file = storage_->open(path, {});
    ASSERT_OK(file);
    std::uint64_t number = 0;
    ASSERT_OK(io::read_at(**file, 8 * 11, std::as_writable_bytes(std::span(&number, 1))));
    EXPECT_EQ(number, side == 0 ? 1100U : 100U);
  }
  EXPECT_FALSE(*storage_->exists(spec.path.string() + ".idx"));
  const auto reader = (*format::find_format(w.dataset.format))->make_reader(w, *storage_);
  const auto file = (*reader)->open(spec.path, nullptr);
  ASSERT_OK(file);
  EXPECT_EQ((*file)->rows(), 1500U);
}

}  // namespace
}  // namespace stoker::storages
