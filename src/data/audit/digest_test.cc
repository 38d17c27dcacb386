// The streams are written out by hand here; tests/compat/parquet_digest.py compares whole files with pyarrow.
#include "data/audit/digest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/testing/status_matchers.h"

namespace stoker::audit {
namespace {

using format::ColumnInfo;
using format::ColumnView;
using format::ValueType;

Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// The digest that docs/formats.md defines, of streams that are given.
std::uint64_t expected(std::uint64_t entries, std::uint64_t present, std::string_view values,
                       std::string_view lengths = "", std::string_view shape = "") {
  const std::array<std::uint64_t, 5> parts{entries, present, checksum(bytes_of(values)), checksum(bytes_of(lengths)),
                                           checksum(bytes_of(shape))};
  return checksum(std::as_bytes(std::span(parts)));
}

ColumnInfo column(ValueType type, std::uint32_t width, const std::vector<std::uint8_t>& missing = {0}) {
  ColumnInfo info{.name = "c", .values = type, .width = width};
  for (const std::uint8_t n : missing) info.levels.push_back({.missing = n});
  return info;
}

ColumnView view(std::string_view values, std::uint64_t elements) {
  ColumnView out;
  out.name = "c";
  if (elements > 0) out.segments.push_back({.values = bytes_of(values), .elements = elements});
  return out;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ColumnDigest, OfRequiredValuesIsOverTheirBytes) {
  ColumnDigest digest(column(ValueType::kSigned, 2));
  ASSERT_OK(digest.add(view("aabbcc", 3), 3));
  EXPECT_EQ(digest.value(), expected(3, 3, "aabbcc"));
}

TEST(ColumnDigest, OfNothingIsThatOfEmptyStreams) {
  EXPECT_EQ(ColumnDigest(column(ValueType::kSigned, 4)).value(), expected(0, 0, ""));
}

TEST(ColumnDigest, ChunksAndSegmentsHaveNoInfluence) {
  ColumnDigest digest(column(ValueType::kSigned, 2));
  ColumnView pieces = view("aa", 1);
  pieces.segments.push_back({.values = bytes_of("bb"), .elements = 1});
  ASSERT_OK(digest.add(pieces, 2));
  ASSERT_OK(digest.add(view("cc", 1), 1));
  EXPECT_EQ(digest.value(), expected(3, 3, "aabbcc"));
}

TEST(ColumnDigest, TextsHaveTheirLengthsApart) {
  ColumnDigest digest(column(ValueType::kText, 0));
  ColumnView texts = view("onethree", 3);
  texts.lengths = {3, 0, 5};
  ASSERT_OK(digest.add(texts, 3));
  EXPECT_EQ(digest.value(), expected(3, 3, "onethree", std::string_view("\3\0\0\0\0\0\0\0\5\0\0\0", 12)));
}

TEST(ColumnDigest, ANullIsAnEntryWithoutAValue) {
  ColumnDigest digest(column(ValueType::kSigned, 1, {1, 0}));
  ColumnView nulls = view("ab", 2);
  nulls.max_definition_level = 1;
  nulls.definition_levels = {1, 0, 1};
  ASSERT_OK(digest.add(nulls, 3));
  EXPECT_EQ(digest.value(), expected(3, 2, "ab", "", std::string_view("\0\0\0\1\0\0", 6)));
}

TEST(ColumnDigest, NullsCountFromTheFirstOneOnHoweverLateItComes) {
  // More entries than are written out at a time, in front of the null and behind it.
  constexpr std::size_t kMany = 40'000;
  const std::string values(kMany, 'v');
  ColumnDigest digest(column(ValueType::kSigned, 1, {1, 0}));
  ASSERT_OK(digest.add(view(values, kMany), kMany));
  ColumnView null = view("", 0);
  null.definition_levels = {0};
  ASSERT_OK(digest.add(null, 1));
  ASSERT_OK(digest.add(view(values, kMany), kMany));
  const std::string shape = repeated(std::string_view("\0\0", 2), kMany) + std::string("\0\1", 2) +
                            repeated(std::string_view("\0\0", 2), kMany);
  EXPECT_EQ(digest.value(), expected(2 * kMany + 1, 2 * kMany, values + values, "", shape));
}

TEST(ColumnDigest, LevelsThatSayNothingHaveNoInfluence) {
  ColumnDigest digest(column(ValueType::kSigned, 1, {1, 0}));
  ColumnView full = view("ab", 2);
  full.definition_levels = {1, 1};
  ASSERT_OK(digest.add(full, 2));
  EXPECT_EQ(digest.value(), expected(2, 2, "ab"));
}

TEST(ColumnDigest, LevelsOfManyEntriesGoInBlocks) {
  // Two blocks and a bit, a null in the last one only.
  constexpr std::size_t kEntries = 2 * 16 * 1024 + 3;
  ColumnDigest digest(column(ValueType::kSigned, 1, {1, 0}));
  const std::string values(kEntries - 1, 'v');
  ColumnView some = view(values, kEntries - 1);
  some.definition_levels.assign(kEntries, 1);
  some.definition_levels[kEntries - 2] = 0;
  ASSERT_OK(digest.add(some, kEntries));
  std::string shape(2 * kEntries, '\0');
  shape[2 * (kEntries - 2) + 1] = '\1';
  EXPECT_EQ(digest.value(), expected(kEntries, kEntries - 1, values, "", shape));
}

TEST(ColumnDigest, ListsOfOneSizeAreAsWithLevels) {
  const std::string_view shape("\0\0\1\0\1\0\0\0\1\0\1\0", 12);
  ColumnDigest uniform(column(ValueType::kSigned, 1));
  ColumnView lists = view("abcdef", 6);
  lists.list_size = 3;
  ASSERT_OK(uniform.add(lists, 2));
  EXPECT_EQ(uniform.value(), expected(6, 6, "abcdef", "", shape));

  ColumnDigest levels(column(ValueType::kSigned, 1, {2, 0}));
  ColumnView leveled = view("abcdef", 6);
  leveled.definition_levels = {1, 1, 1, 1, 1, 1};
  leveled.repetition_levels = {0, 1, 1, 0, 1, 1};
  ASSERT_OK(levels.add(leveled, 2));
  EXPECT_EQ(levels.value(), uniform.value());
}

TEST(ColumnDigest, ListsOfOneElementAreAsScalars) {
  ColumnDigest digest(column(ValueType::kSigned, 1));
  ColumnView lists = view("ab", 2);
  lists.list_size = 1;
  ASSERT_OK(digest.add(lists, 2));
  EXPECT_EQ(digest.value(), expected(2, 2, "ab"));
}

TEST(ColumnDigest, ListsOfAnySizeAreWrittenOutInBlocks) {
  // Around the 16,384 entries of a block: many rows in one, exactly one, a bit more, several blocks for a row.
  for (const std::size_t size : {std::size_t{2}, std::size_t{5000}, std::size_t{16'383}, std::size_t{16'384},
                                 std::size_t{16'385}, std::size_t{40'000}}) {
    for (const std::uint64_t rows : {1U, 2U, 3U, 10U}) {
      SCOPED_TRACE(::testing::Message() << rows << " rows of " << size);
      const std::string values(rows * size, 'v');
      ColumnDigest digest(column(ValueType::kSigned, 1));
      ColumnView lists = view(values, rows * size);
      lists.list_size = size;
      ASSERT_OK(digest.add(lists, rows));
      const std::string row = std::string("\0\0", 2) + repeated(std::string_view("\1\0", 2), size - 1);
      EXPECT_EQ(digest.value(), expected(rows * size, rows * size, values, "", repeated(row, rows)));
    }
  }
}

TEST(ColumnDigest, EmptyListsAndNullsInListsHaveTheirPlaces) {
  // list optional, element optional: [[a], null, [], [null, b]].
  ColumnDigest digest(column(ValueType::kSigned, 1, {3, 2, 1, 0}));
  ColumnView lists = view("ab", 2);
  lists.definition_levels = {3, 0, 1, 2, 3};
  lists.repetition_levels = {0, 0, 0, 0, 1};
  ASSERT_OK(digest.add(lists, 4));
  EXPECT_EQ(digest.value(), expected(5, 2, "ab", "", std::string_view("\0\0\0\3\0\2\0\1\1\0", 10)));
}

TEST(ColumnDigest, RepetitionAloneIsEnoughWhereNothingCanBeMissing) {
  ColumnDigest digest(column(ValueType::kSigned, 1, {2, 0}));
  ColumnView lists = view("abc", 3);
  lists.repetition_levels = {0, 1, 0};
  ASSERT_OK(digest.add(lists, 2));
  EXPECT_EQ(digest.value(), expected(3, 3, "abc", "", std::string_view("\0\0\1\0\0\0", 6)));
}

TEST(ColumnDigest, LevelsThatAreNotTheColumnsAreRefused) {
  const auto add = [](std::vector<std::int16_t> definition, std::vector<std::int16_t> repetition) {
    ColumnDigest digest(column(ValueType::kSigned, 1, {1, 0}));
    ColumnView bad = view("a", 1);
    bad.definition_levels = std::move(definition);
    bad.repetition_levels = std::move(repetition);
    return digest.add(bad, 1);
  };
  EXPECT_OK(add({0}, {0}));
  EXPECT_OK(add({1}, {255}));
  EXPECT_ERROR(add({2}, {}), Code::kCorrupt, "column 'c': its levels are not those of its schema");
  EXPECT_ERROR(add({-1}, {}), Code::kCorrupt, "its levels are not those of its schema");
  EXPECT_ERROR(add({}, {-1}), Code::kCorrupt, "its levels are not those of its schema");
  EXPECT_ERROR(add({}, {256}), Code::kCorrupt, "its levels are not those of its schema");
  EXPECT_ERROR(add({1, 1}, {0}), Code::kCorrupt, "column 'c': has 1 repetition levels for 2 definition levels");
  EXPECT_ERROR(add({1}, {0, 0}), Code::kCorrupt, "column 'c': has 2 repetition levels for 1 definition levels");
}

// Little endian bytes of a number.
template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

TEST(ColumnDigest, Int96BecomesNanosecondsSince1970) {
  const auto int96 = [](std::uint64_t of_day, std::uint32_t day) { return raw(of_day) + raw(day); };
  const std::string values = int96(0, 2'440'588) + int96(1'500, 2'440'589) + int96(86'399'999'999'999, 2'440'587);
  ColumnDigest digest(column(ValueType::kInt96, 12));
  ASSERT_OK(digest.add(view(values, 3), 3));
  EXPECT_EQ(digest.value(),
            expected(3, 3, raw(std::int64_t{0}) + raw(std::int64_t{86'400'000'001'500}) + raw(std::int64_t{-1})));
}

TEST(ColumnDigest, DecimalsOfAllWidthsAreOne) {
  const std::string canonical =
      raw(std::int64_t{-2}) + std::string(8, '\xFF') + raw(std::int64_t{513}) + std::string(8, '\0');
  const auto digest_of = [](ColumnInfo info, const std::string& values, std::vector<std::uint32_t> lengths = {}) {
    info.precision = 38;
    ColumnDigest digest(info);
    ColumnView decimals = view(values, 2);
    decimals.lengths = std::move(lengths);
    EXPECT_OK(digest.add(decimals, 2));
    return digest.value();
  };
  const std::uint64_t wanted = expected(2, 2, canonical);
  EXPECT_EQ(digest_of(column(ValueType::kDecimal, 4), raw(std::int32_t{-2}) + raw(std::int32_t{513})), wanted);
  EXPECT_EQ(digest_of(column(ValueType::kDecimal, 8), raw(std::int64_t{-2}) + raw(std::int64_t{513})), wanted);
  const std::string big4 = std::string("\xFF\xFF\xFF\xFE\0\0\2\1", 8);
  EXPECT_EQ(digest_of(column(ValueType::kDecimalBytes, 4), big4), wanted);
  EXPECT_EQ(digest_of(column(ValueType::kDecimalBytes, 0), std::string("\xFE\0\2\1", 4), {1, 3}), wanted);
}

TEST(ColumnDigest, DecimalsMayHaveOneByte) {
  ColumnDigest digest(column(ValueType::kDecimalBytes, 1));
  ASSERT_OK(digest.add(view("\xFE\7", 2), 2));
  EXPECT_EQ(
      digest.value(),
      expected(2, 2, raw(std::int64_t{-2}) + std::string(8, '\xFF') + raw(std::int64_t{7}) + std::string(8, '\0')));
}

TEST(ColumnDigest, WideDecimalsAre32Bytes) {
  ColumnInfo info = column(ValueType::kDecimal, 4);
  info.precision = 39;
  ColumnDigest digest(info);
  ASSERT_OK(digest.add(view(raw(std::int32_t{7}), 1), 1));
  EXPECT_EQ(digest.value(), expected(1, 1, raw(std::int64_t{7}) + std::string(24, '\0')));
}

TEST(ColumnDigest, ADecimalWithoutBytesIsZero) {
  ColumnDigest digest(column(ValueType::kDecimalBytes, 0));
  ColumnView empty = view("", 1);
  empty.lengths = {0};
  ASSERT_OK(digest.add(empty, 1));
  EXPECT_EQ(digest.value(), expected(1, 1, std::string(16, '\0')));
}

TEST(SetDigest, IsOverTheDigestsInOrder) {
  SetDigest digest;
  digest.add(1);
  digest.add(2);
  const std::string both = raw(std::uint64_t{1}) + raw(std::uint64_t{2});
  EXPECT_EQ(digest.value(), checksum(bytes_of(both)));
}

}  // namespace
}  // namespace stoker::audit
