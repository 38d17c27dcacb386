// Pixels of images, what is refused, and what a reader makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/format.h"
#include "data/format/image/decoder.h"
#include "data/format/image/image_internal.h"
#include "data/format/image/testing/pictures.h"
#include "data/format/testing/counting_new.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::image {
namespace {

using io::testing::MemStorage;
using testing::File;
using ::testing::HasSubstr;
using testing::jpeg;
using testing::noise;
using testing::png;
using testing::slope;

std::vector<int> numbers(Bytes bytes) {
  std::vector<int> out;
  for (const std::byte byte : bytes) out.push_back(static_cast<int>(byte));
  return out;
}

// One after the other by the same decoder.
class Decoding : public ::testing::Test {
 protected:
  Result<Decoder::Picture> png_of(const File& file) { return png_->decode(file, memory_); }
  Result<Decoder::Picture> jpeg_of(const File& file) { return jpeg_->decode(file, memory_); }

  std::unique_ptr<Decoder> png_ = make_decoder(Kind::kPng), jpeg_ = make_decoder(Kind::kJpeg);
  Arena memory_;
};

// A file of 8 bits and no palette holds its pixels as they are.
TEST_F(Decoding, PngOfEightBitsIsItsRows) {
  for (const bool interlaced : {false, true}) {
    for (const auto& [color_type, samples] : {std::pair{0, 1U}, {2, 3U}, {4, 2U}, {6, 4U}}) {
      for (const auto& [width, height] : {std::pair{1U, 1U}, {3U, 2U}, {17U, 31U}, {300U, 200U}}) {
        SCOPED_TRACE(fmt::format("type {}, {} x {}, interlaced {}", color_type, width, height, interlaced));
        const auto pixels = noise(width * height * samples);
        const auto picture =
            png_of(png({.width = width, .height = height, .color_type = color_type, .interlaced = interlaced}, pixels));
        ASSERT_OK(picture);
        EXPECT_EQ(picture->frame, (Frame{.width = width, .height = height, .samples = samples}));
        EXPECT_TRUE(std::ranges::equal(picture->pixels, pixels));
      }
    }
  }
}

TEST_F(Decoding, PngOfSixteenBitsIsLittleEndian) {
  for (const bool interlaced : {false, true}) {
    const auto rows = noise(std::size_t{2} * 3 * 5 * 7);
    const auto picture =
        png_of(png({.width = 5, .height = 7, .color_type = 2, .depth = 16, .interlaced = interlaced}, rows));
    ASSERT_OK(picture);
    EXPECT_EQ(picture->frame, (Frame{.width = 5, .height = 7, .samples = 3, .sample_bytes = 2}));
    ASSERT_EQ(picture->pixels.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(picture->pixels[i], rows[i ^ 1U]) << i;
  }
}

TEST_F(Decoding, PngOfFewBitsIsSpreadOverEight) {
  const std::array row{std::byte{0b01101100}};
  EXPECT_EQ(numbers(png_of(png({.width = 8, .depth = 1}, row))->pixels),
            (std::vector<int>{0, 255, 255, 0, 255, 255, 0, 0}));
  EXPECT_EQ(numbers(png_of(png({.width = 4, .depth = 2}, row))->pixels), (std::vector<int>{85, 170, 255, 0}));
  EXPECT_EQ(numbers(png_of(png({.width = 2, .depth = 4}, row))->pixels), (std::vector<int>{6 * 17, 12 * 17}));
}

TEST_F(Decoding, PngOfAPaletteIsItsColors) {
  const std::array row{std::byte{3}, std::byte{200}};
  EXPECT_EQ(numbers(png_of(png({.width = 2, .color_type = 3}, row))->pixels),
            (std::vector<int>{3, 252, 21, 200, 55, 1400 % 256}));
  // With alpha, where the palette has it, or one color is no color.
  const auto clear = png_of(png({.width = 2, .color_type = 3, .transparent = true}, row));
  ASSERT_OK(clear);
  EXPECT_EQ(clear->frame.samples, 4U);
  EXPECT_EQ(numbers(clear->pixels), (std::vector<int>{3, 252, 21, 3, 200, 55, 1400 % 256, 200}));
  const std::array grey{std::byte{1}, std::byte{2}};
  EXPECT_EQ(numbers(png_of(png({.width = 2, .transparent = true}, grey))->pixels), (std::vector<int>{1, 0, 2, 255}));
}

int largest_difference(Bytes a, Bytes b) {
  int most = a.size() == b.size() ? 0 : 1000;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::abs(static_cast<int>(a[i]) - static_cast<int>(b[i])));
  return most;
}

TEST_F(Decoding, JpegIsNearlyWhatWasEncoded) {
  for (const std::uint32_t samples : {1U, 3U, 4U}) {
    for (const auto& [progressive, arithmetic] :
         {std::pair{false, false}, std::pair{true, false}, std::pair{false, true}}) {
      for (const auto& [width, height] : {std::pair{8U, 8U}, {1U, 1U}, {17U, 33U}, {200U, 100U}}) {
        SCOPED_TRACE(fmt::format("{} samples, {} x {}, progressive {}, arithmetic {}", samples, width, height,
                                 progressive, arithmetic));
        const auto pixels = slope(width, height, samples);
        const auto picture = jpeg_of(jpeg({.width = width,
                                           .height = height,
                                           .samples = samples,
                                           .progressive = progressive,
                                           .arithmetic = arithmetic,
                                           .quality = 100},
                                          pixels));
        ASSERT_OK(picture);
        EXPECT_EQ(picture->frame.width, width);
        EXPECT_EQ(picture->frame.height, height);
        EXPECT_EQ(picture->frame.samples, samples);
        // Colors are kept at half the resolution.
        EXPECT_LE(largest_difference(picture->pixels, pixels), samples == 3 ? 120 : 3);
        EXPECT_EQ(picture->frame.library_bytes > 0, progressive);
      }
    }
  }
}

// The coefficients of all blocks: two bytes for each sample of the whole blocks, and at most four blocks beyond them.
TEST_F(Decoding, WhatAProgressiveJpegTakesIsCounted) {
  const auto file = jpeg({.width = 200, .height = 100, .samples = 1, .progressive = true}, slope(200, 100, 1));
  const auto frame = jpeg_->look(file, file.size(), memory_);
  ASSERT_OK(frame);
  EXPECT_GE(frame->library_bytes, 25U * 13 * 64 * 2);
  EXPECT_LE(frame->library_bytes, 29U * 17 * 64 * 2);
  EXPECT_EQ(frame->memory_bytes(), frame->library_bytes + 200 * 100);
}

// Each broken file is told of, and the next one is decoded as if nothing had been.
TEST_F(Decoding, AFileThatEndsEarlyIsAnError) {
  const auto whole_png = png({.width = 40, .height = 30, .color_type = 2}, noise(40 * 30 * 3));
  for (std::size_t bytes = 1; bytes < whole_png.size(); bytes += bytes < 100 ? 1 : 37) {
    const File cut(whole_png.begin(), whole_png.begin() + static_cast<std::ptrdiff_t>(bytes));
    const auto picture = png_of(cut);
    ASSERT_FALSE(picture) << bytes;
    EXPECT_EQ(picture.error().code, Code::kCorrupt);
    EXPECT_FALSE(picture.error().message.empty());
    if (bytes % 5 == 0) {
      EXPECT_OK(png_of(whole_png));
    }
  }
  for (const bool progressive : {false, true}) {
    const auto whole = jpeg({.width = 40, .height = 30, .progressive = progressive}, slope(40, 30, 3));
    for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
      const File cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
      const auto picture = jpeg_of(cut);
      ASSERT_FALSE(picture) << bytes;
      EXPECT_EQ(picture.error().code, Code::kCorrupt);
      EXPECT_FALSE(picture.error().message.empty());
      if (bytes % 5 == 0) {
        EXPECT_OK(jpeg_of(whole));
      }
    }
  }
}

