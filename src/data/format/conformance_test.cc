// What holds of every format whose files have values: a row here, and a format is asked all of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <stop_token>

#include "base/testing/status_matchers.h"
#include "config/formats.h"
#include "data/format/chunk_reader.h"
#include "data/format/contents.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/format/side_files.h"
#include "data/format/testing/counting_new.h"
#include "data/format/value_checker.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format {
namespace {

using config::Compression;
using config::DType;
using config::FormatName;
using io::testing::MemStorage;
using ::testing::HasSubstr;

constexpr const char* kPath = "a_file_of_the_set";

struct Case {
  const char* name;
  FormatName format;
  std::int64_t samples = 1;
  Compression compression = Compression::kNone;
  DType dtype = DType::kUint8;
  std::vector<std::int64_t> dims{};
  double stdev = 0;
  config::Hdf5Options hdf5{};
};

const Case kCases[] = {
    {"npy", FormatName::kNpy},
    {"npy_of_samples", FormatName::kNpy, 5},
    {"npy_of_floats", FormatName::kNpy, 3, Compression::kNone, DType::kFloat32, {3, 5, 7}},
    {"npy_of_doubles", FormatName::kNpy, 1, Compression::kNone, DType::kFloat64, {41}},
    {"npy_of_halves", FormatName::kNpy, 2, Compression::kNone, DType::kFloat16, {9, 3}},
    {"npy_of_bools", FormatName::kNpy, 2, Compression::kNone, DType::kBool, {100}},
    {"npy_of_complex", FormatName::kNpy, 2, Compression::kNone, DType::kComplex128, {10, 2}},
    {"npy_of_many_sizes", FormatName::kNpy, 2, Compression::kNone, DType::kInt16, {}, 500},
    {"npz", FormatName::kNpz},
    {"npz_of_samples", FormatName::kNpz, 4},
    {"npz_of_longs", FormatName::kNpz, 2, Compression::kNone, DType::kInt64, {33}},
    {"npz_zip", FormatName::kNpz, 1, Compression::kZip},
    {"npz_zip_of_floats", FormatName::kNpz, 6, Compression::kZip, DType::kFloat32, {20, 7}},
    {"csv", FormatName::kCsv},
    {"csv_of_samples", FormatName::kCsv, 5},
    {"csv_of_bytes", FormatName::kCsv, 3, Compression::kNone, DType::kInt8, {300}},
    {"csv_of_words", FormatName::kCsv, 2, Compression::kNone, DType::kUint16, {9, 30}},
    {"csv_of_ints", FormatName::kCsv, 3, Compression::kNone, DType::kInt32, {7, 30}},
    {"csv_of_longs", FormatName::kCsv, 2, Compression::kNone, DType::kInt64, {200}},
    {"csv_of_unsigned_longs", FormatName::kCsv, 2, Compression::kNone, DType::kUint64, {200}},
    {"csv_of_floats", FormatName::kCsv, 3, Compression::kNone, DType::kFloat32, {3, 5, 7}},
    {"csv_of_doubles", FormatName::kCsv, 1, Compression::kNone, DType::kFloat64, {410}},
    {"csv_of_halves", FormatName::kCsv, 2, Compression::kNone, DType::kFloat16, {90, 3}},
    {"csv_of_bools", FormatName::kCsv, 2, Compression::kNone, DType::kBool, {300}},
    {"csv_of_numbers", FormatName::kCsv, 40, Compression::kNone, DType::kUint32, {1}},
    {"csv_gzip", FormatName::kCsv, 4, Compression::kGzip},
    {"csv_bz2", FormatName::kCsv, 1, Compression::kBz2},
    {"csv_xz", FormatName::kCsv, 1, Compression::kXz},
    {"csv_zip", FormatName::kCsv, 4, Compression::kZip},
    {"csv_zip_of_floats", FormatName::kCsv, 2, Compression::kZip, DType::kFloat32, {200}},
    {"csv_of_many_sizes", FormatName::kCsv, 2, Compression::kNone, DType::kInt16, {}, 500},
    {"tfrecord", FormatName::kTfrecord},
    {"tfrecord_of_samples", FormatName::kTfrecord, 9},
    {"tfrecord_of_floats", FormatName::kTfrecord, 2, Compression::kNone, DType::kFloat32, {7, 9}},
    {"tfrecord_of_many_sizes", FormatName::kTfrecord, 3, Compression::kNone, DType::kUint8, {}, 500},
    {"indexed", FormatName::kIndexedBinary, 5},
    {"indexed_of_shorts", FormatName::kIndexedBinary, 3, Compression::kNone, DType::kInt16, {31, 3}},
    {"indexed_of_many_sizes", FormatName::kIndexedBinary, 2, Compression::kNone, DType::kUint8, {}, 500},
    {"mmap_indexed", FormatName::kMmapIndexedBinary, 5},
    {"hdf5", FormatName::kHdf5},
    {"hdf5_of_samples", FormatName::kHdf5, 5},
    {"hdf5_of_floats", FormatName::kHdf5, 3, Compression::kNone, DType::kFloat32, {3, 5, 7}},
    {"hdf5_of_bools", FormatName::kHdf5, 2, Compression::kNone, DType::kBool, {100}},
    {"hdf5_of_complex", FormatName::kHdf5, 2, Compression::kNone, DType::kComplex64, {1, 20}},
    {"hdf5_in_parts", FormatName::kHdf5, 2, Compression::kNone, DType::kInt16, {3, 40}, 0, {3}},
    {"hdf5_of_many_sizes", FormatName::kHdf5, 2, Compression::kNone, DType::kInt16, {}, 500},
    {"hdf5_gzip", FormatName::kHdf5, 4, Compression::kGzip},
    {"hdf5_gzip_one", FormatName::kHdf5, 1, Compression::kGzip, DType::kFloat64, {30}},
    {"hdf5_lzf", FormatName::kHdf5, 3, Compression::kLzf, DType::kBool, {2000}},
    {"hdf5_in_chunks", FormatName::kHdf5, 5, Compression::kNone, DType::kInt32, {7, 9}, 0, {1, {2, 3, 4}}},
    {"hdf5_in_rows", FormatName::kHdf5, 5, Compression::kNone, DType::kInt32, {7, 9}, 0, {1, {2, 7, 9}}},
    {"hdf5_gzip_in_chunks", FormatName::kHdf5, 3, Compression::kGzip, DType::kInt32, {8, 9}, 0, {2, {2, 3, 4}}},
    {"hdf5_that_may_grow",
     FormatName::kHdf5,
     3,
     Compression::kNone,
     DType::kUint8,
     {30, 40},
     0,
     {1, {1, 16, 16}, {64, 50}}},
    {"jpeg", FormatName::kJpeg},
    {"png", FormatName::kPng},
    {"png_of_rows", FormatName::kPng, 1, Compression::kNone, DType::kUint8, {7, 300}},
    {"parquet", FormatName::kParquet, 4},
};

config::Workload workload_of(const Case& c) {
  config::Workload w;
  w.dataset.format = c.format;
  w.dataset.num_samples_per_file = c.samples;
  w.dataset.compression = c.compression;
  w.dataset.record_element_type = c.dtype;
  w.dataset.record_dims = c.dims;
  w.dataset.record_length_bytes = 3000;
  w.dataset.record_length_bytes_stdev = c.stdev;
  w.dataset.hdf5 = c.hdf5;
  w.reader.verify = true;
  return w;
}

// Numbers as text have as many bytes as they have digits.
bool is_text(const Case& c) {
  return c.format == FormatName::kCsv;
}

class Conformance : public ::testing::TestWithParam<Case> {
 protected:
  const Format& format() const { return **find_format(GetParam().format); }
  dataset::FileSpec spec(std::uint64_t index = 3) const {
    return {.index = index, .rows = static_cast<std::uint64_t>(GetParam().samples), .path = kPath};
  }

