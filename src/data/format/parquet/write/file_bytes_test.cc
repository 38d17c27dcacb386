// Sizes said beforehand against files written.
#include <gtest/gtest.h>

#include <random>

#include "base/testing/status_matchers.h"
#include "config/columns.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using config::ColumnSpec;
using config::Compression;
using config::DType;

config::Workload workload(std::vector<ColumnSpec> columns, std::int64_t row_group_size) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = std::move(columns);
  w.dataset.parquet.row_group_size = row_group_size;
  return w;
}

std::uint64_t written_bytes(const config::Workload& w, const dataset::FileSpec& spec) {
  io::testing::MemStorage storage;
  auto writer = make_parquet_writer(w);
  EXPECT_OK(writer);
  auto file = storage.create("f");
  EXPECT_OK((*writer)->write(spec, **file, {}));
  const std::uint64_t bytes = (*file)->position();
  EXPECT_OK((*file)->commit());
  return bytes;
}

std::string text_of(const config::Workload& w, std::uint64_t rows) {
  std::string text = fmt::format("{} rows in groups of {}, {}, dictionary {}:", rows, w.dataset.parquet.row_group_size,
                                 config::to_string(w.dataset.compression), w.dataset.parquet.dictionary);
  for (const ColumnSpec& c : w.dataset.parquet.columns) {
    text += fmt::format(" {}[{}]", config::to_string(c.dtype), c.size);
  }
  return text;
}

void expect_exact(const config::Workload& w, std::uint64_t rows) {
  const dataset::FileSpec spec{.index = 3, .rows = rows, .path = {}};
  const auto range = parquet_file_bytes(w, spec);
  ASSERT_OK(range);
  EXPECT_TRUE(range->exact()) << text_of(w, rows);
  EXPECT_EQ(range->most, written_bytes(w, spec)) << text_of(w, rows);
}

void expect_within(const config::Workload& w, std::uint64_t rows) {
  const dataset::FileSpec spec{.index = 3, .rows = rows, .path = {}};
  const auto range = parquet_file_bytes(w, spec);
  ASSERT_OK(range);
  const std::uint64_t written = written_bytes(w, spec);
  EXPECT_LE(range->least, written) << text_of(w, rows);
  EXPECT_GE(range->most, written) << text_of(w, rows);
}

// Sizes near the borders of pages: of 1 MiB, of 8 MiB for rows that get a page of their own.
class RandomShapes {
 public:
  explicit RandomShapes(unsigned seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_); }
  std::int64_t size() {
    switch (below(5)) {
      case 0: return 1;
      case 1: return static_cast<std::int64_t>(2 + below(40));
      case 2: return static_cast<std::int64_t>(100 + below(3000));
      case 3: return static_cast<std::int64_t>((1 << 18) + below(3));
      default: return static_cast<std::int64_t>((1 << 20) - 2 + static_cast<std::int64_t>(below(4)));
    }
  }
  std::vector<ColumnSpec> columns(std::span<const DType> types) {
    std::vector<ColumnSpec> made;
    for (std::uint64_t n = 1 + below(6); made.size() < n;) {
      made.push_back(
          {.name = fmt::format("column{}", made.size()), .dtype = types[below(types.size())], .size = size()});
    }
    return made;
  }
  // Not too much to write: at most about 24 MiB.
  std::uint64_t rows(std::span<const ColumnSpec> columns) {
    const std::uint64_t most = std::max<std::uint64_t>(1, (std::uint64_t{24} << 20) / (4 * config::row_bytes(columns)));
    return 1 + below(std::min<std::uint64_t>(most, 300000));
  }
  std::int64_t group(std::uint64_t rows) {
    return static_cast<std::int64_t>(below(3) == 0 ? rows : std::max<std::uint64_t>(1, rows / (1 + below(30))));
  }

 private:
  std::mt19937_64 random_;
};

constexpr DType kPlainTypes[] = {DType::kUint8,   DType::kUint16, DType::kUint32, DType::kUint64,  DType::kInt8,
                                 DType::kInt16,   DType::kInt32,  DType::kInt64,  DType::kFloat16, DType::kFloat32,
                                 DType::kFloat64, DType::kBool,   DType::kBinary, DType::kList};
constexpr DType kAllTypes[] = {DType::kUint8, DType::kInt16,  DType::kInt64,  DType::kFloat16, DType::kFloat32,
                               DType::kBool,  DType::kString, DType::kBinary, DType::kList};

TEST(FileBytes, OfUncompressedFilesAreExact) {
  RandomShapes shapes(1);
  for (int i = 0; i < 60; ++i) {
    const auto columns = shapes.columns(kPlainTypes);
    const std::uint64_t rows = shapes.rows(columns);
    expect_exact(workload(columns, shapes.group(rows)), rows);
    if (HasFailure()) return;
  }
}

