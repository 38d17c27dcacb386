// Records as others write them, and what is told of broken ones. What holds of every format: conformance_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/contents.h"
#include "data/format/file_info.h"
#include "data/format/tfrecord/places.h"
#include "data/format/tfrecord/record.h"
#include "data/format/tfrecord/tfrecord_internal.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::tfrecord {
namespace {

using io::testing::MemCall;
using io::testing::MemStorage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string little(std::uint64_t number, std::size_t bytes) {
  std::string out(bytes, '\0');
  std::memcpy(out.data(), &number, bytes);
  return out;
}

std::string record(const std::string& payload) {
  const std::string length = little(payload.size(), 8);
  return length + little(masked(crc32c(bytes_of(length))), 4) + payload + little(masked(crc32c(bytes_of(payload))), 4);
}

// Messages of less than 128 bytes.
std::string field(char tag, const std::string& content) {
  return std::string(1, tag) + static_cast<char>(content.size()) + content;
}
std::string bytes_feature(const std::string& key, const std::string& value) {
  return field('\x0a', field('\x0a', key) + field('\x12', field('\x0a', field('\x0a', value))));
}
std::string size_feature(char number) {
  return field('\x0a', field('\x0a', "size") + field('\x12', field('\x1a', field('\x0a', std::string(1, number)))));
}
std::string example(const std::string& features) {
  return field('\x0a', features);
}

class TfrecordTest : public ::testing::Test {
 protected:
  TfrecordTest() { w_.dataset.format = config::FormatName::kTfrecord; }

  // The samples of the file, in all its units.
  Result<std::vector<std::string>> read(const std::string& content) {
    storage_.put("f", bytes_of(content));
    STOKER_ASSIGN(const auto reader, make_reader(w_, storage_));
    STOKER_ASSIGN(const auto file, reader->open("f", nullptr));
    std::vector<std::string> samples;
    ChunkReader chunks;
    Chunk chunk;
    for (std::size_t u = 0; u < file->units().size(); ++u) {
      const Unit& unit = file->units()[u];
      STOKER_TRY(chunks.read(*file, {u, unit.first_row, unit.rows}, chunk));
      for (const Segment& segment : chunk.columns.front().segments)
        samples.emplace_back(reinterpret_cast<const char*>(segment.values.data()), segment.values.size());
    }
    EXPECT_EQ(samples.size(), file->rows());
    return samples;
  }

  MemStorage storage_;
  config::Workload w_;
};

// The figures of the published description, of which every reader of TFRecord files makes use.
TEST(TfrecordRecord, CrcsAreThoseOfTheFormat) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(bytes_of("6789"), crc32c(bytes_of("12345"))), 0xe3069283U);
  EXPECT_EQ(crc32c({}), 0U);
  EXPECT_EQ(masked(0), 0xa282ead8U);
  EXPECT_EQ(masked(0x8000U), 0xa282ead9U);
}

TEST(TfrecordRecord, IsAnExample) {
  const RecordLayout layout(3);
  EXPECT_EQ(layout.before() + "abc" + layout.after(), example(bytes_feature("image", "abc") + size_feature(3)));
  EXPECT_EQ(layout.header(), record(std::string(layout.payload_bytes(), 'x')).substr(0, kHeaderBytes));
  EXPECT_EQ(layout.record_bytes(), layout.payload_bytes() + 16);
  // Lengths of every number of bytes.
  for (const std::uint64_t bytes : {0U, 1U, 100U, 127U, 128U, 16000U, 20000U, 3000000U}) {
    const RecordLayout other(bytes);
    const std::string payload = other.before() + std::string(bytes, 'y') + other.after();
    EXPECT_EQ(payload.size(), other.payload_bytes());
    const auto image = image_of(bytes_of(payload));
    ASSERT_OK(image);
    EXPECT_EQ(image->size(), bytes);
  }
}

TEST(TfrecordRecord, OfOthersIsReadHoweverItIsOrdered) {
  const auto image = [](const std::string& payload) -> Result<std::string> {
    STOKER_ASSIGN(const Bytes found, image_of(bytes_of(payload)));
    return std::string(reinterpret_cast<const char*>(found.data()), found.size());
  };
  EXPECT_EQ(*image(example(size_feature(3) + bytes_feature("image", "abc"))), "abc");
  EXPECT_EQ(*image(example(bytes_feature("label", "x") + bytes_feature("image", "abc"))), "abc");
  // Fields that nobody knows: a number, eight bytes, four, and a message.
  const std::string unknown = std::string("\x18\x96\x01", 3) + "\x21" + "12345678" + "\x2d" + "1234" + "\x32\x02zz";
  EXPECT_EQ(*image(unknown + example(unknown + bytes_feature("image", "abc"))), "abc");
  // A value in front of its key, as maps may be written.
  EXPECT_EQ(*image(example(field('\x0a', field('\x12', field('\x0a', field('\x0a', "v"))) + field('\x0a', "image")))),
            "v");
}

