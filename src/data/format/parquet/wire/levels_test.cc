#include "data/format/parquet/wire/levels.h"

#include <gtest/gtest.h>
#include <parquet/column_reader.h>

#include <algorithm>
#include <cstring>

namespace stoker::format::parquet {
namespace {

// What Arrow's decoder makes of the levels; `bytes` moves behind them.
std::vector<std::int16_t> decoded(Bytes& bytes, std::int16_t max_level, std::uint64_t elements) {
  ::parquet::LevelDecoder decoder;
  const int used =
      decoder.SetData(::parquet::Encoding::RLE, max_level, static_cast<int>(elements),
                      reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<std::int32_t>(bytes.size()));
  std::vector<std::int16_t> levels(elements);
  EXPECT_EQ(decoder.Decode(static_cast<int>(elements), levels.data()), static_cast<int>(elements));
  bytes = bytes.subspan(static_cast<std::size_t>(used));
  return levels;
}

TEST(Levels, ArrowReadsEveryShape) {
  for (const std::uint64_t per_row : {1U, 2U, 3U, 8U, 31U, 32U, 33U, 100U, 5000U}) {
    for (const std::uint64_t rows : {1U, 2U, 7U, 8U, 1000U}) {
      for (const std::uint8_t max_definition : {std::uint8_t{1}, std::uint8_t{3}}) {
        const LevelShape shape{.repeated = true, .max_definition_level = max_definition, .elements_per_row = per_row};
        const std::vector<std::byte> encoded = encode_levels(shape, rows * per_row, true);
        Bytes rest = encoded;
        const auto repetition = decoded(rest, 1, rows * per_row);
        const auto definition = decoded(rest, max_definition, rows * per_row);
        EXPECT_TRUE(rest.empty());
        for (std::size_t i = 0; i < repetition.size(); ++i) {
          ASSERT_EQ(repetition[i], i % per_row == 0 ? 0 : 1) << per_row << " " << rows << " at " << i;
          ASSERT_EQ(definition[i], max_definition);
        }
      }
    }
  }
}

TEST(Levels, APageThatContinuesARowHasNoRowsBeginning) {
  const LevelShape shape{.repeated = true, .max_definition_level = 1, .elements_per_row = 1'000'000};
  const std::vector<std::byte> first = encode_levels(shape, 5000, true);
  Bytes rest = first;
  auto repetition = decoded(rest, 1, 5000);
  EXPECT_EQ(repetition[0], 0);
  EXPECT_EQ(std::count(repetition.begin(), repetition.end(), 1), 4999);
  const std::vector<std::byte> later = encode_levels(shape, 5000, false);
  rest = later;
  repetition = decoded(rest, 1, 5000);
  EXPECT_EQ(std::count(repetition.begin(), repetition.end(), 1), 5000);
}

TEST(Levels, ScalarsHaveDefinitionLevelsOnlyWhenOptional) {
  EXPECT_TRUE(encode_levels({.repeated = false, .max_definition_level = 0}, 100, true).empty());
  const std::vector<std::byte> optional = encode_levels({.repeated = false, .max_definition_level = 1}, 100, true);
  Bytes rest = optional;
  const auto definition = decoded(rest, 1, 100);
  EXPECT_EQ(std::count(definition.begin(), definition.end(), 1), 100);
  EXPECT_TRUE(rest.empty());
}

TEST(Levels, TheCacheGivesWhatTheEncoderGives) {
  LevelCache cache;
  // More shapes than it keeps, each twice.
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t per_row = 1; per_row < 30; ++per_row) {
      for (const bool row_begins : {true, false}) {
        const LevelShape shape{.repeated = true, .max_definition_level = 1, .elements_per_row = per_row};
        for (int again = 0; again < 2; ++again) {
          const Bytes cached = cache.get(shape, 60 * per_row, row_begins);
          const std::vector<std::byte> fresh = encode_levels(shape, 60 * per_row, row_begins);
          ASSERT_TRUE(std::equal(cached.begin(), cached.end(), fresh.begin(), fresh.end()));
        }
      }
    }
  }
}

}  // namespace
}  // namespace stoker::format::parquet
