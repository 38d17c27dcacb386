// Lines as others write them, and what is wrong with lines.
#include "data/format/csv/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/half.h"

namespace stoker::format::csv {
namespace {

using config::DType;
using ::testing::ElementsAre;

class RowsTest : public ::testing::Test {
 protected:
  // Behind the text lie bytes that could be taken for more of it.
  Result<ParsedRows> parse(std::string_view text, const WantedRows& wanted) {
    text_ = std::string(text) + std::string(kReadSlack, '9');
    arena_.reset();
    return parse_rows(std::string_view(text_).substr(0, text.size()), wanted, arena_);
  }
  Result<ParsedRows> parse(std::string_view text, DType dtype, std::uint64_t rows = 1) {
    return parse(text, {.dtype = dtype, .count = rows, .in_file = rows});
  }
  template <class T>
  std::vector<T> values(std::string_view text, DType dtype, std::uint64_t rows = 1) {
    const auto parsed = parse(text, dtype, rows);
    EXPECT_OK(parsed);
    if (!parsed) return {};
    std::vector<T> out(parsed->values.size() / sizeof(T));
    std::memcpy(out.data(), parsed->values.data(), parsed->values.size());
    return out;
  }

  std::string text_;
  Arena arena_;
};

// Numbers in front of which there is text enough to be read fast; the same ones first, where there is none.
constexpr const char* kFront = "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,";

TEST_F(RowsTest, IntegersOfEachTypeUpToItsEnds) {
  const auto ends = [&]<class T>(T least, T most, DType dtype) {
    const std::string text = fmt::format("{},{},0,7", least, most);
    EXPECT_THAT(values<T>(text, dtype), ElementsAre(least, most, 0, 7));
    auto later = values<T>(kFront + text + "\n", dtype);
    later.erase(later.begin(), later.begin() + 15);
    EXPECT_THAT(later, ElementsAre(least, most, 0, 7));
    for (const std::string& wrong : {"1" + fmt::format("{}", most), fmt::format("{}", most) + "0"}) {
      EXPECT_ERROR(parse(wrong, dtype), Code::kCorrupt, "line 1, field 1: found '" + wrong + "', expected ");
      EXPECT_ERROR(parse(kFront + wrong, dtype), Code::kCorrupt, "line 1, field 16: found '" + wrong + "', expected ");
    }
  };
  ends.operator()<std::uint8_t>(0, 255, DType::kUint8);
  ends.operator()<std::int8_t>(-128, 127, DType::kInt8);
  ends.operator()<std::uint16_t>(0, 65535, DType::kUint16);
  ends.operator()<std::int16_t>(-32768, 32767, DType::kInt16);
  ends.operator()<std::uint32_t>(0, 4294967295, DType::kUint32);
  ends.operator()<std::int32_t>(std::numeric_limits<std::int32_t>::min(), 2147483647, DType::kInt32);
  ends.operator()<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max(), DType::kUint64);
  ends.operator()<std::int64_t>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                                DType::kInt64);
  for (const auto& [text, dtype] : {std::pair{"256", DType::kUint8},
                                    {"-129", DType::kInt8},
                                    {"128", DType::kInt8},
                                    {"-1", DType::kUint8},
                                    {"65536", DType::kUint16},
                                    {"32768", DType::kInt16},
                                    {"-32769", DType::kInt16},
                                    {"4294967296", DType::kUint32},
                                    {"2147483648", DType::kInt32},
                                    {"-2147483649", DType::kInt32},
                                    {"18446744073709551616", DType::kUint64},
                                    {"9223372036854775808", DType::kInt64},
                                    {"-9223372036854775809", DType::kInt64}}) {
    EXPECT_ERROR(parse(text, dtype), Code::kCorrupt, "line 1, field 1: found ");
    EXPECT_ERROR(parse(std::string(kFront) + text, dtype), Code::kCorrupt, "line 1, field 16: found ");
  }
}

