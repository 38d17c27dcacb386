#include "data/format/csv/sample_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <string>

#include "data/format/half.h"

namespace stoker::format::csv {
namespace {

using config::DType;

// In rooms of one size after another: pieces are cut between values anywhere.
std::string text_of(const SampleValues& values, std::size_t room_bytes) {
  const ValueText value_text(values.dtype());
  SampleText text(values, value_text);
  std::vector<std::byte> room(room_bytes);
  std::string out;
  while (!text.at_end()) {
    const std::size_t made = text.make(room);
    EXPECT_LE(made, room.size());
    EXPECT_GT(made, 0U);
    out.append(reinterpret_cast<const char*>(room.data()), made);
  }
  return out;
}

// Byte for byte: data sets that were written stay what they are.
TEST(SampleText, LinesOfEachType) {
  constexpr std::pair<DType, const char*> kLines[] = {
      {DType::kUint8, "224,130,56\n90,17,112\n"},
      {DType::kInt8, "-32,-126,56\n90,17,112\n"},
      {DType::kUint16, "33504,23096,28689\n36252,1618,63800\n"},
      {DType::kInt16, "-32032,23096,28689\n-29284,1618,-1736\n"},
      {DType::kUint32, "1513652960,2375839761,4181198418\n2677755651,3973988225,3064499033\n"},
      {DType::kInt32, "1513652960,-1919127535,-113768878\n-1617211645,-320979071,-1230468263\n"},
      {DType::kUint64,
       "10204154075545109216,11500872951905388114,13161923129332612993\n"
       "5806040067767041834,3303632024048153655,11284932518948750521\n"},
      {DType::kInt64,
       "-8242589998164442400,-6945871121804163502,-5284820944376938623\n"
       "5806040067767041834,3303632024048153655,-7161811554760801095\n"},
      {DType::kBool, "False,False,False\nFalse,True,False\n"},
      {DType::kFloat16, "0.511,0.352,0.4375\n0.5527,0.02441,0.973\n"},
      {DType::kFloat32, "0.35242474,0.5531683,0.9735111\n0.6234636,0.9252662,0.71350926\n"},
      {DType::kFloat64,
       "0.35242479706680996,0.9735111193616954,0.9252662413828766\n"
       "0.0583571889605079,0.5546677200428415,0.9773219049852894\n"},
  };
  for (const auto& [dtype, lines] : kLines) EXPECT_EQ(text_of(SampleValues(dtype, {3}, 2, 1234), 4096), lines);
}

TEST(SampleText, PiecesMakeTheSameText) {
  for (const DType dtype : {DType::kUint8, DType::kInt64, DType::kFloat16, DType::kFloat64, DType::kBool}) {
    for (const std::uint64_t elements : {1U, 7U, 5000U}) {
      const SampleValues values(dtype, {elements}, 9, 55);
      const std::string whole = text_of(values, std::size_t{1} << 20);
      EXPECT_EQ(std::ranges::count(whole, '\n'), 9);
      for (const std::size_t room : {kValueRoom, std::size_t{100}, std::size_t{4096}})
        EXPECT_EQ(text_of(values, room), whole);
    }
  }
}

TEST(SampleText, TextsAreWithinTheirBoundsAndNearTheirMean) {
  for (const DType dtype :
       {DType::kUint8, DType::kInt8, DType::kUint16, DType::kInt16, DType::kUint32, DType::kInt32, DType::kUint64,
        DType::kInt64, DType::kBool, DType::kFloat16, DType::kFloat32, DType::kFloat64}) {
    constexpr std::uint64_t kElements = 200'000;
    const std::string text = text_of(SampleValues(dtype, {kElements}, 1, 9), 4096);
    const TextBounds bounds = text_bounds(dtype);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find_first_of(",\n", begin);
      ASSERT_GE(end - begin, bounds.least);
      ASSERT_LE(end - begin, bounds.most);
      begin = end + 1;
    }
    EXPECT_NEAR(static_cast<double>(text.size()) / kElements, mean_text(dtype), mean_text(dtype) / 50)
        << config::to_string(dtype);
  }
}

TEST(SampleText, HalvesHaveTheFewestDigitsThatReadBack) {
  const auto read = [](const std::string& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return half_of(value);
  };
  for (unsigned bits = 0; bits < 0x7C00; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const std::string text = half_text(half);
    ASSERT_EQ(read(text), half) << text;
    ASSERT_EQ(half_text(static_cast<std::uint16_t>(half | 0x8000U)), "-" + text);
  }
  EXPECT_EQ(half_text(0), "0");
  EXPECT_EQ(half_text(half_of(1.0 / 2048)), "0.0004883");
  EXPECT_EQ(half_text(half_of(0.1)), "0.1");
  EXPECT_EQ(half_text(half_of(1.0 / 3)), "0.3333");
  EXPECT_EQ(half_text(half_of(65504)), "65500");
  EXPECT_EQ(half_text(1), "6e-08");
  EXPECT_EQ(half_text(0x7C00), "inf");
}

}  // namespace
}  // namespace stoker::format::csv
