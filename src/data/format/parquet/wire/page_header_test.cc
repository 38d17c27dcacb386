#include "data/format/parquet/wire/page_header.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/wire/thrift_writer.h"

namespace stoker::format::parquet {
namespace {

std::vector<std::byte> data_header(std::int32_t stored, std::int32_t values) {
  std::vector<std::byte> out;
  ThriftWriter w(out);
  w.begin_struct();
  w.i32(1, 0);
  w.i32(2, 500);
  w.i32(3, stored);
  w.i32(4, 12345);  // a checksum
  w.field_struct(5);
  w.i32(1, values);
  w.i32(2, 8);
  w.i32(3, 3);
  w.i32(4, 4);
  w.field_struct(5);  // statistics
  w.binary(1, "max");
  w.binary(2, "min");
  w.i64(3, 7);
  w.end_struct();
  w.end_struct();
  w.end_struct();
  return out;
}

std::vector<std::byte> v2_header(std::int32_t definition, std::int32_t repetition, std::int32_t stored) {
  std::vector<std::byte> out;
  ThriftWriter w(out);
  w.begin_struct();
  w.i32(1, 3);
  w.i32(2, 1000);
  w.i32(3, stored);
  w.field_struct(8);
  w.i32(1, 10);
  w.i32(2, 1);
  w.i32(3, 9);
  w.i32(4, 0);
  w.i32(5, definition);
  w.i32(6, repetition);
  w.boolean(7, false);
  w.end_struct();
  w.end_struct();
  return out;
}

TEST(PageHeader, OfADataPageIsParsed) {
  const auto bytes = data_header(400, 99);
  auto longer = bytes;
  longer.resize(bytes.size() + 100);
  const auto header = parse_page_header(longer);
  ASSERT_OK(header);
  ASSERT_TRUE(header->has_value());
  EXPECT_EQ((*header)->type, PageType::kData);
  EXPECT_EQ((*header)->header_bytes, bytes.size());
  EXPECT_EQ((*header)->stored_bytes, 400U);
  EXPECT_EQ((*header)->plain_bytes, 500U);
  EXPECT_EQ((*header)->values, 99U);
  EXPECT_EQ((*header)->encoding, PageEncoding::kRleDictionary);
  EXPECT_EQ((*header)->definition_encoding, PageEncoding::kRle);
  EXPECT_EQ((*header)->repetition_encoding, PageEncoding::kBitPacked);
}

TEST(PageHeader, MayHaveAChecksum) {
  EXPECT_EQ((*parse_page_header(data_header(400, 99)))->crc, 12345U);
  EXPECT_EQ((*parse_page_header(v2_header(3, 4, 1000)))->crc, std::nullopt);
  for (const std::uint32_t crc : {0U, 1U, 0x0FFFFFFFU, 0x10000000U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    for (const bool padded : {false, true}) {
      std::vector<std::byte> out;
      ThriftWriter w(out);
      w.begin_struct();
      w.i32(1, 0);
      w.i32(2, 5);
      w.i32(3, 5);
      const std::size_t before = out.size();
      const auto value = static_cast<std::int32_t>(crc);
      padded ? w.i32_padded(4, value) : w.i32(4, value);
      if (padded) {
        EXPECT_EQ(out.size() - before, ThriftWriter::kPaddedBytes);
      }
      w.field_struct(5);
      w.i32(1, 3);
      w.i32(2, 0);
      w.end_struct();
      w.end_struct();
      const auto header = parse_page_header(out);
      ASSERT_OK(header);
      EXPECT_EQ((*header)->crc, crc) << padded;
      EXPECT_EQ((*header)->values, 3U);
    }
  }
}

TEST(PageHeader, OfAV2PageIsParsed) {
  const auto header = parse_page_header(v2_header(3, 4, 1000));
  ASSERT_OK(header);
  ASSERT_TRUE(header->has_value());
  EXPECT_EQ((*header)->rows, 9U);
  EXPECT_EQ((*header)->definition_bytes, 3U);
  EXPECT_EQ((*header)->repetition_bytes, 4U);
  EXPECT_FALSE((*header)->compressed);
  EXPECT_ERROR(parse_page_header(v2_header(600, 600, 1100)), Code::kCorrupt,
               "1200 bytes of levels to a page of 1100 bytes");
}

TEST(PageHeader, AskForMoreBytesWhereTheyEndTooEarly) {
  const auto bytes = data_header(400, 99);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto header = parse_page_header(Bytes(bytes).first(n));
    ASSERT_OK(header);
    EXPECT_FALSE(header->has_value()) << n;
  }
}

TEST(PageHeader, NegativeSizesAreCorrupt) {
  EXPECT_ERROR(parse_page_header(data_header(-1, 99)), Code::kCorrupt, "negative");
  EXPECT_ERROR(parse_page_header(data_header(400, -99)), Code::kCorrupt, "negative");
}

TEST(PageHeader, MissingPartsAreCorrupt) {
  std::vector<std::byte> out;
  ThriftWriter w(out);
  w.begin_struct();
  w.i32(1, 0);
  w.i32(2, 5);
  w.i32(3, 5);
  w.end_struct();
  EXPECT_ERROR(parse_page_header(out), Code::kCorrupt, "lacks the part that belongs to its page type 0");
  const std::vector<std::byte> empty_struct(8);
  EXPECT_ERROR(parse_page_header(empty_struct), Code::kCorrupt, "the page header lacks its type or one of its sizes");
}

TEST(PageHeader, OfRandomBytesDoNoHarm) {
  std::mt19937 random(2);
  std::size_t parsed = 0;
  for (int round = 0; round < 200'000; ++round) {
    auto bytes = data_header(static_cast<std::int32_t>(random() % 1000), 99);
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    const auto header = parse_page_header(bytes);
    if (header.has_value() && header->has_value()) {
      ++parsed;
      EXPECT_LE((*header)->header_bytes, bytes.size());
    }
  }
  EXPECT_GT(parsed, 1000U);
}

}  // namespace
}  // namespace stoker::format::parquet