TEST_F(Decoding, WhatIsNoImageIsSaidAsTheLibrarySaysIt) {
  const File text = noise(100, 7);
  EXPECT_ERROR(png_of(text), Code::kCorrupt, "Not a PNG file");
  EXPECT_ERROR(jpeg_of(text), Code::kCorrupt, "Not a JPEG file: starts with 0x");
  EXPECT_ERROR(png_of(File(3)), Code::kCorrupt, "the file ends inside the image");
  EXPECT_ERROR(jpeg_of(File(1)), Code::kCorrupt, "");
  auto ended = jpeg({.width = 64, .height = 64}, noise(64 * 64 * 3));
  ended[ended.size() - 300] = std::byte{0xFF};
  ended[ended.size() - 299] = std::byte{0xD9};
  EXPECT_ERROR(jpeg_of(ended), Code::kCorrupt, "Corrupt JPEG data: premature end of data segment");
  auto other = png({.width = 64, .height = 64}, noise(64 * 64));
  other[33 + 8] = std::byte{0};  // the first byte of the zlib stream
  EXPECT_ERROR(png_of(other), Code::kCorrupt, "IDAT: ");
}

// Bytes between the segments of a JPEG file harm nobody.
TEST_F(Decoding, BytesBetweenSegmentsAreNoMistake) {
  const auto pixels = slope(24, 24, 1);
  auto file = jpeg({.width = 24, .height = 24, .samples = 1}, pixels);
  const auto before = jpeg_of(file);
  ASSERT_OK(before);
  const auto expected = numbers(before->pixels);
  file.insert(file.begin() + 2, {std::byte{1}, std::byte{2}, std::byte{3}});
  const auto after = jpeg_of(file);
  ASSERT_OK(after);
  EXPECT_EQ(numbers(after->pixels), expected);
}

