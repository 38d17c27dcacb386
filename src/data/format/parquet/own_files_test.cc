// Files as this project writes them, read back.
#include <gtest/gtest.h>

#include <stop_token>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

config::Workload workload_of(bool dictionary, config::Compression compression) {
  using config::DType;
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.compression = compression;
  workload.dataset.parquet.dictionary = dictionary;
  workload.dataset.parquet.row_group_size = 350;
  workload.dataset.parquet.columns = {{.name = "i8", .dtype = DType::kInt8},
                                      {.name = "u8s", .dtype = DType::kUint8, .size = 5000},
                                      {.name = "i16", .dtype = DType::kInt16},
                                      {.name = "u32", .dtype = DType::kUint32, .size = 3},
                                      {.name = "i64", .dtype = DType::kInt64},
                                      {.name = "f16", .dtype = DType::kFloat16, .size = 9},
                                      {.name = "f32", .dtype = DType::kList, .size = 1500},
                                      {.name = "f64", .dtype = DType::kFloat64},
                                      {.name = "flag", .dtype = DType::kBool},
                                      {.name = "text", .dtype = DType::kString},
                                      {.name = "blob", .dtype = DType::kBinary, .size = 3000}};
  return workload;
}

std::vector<std::byte> written(const config::Workload& workload, std::uint64_t rows) {
  io::testing::MemStorage storage;
  const auto writer = make_parquet_writer(workload);
  EXPECT_OK(writer);
  const auto out = storage.create("f.parquet");
  EXPECT_OK(out);
  EXPECT_OK((*writer)->write({.index = 3, .rows = rows, .path = "f.parquet"}, **out, std::stop_token{}));
  EXPECT_OK((*out)->commit());
  return storage.get("f.parquet");
}

class OwnFiles : public ::testing::TestWithParam<std::tuple<bool, config::Compression>> {};

TEST_P(OwnFiles, AreReadAsArrowDoes) {
  const auto [dictionary, compression] = GetParam();
  config::Workload workload = workload_of(dictionary, compression);
  const auto bytes = written(workload, 900);
  const auto expected = testing::read_with_arrow(bytes);
  ASSERT_OK(expected);
  io::testing::MemStorage storage;
  storage.put("f.parquet", bytes);
  for (const std::int64_t chunk_bytes : {std::int64_t{32} << 20, std::int64_t{1} << 19}) {
    workload.reader.chunk_bytes = chunk_bytes;
    for (const bool direct : {false, true}) {
      workload.reader.odirect = direct;
      const auto reader = make_parquet_reader(workload, storage);
      ASSERT_OK(reader);
      const auto file = (*reader)->open("f.parquet", nullptr);
      ASSERT_OK(file);
      if (chunk_bytes == 1 << 19) {
        EXPECT_GT((*file)->units().size(), 6U) << "row groups are cut";
      }
      const auto ours = testing::read_units(**file);
      ASSERT_OK(ours);
      EXPECT_EQ(testing::difference(*expected, *ours), "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OwnFiles,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(config::Compression::kNone, config::Compression::kZstd)));

// 8-bit elements are stored as indices into a dictionary of all bytes: one byte each, handed out where they lie.
TEST(OwnFiles, EightBitElementsAreViews) {
  const config::Workload workload = workload_of(false, config::Compression::kNone);
  const auto bytes = written(workload, 100);
  io::testing::MemStorage storage;
  storage.put("f.parquet", bytes);
  config::Workload only = workload;
  only.storage.columns = {"u8s"};
  const auto reader = make_parquet_reader(only, storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  ChunkReader chunks;
  Chunk chunk;
  ASSERT_OK(chunks.fetch(**file, {0, 10, 80}));
  ASSERT_OK(chunks.decompress(**file));
  ASSERT_OK(chunks.decode(**file, chunk));
  EXPECT_EQ(chunk.useful_bytes, 80U * 5000);
  EXPECT_EQ(chunk.columns[0].list_size, 5000U);
  EXPECT_LT((*file)->units()[0].storage_bytes, 100U * 5000 + 5000);
  const std::byte* first = chunk.columns[0].segments[0].values.data();
  // Decoding again into the same buffer moves whatever is copied; what is a view stays.
  ASSERT_OK(chunks.fetch(**file, {0, 11, 80}));
  ASSERT_OK(chunks.decompress(**file));
  ASSERT_OK(chunks.decode(**file, chunk));
  EXPECT_EQ(chunk.columns[0].segments[0].values.data(), first + 5000);
}

}  // namespace
}  // namespace stoker::format::parquet