  std::vector<std::byte> write(const dataset::FileSpec& spec) {
    auto writer = format().make_writer(w_);
    EXPECT_OK(writer);
    const auto file = storage_.create(kPath);
    EXPECT_OK(file);
    EXPECT_OK((*writer)->write(spec, **file, {}));
    EXPECT_OK((*file)->commit());
    const dataset::Layout layout(w_);
    for (std::size_t side = 0; side < layout.side_files(); ++side)
      EXPECT_OK(storage_.make_directories(layout.side_path(spec, side).parent_path()));
    EXPECT_OK(SideFiles(w_, format()).write(storage_, spec, {}));
    return storage_.get(kPath);
  }

  // Reads rows [first, first + rows) of the file and compares them with the generator, after completing what was
  // decoded as tools do.
  Status check(io::Storage& storage, std::uint64_t first, std::uint64_t rows, const dataset::FileSpec& spec) {
    STOKER_ASSIGN(const auto reader, format().make_reader(w_, storage));
    STOKER_ASSIGN(const auto file, reader->open(kPath, nullptr));
    STOKER_ASSIGN(const auto checker, make_checker(w_));
    ChunkReader chunks;
    Chunk chunk;
    std::uint64_t seen = 0;
    for (std::size_t u = 0; u < file->units().size(); ++u) {
      const Unit& unit = file->units()[u];
      const std::uint64_t begin = std::max(first, unit.first_row);
      const std::uint64_t end = std::min(first + rows, unit.first_row + unit.rows);
      if (begin >= end) continue;
      STOKER_TRY(chunks.read(*file, {u, begin, end - begin}, chunk));
      EXPECT_EQ(chunk.rows, end - begin);
      STOKER_TRY(chunks.complete(*file, chunk));
      STOKER_TRY(checker->check(spec, begin, chunk));
      seen += chunk.rows;
    }
    if (seen == rows) return {};
    return make_error(Code::kCorrupt, "{}: found {} rows, expected {}", kPath, seen, rows);
  }
  Status check(io::Storage& storage) { return check(storage, 0, spec().rows, spec()); }