void put_big_endian(File& file, std::size_t at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    file[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (8 * (bytes - 1 - i)));
}

// Where the frame header of a JPEG file is.
std::size_t frame_of(const File& file) {
  for (std::size_t i = 0; i + 1 < file.size(); ++i) {
    if (file[i] == std::byte{0xFF} && (file[i + 1] == std::byte{0xC0} || file[i + 1] == std::byte{0xC2})) return i;
  }
  return 0;
}

TEST_F(Decoding, MorePixelsThanTheFileCanHoldAreRefusedBeforeMemoryIsTaken) {
  auto file = png({.width = 8, .height = 8}, slope(8, 8, 1));
  for (const auto& [width, height] : {std::pair{0x7FFFFFFFU, 0x7FFFFFFFU}, {8U, 0x7FFFFFFFU}, {0x7FFFFFFFU, 8U}}) {
    put_big_endian(file, 16, width, 4);
    put_big_endian(file, 20, height, 4);
    EXPECT_ERROR(png_of(file), Code::kCorrupt, "pixels, more than");
  }
  for (const bool progressive : {false, true}) {
    auto small = jpeg({.width = 8, .height = 8, .progressive = progressive}, slope(8, 8, 3));
    put_big_endian(small, frame_of(small) + 5, 65500, 2);
    put_big_endian(small, frame_of(small) + 7, 65500, 2);
    EXPECT_ERROR(jpeg_of(small), Code::kCorrupt, "its head says 65500 x 65500 pixels, more than");
  }
}

// The bounds are those of what the formats can say: what compresses best is not refused.
TEST_F(Decoding, WhatCompressesWellIsDecoded) {
  constexpr std::uint32_t kSide = 1000;
  const std::vector<std::byte> black(std::size_t{kSide} * kSide);
  const auto picture = png_of(png({.width = kSide, .height = kSide}, black));
  ASSERT_OK(picture);
  EXPECT_TRUE(std::ranges::equal(picture->pixels, black));
  for (const bool progressive : {false, true}) {
    const auto file =
        jpeg({.width = kSide, .height = kSide, .samples = 1, .progressive = progressive, .quality = 1}, black);
    EXPECT_LT(file.size(), black.size() / 50);
    EXPECT_OK(jpeg_of(file));
  }
}

