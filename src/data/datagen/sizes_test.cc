#include "data/datagen/sizes.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/testing/status_matchers.h"
#include "data/datagen/testing/data_set.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::datagen {
namespace {

using io::testing::MemStorage;

config::Workload workload(config::FormatName name) {
  config::Workload w;
  w.dataset.format = name;
  w.dataset.data_folder = "/data";
  w.dataset.num_files_train = 9;
  w.dataset.num_files_eval = 4;
  w.dataset.num_samples_per_file = 50;
  return w;
}

struct Written {
  std::uint64_t bytes = 0, in_blocks = 0;
};

// The files that write_share makes, and what they take in blocks of 4 KiB.
Written write_all(const config::Workload& w, MemStorage& storage) {
  const dataset::Layout layout(w);
  const Request request{w, **format::find_format(w.dataset.format), layout, storage, 0, 1, 1};
  EXPECT_OK(make_folders(request));
  const auto stats = testing::write(request);
  EXPECT_OK(stats);
  Written written{.bytes = stats->bytes};
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) {
    written.in_blocks += (storage.get(layout.file(g).path).size() + 4095) / 4096 * 4096;
  }
  return written;
}

Result<format::SizeRange> predicted(const config::Workload& w, std::uint64_t block_bytes = 1) {
  MemStorage storage;
  const dataset::Layout layout(w);
  return total_bytes({w, **format::find_format(w.dataset.format), layout, storage, 0, 1, 1}, block_bytes);
}

void expect_exact(const config::Workload& w) {
  MemStorage storage;
  const Written written = write_all(w, storage);
  EXPECT_EQ(*predicted(w), (format::SizeRange{written.bytes, written.bytes}));
  EXPECT_EQ(*predicted(w, 4096), (format::SizeRange{written.in_blocks, written.in_blocks}));
}

TEST(Sizes, ADataSetOfOneShapeIsItsFilesTogether) {
  config::Workload w = workload(config::FormatName::kParquet);
  w.dataset.parquet.columns = {{.name = "a", .dtype = config::DType::kInt8, .size = 1},
                               {.name = "v", .dtype = config::DType::kFloat32, .size = 8}};
  w.dataset.parquet.row_group_size = 20;
  expect_exact(w);
}

// 13 numbers as text: ten of one digit, three of two.
TEST(Sizes, SyntheticFilesHoldTheirNumbers) {
  const config::Workload w = workload(config::FormatName::kSynthetic);
  EXPECT_EQ(*predicted(w), (format::SizeRange{16, 16}));
  EXPECT_EQ(*predicted(w, 4096), (format::SizeRange{13 * 4096, 13 * 4096}));
  expect_exact(w);
}

// Ten files of one byte, then three of two: the least is 10 bytes after the first shape, 16 after the second.
TEST(Sizes, WhatIsLeftOutMayBeAnySize) {
  const config::Workload w = workload(config::FormatName::kSynthetic);
  const format::Format& format = **format::find_format(w.dataset.format);
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(*total_bytes(w, format, 1, 9), (format::SizeRange{10, kLargest}));
  EXPECT_EQ(*total_bytes(w, format, 1, 10), (format::SizeRange{16, 16})) << "10 does not exceed it";
  EXPECT_EQ(*total_bytes(w, format, 1, 15), (format::SizeRange{16, 16})) << "nothing was left out";
}

TEST(Sizes, ASizeBeyondAllSizesIsTheLargest) {
  config::Workload w = workload(config::FormatName::kSynthetic);
  w.dataset.num_files_train = w.dataset.num_files_eval = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(*predicted(w), (format::SizeRange{kLargest, kLargest}));
}

TEST(Sizes, SamplesOfEachFileMayHaveAnotherSize) {
  config::Workload w = workload(config::FormatName::kParquet);
  w.dataset.num_samples_per_file = 3;
  w.dataset.record_length_bytes = 20000;
  w.dataset.record_length_bytes_stdev = 4000;
  expect_exact(w);
}

TEST(Sizes, ValuesThatDecideMakeARange) {
  config::Workload w = workload(config::FormatName::kParquet);
  w.dataset.parquet.columns = {{.name = "s", .dtype = config::DType::kString, .size = 1}};
  MemStorage storage;
  const Written written = write_all(w, storage);
  const auto range = predicted(w);
  ASSERT_OK(range);
  EXPECT_LT(range->least, written.bytes);
  EXPECT_GT(range->most, written.bytes);
  // Strings take 7 to 16 bytes, and pages and footers say sizes in one byte more or less.
  EXPECT_GE(range->most - range->least, 13U * 50U * 9U);
  EXPECT_LE(range->most - range->least, 13U * (50U * 9U + 16U));
}

TEST(Sizes, WhatCannotBeWrittenHasNoSize) {
  config::Workload w = workload(config::FormatName::kParquet);
  w.dataset.parquet.row_group_size = 0;
  EXPECT_ERROR(predicted(w), Code::kConfig, "dataset.parquet.row_group_size: found 0");
}

// Three files at a time have one size, which is asked for once; another number of rows is another size.
TEST(FileSizes, EqualFilesAreMeasuredOnce) {
  static int measured = 0;
  measured = 0;
  format::Format format{};
  format.equal_files = [](const config::Workload&, std::uint64_t first) { return 3 - first % 3; };
  format.file_bytes = [](const config::Workload&, const dataset::FileSpec& spec) -> Result<format::SizeRange> {
    ++measured;
    const std::uint64_t bytes = 100 * (spec.index / 3) + spec.rows;
    return format::SizeRange{bytes, bytes + 1};
  };
  const config::Workload w;
  FileSizes sizes(w, format);
  for (const std::uint64_t index : {0, 1, 2, 3, 4, 5, 4, 9, 10, 8}) {
    const auto size = sizes.of({.index = index, .rows = 7, .path = {}});
    ASSERT_OK(size);
    EXPECT_EQ(size->least, 100 * (index / 3) + 7) << index;
    EXPECT_EQ(sizes.end(), (index / 3 + 1) * 3) << index;
  }
  EXPECT_EQ(measured, 4);
  EXPECT_EQ(sizes.of({.index = 8, .rows = 9, .path = {}})->least, 209U);
  EXPECT_EQ(measured, 5);
}

}  // namespace
}  // namespace stoker::datagen
