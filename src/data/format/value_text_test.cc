#include "data/format/value_text.h"

#include <gtest/gtest.h>

#include <array>
#include <complex>
#include <cstring>

namespace stoker::format {
namespace {

using config::DType;

template <class T>
std::string text(DType dtype, T value) {
  std::array<std::byte, sizeof value> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  return number_text(dtype, bytes);
}

TEST(NumberText, SaysValueAndBits) {
  EXPECT_EQ(text(DType::kUint8, std::uint8_t{200}), "200");
  EXPECT_EQ(text(DType::kInt8, std::int8_t{-3}), "-3");
  EXPECT_EQ(text(DType::kUint64, UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(text(DType::kInt16, std::int16_t{-300}), "-300");
  EXPECT_EQ(text(DType::kBool, std::uint8_t{1}), "true");
  EXPECT_EQ(text(DType::kBool, std::uint8_t{7}), "0x07");
  EXPECT_EQ(text(DType::kFloat16, std::uint16_t{0x3800}), "0.5 (0x3800)");
  EXPECT_EQ(text(DType::kFloat32, 0.5F), "0.5 (0x3f000000)");
  EXPECT_EQ(text(DType::kFloat64, 0.25), "0.25 (0x3fd0000000000000)");
  EXPECT_EQ(text(DType::kComplex64, std::complex<float>(0.5F, 1.0F)), "0.5 (0x3f000000) + 1 (0x3f800000) i");
  EXPECT_EQ(text(DType::kComplex128, std::complex<double>(0.25, 0)),
            "0.25 (0x3fd0000000000000) + 0 (0x0000000000000000) i");
}

}  // namespace
}  // namespace stoker::format
