// The bytes of generated files, what is read of them, and what is said of files that are none. Files of h5py and of the
// library are read in tests/compat/hdf5_files.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/hdf5/element_type.h"
#include "data/format/hdf5/file_layout.h"
#include "data/format/hdf5/filters.h"
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/limits.h"
#include "data/format/hdf5/sample_arrays.h"
#include "data/format/hdf5/sample_file.h"
#include "data/format/value_checker.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::hdf5 {
namespace {

using config::Compression;
using config::DType;
using io::testing::MemCall;
using io::testing::MemStorage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Checksum, IsLookup3) {
  const auto of = [](std::string_view text) { return metadata_checksum(std::as_bytes(std::span(text))); };
  // Published with the algorithm, for an initial value of 0.
  EXPECT_EQ(of(""), 0xdeadbeefU);
  EXPECT_EQ(of("Four score and seven years ago"), 0x17770551U);
}

TEST(Checksum, IsFletchers) {
  const auto of = [](std::string_view text) { return fletcher32(std::as_bytes(std::span(text))); };
  // Words in big endian: "ab" is 0x6162; an odd byte is the upper one.
  EXPECT_EQ(of("ab"), 0x61626162U);
  EXPECT_EQ(of("abc"), (0x6162U + 0x6162U + 0x6300U - 0xFFFFU) << 16U | (0x6162U + 0x6300U));
}

TEST(Sizes, TakeAsManyBytesAsTheyNeed) {
  EXPECT_EQ(bytes_for(0), 1U);
  EXPECT_EQ(bytes_for(255), 1U);
  EXPECT_EQ(bytes_for(256), 2U);
  EXPECT_EQ(bytes_for(~std::uint64_t{0}), 8U);
  EXPECT_EQ(chunk_size_bytes(255), 2U);
  EXPECT_EQ(chunk_size_bytes(65536), 4U);
}

// Each element of an array lies in one chunk, at one place of it.
TEST(ChunkGrid, RunsCoverAnArrayOnce) {
  const std::vector<std::uint64_t> shape{5, 4, 6};
  for (std::uint64_t a = 1; a <= 6; ++a) {
    for (std::uint64_t b = 1; b <= 4; ++b) {
      for (std::uint64_t c = 1; c <= 7; ++c) {
        const ChunkGrid grid(shape, {a, b, c});
        std::vector<int> seen(5 * 4 * 6, 0);
        std::vector<std::vector<int>> taken(static_cast<std::size_t>(grid.chunks()),
                                            std::vector<int>(static_cast<std::size_t>(grid.chunk_elements()), 0));
        for (std::uint64_t number = 0; number < grid.chunks(); ++number) {
          const std::uint64_t first = number / grid.chunks_per_row() * a;
          std::uint64_t elements = 0;
          for (std::uint64_t row = first; row < std::min<std::uint64_t>(first + a, 5); ++row) {
            grid.for_each_run(number, row, 1, [&](std::uint64_t in_array, std::uint64_t in_chunk, std::uint64_t n) {
              for (std::uint64_t i = 0; i < n; ++i) {
                ++seen.at(static_cast<std::size_t>(in_array + i));
                ++taken.at(static_cast<std::size_t>(number)).at(static_cast<std::size_t>(in_chunk + i));
              }
              elements += n;
            });
          }
          EXPECT_EQ(grid.is_partial(number), elements < grid.chunk_elements());
        }
        EXPECT_TRUE(std::ranges::all_of(seen, [](int n) { return n == 1; })) << a << b << c;
        for (const auto& chunk : taken) EXPECT_LE(*std::ranges::max_element(chunk), 1);
      }
    }
  }
}

