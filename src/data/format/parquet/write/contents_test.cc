// Computed bytes against written ones.
#include "data/format/contents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/testing/status_matchers.h"
#include "config/columns.h"
#include "config/load.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/testing/counting_new.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using config::ColumnSpec;
using config::DType;

config::Workload workload(std::vector<ColumnSpec> columns, std::int64_t row_group_size = 1000) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = std::move(columns);
  w.dataset.parquet.row_group_size = row_group_size;
  return w;
}

std::vector<std::byte> written(const config::Workload& w, const dataset::FileSpec& spec) {
  io::testing::MemStorage storage;
  auto writer = make_parquet_writer(w);
  EXPECT_OK(writer);
  auto file = storage.create("f");
  EXPECT_OK((*writer)->write(spec, **file, {}));
  EXPECT_OK((*file)->commit());
  return storage.get("f");
}

// The place of the first byte that differs; the size where none does.
std::size_t first_difference(Bytes a, Bytes b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

// The file as a whole, and ranges of it of any length.
void expect_same(const config::Workload& w, std::uint64_t rows, std::uint64_t index = 3) {
  SCOPED_TRACE(fmt::format("{} rows, file {}", rows, index));
  const dataset::FileSpec spec{.index = index, .rows = rows, .path = {}};
  const std::vector<std::byte> expected = written(w, spec);
  const auto contents = make_parquet_contents(w);
  ASSERT_OK(contents);
  const auto file = (*contents)->file(spec);
  ASSERT_OK(file);
  ASSERT_EQ((*file)->size(), expected.size());
  std::vector<std::byte> found(expected.size());
  (*file)->read(0, found);
  ASSERT_EQ(first_difference(found, expected), expected.size());

  std::mt19937_64 random(rows);
  const auto below = [&](std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random); };
  for (int i = 0; i < 400; ++i) {
    const std::uint64_t offset = below(expected.size());
    const std::uint64_t longest = expected.size() - offset;
    const std::uint64_t length = 1 + below(std::min<std::uint64_t>(longest, i % 2 == 0 ? 16 : 100'000));
    const MutBytes into = MutBytes(found).first(length);
    (*file)->read(offset, into);
    ASSERT_EQ(first_difference(into, Bytes(expected).subspan(offset, length)), length)
        << length << " bytes from byte " << offset;
  }
}

constexpr DType kTypes[] = {DType::kUint8,   DType::kUint16, DType::kUint32, DType::kUint64,  DType::kInt8,
                            DType::kInt16,   DType::kInt32,  DType::kInt64,  DType::kFloat16, DType::kFloat32,
                            DType::kFloat64, DType::kBool,   DType::kBinary, DType::kList};

TEST(ParquetContents, EveryTypeAndSizeInSeveralRowGroups) {
  std::vector<ColumnSpec> columns;
  for (const DType dtype : kTypes) {
    for (const std::int64_t size : {1, 3, 40}) {
      if (dtype == DType::kBool && size > 1) continue;
      columns.push_back({.name = fmt::format("{}_{}", config::to_string(dtype), size), .dtype = dtype, .size = size});
    }
  }
  for (const std::uint64_t rows : {1U, 7U, 1000U, 2017U}) expect_same(workload(columns), rows);
  expect_same(workload(columns, 1), 9);
}

TEST(ParquetContents, SeveralPagesInAChunk) {
  for (const DType dtype : kTypes) {
    SCOPED_TRACE(config::to_string(dtype));
    expect_same(workload({{.name = "scalar", .dtype = dtype}}, 300'000), 700'001);
  }
  expect_same(workload({{.name = "bits", .dtype = DType::kBool}}, 20'000'000), 9'000'003);
  expect_same(workload({{.name = "bytes", .dtype = DType::kBinary, .size = 300'001}}, 5), 12);
}

// Of 1 to 8 MiB one to a page; of more, split, with pages that begin inside a row.
TEST(ParquetContents, RowsLargerThanAPage) {
  const std::int64_t size = (std::int64_t{9} << 18) + 5;
  expect_same(workload({{.name = "a", .dtype = DType::kFloat32, .size = size / 8}}, 2), 3);
  expect_same(
      workload({{.name = "a", .dtype = DType::kFloat32, .size = size}, {.name = "b", .dtype = DType::kInt8}}, 2), 3);
  expect_same(workload({{.name = "a", .dtype = DType::kInt8, .size = 4 * size + 3}}, 2), 3);
  expect_same(workload({{.name = "a", .dtype = DType::kBinary, .size = 4 * size}}, 2), 3);
}

// The single column `data`, whose size is drawn for each file where it has a deviation.
TEST(ParquetContents, SamplesOfBytes) {
  config::Workload w = workload({}, 4);
  w.dataset.record_length_bytes = 10'000;
  expect_same(w, 9);
  w.dataset.record_length_bytes_stdev = 3000;
  const auto contents = make_parquet_contents(w);
  ASSERT_OK(contents);
  std::uint64_t sizes = 0;
  for (std::uint64_t index = 0; index < 30; ++index) {
    const dataset::FileSpec spec{.index = index, .rows = 3, .path = {}};
    const auto file = (*contents)->file(spec);
    ASSERT_OK(file);
    const std::vector<std::byte> expected = written(w, spec);
    std::vector<std::byte> found((*file)->size());
    (*file)->read(0, found);
    ASSERT_EQ(found, expected) << index;
    sizes += found.size();
  }
  EXPECT_NE(sizes % 30, 0U) << "files are to differ in size";
}

TEST(ParquetContents, ShippedWorkloads) {
  struct Case {
    const char* workload;
    std::uint64_t rows;
  };
  for (const auto& [name, rows] : {Case{"dlrm_b200", 13'000}, Case{"dlrm_parquet_h100", 5000}, Case{"flux_b200", 3}}) {
    SCOPED_TRACE(name);
    auto loaded = config::load({.workload = name});
    ASSERT_OK(loaded);
    ASSERT_EQ(loaded->workload.dataset.format, config::FormatName::kParquet);
    loaded->workload.dataset.compression = config::Compression::kNone;
    expect_same(loaded->workload, rows);
  }
}

TEST(ParquetContents, ReadingAllocatesNothing) {
  const config::Workload w = workload({{.name = "a", .dtype = DType::kFloat32, .size = 50},
                                       {.name = "b", .dtype = DType::kInt8},
                                       {.name = "c", .dtype = DType::kUint8, .size = 20}});
  const auto contents = make_parquet_contents(w);
  ASSERT_OK(contents);
  const auto file = (*contents)->file({.index = 1, .rows = 2500, .path = {}});
  ASSERT_OK(file);
  std::vector<std::byte> into((*file)->size());
  const std::uint64_t before = format::testing::allocations();
  (*file)->read(0, into);
  (*file)->read(1001, MutBytes(into).first(70'000));
  EXPECT_EQ(format::testing::allocations() - before, 0U);
}

TEST(ParquetContents, WhatDependsOnValuesIsRefused) {
  config::Workload w = workload({{.name = "a", .dtype = DType::kFloat32}, {.name = "s", .dtype = DType::kString}});
  EXPECT_ERROR(make_parquet_contents(w), Code::kConfig, "column 's' has strings, which differ in length");
  w.dataset.parquet.columns.pop_back();
  ASSERT_OK(make_parquet_contents(w));
  w.dataset.compression = config::Compression::kSnappy;
  w.dataset.parquet.page_checksums = true;
  w.dataset.parquet.dictionary = true;
  const auto refused = make_parquet_contents(w);
  EXPECT_ERROR(refused, Code::kConfig,
               "dataset.compression is snappy, dataset.parquet.page_checksums is True, dataset.parquet.dictionary is "
               "True; expected uncompressed pages");
  EXPECT_EQ(refused.error().hint,
            "use ++workload.dataset.compression=none ++workload.dataset.parquet.page_checksums=False "
            "++workload.dataset.parquet.dictionary=False, or read a data set that is there");
}

// A dictionary of all bytes is the same for all values.
TEST(ParquetContents, DictionariesOfBytesAreComputed) {
  config::Workload w = workload({{.name = "a", .dtype = DType::kInt8}, {.name = "b", .dtype = DType::kBool}});
  w.dataset.parquet.dictionary = true;
  expect_same(w, 2013);
}

TEST(Contents, OfFormatsThatHaveNone) {
  config::Workload w;
  w.dataset.format = config::FormatName::kSynthetic;
  EXPECT_ERROR(make_contents(w), Code::kConfig, "dataset.format: the bytes of synthetic files cannot be computed");
}

}  // namespace
}  // namespace stoker::format::parquet