TEST(TfrecordRecord, WhatIsNoExampleOfASampleIsTold) {
  struct Row {
    std::string payload;
    Code code;
    const char* message;
  };
  const std::string two = field('\x0a', field('\x0a', "a") + field('\x0a', "b"));
  for (const Row& row : {
           Row{example(bytes_feature("label", "x") + size_feature(1)), Code::kUnsupported, "it has: label, size"},
           Row{"", Code::kUnsupported, "a record without the feature 'image'"},
           Row{example(field('\x0a', field('\x0a', "image") + field('\x12', two))), Code::kUnsupported,
               "has 2 values of bytes, expected 1"},
           Row{example(field('\x0a', field('\x0a', "image") + field('\x12', field('\x1a', "\x0a\x01\x05")))),
               Code::kUnsupported, "has 0 values of bytes"},
           Row{std::string("\x0a\x05") + "abc", Code::kCorrupt, "a field of 5 bytes, but only 3 are left"},
           Row{"\x0a", Code::kCorrupt, "it ends within a number"},
           Row{"\x0b", Code::kCorrupt, "a field of type 3"},
           Row{std::string(12, '\xff'), Code::kCorrupt, "a number of more than 64 bits"},
       }) {
    EXPECT_ERROR(image_of(bytes_of(row.payload)), row.code, row.message);
  }
}

TEST_F(TfrecordTest, RecordsOfOneLengthAndOfMany) {
  const auto one = [](const std::string& image) { return record(example(bytes_feature("image", image))); };
  EXPECT_THAT(*read(one("abc") + one("def")), ElementsAre("abc", "def"));
  EXPECT_THAT(*read(one("abc") + one("defgh") + one("") + one("i")), ElementsAre("abc", "defgh", "", "i"));
  // The file's length would do for records of one length.
  EXPECT_THAT(*read(one("abcd") + one("ab") + one("abcdef")), ElementsAre("abcd", "ab", "abcdef"));
  // The first and the last are alike, and only what lies between them is not as they are: that is seen when it is read.
  EXPECT_ERROR(read(one("abcd") + one("abcdef") + one("ab") + one("abcd")), Code::kCorrupt,
               "f: record 1 at byte 37: a payload of 23 bytes, expected 21, as the first and the last have");
  EXPECT_THAT(*read(""), ElementsAre());
}

// Whether samples are lists or of variable length is said of the file, whichever lie in a chunk.
TEST_F(TfrecordTest, AColumnIsWhatInspectSaysOfTheFile) {
  const auto one = [](const std::string& image) { return record(example(bytes_feature("image", image))); };
  const auto width_of = [&](const std::string& content, std::uint64_t row) -> Result<std::uint32_t> {
    storage_.put("f", bytes_of(content));
    STOKER_ASSIGN(const auto reader, make_reader(w_, storage_));
    STOKER_ASSIGN(const auto file, reader->open("f", nullptr));
    ChunkReader chunks;
    Chunk chunk;
    STOKER_TRY(chunks.read(*file, {0, row, 1}, chunk));
    STOKER_ASSIGN(const FileInfo info, inspect(storage_, "f", Detail::kSchema));
    EXPECT_EQ(chunk.columns.front().width, info.columns.front().width);
    return chunk.columns.front().width;
  };
  EXPECT_EQ(*width_of(one("abc") + one("def"), 1), 1U);
  EXPECT_EQ(*width_of(one("abc") + one("abcde"), 0), 0U);
  // As long, but with a sample of another size.
  const std::string other = record(example(bytes_feature("image", "a") + bytes_feature("b", "")));
  const std::string same = record(example(bytes_feature("image", std::string(other.size() - one("").size(), 'x'))));
  ASSERT_EQ(other.size(), same.size());
  EXPECT_ERROR(read(same + other), Code::kUnsupported, "f: samples of 12 and 1 bytes in records of one length");
  EXPECT_ERROR(read(one("") + one("")), Code::kUnsupported, "f: samples of 0 and 0 bytes");
}

TEST_F(TfrecordTest, ManyRecordsAreReadInRuns) {
  std::string content;
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    expected.push_back(std::string(static_cast<std::size_t>(i % 100), static_cast<char>('a' + i % 26)));
    content += record(example(bytes_feature("image", expected.back())));
  }
  EXPECT_EQ(*read(content), expected);
  const auto large = [](char c) {
    const RecordLayout layout(3U << 20U);
    return record(layout.before() + std::string(3U << 20U, c) + layout.after());
  };
  EXPECT_EQ(read(large('a') + large('b') + large('c'))->size(), 3U);
  const auto reader = make_reader(w_, storage_);
  const auto file = (*reader)->open("f", nullptr);
  ASSERT_OK(file);
  EXPECT_EQ((*file)->units().back().first_row, 2U);
  EXPECT_EQ((*reader)->worker_bytes(), RecordLayout(3U << 20U).record_bytes());
}