TEST(ElementTypes, GoThereAndBack) {
  for (int type = 0; type < 14; ++type) {
    const auto dtype = static_cast<DType>(type);
    std::vector<std::byte> message;
    BlockWriter out(message);
    append_datatype(out, dtype);
    const auto found = parse_datatype(message);
    ASSERT_OK(found);
    EXPECT_EQ(*found, dtype);
    for (std::size_t bytes = 0; bytes < message.size(); ++bytes)
      EXPECT_FALSE(parse_datatype(Bytes(message).first(bytes))) << bytes;
  }
}

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kHdf5;
  w.dataset.num_samples_per_file = 4;
  w.dataset.record_dims = {6, 10};
  return w;
}

class Hdf5Test : public ::testing::Test {
 protected:
  std::vector<std::byte> write() {
    auto writer = make_writer(w_);
    EXPECT_OK(writer);
    const auto file = storage_.create("f.hdf5");
    const dataset::FileSpec spec{
        .index = 1, .rows = static_cast<std::uint64_t>(w_.dataset.num_samples_per_file), .path = "f.hdf5"};
    EXPECT_OK((*writer)->write(spec, **file, {}));
    EXPECT_OK((*file)->commit());
    return storage_.get("f.hdf5");
  }
  Result<SampleFile> place() {
    STOKER_ASSIGN(const auto file, storage_.open("f.hdf5", {}));
    return read_sample_file(*file, true, nullptr);
  }
  Result<Chunk> read(std::uint64_t first, std::uint64_t rows) {
    STOKER_ASSIGN(reader_, make_reader(w_, storage_));
    STOKER_ASSIGN(file_, reader_->open("f.hdf5", nullptr));
    Chunk chunk;
    STOKER_TRY(chunks_.read(*file_, {static_cast<std::size_t>(first / file_->units()[0].rows), first, rows}, chunk));
    return chunk;
  }
  std::uint64_t read_bytes() const {
    std::uint64_t bytes = 0;
    for (const MemCall& call : storage_.calls()) bytes += call.op == MemCall::Op::kRead ? call.length : 0;
    return bytes;
  }

  MemStorage storage_;
  config::Workload w_ = workload();
  std::unique_ptr<FormatReader> reader_;
  std::unique_ptr<FileReader> file_;
  ChunkReader chunks_;
};

TEST_F(Hdf5Test, AFileIsHeadersAndThenValues) {
  w_.dataset.hdf5.num_dset_per_record = 3;
  const auto bytes = write();
  const auto file = place();
  ASSERT_OK(file);
  EXPECT_EQ(file->superblock, 3U);
  ASSERT_EQ(file->arrays.size(), 3U);
  EXPECT_THAT(file->others, ElementsAre("labels"));
  std::uint64_t at = file->arrays[0].chunks[0].offset;
  EXPECT_LT(at, 1024U);
  for (const Array& array : file->arrays) {
    EXPECT_THAT(array.grid.shape(), ElementsAre(4, 2, 10));
    EXPECT_EQ(array.layout, kContiguous);
    ASSERT_EQ(array.chunks.size(), 1U);
    EXPECT_EQ(array.chunks[0].offset, at);
    at += 80;
  }
  EXPECT_EQ(bytes.size(), at + 4 * 8);
  // A first axis of 1 is left out.
  w_.dataset.hdf5.num_dset_per_record = 6;
  write();
  EXPECT_THAT(place()->arrays.at(5).grid.shape(), ElementsAre(4, 10));
}

TEST_F(Hdf5Test, ManyValuesHavePagesOfTheirOwn) {
  w_.dataset.record_dims = {100, 100};
  w_.dataset.num_samples_per_file = 7;
  write();
  EXPECT_EQ(place()->arrays[0].chunks[0].offset % 4096, 4096 - 4096U);
  EXPECT_GE(place()->arrays[0].chunks[0].offset, 4096U);
}

