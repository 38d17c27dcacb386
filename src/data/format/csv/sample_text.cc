#include "data/format/csv/sample_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/check.h"
#include "data/format/half.h"

namespace stoker::format::csv {
namespace {

using config::DType;

constexpr std::size_t kBlock = std::size_t{8} << 10;  // stays in the first level cache, with the texts
// Halves that are generated are these parts of one.
constexpr unsigned kHalfParts = 2048;

template <class T>
TextBounds integer_bounds() {
  using Limits = std::numeric_limits<T>;
  constexpr auto kMost = static_cast<std::uint64_t>(Limits::digits10 + 1 + (Limits::is_signed ? 1 : 0));
  return {1, kMost};
}

template <class T>
char* put_numbers(const std::byte* values, std::size_t count, char* out) {
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, values + i * sizeof(T), sizeof(T));
    out = std::to_chars(out, out + kValueRoom, value).ptr;
    *out++ = ',';
  }
  return out;
}

std::string text_of(DType dtype, unsigned value) {
  switch (dtype) {
    case DType::kBool: return value != 0 ? "True" : "False";
    case DType::kInt8: return std::to_string(static_cast<std::int8_t>(value));
    case DType::kFloat16: return half_text(half_of(static_cast<double>(value) / kHalfParts));
    default: return std::to_string(value);
  }
}

unsigned known_values(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kInt8:
    case DType::kUint8: return 256;
    case DType::kFloat16: return kHalfParts;
    default: return 0;
  }
}

}  // namespace

TextBounds text_bounds(DType dtype) {
  switch (dtype) {
    case DType::kUint8: return integer_bounds<std::uint8_t>();
    case DType::kInt8: return integer_bounds<std::int8_t>();
    case DType::kUint16: return integer_bounds<std::uint16_t>();
    case DType::kInt16: return integer_bounds<std::int16_t>();
    case DType::kUint32: return integer_bounds<std::uint32_t>();
    case DType::kInt32: return integer_bounds<std::int32_t>();
    case DType::kUint64: return integer_bounds<std::uint64_t>();
    case DType::kInt64: return integer_bounds<std::int64_t>();
    case DType::kBool: return {4, 5};
    // 0, and 0.0004883; 9 digits, and 17, with a point and an exponent of two digits.
    case DType::kFloat16: return {1, 9};
    case DType::kFloat32: return {1, 9 + 1 + 4};
    case DType::kFloat64: return {1, 17 + 1 + 4};
    default: STOKER_CHECK(false, "a type that is not written"); return {};
  }
}

double mean_text(DType dtype) {
  switch (dtype) {
    case DType::kUint8: return 3.57;
    case DType::kInt8: return 3.65;
    case DType::kUint16: return 5.83;
    case DType::kInt16: return 6.16;
    case DType::kUint32: return 10.75;
    case DType::kInt32: return 11.0;
    case DType::kUint64: return 20.4;
    case DType::kInt64: return 20.4;
    case DType::kBool: return 5.5;
    case DType::kFloat16: return 6.72;
    case DType::kFloat32: return 10.63;
    default: return 19.5;
  }
}

std::string half_text(std::uint16_t half) {
  const float value = half_to_float(half);
  std::array<char, kValueRoom> text{};
  // Five digits tell any two halves apart. The same choice between both notations as to_chars() has for its own types.
  for (int digits = 1; digits <= 5; ++digits) {
    const char* end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, digits - 1).ptr;
    double read = 0;
    std::from_chars(text.data(), end, read);
    if (half_of(read) != half && value == value) continue;
    char* const shortest = std::to_chars(text.data(), text.data() + text.size(), read).ptr;
    return {text.data(), shortest};
  }
  char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

ValueText::ValueText(DType dtype) : dtype_(dtype), known_(known_values(dtype)) {
  for (unsigned value = 0; value < known_.size(); ++value) {
    const std::string text = text_of(dtype, value) + ",";
    Text& known = known_[value];
    STOKER_CHECK(text.size() <= known.text.size());
    text.copy(known.text.data(), text.size());
    known.bytes = static_cast<std::uint8_t>(text.size());
  }
}

// A store of fixed length for each text, the next one over what of it was too long.
char* ValueText::put_known(const std::byte* values, std::size_t count, char* out) const {
  for (std::size_t i = 0; i < count; ++i) {
    const Text& text = known_[static_cast<std::size_t>(values[i])];
    std::memcpy(out, &text, sizeof text);
    out += text.bytes;
  }
  return out;
}

char* ValueText::put_halves(const std::byte* values, std::size_t count, char* out) const {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, values + i * sizeof half, sizeof half);
    const auto part = static_cast<std::size_t>(half_to_float(half) * kHalfParts);
    STOKER_CHECK(part < known_.size());
    const Text& text = known_[part];
    std::memcpy(out, &text, sizeof text);
    out += text.bytes;
  }
  return out;
}

char* ValueText::put(Bytes values, char* out) const {
  const std::size_t count = values.size() / static_cast<std::size_t>(config::element_bytes(dtype_));
  switch (dtype_) {
    case DType::kUint16: return put_numbers<std::uint16_t>(values.data(), count, out);
    case DType::kInt16: return put_numbers<std::int16_t>(values.data(), count, out);
    case DType::kUint32: return put_numbers<std::uint32_t>(values.data(), count, out);
    case DType::kInt32: return put_numbers<std::int32_t>(values.data(), count, out);
    case DType::kUint64: return put_numbers<std::uint64_t>(values.data(), count, out);
    case DType::kInt64: return put_numbers<std::int64_t>(values.data(), count, out);
    case DType::kFloat16: return put_halves(values.data(), count, out);
    case DType::kFloat32: return put_numbers<float>(values.data(), count, out);
    case DType::kFloat64: return put_numbers<double>(values.data(), count, out);
    default: return put_known(values.data(), count, out);
  }
}

SampleText::SampleText(const SampleValues& values, const ValueText& text)
    : values_(values), text_(text), elements_(values.samples() * values.elements_per_sample()), block_(kBlock) {}

std::size_t SampleText::make(MutBytes room) {
  const auto width = static_cast<std::size_t>(values_.element_bytes());
  char* const begin = reinterpret_cast<char*>(room.data());
  char* const end = begin + room.size();
  char* out = begin;
  while (!at_end()) {
    if (used_ == filled_) {
      used_ = 0;
      filled_ = static_cast<std::size_t>(std::min<std::uint64_t>(elements_ - next_, block_.size() / width)) * width;
      values_.fill(next_ * width, MutBytes(block_).first(filled_));
    }
    const std::uint64_t left =
        std::min<std::uint64_t>((filled_ - used_) / width, values_.elements_per_sample() - in_line_);
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(left, static_cast<std::size_t>(end - out) / kValueRoom));
    if (count == 0) break;
    out = text_.put(Bytes(block_).subspan(used_, count * width), out);
    used_ += count * width;
    next_ += count;
    in_line_ += count;
    if (in_line_ < values_.elements_per_sample()) continue;
    out[-1] = '\n';
    in_line_ = 0;
  }
  return static_cast<std::size_t>(out - begin);
}

}  // namespace stoker::format::csv