  MemStorage storage_;
  config::Workload w_ = workload_of(GetParam());
};

TEST_P(Conformance, SizesAreThoseThatWerePredicted) {
  for (const std::uint64_t index : {0U, 1U, 7U, 12345U}) {
    const auto predicted = format().file_bytes(w_, spec(index));
    ASSERT_OK(predicted);
    const std::uint64_t bytes = write(spec(index)).size();
    EXPECT_LE(predicted->least, bytes);
    EXPECT_GE(predicted->most, bytes);
    EXPECT_EQ(predicted->exact(), GetParam().compression == Compression::kNone && !is_text(GetParam()));
    if (format().equal_files(w_, index) <= 1) continue;
    EXPECT_EQ(*predicted, *format().file_bytes(w_, spec(index + 1)));
  }
}

TEST_P(Conformance, AFileIsAFunctionOfItsNumber) {
  const auto first = write(spec(3));
  EXPECT_EQ(first, write(spec(3)));
  EXPECT_NE(first, write(spec(4)));
  ASSERT_OK(check(storage_, 0, spec().rows, spec(4)));
  EXPECT_ERROR(check(storage_, 0, spec().rows, spec(3)), Code::kCorrupt, kPath);
}

TEST_P(Conformance, EveryValueIsReadBackInWholesAndInParts) {
  write(spec());
  const std::uint64_t rows = spec().rows;
  for (std::uint64_t first = 0; first < rows; ++first) {
    for (std::uint64_t count = 1; count <= rows - first; ++count) EXPECT_OK(check(storage_, first, count, spec()));
  }
  w_.reader.odirect = true;
  if (format().odirect) {
    EXPECT_OK(check(storage_));
  }
  w_.reader.verify = false;
  EXPECT_OK(check(storage_));
}

TEST_P(Conformance, RowsAreCountedFromTheFile) {
  write(spec());
  const bool says = !config::spec_of(GetParam().format).is_image;
  if (says) w_.dataset.num_samples_per_file = 99;
  const auto reader = format().make_reader(w_, storage_);
  ASSERT_OK(reader);
  EXPECT_EQ((*reader)->outline(kPath)->rows, spec().rows);
  const auto info = format().inspect(storage_, kPath, Detail::kStorage);
  ASSERT_OK(info);
  EXPECT_EQ(info->rows, spec().rows);
  EXPECT_EQ(info->file_bytes, storage_.get(kPath).size());
  EXPECT_EQ(info->columns.size(), static_cast<std::size_t>(GetParam().hdf5.num_dset_per_record));
}

TEST_P(Conformance, ComputedBytesAreThoseThatAreWritten) {
  const auto contents = make_contents(w_);
  if (!contents) {
    EXPECT_EQ(contents.error().code, Code::kConfig);
    return;
  }
  const auto expected = write(spec());
  const auto file = (*contents)->file(spec());
  ASSERT_OK(file);
  ASSERT_EQ((*file)->size(), expected.size());
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    const std::size_t at = i == 0 ? 0 : random() % expected.size();
    const std::size_t bytes = i == 0 ? expected.size() : random() % std::min<std::size_t>(expected.size() - at, 300);
    std::vector<std::byte> found(bytes);
    (*file)->read(at, found);
    ASSERT_TRUE(std::ranges::equal(found, Bytes(expected).subspan(at, bytes))) << at << " " << bytes;
  }
}

TEST_P(Conformance, AFileThatEndsEarlyIsAnErrorWithItsPath) {
  const auto whole = write(spec());
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    // The last line of a text may lack its line feed.
    const bool may_lack_one = is_text(GetParam()) && GetParam().compression == Compression::kNone;
    const std::size_t bytes = i < 100 ? static_cast<std::size_t>(i) : random() % whole.size();
    if (bytes >= whole.size() - (may_lack_one ? 1 : 0)) continue;
    storage_.put(kPath, Bytes(whole).first(bytes));
    const Status status = check(storage_);
    ASSERT_FALSE(status) << bytes;
    EXPECT_THAT(status.error().message, HasSubstr(kPath)) << bytes;
    EXPECT_NE(status.error().code, Code::kFailed) << status.error().message;
  }
}

