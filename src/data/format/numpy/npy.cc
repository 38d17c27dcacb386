#include "data/format/numpy/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "base/printable.h"
#include "base/units.h"

namespace stoker::format::numpy {
namespace {

using config::DType;

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kMostHeader = kMiB;
constexpr std::size_t kMostAxes = 64;
// An array of more elements is no file's; keeps products from overflowing.
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 58;

struct Descr {
  DType dtype;
  std::string_view text;
};
constexpr std::array kDescrs{
    Descr{DType::kUint8, "|u1"},     Descr{DType::kInt8, "|i1"},       Descr{DType::kUint16, "<u2"},
    Descr{DType::kInt16, "<i2"},     Descr{DType::kUint32, "<u4"},     Descr{DType::kInt32, "<i4"},
    Descr{DType::kUint64, "<u8"},    Descr{DType::kInt64, "<i8"},      Descr{DType::kFloat16, "<f2"},
    Descr{DType::kFloat32, "<f4"},   Descr{DType::kFloat64, "<f8"},    Descr{DType::kBool, "|b1"},
    Descr{DType::kComplex64, "<c8"}, Descr{DType::kComplex128, "<c16"}};

// "(4,)", "(4, 5)".
std::string shape_text(std::span<const std::uint64_t> shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

Error corrupt(std::string_view what) {
  return make_error(Code::kCorrupt, "the header of the .npy array: {}", what);
}

// Python's literal of a dictionary with three keys, as far as such headers use it.
class HeaderText {
 public:
  explicit HeaderText(std::string_view text) : rest_(text) {}

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  std::optional<std::string_view> quoted() {
    skip_space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::optional<std::uint64_t> number() {
    skip_space();
    std::uint64_t value = 0;
    const auto [end, bad] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (bad != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    // Python 2 wrote long numbers so.
    if (rest_.starts_with('L')) rest_.remove_prefix(1);
    return value;
  }
  [[nodiscard]] bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

Result<DType> parse_descr(std::string_view text) {
  if (text.size() > 1) {
    const bool one_byte = text.substr(2) == "1";
    for (const Descr& descr : kDescrs) {
      if (text.substr(1) != descr.text.substr(1)) continue;
      // Of one byte the order says nothing; "=" is the writer's own, and those that do not say so are little endian.
      if (text.front() != '>' || one_byte) return descr.dtype;
      return make_error(Code::kUnsupported, "elements of type '{}' are in big endian, expected little endian",
                        printable_line(text));
    }
  }
  return make_error(Code::kUnsupported, "elements of type '{}', expected numbers or booleans", printable_line(text));
}

Result<std::vector<std::uint64_t>> parse_shape(HeaderText& text) {
  std::vector<std::uint64_t> shape;
  std::uint64_t elements = 1;
  if (!text.take("(")) return corrupt("the shape is no tuple");
  while (!text.take(")")) {
    const auto size = text.number();
    if (!size || shape.size() == kMostAxes) return corrupt("the shape is no tuple of numbers");
    if (*size > 0 && elements > kMostElements / *size) return corrupt("the shape has more elements than a file holds");
    if (*size > 0) elements *= *size;
    shape.push_back(*size);
    if (text.take(",")) continue;
    if (!text.take(")")) return corrupt("the shape is no tuple of numbers");
    break;
  }
  return shape;
}

}  // namespace

std::uint64_t NpyHeader::elements() const {
  std::uint64_t product = 1;
  for (const std::uint64_t size : shape) product *= size;
  return product;
}

bool has_descr(DType dtype) {
  return std::ranges::find(kDescrs, dtype, &Descr::dtype) != kDescrs.end();
}

std::string npy_header(DType dtype, std::span<const std::uint64_t> shape) {
  const auto* const descr = std::ranges::find(kDescrs, dtype, &Descr::dtype);
  STOKER_CHECK(descr != kDescrs.end(), "an array of elements without a name");
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr->text, shape_text(shape));
  // Room in which the first axis may grow in place.
  constexpr std::size_t kGrowthDigits = 21;
  if (!shape.empty()) text.append(kGrowthDigits - fmt::format("{}", shape.front()).size(), ' ');
  // A whole 64 where nothing would be needed: so does numpy.
  const std::size_t prefix = kMagic.size() + 2 + 2;
  text.append(kAlignment - (prefix + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  std::string header(kMagic);
  header += '\x01';
  header += '\0';
  header += static_cast<char>(text.size() & 0xFFU);
  header += static_cast<char>(text.size() >> 8U);
  return header + text;
}

Result<std::uint64_t> npy_header_bytes(Bytes prefix) {
  const std::string_view text(reinterpret_cast<const char*>(prefix.data()), prefix.size());
  if (text.size() < kNpyPrefix || !text.starts_with(kMagic)) {
    return corrupt(fmt::format("found '{}' where '\\x93NUMPY' begins it",
                               printable_line(text.substr(0, std::min(text.size(), kMagic.size())))));
  }
  const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<std::uint8_t>(text[i])}; };
  const std::uint64_t major = byte(6);
  if (major < 1 || major > 3) {
    return make_error(Code::kUnsupported, "version {}.{} of the .npy format, expected 1.0 to 3.0", major, byte(7));
  }
  const std::uint64_t bytes =
      major == 1 ? 10 + (byte(8) | byte(9) << 8U) : 12 + (byte(8) | byte(9) << 8U | byte(10) << 16U | byte(11) << 24U);
  if (bytes > kMostHeader) {
    return make_error(Code::kUnsupported, "a header of {}, expected at most {}",
                      format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(kMostHeader)));
  }
  return std::max<std::uint64_t>(bytes, kNpyPrefix);
}

Result<NpyHeader> parse_npy_header(Bytes header) {
  STOKER_ASSIGN(const std::uint64_t bytes, npy_header_bytes(header.first(std::min(header.size(), kNpyPrefix))));
  if (bytes > header.size()) return corrupt("ends with the file");
  const std::size_t begin = header[6] == std::byte{1} ? 10 : 12;
  HeaderText text(
      std::string_view(reinterpret_cast<const char*>(header.data()), static_cast<std::size_t>(bytes)).substr(begin));
  NpyHeader array{.bytes = bytes};
  bool has_dtype = false, has_order = false, has_shape = false;
  if (!text.take("{")) return corrupt("is no dictionary");
  while (!text.take("}")) {
    const auto key = text.quoted();
    if (!key || !text.take(":")) return corrupt("is no dictionary");
    if (*key == "descr" && !has_dtype) {
      const auto descr = text.quoted();
      if (!descr) return make_error(Code::kUnsupported, "elements of several fields, expected one number or boolean");
      STOKER_ASSIGN(array.dtype, parse_descr(*descr));
      array.descr = *descr;
      has_dtype = true;
    } else if (*key == "fortran_order" && !has_order) {
      if (text.take("True")) return make_error(Code::kUnsupported, "elements in Fortran's order, expected C's");
      if (!text.take("False")) return corrupt("fortran_order is neither True nor False");
      has_order = true;
    } else if (*key == "shape" && !has_shape) {
      STOKER_ASSIGN(array.shape, parse_shape(text));
      has_shape = true;
    } else {
      return corrupt(fmt::format("has the key '{}' that it must not have, or twice", printable_line(*key)));
    }
    if (!text.take(",") && !text.take("}")) return corrupt("is no dictionary");
    if (text.at_end()) break;
  }
  if (!text.at_end()) return corrupt("goes on after the dictionary");
  if (!has_dtype || !has_order || !has_shape) return corrupt("lacks one of descr, fortran_order and shape");
  return array;
}

}  // namespace stoker::format::numpy
