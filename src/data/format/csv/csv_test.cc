// Whole files: those of others, compressed ones, and how many lines they are said to have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/csv/codec.h"
#include "data/format/csv/csv_internal.h"
#include "data/format/zip.h"
#include "data/io/discarding_sink.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::csv {
namespace {

using config::Compression;
using config::DType;
using io::testing::MemCall;
using io::testing::MemStorage;
using ::testing::HasSubstr;

class CsvTest : public ::testing::Test {
 protected:
  CsvTest() { w_.dataset.format = config::FormatName::kCsv; }
  Result<Chunk> read(std::uint64_t rows) {
    STOKER_ASSIGN(reader_, make_reader(w_, storage_));
    STOKER_ASSIGN(file_, reader_->open_known("f.csv", {.rows = rows}, nullptr));
    Chunk chunk;
    STOKER_TRY(chunks_.read(*file_, {0, 0, rows}, chunk));
    return chunk;
  }
  std::vector<std::byte> write(Compression compression, std::uint64_t rows = 1, const char* path = "f.csv") {
    w_.dataset.compression = compression;
    auto writer = make_writer(w_);
    EXPECT_OK(writer);
    const auto file = storage_.create(path);
    EXPECT_OK((*writer)->write({.index = 1, .rows = rows, .path = path}, **file, {}));
    EXPECT_OK((*file)->commit());
    return storage_.get(path);
  }