TEST_F(Hdf5Test, ChunksAreThoseThatTheLibraryWouldChoose) {
  w_.dataset.compression = Compression::kGzip;
  write();
  EXPECT_EQ(place()->arrays[0].index, kSingleChunk);
  EXPECT_THAT(place()->arrays[0].grid.chunk(), ElementsAre(4, 6, 10));
  w_.dataset.hdf5.chunk_dims = {1, 6, 10};
  write();
  EXPECT_EQ(place()->arrays[0].index, kFixedArray);
  EXPECT_EQ(place()->arrays[0].chunks.size(), 4U);
  w_.dataset.hdf5.chunk_dims = {};
  w_.dataset.compression = Compression::kNone;
  w_.dataset.hdf5.max_shape = {6, 20};
  write();
  EXPECT_EQ(place()->arrays[0].index, kFixedArray);
  EXPECT_EQ(place()->arrays[0].chunks.size(), 1U);
  // Whole samples up to 1 MiB; of larger ones, whole rows.
  w_.dataset.hdf5.max_shape = {};
  w_.dataset.compression = Compression::kLzf;
  w_.dataset.record_dims = {300, 1000};
  write();
  EXPECT_THAT(place()->arrays[0].grid.chunk(), ElementsAre(3, 300, 1000));
  w_.dataset.record_dims = {3000, 1000};
  write();
  EXPECT_THAT(place()->arrays[0].grid.chunk(), ElementsAre(1, 1048, 1000));
}

// What does not fit the memory that is kept is compressed twice: the same bytes.
TEST_F(Hdf5Test, MoreThanIsKeptIsCompressedAgain) {
  w_.dataset.record_dims = {1024, 1024};
  w_.dataset.num_samples_per_file = 70;
  w_.dataset.compression = Compression::kGzip;
  w_.dataset.compression_level = 1;
  w_.reader.verify = true;
  write();
  const auto checker = make_checker(w_);
  ASSERT_OK(checker);
  for (const std::uint64_t row : {0U, 62U, 63U, 64U, 69U}) {
    const auto chunk = read(row, 1);
    ASSERT_OK(chunk);
    EXPECT_OK((*checker)->check({.index = 1, .rows = 70, .path = "f.hdf5"}, row, *chunk));
  }
}