TEST_F(TfrecordTest, WhatIsBrokenIsToldWithItsPlace) {
  const std::string one = record(example(bytes_feature("image", "abc")));
  std::string changed = one + one + one;
  changed[one.size() + 20] ^= 1;
  EXPECT_ERROR(read(changed), Code::kCorrupt, "f: record 1 at byte 36: the record's payload has the masked CRC-32C");
  w_.reader.verify_checksums = false;
  EXPECT_OK(read(one + one + one));
  changed = one + one + one;
  changed[one.size()] ^= 1;
  EXPECT_ERROR(read(changed), Code::kCorrupt, "f: record 1 at byte 36: the record's length has the masked CRC-32C");
  EXPECT_ERROR(read(one + one.substr(0, 30)), Code::kCorrupt, "record at byte 36: a payload of 20 bytes, but only 14");
  EXPECT_ERROR(read(one + "abc"), Code::kCorrupt, "record at byte 36: the file ends 3 bytes behind it");
  EXPECT_ERROR(read("no record at all"), Code::kCorrupt, "f: record at byte 0: the record's length");
}

// Two requests say where all samples lie, whatever their number.
TEST_F(TfrecordTest, AFileIsOpenedByItsFirstAndLastHeader) {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += record(example(bytes_feature("image", "abc")));
  storage_.put("f", bytes_of(content));
  const auto reader = make_reader(w_, storage_);
  const auto reads = [&] { return storage_.count(MemCall::Op::kRead); };
  const auto before = reads();
  const auto file = (*reader)->open("f", nullptr);
  ASSERT_OK(file);
  EXPECT_EQ((*file)->rows(), 1000U);
  EXPECT_EQ(reads() - before, 2U);
  // And is known then.
  ASSERT_OK((*reader)->open("f", nullptr));
  EXPECT_EQ(reads() - before, 2U);
}

TEST_F(TfrecordTest, TheIndexIsTextOfOffsetsAndLengths) {
  w_.dataset.record_length_bytes = 9;
  w_.dataset.num_samples_per_file = 5000;
  const dataset::FileSpec spec{.rows = 5000, .path = "f"};
  const auto side = make_side(w_, spec, 0);
  ASSERT_OK(side);
  const std::uint64_t length = RecordLayout(9).record_bytes();
  std::string expected;
  for (std::uint64_t i = 0; i < 5000; ++i) expected += fmt::format("{} {}\n", i * length, length);
  ASSERT_EQ((*side)->size(), expected.size());
  for (std::size_t at = 0; at < expected.size(); at += 997) {
    std::string found(std::min<std::size_t>(2000, expected.size() - at), '?');
    (*side)->read(at, std::as_writable_bytes(std::span(found)));
    ASSERT_EQ(found, expected.substr(at, found.size())) << at;
  }
  for (const std::uint64_t rows : {0U, 1U, 2U, 11U}) {
    EXPECT_EQ((*make_side(w_, {.rows = rows, .path = "f"}, 0))->size(),
              rows == 0 ? 0
                        : expected.find(fmt::format("{} {}\n", (rows - 1) * length, length)) +
                              fmt::format("{} {}\n", (rows - 1) * length, length).size());
  }
}

TEST_F(TfrecordTest, SamplesThatNoMessageHoldsAreRefused) {
  w_.dataset.record_length_bytes = 3e9;
  EXPECT_ERROR(validate(w_), Code::kConfig, "expected at most 2147483647");
  w_.dataset.record_length_bytes = 2e9;
  EXPECT_OK(validate(w_));
  w_.dataset.record_element_type = config::DType::kString;
  EXPECT_ERROR(validate(w_), Code::kConfig, "record_element_type");
}

TEST_F(TfrecordTest, InspectTellsOfRecords) {
  const std::string one = record(example(bytes_feature("image", "abc")));
  storage_.put("f", bytes_of(one + one));
  auto info = inspect(storage_, "f", Detail::kStorage);
  ASSERT_OK(info);
  EXPECT_EQ(info->rows, 2U);
  EXPECT_EQ(info->schema.front().physical, "records of 36 bytes");
  EXPECT_EQ(info->row_groups.front().columns.front().pages.with_checksum, 2U);
  storage_.put("f", bytes_of(one + record(example(bytes_feature("image", "abcd")))));
  info = inspect(storage_, "f", Detail::kStorage);
  ASSERT_OK(info);
  EXPECT_EQ(info->columns.front().type, "binary");
  EXPECT_EQ(info->row_groups.front().columns.front().pages.smallest_bytes, 36U);
  EXPECT_EQ(info->row_groups.front().columns.front().pages.largest_bytes, 37U);
}

}  // namespace
}  // namespace stoker::format::tfrecord
