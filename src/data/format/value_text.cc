#include "data/format/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "data/format/half.h"

namespace stoker::format {
namespace {

template <class T>
T load(Bytes value) {
  T out{};
  std::memcpy(&out, value.data(), std::min(sizeof out, value.size()));
  return out;
}

std::string complex_text(config::DType part, Bytes value) {
  const std::size_t half = value.size() / 2;
  return fmt::format("{} + {} i", number_text(part, value.first(half)), number_text(part, value.subspan(half)));
}

}  // namespace

std::string number_text(config::DType dtype, Bytes value) {
  switch (dtype) {
    case config::DType::kUint8: return fmt::format("{}", load<std::uint8_t>(value));
    case config::DType::kUint16: return fmt::format("{}", load<std::uint16_t>(value));
    case config::DType::kUint32: return fmt::format("{}", load<std::uint32_t>(value));
    case config::DType::kUint64: return fmt::format("{}", load<std::uint64_t>(value));
    case config::DType::kInt8: return fmt::format("{}", load<std::int8_t>(value));
    case config::DType::kInt16: return fmt::format("{}", load<std::int16_t>(value));
    case config::DType::kInt32: return fmt::format("{}", load<std::int32_t>(value));
    case config::DType::kInt64: return fmt::format("{}", load<std::int64_t>(value));
    case config::DType::kBool: {
      const auto flag = load<std::uint8_t>(value);
      return flag > 1 ? fmt::format("0x{:02x}", flag) : flag == 1 ? "true" : "false";
    }
    case config::DType::kFloat16: {
      const auto bits = load<std::uint16_t>(value);
      return fmt::format("{} (0x{:04x})", static_cast<double>(half_to_float(bits)), bits);
    }
    case config::DType::kFloat32:
    case config::DType::kList: return fmt::format("{} (0x{:08x})", load<float>(value), load<std::uint32_t>(value));
    case config::DType::kFloat64: return fmt::format("{} (0x{:016x})", load<double>(value), load<std::uint64_t>(value));
    case config::DType::kComplex64: return complex_text(config::DType::kFloat32, value);
    case config::DType::kComplex128: return complex_text(config::DType::kFloat64, value);
    default: return fmt::format("0x{:02x}", load<std::uint8_t>(value));
  }
}

}  // namespace stoker::format