TEST_F(Hdf5Test, ARowIsReadAlone) {
  w_.dataset.record_dims = {200, 1000};
  w_.dataset.num_samples_per_file = 20;
  write();
  storage_.clear_calls();
  ASSERT_OK(read(7, 1));
  EXPECT_LE(read_bytes(), 200'000U + 2 * 8192);
  // Also of chunks that are not compressed; of others the chunk is.
  w_.dataset.hdf5.chunk_dims = {5, 200, 1000};
  write();
  storage_.clear_calls();
  ASSERT_OK(read(7, 1));
  EXPECT_LE(read_bytes(), 200'000U + 2 * 8192);
  w_.dataset.compression = Compression::kGzip;
  write();
  storage_.clear_calls();
  ASSERT_OK(read(7, 1));
  EXPECT_GT(read_bytes(), 900'000U);
  EXPECT_LT(read_bytes(), 1'100'000U);
}

TEST_F(Hdf5Test, UnitsAreRowsOfAFewMiBAndWholeChunks) {
  w_.dataset.record_dims = {1000, 1000};
  w_.dataset.num_samples_per_file = 9;
  write();
  ASSERT_OK(read(0, 1));
  ASSERT_EQ(file_->units().size(), 3U);
  EXPECT_EQ(file_->units()[0].rows, 4U);
  EXPECT_EQ(file_->units()[2].rows, 1U);
  EXPECT_EQ(file_->units()[1].storage_bytes, 4'000'000U);
  w_.reader.chunk_bytes = 1'000'000;
  ASSERT_OK(read(0, 1));
  EXPECT_EQ(file_->units().size(), 9U);
  EXPECT_EQ(reader_->worker_bytes(), 1'000'000U);
  w_.dataset.hdf5.chunk_dims = {2, 10, 1000};
  write();
  ASSERT_OK(read(0, 1));
  EXPECT_EQ(file_->units()[0].rows, 2U);
}

TEST_F(Hdf5Test, WrongValuesAreToldWithTheirPlace) {
  w_.reader.verify = true;
  auto bytes = write();
  const std::uint64_t at = place()->arrays[0].chunks[0].offset;
  bytes[static_cast<std::size_t>(at) + 2 * 60 + 17] ^= std::byte{1};
  storage_.put("f.hdf5", bytes);
  auto chunk = read(1, 2);
  ASSERT_OK(chunk);
  const dataset::FileSpec spec{.index = 1, .rows = 4, .path = "f.hdf5"};
  EXPECT_ERROR((*make_checker(w_))->check(spec, 1, *chunk), Code::kCorrupt,
               fmt::format("f.hdf5: array 'records_0', row 2, element 17: found"));
  EXPECT_ERROR((*make_checker(w_))->check(spec, 1, *chunk), Code::kCorrupt,
               fmt::format("(byte {} of the file)", at + 2 * 60 + 17));
}

TEST_F(Hdf5Test, SamplesHaveTheTypeAndShapeThatIsVerified) {
  write();
  w_.reader.verify = true;
  EXPECT_OK(read(0, 1));
  w_.dataset.record_element_type = DType::kInt8;
  EXPECT_ERROR(read(0, 1), Code::kCorrupt,
               "f.hdf5: array 'records_0': found samples of 6 x 10 uint8, expected 6 x 10 int8");
  w_.dataset.record_element_type = DType::kUint8;
  w_.dataset.record_dims = {10, 6};
  EXPECT_ERROR(read(0, 1), Code::kCorrupt, "found samples of 6 x 10 uint8, expected 10 x 6 uint8");
  w_.reader.verify = false;
  EXPECT_OK(read(0, 1));
}

TEST_F(Hdf5Test, FilesOfTheSameArraysBelongTogether) {
  const auto columns = [&] {
    write();
    const auto reader = make_reader(w_, storage_);
    const std::uint64_t number = (*reader)->outline("f.hdf5")->columns;
    EXPECT_EQ((*(*reader)->open("f.hdf5", nullptr))->columns(), number);
    EXPECT_EQ((*reader)->columns("f.hdf5")->size(), static_cast<std::size_t>(w_.dataset.hdf5.num_dset_per_record));
    return number;
  };
  const std::uint64_t first = columns();
  w_.dataset.record_dims = {60, 9};
  EXPECT_EQ(columns(), first);
  w_.dataset.hdf5.num_dset_per_record = 2;
  EXPECT_NE(columns(), first);
  w_.dataset.hdf5.num_dset_per_record = 1;
  w_.dataset.record_dims = {9};
  EXPECT_NE(columns(), first);
  w_.dataset.record_dims = {6, 10};
  w_.dataset.record_element_type = DType::kInt8;
  EXPECT_NE(columns(), first);
}

TEST_F(Hdf5Test, ChangedMetadataIsFoundByItsChecksumUnlessItIsSwitchedOff) {
  auto bytes = write();
  bytes[48 + 10] ^= std::byte{1};  // in the root group
  storage_.put("f.hdf5", bytes);
  EXPECT_ERROR(read(0, 1), Code::kCorrupt, "f.hdf5: OHDR at byte 48 of the file: has the checksum");
  EXPECT_ERROR(inspect(storage_, "f.hdf5", Detail::kSchema), Code::kCorrupt, "f.hdf5: OHDR at byte 48");
  bytes = write();
  bytes[44] ^= std::byte{1};  // the superblock's own
  storage_.put("f.hdf5", bytes);
  EXPECT_ERROR(read(0, 1), Code::kCorrupt, "HDF");
  w_.reader.verify_checksums = false;
  EXPECT_OK(read(0, 1));
}

TEST_F(Hdf5Test, WhatIsNoSetOfSamplesIsToldWithItsPath) {
  storage_.put("f.hdf5", std::vector<std::byte>{});
  EXPECT_ERROR(read(0, 1), Code::kCorrupt, "f.hdf5: found '' where '\\x89HDF\\r\\n\\x1a\\n' begins an HDF5 file");
  auto bytes = write();
  bytes.pop_back();
  storage_.put("f.hdf5", bytes);
  EXPECT_ERROR(
      read(0, 1), Code::kCorrupt,
      fmt::format("f.hdf5: ends early: the superblock says {} bytes, found {}", bytes.size() + 1, bytes.size()));
  bytes[8] = std::byte{7};
  storage_.put("f.hdf5", bytes);
  EXPECT_ERROR(read(0, 1), Code::kUnsupported, "a superblock of version 7, expected 0 to 3");
  bytes = write();
  bytes[9] = std::byte{4};
  storage_.put("f.hdf5", bytes);
  w_.reader.verify_checksums = false;
  EXPECT_ERROR(read(0, 1), Code::kUnsupported, "addresses of 4 bytes and lengths of 8, expected 8");
}

TEST_F(Hdf5Test, ABlockOfTheUserMayStandInFront) {
  auto bytes = write();
  // Its addresses count from the superblock.
  bytes.insert(bytes.begin(), 1024, std::byte{'x'});
  const auto patch = [&](std::uint64_t base) {
    std::vector<std::byte> superblock(bytes.begin() + 1024, bytes.begin() + 1024 + 12);
    BlockWriter out(superblock);
    std::vector<std::byte> fixed(bytes.begin() + 1024, bytes.begin() + 1024 + 44);
    for (std::size_t i = 0; i < 8; ++i) fixed[12 + i] = static_cast<std::byte>(base >> (8 * i));
    const std::uint32_t sum = metadata_checksum(fixed);
    for (std::size_t i = 0; i < 4; ++i) fixed.push_back(static_cast<std::byte>(sum >> (8 * i)));
    std::ranges::copy(fixed, bytes.begin() + 1024);
    storage_.put("f.hdf5", bytes);
  };
  patch(1024);
  w_.reader.verify = true;
  const auto chunk = read(0, 4);
  ASSERT_OK(chunk);
  EXPECT_OK((*make_checker(w_))->check({.index = 1, .rows = 4, .path = "f.hdf5"}, 0, *chunk));
  patch(512);
  EXPECT_ERROR(read(0, 4), Code::kCorrupt, "superblock at byte 1024 of the file: says that it is at 512");
}

TEST_F(Hdf5Test, FiltersAreUndoneInTheirOrder) {
  Array array{.dtype = DType::kUint16, .grid = ChunkGrid({5}, {5})};
  std::vector<std::byte> stored;
  for (const int b : {1, 2, 3, 4, 5, 10, 20, 30, 40, 50}) stored.push_back(static_cast<std::byte>(b));
  std::vector<std::byte> plain(10);
  FilterReader filters;
  array.filters = {{.id = kShuffle, .element_bytes = 2}, {.id = kFletcher32}};
  BlockWriter(stored).u32(fletcher32(stored));
  EXPECT_OK(filters.undo(array, {.offset = 0, .bytes = 14}, stored, plain, true));
  EXPECT_EQ(plain[0], std::byte{1});
  EXPECT_EQ(plain[1], std::byte{10});
  EXPECT_EQ(plain[9], std::byte{50});
  // Left out, each by its bit.
  EXPECT_OK(filters.undo(array, {.offset = 0, .bytes = 14, .filter_mask = 1}, stored, plain, true));
  EXPECT_EQ(plain[1], std::byte{2});
  EXPECT_ERROR(filters.undo(array, {.offset = 0, .bytes = 14, .filter_mask = 2}, stored, plain, true), Code::kCorrupt,
               "has 14 bytes before they are put in order, expected 10");
  stored[3] ^= std::byte{1};
  EXPECT_ERROR(filters.undo(array, {.offset = 0, .bytes = 14}, stored, plain, true), Code::kCorrupt, "(fletcher32)");
  EXPECT_OK(filters.undo(array, {.offset = 0, .bytes = 14}, stored, plain, false));
  EXPECT_ERROR(filters.undo(array, {.offset = 0, .bytes = 3}, Bytes(stored).first(3), plain, true), Code::kCorrupt,
               "its 3 bytes have no checksum");
  array.filters = {{.id = kDeflate}};
  EXPECT_ERROR(filters.undo(array, {.offset = 0, .bytes = 14}, stored, plain, true), Code::kCorrupt,
               "its 14 bytes are not 10 bytes deflated");
  array.filters = {{.id = kLzf}};
  EXPECT_ERROR(filters.undo(array, {.offset = 0, .bytes = 14}, stored, plain, true), Code::kCorrupt,
               "its 14 bytes are not 10 bytes of LZF");
}

TEST(Hdf5Options, WhatArraysCannotBeIsRefused) {
  const auto refused = [](void (*change)(config::Dataset&), const char* message) {
    config::Workload w = workload();
    change(w.dataset);
    EXPECT_ERROR(validate(w), Code::kConfig, message);
    EXPECT_ERROR(make_writer(w), Code::kConfig, message);
    EXPECT_ERROR(file_bytes(w, {.rows = 4}), Code::kConfig, message);
  };
  refused([](config::Dataset& d) { d.record_element_type = DType::kString; }, "record_element_type: found string");
  refused([](config::Dataset& d) { d.record_dims.assign(32, 1); }, "found 32 dimensions, expected at most 31");
  refused(
      [](config::Dataset& d) {
        d.hdf5.chunk_dims = {1, 2};
      },
      "dataset.hdf5.chunk_dims: found 2 sizes, expected 3 for arrays of 4 x 6 x 10");
  refused(
      [](config::Dataset& d) {
        d.hdf5.chunk_dims = {5, 1, 1};
      },
      "dataset.hdf5.chunk_dims: found [5, 1, 1], expected at most 4 x 6 x 10 each");
  refused(
      [](config::Dataset& d) {
        d.hdf5.max_shape = {6, 9};
      },
      "dataset.hdf5.max_shape: found [6, 9], expected at least 6 x 10 each");
  refused(
      [](config::Dataset& d) {
        d.record_dims = {100'000, 100'000};
        d.hdf5.chunk_dims = {1, 100'000, 100'000};
      },
      "found chunks of 1 x 100000 x 100000, expected at most 4194304 of them, each of less than 4 GiB");
  refused(
      [](config::Dataset& d) {
        d.record_dims = {4096, 1024};
        d.hdf5.chunk_dims = {1, 1, 1};
      },
      "dataset.hdf5.chunk_dims: found chunks of 1 x 1 x 1, expected at most 4194304 of them");
  refused(
      [](config::Dataset& d) {
        d.record_dims = {};
        d.record_length_bytes_stdev = 100;
        d.hdf5.chunk_dims = {1, 1, 1};
      },
      "dataset.record_length_bytes_stdev draws another shape for each file");
  refused([](config::Dataset& d) { d.num_samples_per_file = std::int64_t{1} << 56; }, "more than a file");
}

TEST(Hdf5Options, OnlyFilesInOnePieceCanBeComputed) {
  config::Workload w = workload();
  EXPECT_OK(make_contents(w));
  w.dataset.hdf5.max_shape = {6, 10};
  EXPECT_ERROR(make_contents(w), Code::kConfig, "the bytes of hdf5 files of chunks cannot be computed");
  EXPECT_EQ(codec_library(w), std::nullopt);
  w.dataset.compression = Compression::kGzip;
  EXPECT_THAT(*codec_library(w), HasSubstr("libdeflate "));
}

}  // namespace
}  // namespace stoker::format::hdf5
