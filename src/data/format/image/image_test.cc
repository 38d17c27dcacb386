// Sizes and structure of images, and what is told of those that are not what they were.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/format.h"
#include "data/format/image/image_bytes.h"
#include "data/format/image/png_chunks.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::image {
namespace {

using io::testing::MemStorage;
using ::testing::HasSubstr;

config::Dataset dataset_of(std::int64_t height, std::int64_t width) {
  config::Dataset dataset;
  dataset.record_dims = {height, width};
  return dataset;
}

std::vector<std::byte> bytes_of(Kind kind, const config::Dataset& dataset, std::uint64_t index = 0) {
  PageBuffer page;
  const ImageBytes image(kind, dataset, {.index = index, .rows = 1, .path = {}});
  page.begin(static_cast<std::size_t>(image.size()) + ByteTarget::kMaxReserve);
  EXPECT_OK(image.put(page, {}));
  EXPECT_EQ(page.bytes().size(), image.size());
  return {page.bytes().begin(), page.bytes().end()};
}

std::uint8_t at(const std::vector<std::byte>& bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

// From one byte on, over the border where an image fits, and over that of one comment.
TEST(ImageBytes, AreAsManyAsASampleHas) {
  for (const Kind kind : {Kind::kJpeg, Kind::kPng}) {
    for (std::int64_t width = 1; width < 400; ++width) bytes_of(kind, dataset_of(1, width));
    for (std::int64_t size = 65600; size < 65900; ++size) bytes_of(kind, dataset_of(1, size));
    for (std::int64_t height = 1; height < 60; ++height) {
      for (const std::int64_t width : {3, 11, 12, 13, 100, 1000}) bytes_of(kind, dataset_of(height, width));
    }
  }
}

// Walks the segments of a JPEG stream: every marker is where the one before it says.
TEST(Jpeg, IsAStreamOfSegmentsThatEnds) {
  for (const std::int64_t size : {159, 160, 161, 162, 163, 200, 70000, 200000}) {
    SCOPED_TRACE(size);
    const auto bytes = bytes_of(Kind::kJpeg, dataset_of(1, size));
    ASSERT_EQ(at(bytes, 0), 0xFF);
    ASSERT_EQ(at(bytes, 1), 0xD8);
    std::size_t here = 2;
    bool scanned = false;
    while (true) {
      ASSERT_LT(here + 1, bytes.size());
      ASSERT_EQ(at(bytes, here), 0xFF);
      while (at(bytes, here + 1) == 0xFF) ++here;  // fill bytes
      const std::uint8_t marker = at(bytes, here + 1);
      here += 2;
      if (marker == 0xD9) break;
      const std::size_t length = at(bytes, here) * std::size_t{256} + at(bytes, here + 1);
      here += length;
      if (marker == 0xDA) ++here;  // the scan's one byte
      scanned = scanned || marker == 0xDA;
    }
    EXPECT_TRUE(scanned);
    EXPECT_EQ(here, bytes.size());
  }
}

// One dimension has no width: it is that of a square.
TEST(Png, OfOneDimensionIsAnImage) {
  config::Dataset dataset;
  for (const std::int64_t size : {100, 5000, 114'244}) {
    dataset.record_dims = {size};
    const auto bytes = bytes_of(Kind::kPng, dataset);
    ASSERT_TRUE(is_png(bytes)) << size;
    EXPECT_OK(check_png(bytes));
    std::int64_t side = 1;
    while ((side + 1) * (side + 1) <= size) ++side;
    EXPECT_EQ(at(bytes, 18) * 256 + at(bytes, 19), side);
  }
  // What has two is as it was.
  EXPECT_FALSE(is_png(bytes_of(Kind::kPng, dataset_of(1, 5000))));
}

TEST(Png, ChunksHaveTheirChecksums) {
  auto bytes = bytes_of(Kind::kPng, dataset_of(300, 333), 5);
  ASSERT_TRUE(is_png(bytes));
  EXPECT_OK(check_png(bytes));
  for (const std::size_t place : {std::size_t{17}, std::size_t{1000}, std::size_t{70000}, bytes.size() - 1}) {
    bytes[place] ^= std::byte{4};
    EXPECT_ERROR(check_png(bytes), Code::kCorrupt, "has the checksum");
    bytes[place] ^= std::byte{4};
  }
  EXPECT_ERROR(check_png(Bytes(bytes).first(bytes.size() - 12)), Code::kCorrupt, "without its last chunk");
  EXPECT_ERROR(check_png(Bytes(bytes).first(1000)), Code::kCorrupt,
               "chunk 'IDAT' at byte 33 of the PNG image ends behind");
  EXPECT_FALSE(is_png(Bytes(bytes).first(7)));
  EXPECT_FALSE(is_png(Bytes(bytes).subspan(1)));
}

TEST(ImageReader, SaysWhichFileIsWrongAndReadsWhatIsNoImage) {
  MemStorage storage;
  config::Workload w;
  w.dataset.format = config::FormatName::kPng;
  w.dataset.num_samples_per_file = 3;
  const Format& png = **find_format(w.dataset.format);
  auto bytes = bytes_of(Kind::kPng, dataset_of(40, 50));
  bytes[100] ^= std::byte{1};
  storage.put("d/wrong.png", bytes);
  storage.put("d/random.png", "no image at all");
  storage.put("d/empty.png", "");
  const auto read = [&](const char* path) -> Result<Chunk> {
    STOKER_ASSIGN(const auto reader, png.make_reader(w, storage));
    STOKER_ASSIGN(const auto file, reader->open(path, nullptr));
    ChunkReader chunks;
    Chunk chunk;
    STOKER_TRY(chunks.read(*file, {0, 0, 3}, chunk));
    return chunk;
  };
  EXPECT_ERROR(read("d/wrong.png"), Code::kCorrupt, "d/wrong.png: chunk 'IDAT' at byte 33");
  EXPECT_ERROR(read("d/empty.png"), Code::kCorrupt, "d/empty.png: is empty");
  const auto random = read("d/random.png");
  ASSERT_OK(random);
  EXPECT_EQ(random->rows, 3U);
  EXPECT_EQ(random->useful_bytes, 15U) << "one image, however many samples it counts as";
  EXPECT_TRUE(random->columns.at(0).one_value);
  EXPECT_EQ(random->columns.at(0).segments.size(), 1U) << "one view, likewise";
  EXPECT_EQ(random->columns.at(0).lengths, std::vector<std::uint32_t>{15});
  w.reader.verify_checksums = false;
  EXPECT_OK(read("d/wrong.png"));
}

}  // namespace
}  // namespace stoker::format::image
