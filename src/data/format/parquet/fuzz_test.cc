// Broken files: cut short at many places, bits flipped, bytes overwritten. Whatever they hold, reading ends in values
// or in an error, never in a crash, a hang or an absurd allocation. Most telling under the address and undefined
// sanitizers. STOKER_FUZZ_ROUNDS sets the number of files per shape.
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

int rounds() {
  const char* given = std::getenv("STOKER_FUZZ_ROUNDS");
  return given != nullptr ? std::atoi(given) : 400;
}

std::shared_ptr<::arrow::Schema> schema_of_all_kinds() {
  using namespace ::arrow;  // NOLINT: the names of all of Arrow's types
  return schema({field("i8", int8(), false), field("i32", int32()), field("f64", float64(), false),
                 field("flag", boolean()), field("text", utf8()), field("fixed", fixed_size_binary(5)),
                 field("vector", fixed_size_list(field("element", float32(), false), 7), false),
                 field("lists", list(field("element", list(field("element", int16())))))});
}

struct Shape {
  std::string name;
  double nulls = 0;
  std::int64_t distinct = 0;
  std::function<void(::parquet::WriterProperties::Builder&)> set;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

class Broken : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    const auto table = testing::random_table(
        schema_of_all_kinds(), {.seed = 3, .rows = 600, .nulls = GetParam().nulls, .distinct = GetParam().distinct});
    ::parquet::WriterProperties::Builder builder;
    builder.data_pagesize(1024)->write_batch_size(32);
    GetParam().set(builder);
    file_ = testing::write_with_arrow(*table, builder.build(), {.row_group_rows = 250});
  }

  // Reads with every depth and two sizes of units; counts how often it went well.
  void read(const std::vector<std::byte>& bytes, std::uint64_t seed) {
    io::testing::MemStorage storage;
    storage.put("f.parquet", bytes);
    config::Workload workload;
    workload.reader.chunk_bytes = seed % 2 == 0 ? 4000 : 32 << 20;
    workload.reader.odirect = seed % 3 == 0;
    if (seed % 5 == 0) workload.storage.columns = {"i8", "vector", "text"};
    constexpr std::array kDepths{config::Decode::kArrays, config::Decode::kArrays, config::Decode::kArrays,
                                 config::Decode::kDecompress, config::Decode::kNone};
    workload.dataset.parquet.decode = kDepths[seed % kDepths.size()];
    const auto result = testing::read_with_stoker(storage, "f.parquet", workload);
    if (result.has_value()) {
      ++good_;
      return;
    }
    ++bad_;
    EXPECT_NE(result.error().message.find("f.parquet"), std::string::npos)
        << "the error names no file: " << result.error().message;
    EXPECT_NE(result.error().code, Code::kInternal) << result.error().message;
  }

  std::vector<std::byte> file_;
  int good_ = 0, bad_ = 0;
};

TEST_P(Broken, CutShortAnywhere) {
  for (int i = 0; i < 200; ++i) {
    const std::size_t size = file_.size() * static_cast<std::size_t>(i) / 200;
    read({file_.begin(), file_.begin() + static_cast<std::ptrdiff_t>(size)}, static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(good_, 0);
}

// The footer stays as it is, but bytes are missing in front of it.
TEST_P(Broken, WithBytesMissingInTheMiddle) {
  std::mt19937_64 random(11);
  for (int i = 0; i < rounds() / 4; ++i) {
    auto bytes = file_;
    const std::size_t at = random() % (bytes.size() / 2);
    const std::size_t count = 1 + random() % 300;
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                bytes.begin() + static_cast<std::ptrdiff_t>(at + count));
    read(bytes, random());
  }
  EXPECT_GT(bad_, 0);
}

TEST_P(Broken, WithBitsFlipped) {
  std::mt19937_64 random(12);
  for (int i = 0; i < rounds(); ++i) {
    auto bytes = file_;
    for (std::uint64_t flips = 1 + random() % 8; flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1U << random() % 8);
    }
    read(bytes, random());
  }
  EXPECT_GT(bad_, 0);
}

TEST_P(Broken, WithItsFooterDamaged) {
  std::mt19937_64 random(13);
  std::uint32_t footer = 0;
  std::memcpy(&footer, file_.data() + file_.size() - 8, sizeof footer);
  for (int i = 0; i < rounds(); ++i) {
    auto bytes = file_;
    for (std::uint64_t count = 1 + random() % 3; count > 0; --count) {
      const std::size_t at = bytes.size() - 8 - footer + random() % footer;
      bytes[at] =
          random() % 2 == 0 ? static_cast<std::byte>(random()) : bytes[at] ^ static_cast<std::byte>(1U << random() % 8);
    }
    read(bytes, random());
  }
  EXPECT_GT(bad_, 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, Broken,
    ::testing::Values(
        Shape{"Plain", 0, 0, [](auto& b) { testing::plain(b); }}, Shape{"Defaults", 0.1, 60, [](auto&) {}},
        Shape{"V2Snappy", 0.1, 0,
              [](auto& b) {
                b.data_page_version(::parquet::ParquetDataPageVersion::V2)->compression(::arrow::Compression::SNAPPY);
              }},
        Shape{"PageIndexZstd", 0, 0,
              [](auto& b) { b.enable_write_page_index()->compression(::arrow::Compression::ZSTD); }},
        Shape{"Delta", 0.1, 0,
              [](auto& b) {
                b.disable_dictionary();
                b.encoding("i32", ::parquet::Encoding::DELTA_BINARY_PACKED);
                b.encoding("text", ::parquet::Encoding::DELTA_BYTE_ARRAY);
                b.encoding("f64", ::parquet::Encoding::BYTE_STREAM_SPLIT);
              }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace stoker::format::parquet