TEST_F(Decoding, AnImageOfManyScansIsRefused) {
  EXPECT_ERROR(jpeg_of(jpeg({.samples = 1, .many_scans = true}, slope(8, 8, 1))), Code::kCorrupt,
               "the image has more than 500 scans");
}

TEST_F(Decoding, OfPixelsWithoutAMeaningTheirNumberIsSaid) {
  // A frame of two components, which no color space has.
  auto file = jpeg({.width = 8, .height = 8, .samples = 3}, slope(8, 8, 3));
  const std::size_t frame = frame_of(file);
  put_big_endian(file, frame + 2, 8 + 3 * 2, 2);
  file[frame + 9] = std::byte{2};
  file.erase(file.begin() + static_cast<std::ptrdiff_t>(frame) + 16,
             file.begin() + static_cast<std::ptrdiff_t>(frame) + 19);
  // Its scan, likewise.
  std::size_t scan = frame;
  while (file[scan] != std::byte{0xFF} || file[scan + 1] != std::byte{0xDA}) ++scan;
  put_big_endian(file, scan + 2, 6 + 2 * 2, 2);
  file[scan + 4] = std::byte{2};
  file.erase(file.begin() + static_cast<std::ptrdiff_t>(scan) + 9,
             file.begin() + static_cast<std::ptrdiff_t>(scan) + 11);
  EXPECT_ERROR(jpeg_of(file), Code::kUnsupported, "its pixels have 2 components of an unknown meaning");
}

TEST_F(Decoding, AllocatesNothingAfterTheFirstImages) {
  const auto a = png({.width = 400, .height = 300, .color_type = 2}, noise(400 * 300 * 3));
  const auto b = jpeg({.width = 400, .height = 300}, slope(400, 300, 3));
  std::uint64_t good = 0;
  const auto decode = [&] { good += (png_of(a) ? 1U : 0U) + (jpeg_of(b) ? 1U : 0U); };
  decode();
  decode();
  const std::uint64_t before = format::testing::allocations();
  decode();
  EXPECT_EQ(format::testing::allocations() - before, 0U);
  EXPECT_EQ(good, 6U);
}

class DecodingReader : public ::testing::Test {
 protected:
  DecodingReader() {
    w_.dataset.format = config::FormatName::kPng;
    w_.reader.decode_images = true;
  }
  Result<Chunk> read(const char* path) {
    const Format& format = **find_format(w_.dataset.format);
    STOKER_ASSIGN(reader_, format.make_reader(w_, storage_));
    STOKER_ASSIGN(file_, reader_->open(path, nullptr));
    Chunk chunk;
    STOKER_TRY(chunks_.read(*file_, {0, 0, file_->rows()}, chunk));
    return chunk;
  }

  MemStorage storage_;
  config::Workload w_;
  std::unique_ptr<FormatReader> reader_;
  std::unique_ptr<FileReader> file_;
  ChunkReader chunks_;
};