  MemStorage storage_;
  config::Workload w_;
  std::unique_ptr<FormatReader> reader_;
  std::unique_ptr<FileReader> file_;
  ChunkReader chunks_;
};

TEST_F(CsvTest, RowsAreThoseThatWereCountedAndAreLookedAt) {
  storage_.put("f.csv", "1,2\n3,4\n5,6\n");
  w_.dataset.num_samples_per_file = 7;
  const auto chunk = read(3);
  ASSERT_OK(chunk);
  EXPECT_EQ(file_->rows(), 3U);
  EXPECT_EQ(chunk->columns.at(0).list_size, 2U);
  EXPECT_EQ(chunk->useful_bytes, 6U);
  EXPECT_EQ((*reader_->open("f.csv", nullptr)).get()->rows(), 7U);
  EXPECT_ERROR(read(2), Code::kCorrupt, "f.csv: found 3 lines, expected 2");
  EXPECT_ERROR(read(4), Code::kCorrupt, "f.csv: found 3 lines, expected 4");
}

TEST_F(CsvTest, EveryByteIsReadOnce) {
  const auto whole = write(Compression::kNone, 4);
  storage_.clear_calls();
  ASSERT_OK(read(4));
  std::uint64_t bytes = 0;
  for (const MemCall& call : storage_.calls()) bytes += call.op == MemCall::Op::kRead ? call.length : 0;
  EXPECT_EQ(bytes, whole.size());
}

TEST_F(CsvTest, WhatIsNoSetOfSamplesIsToldWithItsPath) {
  for (const char* text : {"", "\n", "a,b\n1,2\n", "1,2\n3\n"}) {
    storage_.put("f.csv", text);
    EXPECT_ERROR(read(2), Code::kCorrupt, "f.csv: ");
    EXPECT_ERROR(inspect(storage_, "f.csv", Detail::kStorage), Code::kCorrupt, "f.csv: ");
  }
}

TEST_F(CsvTest, ElementTypesWithoutATextAreRefused) {
  for (const DType dtype : {DType::kString, DType::kBinary, DType::kComplex64, DType::kComplex128}) {
    w_.dataset.record_element_type = dtype;
    EXPECT_ERROR(validate(w_), Code::kConfig, "dataset.record_element_type: found ");
    EXPECT_ERROR(make_writer(w_), Code::kConfig, "dataset.record_element_type: found ");
    EXPECT_ERROR(make_reader(w_, storage_), Code::kConfig, "dataset.record_element_type: found ");
  }
}

TEST_F(CsvTest, InspectedTypesAreThoseOfTheText) {
  storage_.put("f.csv", "1.5,2\n3,4\n");
  const auto info = inspect(storage_, "f.csv", Detail::kStorage);
  ASSERT_OK(info);
  EXPECT_EQ(info->rows, 2U);
  EXPECT_EQ(info->columns.at(0).type, "list of float64");
  EXPECT_EQ(info->row_groups.at(0).columns.at(0).values, 4U);
  EXPECT_EQ(info->row_groups.at(0).columns.at(0).codec, "UNCOMPRESSED");
}

class CodecTest : public CsvTest, public ::testing::WithParamInterface<Compression> {
 protected:
  CodecTest() {
    // More text than is compressed in one go.
    w_.dataset.record_length_bytes = 100'000;
  }
};

TEST_P(CodecTest, TextOfSeveralPiecesIsReadBackAndBegunAnew) {
  const auto plain = write(Compression::kNone, 3);
  const auto compressed = write(GetParam(), 3, "c");
  EXPECT_GT(plain.size(), kPlainBytes);
  EXPECT_LT(compressed.size(), plain.size() * 6 / 10);
  EXPECT_EQ(codec_of(compressed), find_codec(GetParam()));
  GrowingText memory;
  for (int i = 0; i < 2; ++i) {
    const auto text = text_of(compressed, true, memory);
    ASSERT_OK(text);
    EXPECT_TRUE(std::ranges::equal(*text, plain));
  }
  // The same writer, twice.
  EXPECT_EQ(write(GetParam(), 3, "c"), compressed);
  storage_.put("f.csv", compressed);
  ASSERT_OK(read(3));
  EXPECT_EQ(reader_->outline("f.csv")->rows, 3U);
  const auto info = inspect(storage_, "f.csv", Detail::kStorage);
  ASSERT_OK(info);
  const ChunkInfo& chunk = info->row_groups.at(0).columns.at(0);
  EXPECT_EQ(chunk.codec, find_codec(GetParam())->text);
  EXPECT_EQ(chunk.stored_bytes, compressed.size());
  EXPECT_EQ(chunk.plain_bytes, plain.size());
}

TEST_P(CodecTest, NoChangedByteStaysUnseenAndNoEndThatIsMissing) {
  w_.dataset.record_length_bytes = 900;
  const auto whole = write(GetParam());
  GrowingText memory;
  const auto plain = write(Compression::kNone, 1, "p");
  std::size_t unseen = 0;
  // All of what is in front of the text and behind it, and some of what lies between.
  for (std::size_t at = 0; at < whole.size(); at += at < 80 || at + 180 > whole.size() ? 1 : 7) {
    auto changed = whole;
    changed[at] ^= std::byte{16};
    const auto text = text_of(changed, true, memory);
    if (text && codec_of(changed) != nullptr) {
      ASSERT_TRUE(std::ranges::equal(*text, plain)) << at;
      ++unseen;
    } else if (!text) {
      EXPECT_TRUE(text.error().code == Code::kCorrupt || text.error().code == Code::kUnsupported)
          << text.error().message;
    }
    EXPECT_FALSE(text_of(Bytes(whole).first(at), true, memory).has_value() && at >= 6) << at;
  }
  // Times, names and what else says nothing of the text.
  EXPECT_LE(unseen, 110U);
}

TEST_P(CodecTest, SizesLieWithinTheirBoundsWhateverTheText) {
  const Codec& codec = *find_codec(GetParam());
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{1000}, kPlainBytes + 1}) {
    for (const bool is_random : {false, true}) {
      std::vector<std::byte> text(bytes, std::byte{'1'});
      std::uint32_t state = 1;
      if (is_random)
        for (std::byte& b : text) b = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 24U);
      io::DiscardingSink sink;
      OutputBuffer out;
      out.begin(sink);
      const auto compressor = codec.make_compressor(w_.dataset);
      ASSERT_OK(compressor->begin("f.csv", out));
      for (Bytes rest = text; !rest.empty();) {
        const std::size_t n = std::min(rest.size(), kPlainBytes);
        ASSERT_OK(compressor->put(rest.first(n), out));
        rest = rest.subspan(n);
      }
      ASSERT_OK(compressor->finish(out));
      EXPECT_GE(out.position(), codec.least(bytes)) << bytes;
      EXPECT_LE(out.position(), codec.most(bytes)) << bytes;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, CodecTest,
                         ::testing::Values(Compression::kGzip, Compression::kBz2, Compression::kXz, Compression::kZip),
                         [](const auto& param) { return std::string(config::to_string(param.param)); });