// The fast way and the exact one, on numbers of all lengths.
TEST_F(RowsTest, EveryNumberIsTheOneThatTheLibraryReads) {
  std::mt19937_64 random(7);
  const auto check = [&]<class T>(DType dtype, const std::vector<std::string>& texts) {
    std::string line(kFront);
    std::vector<T> expected(15);
    for (const std::string& text : texts) {
      line += text + ",";
      T value{};
      ASSERT_EQ(std::from_chars(text.data(), text.data() + text.size(), value).ec, std::errc{}) << text;
      expected.push_back(value);
    }
    line.back() = '\n';
    const auto found = values<T>(line, dtype);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 15; i < found.size(); ++i)
      ASSERT_EQ(std::memcmp(&found[i], &expected[i], sizeof(T)), 0) << texts[i - 15];
  };
  std::vector<std::string> integers, longs, decimals;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random() >> (random() % 64);
    longs.push_back(std::to_string(bits));
    integers.push_back(std::to_string(static_cast<std::int64_t>(random()) >> (random() % 64)));
    const std::string whole = std::to_string(random() % 3 == 0 ? random() % 1'000'000'000 : 0);
    std::string part = std::to_string(random() >> (random() % 64));
    if (random() % 2 == 0) part = std::string(random() % 6, '0') + part;
    decimals.push_back((random() % 2 == 0 ? "-" : "") + whole + "." + part);
    if (random() % 8 == 0) decimals.back() += "e-" + std::to_string(random() % 20);
  }
  check.operator()<std::uint64_t>(DType::kUint64, longs);
  check.operator()<std::int64_t>(DType::kInt64, integers);
  check.operator()<double>(DType::kFloat64, decimals);
  check.operator()<float>(DType::kFloat32, decimals);
  // Where two floats meet, with digits behind that decide.
  std::vector<std::string> middles;
  for (int i = 0; i < 2000; ++i) {
    const float value = static_cast<float>(1 + random() % 8'000'000) * 0x1p-24F;
    const double middle = (static_cast<double>(value) + static_cast<double>(std::nextafter(value, 1.0F))) / 2;
    for (const double number : {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1.0)})
      middles.push_back(fmt::format("{:.{}f}", number, 12 + random() % 7));
  }
  check.operator()<float>(DType::kFloat32, middles);
}

TEST_F(RowsTest, LinesAsOthersWriteThem) {
  for (const char* text :
       {"1,2\n3,4\n", "1,2\n3,4", "1,2\r\n3,4\r\n", "1,2\n3,4\n\n\r\n\n", " 1,\t2 \n+3, 4\n", "01,002\n3,4\n"})
    EXPECT_THAT(values<std::uint8_t>(text, DType::kUint8, 2), ElementsAre(1, 2, 3, 4)) << text;
  EXPECT_THAT(values<float>("1e2,-.5,3.,+1.5,-0,7\n", DType::kFloat32), ElementsAre(100, -.5F, 3, 1.5F, 0, 7));
  EXPECT_THAT(values<std::uint8_t>("True,False,true,false,TRUE,FALSE, True\n", DType::kBool),
              ElementsAre(1, 0, 1, 0, 1, 0, 1));
  EXPECT_THAT(values<double>("inf,-inf", DType::kFloat64),
              ElementsAre(std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(std::isnan(values<double>("nan", DType::kFloat64).at(0)));
}

// In front of a point that stands near the beginning of the text there is nothing to look at (found by the fuzz
// target).
TEST_F(RowsTest, LongValuesAtTheBeginning) {
  const std::string quarter = "0.25" + std::string(80, '0');
  for (const std::string& text : {quarter, quarter + "\n", quarter + "," + quarter, "1," + quarter + ",1"}) {
    const auto found = values<double>(text, DType::kFloat64);
    for (const double value : found) EXPECT_TRUE(value == 0.25 || value == 1) << text;
    EXPECT_EQ(found.size(), static_cast<std::size_t>(std::ranges::count(text, ',')) + 1);
  }
}

TEST_F(RowsTest, SomeLinesOfAFile) {
  const std::string text = "1,2\n3,4\n5,6\n7,8\n";
  const auto some = parse(text, {.dtype = DType::kUint8, .first = 1, .count = 2, .in_file = 4});
  ASSERT_OK(some);
  EXPECT_EQ(some->fields, 2U);
  EXPECT_TRUE(std::ranges::equal(some->values, std::array{std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6}}));
}

TEST_F(RowsTest, WhatIsNoLineOfNumbersIsToldWithItsPlace) {
  const auto wrong = [&](std::string_view text, std::uint64_t rows, const std::string& message) {
    EXPECT_ERROR(parse(text, DType::kUint8, rows), Code::kCorrupt, message);
  };
  wrong("a,b\n1,2\n", 2, "line 1, field 1: found 'a', expected uint8 (0 to 255)");
  wrong("1,2\n3,x\n", 2, "line 2, field 2: found 'x', expected uint8 (0 to 255)");
  wrong("1,2\n3,\n", 2, "line 2, field 2: found nothing, expected uint8");
  wrong("1,2\n,3\n", 2, "line 2, field 1: found nothing, expected uint8");
  wrong("1,2\n3,4,5\n", 2, "line 2: found 3 values, expected 2 as in the first line");
  wrong("1,2\n3\n", 2, "line 2: found 1 value, expected 2 as in the first line");
  wrong("1,2\n\n3,4\n", 3, "line 2: is empty, and others follow it");
  wrong("1,\"2\"\n", 1, "line 1, field 2: found '\"2\"', expected uint8");
  wrong("1,2.0\n", 1, "line 1, field 2: found '2.0', expected uint8");
  wrong("1,+-2\n", 1, "line 1, field 2: found '+-2', expected uint8");
  wrong("1,2 3\n", 1, "line 1, field 2: found '2 3', expected uint8");
  wrong("1;2\n", 1, "line 1, field 1: found '1;2', expected uint8");
  wrong("", 2, "found 0 lines, expected 2");
  wrong("\n\n", 2, "found 0 lines, expected 2");
  wrong("1\n", 2, "found 1 line, expected 2");
  wrong("1\n2\n3\n", 2, "found 3 lines, expected 2");
  wrong("1\n", 1'000'000'000, "found 1 line, expected 1000000000");
  wrong(std::string(100, 'x'), 1, "found '" + std::string(40, 'x') + "'..., expected uint8");
  wrong("\x1b[2J\n", 1, "found '\\x1b[2J', expected uint8");
  EXPECT_ERROR(parse("1e400", DType::kFloat64), Code::kCorrupt, "line 1, field 1: found '1e400', expected float64");
  EXPECT_ERROR(parse("1e39", DType::kFloat32), Code::kCorrupt, "found '1e39', expected float32");
  EXPECT_ERROR(parse("65520", DType::kFloat16), Code::kCorrupt, "found '65520', expected float16");
  EXPECT_ERROR(parse("1", DType::kBool), Code::kCorrupt, "found '1', expected bool (True or False)");
  EXPECT_ERROR(parse("Trues", DType::kBool), Code::kCorrupt, "found 'Trues', expected bool");
  EXPECT_ERROR(parse(std::string(kFront) + "Talse", DType::kBool), Code::kCorrupt, "field 1: found '0', expected bool");
  const auto header = parse("a,b\n1,2\n", DType::kUint8, 2);
  EXPECT_THAT(header.error().hint, ::testing::HasSubstr("header=False"));
}

TEST_F(RowsTest, RowsAreCountedAcrossPieces) {
  for (const auto& [text, rows] :
       {std::pair{"", 0}, {"\n\r\n", 0}, {"1", 1}, {"1\n", 1}, {"1\n2", 2}, {"1\r\n2\r\n\r\n", 2}, {"1\n\n2\n", 3}}) {
    for (std::size_t size = 1; size < 5; ++size) {
      RowCounter counter;
      for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(size, rest.size())))
        counter.add(rest.substr(0, size));
      EXPECT_EQ(counter.rows(), static_cast<std::uint64_t>(rows)) << text;
    }
  }
}