// A value that another byte makes another one is found; a byte that has no meaning may be anything. Nothing crashes.
TEST_P(Conformance, ChangedBytesAreNeverAnotherValue) {
  const auto whole = write(spec());
  std::mt19937_64 random(3);
  int found = 0;
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries; ++i) {
    auto changed = whole;
    const std::size_t at = i < 300 ? static_cast<std::size_t>(i) % whole.size() : random() % whole.size();
    changed[at] ^= static_cast<std::byte>(1U << (random() % 8));
    storage_.put(kPath, changed);
    found += check(storage_) ? 0 : 1;
  }
  // Nearly all of a file is values.
  EXPECT_GT(found, kTries / 2);
}

TEST_P(Conformance, SideFilesAreFunctionsOfSizes) {
  const dataset::Layout layout(w_);
  write(spec());
  SideFiles sides(w_, format());
  EXPECT_OK(sides.check(storage_, spec(), {}));
  std::uint64_t bytes = 0, in_blocks = 0;
  for (std::size_t side = 0; side < layout.side_files(); ++side) {
    const io::Path path = layout.side_path(spec(), side);
    const std::vector<std::byte> whole = storage_.get(path);
    bytes += whole.size();
    in_blocks += (whole.size() + 99) / 100 * 100;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      auto changed = whole;
      changed[at] ^= std::byte{4};
      storage_.put(path, changed);
      EXPECT_ERROR(sides.check(storage_, spec(), {}), Code::kCorrupt, fmt::format("{}: byte {}", path.string(), at));
    }
    storage_.put(path, Bytes(whole).first(whole.size() - 1));
    EXPECT_ERROR(sides.check(storage_, spec(), {}), Code::kCorrupt, path.string());
    ASSERT_OK(storage_.remove(path));
    EXPECT_ERROR(sides.check(storage_, spec(), {}), Code::kNotFound, path.string());
    EXPECT_OK(sides.write(storage_, spec(), {}));
    EXPECT_EQ(storage_.get(path), whole);
  }
  EXPECT_EQ(*sides.bytes(spec()), bytes);
  EXPECT_EQ(*sides.bytes(spec(), 100), in_blocks);
}

TEST_P(Conformance, AFileThatShrinksWhileItIsReadIsAnError) {
  const auto whole = write(spec());
  io::testing::FaultyStorage shrinking(storage_, {.short_bytes = whole.size() / 2});
  const Status status = check(shrinking);
  EXPECT_ERROR(status, Code::kCorrupt, kPath);
}

// No sample costs an allocation once the largest unit was read. What a format reads as a whole may parse its headers
// with each file.
TEST_P(Conformance, ReadingAllocatesNothingForSamplesAfterTheFirstTime) {
  write(spec());
  w_.reader.verify = false;
  const auto reader = format().make_reader(w_, storage_);
  ASSERT_OK(reader);
  const auto file = (*reader)->open(kPath, nullptr);
  ASSERT_OK(file);
  ChunkReader chunks;
  Chunk chunk;
  std::uint64_t of_storage = 0;
  const auto read_all = [&] {
    std::uint64_t allocated = 0;
    for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
      const Unit& unit = (*file)->units()[u];
      const std::uint64_t before = testing::allocations();
      const bool is_read = chunks.fetch(**file, {u, unit.first_row, unit.rows}).has_value();
      // The storage in memory notes each call.
      of_storage = testing::allocations() - before;
      const std::uint64_t fetched = testing::allocations();
      EXPECT_TRUE(is_read && chunks.decompress(**file) && chunks.decode(**file, chunk));
      allocated += testing::allocations() - fetched;
    }
    return allocated;
  };
  read_all();
  read_all();
  EXPECT_LE(read_all(), format().granularity == Granularity::kFile ? 24U : 0U);
  EXPECT_LE(of_storage, 4U);
}

TEST_P(Conformance, AStopEndsWriting) {
  auto writer = format().make_writer(w_);
  ASSERT_OK(writer);
  std::stop_source stop;
  stop.request_stop();
  const auto file = storage_.create("g");
  EXPECT_ERROR((*writer)->write(spec(), **file, stop.get_token()), Code::kInterrupted, "stopped");
  // And the writer is fit for the next file.
  write(spec());
  EXPECT_OK(check(storage_));
}

INSTANTIATE_TEST_SUITE_P(Formats, Conformance, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ConformanceTable, HasEveryFormatOfThisBuildThatHasValues) {
  for (const Format* format : formats()) {
    const bool has_values = format->make_checker != nullptr;
    EXPECT_EQ(has_values, config::spec_of(format->name).has_samples) << config::to_string(format->name);
    EXPECT_EQ(has_values, std::ranges::find(kCases, format->name, &Case::format) != std::ranges::end(kCases))
        << config::to_string(format->name) << ": whoever adds a format adds it to the cases above";
  }
}

}  // namespace
}  // namespace stoker::format