TEST_F(DecodingReader, HandsOutPixelsAndKeepsTheBytes) {
  const auto pixels = noise(20 * 10 * 3);
  const auto file = png({.width = 20, .height = 10, .color_type = 2}, pixels);
  storage_.put("d/a.png", file);
  for (const std::int64_t rows : {1, 5, 1'000'000'000}) {
    w_.dataset.num_samples_per_file = rows;
    const auto chunk = read("d/a.png");
    ASSERT_OK(chunk);
    EXPECT_EQ(chunk->rows, static_cast<std::uint64_t>(rows));
    EXPECT_EQ(chunk->useful_bytes, pixels.size());
    EXPECT_TRUE(std::ranges::equal(chunk->stored, file));
    ASSERT_EQ(chunk->columns.size(), 1U);
    const ColumnView& view = chunk->columns.front();
    EXPECT_EQ(view.name, "image");
    EXPECT_EQ(view.width, 1U);
    EXPECT_EQ(view.list_size, pixels.size());
    EXPECT_TRUE(view.one_value);
    EXPECT_TRUE(view.lengths.empty());
    ASSERT_EQ(view.segments.size(), 1U);
    EXPECT_EQ(view.segments.front().elements, pixels.size());
    EXPECT_TRUE(std::ranges::equal(view.segments.front().values, pixels));
  }
}

TEST_F(DecodingReader, SaysWhichFileAndWhatToDo) {
  storage_.put("d/raw.png", noise(1000));
  const auto raw = read("d/raw.png");
  EXPECT_ERROR(raw, Code::kCorrupt, "d/raw.png: cannot be decoded as PNG: Not a PNG file");
  EXPECT_THAT(raw.error().hint, HasSubstr("decode_images=False"));
  w_.dataset.format = config::FormatName::kJpeg;
  chunks_ = {};  // memory is of one format
  storage_.put("d/raw.jpeg", noise(1000));
  EXPECT_ERROR(read("d/raw.jpeg"), Code::kCorrupt, "d/raw.jpeg: cannot be decoded as JPEG: Not a JPEG file");
}

// A changed checksum is told of by us, and left alone by both where that is asked for.
TEST_F(DecodingReader, ComparesChecksumsItself) {
  const auto pixels = noise(20 * 10);
  auto file = png({.width = 20, .height = 10}, pixels);
  file[file.size() - 13] ^= std::byte{1};  // of the last IDAT chunk
  storage_.put("d/a.png", file);
  EXPECT_ERROR(read("d/a.png"), Code::kCorrupt, "d/a.png: chunk 'IDAT' at byte");
  w_.reader.verify_checksums = false;
  const auto chunk = read("d/a.png");
  ASSERT_OK(chunk);
  EXPECT_TRUE(std::ranges::equal(chunk->columns.front().segments.front().values, pixels));
}

TEST_F(DecodingReader, PromisesTheMemoryOfTheFirstImageAndTellsOfALargerOne) {
  const auto small = png({.width = 100, .height = 100}, std::vector<std::byte>(10'000));
  const auto large = png({.width = 300, .height = 300}, std::vector<std::byte>(90'000));
  storage_.put("small.png", small);
  storage_.put("large.png", large);
  storage_.put("none.png", "no image");
  const auto promised = [&](const char* path) {
    const Format& format = **find_format(w_.dataset.format);
    const auto reader = format.make_reader(w_, storage_);
    EXPECT_OK((*reader)->open(path, nullptr));
    return (*reader)->worker_bytes();
  };
  EXPECT_EQ(promised("small.png"), small.size() + 10'000);
  EXPECT_EQ(promised("none.png"), 8U);
  w_.reader.decode_images = false;
  EXPECT_EQ(promised("small.png"), small.size());

  w_.reader.decode_images = true;
  const auto first = read("small.png");
  ASSERT_OK(first);
  EXPECT_EQ(reader_->worker_bytes(), small.size() + 10'000);
  file_ = *reader_->open("large.png", nullptr);
  EXPECT_EQ(reader_->worker_bytes(), small.size() + 10'000) << "its head was not looked at";
  Chunk chunk;
  ASSERT_OK(chunks_.read(*file_, {0, 0, 1}, chunk));
  EXPECT_EQ(reader_->worker_bytes(), large.size() + 90'000);
}

TEST_F(DecodingReader, PlansForAsManyPixelsAsBytes) {
  w_.dataset.record_length_bytes = 10'000;
  EXPECT_EQ(worker_bytes(w_), 20'000U);
  w_.reader.decode_images = false;
  EXPECT_EQ(worker_bytes(w_), 10'000U);
}

}  // namespace
}  // namespace stoker::format::image