TEST_F(RowsTest, TypesAreTheFirstThatAllValuesHave) {
  const auto shape = [&](std::string_view text) {
    text_ = std::string(text) + std::string(kReadSlack, '9');
    return shape_of(std::string_view(text_).substr(0, text.size()));
  };
  EXPECT_EQ(shape("1,-2\n3,4\n")->dtype, DType::kInt64);
  EXPECT_EQ(shape("1,18446744073709551615\n")->dtype, DType::kUint64);
  EXPECT_EQ(shape("1,2\n3,4.5\n")->dtype, DType::kFloat64);
  EXPECT_EQ(shape("True,False\n")->dtype, DType::kBool);
  const auto all = shape("1,2,3\n4,5,6\n");
  EXPECT_EQ(all->rows, 2U);
  EXPECT_EQ(all->fields, 3U);
  EXPECT_ERROR(shape(""), Code::kCorrupt, "is empty, expected lines of numbers");
  EXPECT_ERROR(shape("a,b\n"), Code::kCorrupt, "line 1, field 1: found 'a', expected float64");
  EXPECT_ERROR(shape("1,2\n3\n"), Code::kCorrupt, "line 2: found 1 value, expected 2");
}

TEST(Half, EveryHalfIsReadBack) {
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(half_of(static_cast<double>(value)))));
      continue;
    }
    ASSERT_EQ(half_of(static_cast<double>(value)), half) << value;
    // Half way to the next one: to the even one.
    if ((bits & 0x7FFFU) >= 0x7BFFU) continue;
    const double next = static_cast<double>(half_to_float(static_cast<std::uint16_t>(half + 1)));
    ASSERT_EQ(half_of((static_cast<double>(value) + next) / 2), bits % 2 == 0 ? half : half + 1) << value;
  }
}

}  // namespace
}  // namespace stoker::format::csv