TEST(FileBytes, OfCompressedDictionaryAndStringFilesAreWithinTheBounds) {
  RandomShapes shapes(2);
  constexpr Compression kCodecs[] = {Compression::kNone, Compression::kSnappy, Compression::kLz4, Compression::kZstd,
                                     Compression::kGzip};
  for (int i = 0; i < 60; ++i) {
    const auto columns = shapes.columns(kAllTypes);
    const std::uint64_t rows = std::min<std::uint64_t>(shapes.rows(columns), 40000);
    config::Workload w = workload(columns, shapes.group(rows));
    w.dataset.compression = kCodecs[i % 5];
    w.dataset.parquet.dictionary = shapes.below(2) == 0;
    w.dataset.parquet.page_checksums = shapes.below(2) == 0;
    expect_within(w, rows);
    if (HasFailure()) return;
  }
}

// Bytes are their own indices, and booleans have no dictionary.
TEST(FileBytes, OfDictionariesThatNoValueDecidesAreExact) {
  for (const DType dtype : {DType::kUint8, DType::kInt8, DType::kBool}) {
    for (const std::uint64_t rows : {1, 9, 5000}) {
      config::Workload w =
          workload({{.name = "a", .dtype = dtype, .size = 1}, {.name = "b", .dtype = dtype, .size = 7}}, 1000);
      w.dataset.parquet.dictionary = true;
      expect_exact(w, rows);
    }
  }
}

TEST(FileBytes, OfFilesWithPageChecksumsAreExact) {
  for (const std::uint64_t rows : {1, 1000, 2345}) {
    config::Workload w = workload({{.name = "a", .dtype = DType::kInt64},
                                   {.name = "b", .dtype = DType::kUint8, .size = 700},
                                   {.name = "c", .dtype = DType::kFloat32, .size = 900}},
                                  700);
    w.dataset.parquet.page_checksums = true;
    expect_exact(w, rows);
  }
}

TEST(FileBytes, OfManyRowGroupsAreExact) {
  expect_exact(workload({{.name = "label", .dtype = DType::kInt64, .size = 1}}, 1), 20000);
}

TEST(FileBytes, OfAFileWithoutRowsAreExact) {
  expect_exact(workload({{.name = "label", .dtype = DType::kInt64, .size = 1}}, 1), 0);
}

TEST(FileBytes, FollowTheSizeThatAFileDraws) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.record_length_bytes = 1e6;
  EXPECT_EQ(parquet_equal_files(w, 1), std::numeric_limits<std::uint64_t>::max());
  w.dataset.record_length_bytes_stdev = 3e5;
  EXPECT_EQ(parquet_equal_files(w, 1), 1U);
  for (std::uint64_t index = 0; index < 8; ++index) {
    const dataset::FileSpec spec{.index = index, .rows = 3, .path = {}};
    EXPECT_EQ(parquet_file_bytes(w, spec)->least, written_bytes(w, spec));
  }
}

// One string: 7 to 16 bytes, and the statement of that size nowhere takes another byte.
TEST(FileBytes, OfStringsAreBoundedByTheirLengths) {
  const config::Workload w = workload({{.name = "s", .dtype = DType::kString, .size = 1}}, 1);
  const auto range = parquet_file_bytes(w, {.index = 0, .rows = 1, .path = {}});
  ASSERT_OK(range);
  EXPECT_EQ(range->most - range->least, 9U);
}

// 100 values of 2 bytes. Of float16 there are 2048.
TEST(FileBytes, OfADictionaryReachFromOneEntryToAllDifferent) {
  const auto of = [](DType dtype, std::uint64_t rows) {
    config::Workload w = workload({{.name = "f", .dtype = dtype, .size = 1}}, 1000000);
    w.dataset.parquet.dictionary = true;
    return *parquet_file_bytes(w, {.index = 0, .rows = rows, .path = {}});
  };
  const SizeRange few = of(DType::kFloat16, 100), many = of(DType::kFloat16, 100000);
  // A dictionary of 1 entry and indices of 1 bit, of 100 entries and values of 2 bytes in place of indices.
  EXPECT_NEAR(static_cast<double>(few.most - few.least), 99 * 2 + (200 - 15), 16);
  EXPECT_NEAR(static_cast<double>(many.most - many.least), 2047 * 2 + (200000 - 12503), 16);
  const SizeRange words = of(DType::kUint16, 1000000);
  EXPECT_NEAR(static_cast<double>(words.most - words.least), 65535 * 4 + (4000000 - 125000), 100);
  // Half a full dictionary, and a page of new values.
  const SizeRange wide = of(DType::kInt64, 1000000);
  EXPECT_NEAR(static_cast<double>(wide.most - wide.least), (524288 + 1048576 - 8) + (8000000 - 125000), 200);
}

TEST(FileBytes, OfAFooterLargerThanAFileMayHaveIsTheWritersError) {
  std::vector<ColumnSpec> columns;
  for (int i = 0; i < 4; ++i) columns.push_back({.name = std::string(500000, static_cast<char>('a' + i))});
  EXPECT_ERROR(parquet_file_bytes(workload(columns, 1), {.index = 0, .rows = 2000, .path = {}}), Code::kConfig,
               "the Parquet footer of 2000 row groups of 4 columns takes");
}

}  // namespace
}  // namespace stoker::format::parquet
