#include "data/format/parquet/read/worker_memory.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/units.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using config::Decode;

constexpr std::uint64_t kSlack = 2 * kMiB;

// One row group of 100 rows of one column.
FileIndex index_of(const Leaf& leaf, const ChunkIndex& chunk) {
  FileIndex index;
  index.leaves = {leaf};
  index.groups = {{.first_row = 0, .rows = 100}};
  index.chunks = {chunk};
  index.units = {{.first_row = 0, .rows = 100, .storage_bytes = chunk.bytes}};
  index.unit_group = {0};
  return index;
}

std::uint64_t of(const FileIndex& index, Decode depth) {
  return worker_bytes(index, depth) - kSlack;
}

TEST(WorkerMemory, CountsTheCopiesOfEachDepth) {
  const Leaf leaf{.physical = Physical::kInt64, .stored_width = 8, .width = 8};
  const ChunkIndex plain{.bytes = 900, .plain_bytes = 900, .values = 100};
  EXPECT_EQ(of(index_of(leaf, plain), Decode::kNone), 900U);
  EXPECT_EQ(of(index_of(leaf, plain), Decode::kDecompress), 900U);
  EXPECT_EQ(of(index_of(leaf, plain), Decode::kArrays), 900U + 900U);
  EXPECT_EQ(of(index_of(leaf, plain), Decode::kArrow), 900U + 2U * 900U);
  const ChunkIndex packed{.bytes = 50, .plain_bytes = 600, .values = 100, .codec = Codec::kZstd};
  EXPECT_EQ(of(index_of(leaf, packed), Decode::kNone), 50U);
  EXPECT_EQ(of(index_of(leaf, packed), Decode::kDecompress), 50U + 600U);
  EXPECT_EQ(of(index_of(leaf, packed), Decode::kArrays), 50U + 600U + 800U);
  EXPECT_EQ(of(index_of(leaf, packed), Decode::kArrow), 50U + 2U * 800U);
}

TEST(WorkerMemory, TextsHaveLengths) {
  const Leaf leaf{.physical = Physical::kByteArray};
  const ChunkIndex chunk{.bytes = 1500, .plain_bytes = 1500, .values = 100};
  EXPECT_EQ(of(index_of(leaf, chunk), Decode::kArrays), 1500U + 1500U + 400U);
}

TEST(WorkerMemory, LevelsAreKeptByArrowAndOfListsOfManyLengths) {
  const Leaf optional{.physical = Physical::kInt32, .stored_width = 4, .width = 4, .max_definition = 1};
  const ChunkIndex chunk{.bytes = 500, .plain_bytes = 500, .values = 100};
  EXPECT_EQ(of(index_of(optional, chunk), Decode::kArrays), 1000U);
  EXPECT_EQ(of(index_of(optional, chunk), Decode::kArrow), 500U + 2U * (500U + 200U));
  Leaf list = optional;
  list.max_definition = 2;
  list.max_repetition = 1;
  ChunkIndex lists{.bytes = 5000, .plain_bytes = 5000, .values = 1000};
  EXPECT_EQ(of(index_of(list, lists), Decode::kArrays), 10000U);
  lists.values = 1001;
  EXPECT_EQ(of(index_of(list, lists), Decode::kArrays), 10000U + 4U * 1001U);
}

TEST(WorkerMemory, IsThatOfTheLargestUnit) {
  FileIndex index = index_of({.physical = Physical::kInt64, .stored_width = 8, .width = 8},
                             {.bytes = 800, .plain_bytes = 800, .values = 100});
  index.groups.push_back({.first_row = 100, .rows = 50});
  index.chunks.push_back({.bytes = 400, .plain_bytes = 400, .values = 50});
  index.units.push_back({.first_row = 100, .rows = 50, .storage_bytes = 400});
  index.unit_group.push_back(1);
  EXPECT_EQ(of(index, Decode::kNone), 800U);
  // The first one in two parts.
  index.cut[0];
  index.units[0].storage_bytes = 500;
  index.units.insert(index.units.begin() + 1, {.first_row = 60, .rows = 40, .storage_bytes = 300});
  index.unit_group = {0, 0, 1};
  EXPECT_EQ(of(index, Decode::kNone), 500U);
  EXPECT_EQ(of(index, Decode::kArrays), 1000U);
  EXPECT_EQ(worker_bytes(FileIndex{}, Decode::kArrow), kSlack);
}

TEST(WorkerMemory, OfAbsurdFootersIsBounded) {
  const ChunkIndex chunk{.bytes = 10, .plain_bytes = UINT64_MAX, .values = UINT64_MAX, .codec = Codec::kZstd};
  EXPECT_EQ(of(index_of({.width = 8}, chunk), Decode::kArrow), std::uint64_t{1} << 62);
}

// What is told after a file was opened is the largest so far.
TEST(WorkerMemory, OfAReaderComesFromItsFiles) {
  io::testing::MemStorage storage;
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = {{.name = "v", .dtype = config::DType::kFloat32, .size = 1000}};
  w.dataset.parquet.decode = Decode::kArrow;
  auto writer = make_parquet_writer(w);
  ASSERT_OK(writer);
  for (const std::uint64_t rows : {10, 2000}) {
    auto file = storage.create(fmt::format("{}", rows));
    ASSERT_OK((*writer)->write({.index = 0, .rows = rows, .path = {}}, **file, {}));
    ASSERT_OK((*file)->commit());
  }
  auto reader = make_parquet_reader(w, storage);
  ASSERT_OK(reader);
  EXPECT_EQ((*reader)->worker_bytes(), std::nullopt);
  ASSERT_OK((*reader)->open("10", nullptr));
  const auto small = (*reader)->worker_bytes();
  ASSERT_TRUE(small.has_value());
  EXPECT_GT(*small, 3U * 40'000 + kSlack);
  EXPECT_LT(*small, 6U * 40'000 + kSlack);
  ASSERT_OK((*reader)->open("2000", nullptr));
  const auto large = (*reader)->worker_bytes();
  ASSERT_TRUE(large.has_value());
  EXPECT_GT(*large, 3U * 8'000'000 + kSlack);
  ASSERT_OK((*reader)->open("10", nullptr));
  EXPECT_EQ((*reader)->worker_bytes(), large);
}

}  // namespace
}  // namespace stoker::format::parquet
