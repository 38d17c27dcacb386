// Files that others wrote: apache/parquet-testing (every encoding, codec, page version and type) and DLIO's own output.
// They lie outside of the repository; where they are absent, the tests are skipped and say so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

namespace fs = std::filesystem;

fs::path interop_folder() {
  if (const char* given = std::getenv("STOKER_INTEROP"); given != nullptr) return given;
  return fs::path(STOKER_SOURCE_DIR) / "../shared/interop";
}

std::vector<fs::path> parquet_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".parquet") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::byte> content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

#define SKIP_WITHOUT(files, folder) \
  if ((files).empty())              \
  GTEST_SKIP() << "no Parquet files in " << (folder) << " (set STOKER_INTEROP to the folder of data made by others)"

std::vector<std::uint64_t> odd_pieces(const Unit& unit) {
  std::vector<std::uint64_t> pieces;
  for (std::uint64_t left = unit.rows, n = 1; left > 0; n = n * 3 % 101 + 1) {
    pieces.push_back(std::min(left, n));
    left -= pieces.back();
  }
  return pieces;
}

class ParquetTesting : public ::testing::TestWithParam<bool> {};

TEST_P(ParquetTesting, IsReadOrRefusedAsArrowDoes) {
  const fs::path folder = interop_folder() / "parquet-testing";
  const auto files = parquet_files(folder);
  SKIP_WITHOUT(files, folder);
  std::size_t read = 0, refused = 0;
  for (const fs::path& path : files) {
    SCOPED_TRACE(path.filename());
    // Its 300 KiB hold two strings of a gigabyte: 20 s and 6 GiB.
    if (path.filename() == "large_string_map.brotli.parquet" && std::getenv("STOKER_SLOW_TESTS") == nullptr) {
      std::printf("%s: left out, set STOKER_SLOW_TESTS=1 to have it read too\n", path.filename().c_str());
      continue;
    }
    const auto bytes = content(path);
    io::testing::MemStorage storage;
    storage.put("f.parquet", bytes);
    testing::ReadOptions options;
    if (GetParam()) options.pieces = odd_pieces;
    const auto ours = testing::read_with_stoker(storage, "f.parquet", config::Workload{}, options);
    const auto theirs = testing::read_with_arrow(bytes);
    if (!theirs.has_value()) {
      ++refused;
      EXPECT_FALSE(ours.has_value()) << "Arrow refuses it: " << theirs.error().message;
      if (!ours.has_value()) {
        EXPECT_NE(ours.error().message.find("f.parquet"), std::string::npos) << ours.error().message;
        std::printf("%s: %s\n  (%s)\n", path.filename().c_str(), ours.error().message.c_str(),
                    theirs.error().message.c_str());
      }
      continue;
    }
    ++read;
    ASSERT_TRUE(ours.has_value()) << ours.error().message;
    // A file without rows has no chunks, so there is nothing to have columns.
    if (!ours->empty()) {
      EXPECT_EQ(testing::difference(*theirs, *ours), "");
    }
  }
  std::printf("%zu files read, %zu refused\n", read, refused);
  EXPECT_GT(read, 50U);
}

// Arrow's table reader, and the depths that decode nothing.
TEST(ParquetTestingDepths, EveryDepthReadsIt) {
  const fs::path folder = interop_folder() / "parquet-testing";
  const auto files = parquet_files(folder);
  SKIP_WITHOUT(files, folder);
  std::size_t compared = 0, tables = 0;
  for (const fs::path& path : files) {
    SCOPED_TRACE(path.filename());
    if (path.filename() == "large_string_map.brotli.parquet") continue;
    const auto bytes = content(path);
    io::testing::MemStorage storage;
    storage.put("f.parquet", bytes);
    const auto arrays = testing::read_with_stoker(storage, "f.parquet", config::Workload{});
    if (!arrays.has_value()) continue;
    for (const config::Decode depth : {config::Decode::kNone, config::Decode::kDecompress, config::Decode::kArrow}) {
      config::Workload workload;
      workload.dataset.parquet.decode = depth;
      const auto read = testing::read_with_stoker(storage, "f.parquet", workload);
      if (depth != config::Decode::kArrow) {
        ASSERT_OK(read);
        EXPECT_TRUE(read->empty());
        continue;
      }
      // Arrow makes no table of a few things whose values it reads.
      const Status table = testing::read_table_with_arrow(bytes);
      if (!table.has_value()) {
        ASSERT_FALSE(read.has_value()) << "Arrow refuses it: " << table.error().message;
        EXPECT_NE(read.error().message.find("f.parquet"), std::string::npos) << read.error().message;
        continue;
      }
      ASSERT_OK(read);
      ++tables;
      for (const auto& column : *read) {
        const auto same = std::ranges::find(*arrays, column.name, &testing::FlatColumn::name);
        ASSERT_NE(same, arrays->end()) << column.name;
        if (same->values != column.values) {
          ADD_FAILURE() << column.name << ": other values than decode: arrays has";
        }
        ++compared;
      }
    }
  }
  std::printf("%zu tables, %zu columns with views\n", tables, compared);
  EXPECT_GT(tables, 50U);
  EXPECT_GT(compared, 50U);
}

INSTANTIATE_TEST_SUITE_P(Whole, ParquetTesting, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(InPieces, ParquetTesting, ::testing::Values(true));

class DlioSamples : public ::testing::TestWithParam<const char*> {};

TEST_P(DlioSamples, AreReadAsArrowDoes) {
  const fs::path folder = interop_folder() / GetParam();
  const auto files = parquet_files(folder);
  SKIP_WITHOUT(files, folder);
  for (const fs::path& path : files) {
    SCOPED_TRACE(path);
    const auto bytes = content(path);
    io::testing::MemStorage storage;
    storage.put("f.parquet", bytes);
    const auto theirs = testing::read_with_arrow(bytes);
    ASSERT_OK(theirs);
    for (const bool in_pieces : {false, true}) {
      testing::ReadOptions options;
      if (in_pieces) options.pieces = odd_pieces;
      const auto ours = testing::read_with_stoker(storage, "f.parquet", config::Workload{}, options);
      ASSERT_OK(ours);
      EXPECT_EQ(testing::difference(*theirs, *ours), "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DlioSamples, ::testing::Values("parquet_default", "parquet_alltypes", "parquet_dlrm"));

}  // namespace
}  // namespace stoker::format::parquet