TEST_F(CsvTest, AnArchiveHasOneMemberWithTheNameOfThePlainFile) {
  w_.dataset.record_length_bytes = 900;
  const auto whole = write(Compression::kZip, 1, "img_0_of_1.csv.zip");
  const auto place = find_directory(whole, whole.size());
  ASSERT_OK(place);
  const auto members = parse_directory(Bytes(whole).subspan(place->offset, place->bytes), *place);
  ASSERT_OK(members);
  ASSERT_EQ(members->size(), 1U);
  EXPECT_EQ(members->front().name, "img_0_of_1.csv");
}

TEST_F(CsvTest, ArchivesOfOtherShapesAreRefusedAndStoredMembersRead) {
  const std::string text = "1,2\n";
  const Bytes plain = std::as_bytes(std::span(text));
  const auto archive = [&](std::size_t count, std::uint16_t method) {
    std::vector<std::byte> out;
    std::vector<ZipMember> members;
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back(
          {.name = "a.csv", .method = method, .crc = 1, .stored_bytes = 4, .plain_bytes = 4, .offset = out.size()});
      append_local_header(out, members.back());
      out.insert(out.end(), plain.begin(), plain.end());
    }
    const std::uint64_t offset = out.size();
    append_directory(out, members, offset);
    return out;
  };
  storage_.put("f.csv", archive(1, kStored));
  EXPECT_ERROR(read(1), Code::kCorrupt,
               "f.csv: the ZIP member at byte 55 of the file is broken, or has another checksum");
  w_.reader.verify_checksums = false;
  EXPECT_OK(read(1));
  storage_.put("f.csv", archive(2, kStored));
  EXPECT_ERROR(read(1), Code::kUnsupported, "f.csv: the ZIP archive has 2 members, expected one with the lines");
  storage_.put("f.csv", archive(1, 12));
  EXPECT_ERROR(read(1), Code::kUnsupported, "f.csv: the ZIP member is compressed by method 12");
}

TEST_F(CsvTest, ChecksumsOfXzAreNotLookedAtWhereTheyAreSwitchedOff) {
  w_.dataset.record_length_bytes = 900;
  auto whole = write(Compression::kXz);
  // The check stands in front of index and footer, 8 and 12 bytes at least.
  bool is_found = false;
  GrowingText memory;
  for (std::size_t behind = 20; behind < 40 && !is_found; ++behind) {
    auto changed = whole;
    changed[whole.size() - behind] ^= std::byte{1};
    is_found = !text_of(changed, true, memory).has_value() && text_of(changed, false, memory).has_value();
  }
  EXPECT_TRUE(is_found);
}

TEST_F(CsvTest, MemoryIsNotedForTheLargestFile) {
  w_.dataset.record_length_bytes = 10'000;
  const auto plain = write(Compression::kNone, 2);
  ASSERT_OK(read(2));
  EXPECT_GT(*reader_->worker_bytes(), plain.size() + 19'000);
  EXPECT_LT(*reader_->worker_bytes(), plain.size() + 21'000);
  w_.dataset.num_samples_per_file = 2;
  EXPECT_NEAR(static_cast<double>(worker_bytes(w_)), static_cast<double>(plain.size() + 20'000), 500);
}

}  // namespace
}  // namespace stoker::format::csv
