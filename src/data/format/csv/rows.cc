// A line is cut at its commas, 64 bytes of it at a time, and each value is read from its end: the eight bytes in front
// of a comma are the last digits and what stands before them, which is masked. So no value waits for the length of the
// one before it. What is no plain run of digits (blanks, a plus sign, exponents, too many digits) marks its line, which
// is then read again in the slow and exact way, that also says what is wrong with it.
#include "data/format/csv/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "data/format/half.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/plural.h"
#include "base/printable.h"

namespace stoker::format::csv {
namespace {

using config::DType;

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kCut = 64;
static_assert(kReadSlack >= kCut);

// Element types that C++ has no name for.
struct Half {
  std::uint16_t bits;
};
struct Flag {
  std::uint8_t value;
};

// ---- one value, exactly ----

enum class Fault { kNone, kNothing, kNoNumber, kOutOfRange };

std::string_view trimmed(std::string_view field) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = field.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return field.substr(begin, field.find_last_not_of(kBlanks) - begin + 1);
}

template <class T>
Fault read_number(std::string_view text, T& value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::invalid_argument || stop != end) return Fault::kNoNumber;
  return error == std::errc{} ? Fault::kNone : Fault::kOutOfRange;
}

template <class T>
Fault read_exactly(std::string_view field, T& value) {
  const std::string_view text = trimmed(field);
  if (text.empty()) return Fault::kNothing;
  if constexpr (std::is_same_v<T, Flag>) {
    for (const std::string_view yes : {"True", "true", "TRUE"}) {
      value.value = 1;
      if (text == yes) return Fault::kNone;
    }
    for (const std::string_view no : {"False", "false", "FALSE"}) {
      value.value = 0;
      if (text == no) return Fault::kNone;
    }
    return Fault::kNoNumber;
  } else if constexpr (std::is_same_v<T, Half>) {
    double wide = 0;
    if (const Fault fault = read_number(text, wide); fault != Fault::kNone) return fault;
    value.bits = half_of(wide);
    return std::isinf(half_to_float(value.bits)) && !std::isinf(wide) ? Fault::kOutOfRange : Fault::kNone;
  } else {
    return read_number(text, value);
  }
}

// ---- one value, fast: false where the exact way has to say what it is ----

std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, kWord);
  return word;
}

constexpr std::uint64_t kEach = 0x0101010101010101;

// The last `count` (1 to 8) bytes of a word as a number of as many digits; adds to `bad` where they are none.
std::uint64_t digits(std::uint64_t word, std::uint64_t count, std::uint64_t& bad) {
  const std::uint64_t before = 64 - 8 * count;
  const std::uint64_t x = ((word ^ kEach * '0') >> before) << before;
  bad |= (x | (x + kEach * 0x76)) & kEach * 0x80;
  const std::uint64_t pairs = x * 10 + (x >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  return ((pairs & kPairs) * (100 + (1'000'000ULL << 32)) + ((pairs >> 16) & kPairs) * (1 + (10'000ULL << 32))) >> 32;
}

// The same of four bytes, for up to four digits.
std::uint32_t few_digits(std::uint32_t word, std::uint32_t count, std::uint32_t& bad) {
  constexpr auto kEachOf4 = static_cast<std::uint32_t>(kEach);
  const std::uint32_t before = 32 - 8 * count;
  const std::uint32_t x = ((word ^ kEachOf4 * '0') >> before) << before;
  bad |= (x | (x + kEachOf4 * 0x76)) & kEachOf4 * 0x80;
  const std::uint32_t pairs = x * 10 + (x >> 8);
  return (pairs & 0xFF) * 100 + ((pairs >> 16) & 0xFF);
}

// The digits of [begin, end), at most 19 of them, so that no number is too large. Nothing before `begin` is looked at
// but for what lies in the same text.
std::uint64_t up_to_19_digits(const char* begin, const char* end, std::uint64_t& bad) {
  auto count = static_cast<std::uint64_t>(end - begin);
  if (count <= kWord) return digits(load(end - kWord), count, bad);
  const std::uint64_t low = digits(load(end - kWord), kWord, bad);
  count -= kWord;
  if (count <= kWord) return digits(load(end - 2 * kWord), count, bad) * 100'000'000 + low;
  const std::uint64_t middle = digits(load(end - 2 * kWord), kWord, bad);
  return (digits(load(end - 3 * kWord), count - kWord, bad) * 100'000'000 + middle) * 100'000'000 + low;
}

// As many bytes in front of a value's end, or of its point, are looked at.
constexpr std::ptrdiff_t kLookBack = 3 * kWord;

template <class T>
bool read_fast(const char* begin, const char* end, T& value) requires std::is_integral_v<T> {
  using Limits = std::numeric_limits<T>;
  std::uint64_t sign = 0;
  if constexpr (Limits::is_signed) {
    sign = *begin == '-' ? 1 : 0;
    begin += sign;
  }
  const auto count = static_cast<std::uint64_t>(end - begin);
  std::uint64_t bad = 0, size = 0;
  if constexpr (sizeof(T) == 1) {
    if (count - 1 >= 4) return false;
    std::uint32_t word = 0, wrong = 0;
    std::memcpy(&word, end - sizeof word, sizeof word);
    size = few_digits(word, static_cast<std::uint32_t>(count), wrong);
    bad = wrong;
  } else if constexpr (sizeof(T) == 2) {
    if (count - 1 >= kWord) return false;
    size = digits(load(end - kWord), count, bad);
  } else {
    if (count - 1 >= 19) return false;
    size = up_to_19_digits(begin, end, bad);
  }
  bad |= size > static_cast<std::uint64_t>(Limits::max()) + sign ? 1U : 0U;
  value = static_cast<T>((size ^ -sign) + sign);
  return bad == 0;
}

constexpr std::array kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Digits with a point among them whose number and power of ten are exact: their quotient is rounded once.
bool read_decimal(const char* begin, const char* end, double& value) {
  if (begin == end) return false;
  const bool is_negative = *begin == '-';
  if (is_negative) ++begin;
  // Nearly all have one digit in front of it.
  const char* point = begin + 1;
  while (point < end && *point != '.') ++point;
  if (point >= end - 1) return false;
  const std::ptrdiff_t whole = point - begin, part = end - point - 1;
  if (whole > 8 || whole + part > 18) return false;
  std::uint64_t bad = 0;
  const std::uint64_t left = digits(load(point - kWord), static_cast<std::uint64_t>(whole), bad);
  const std::uint64_t right = up_to_19_digits(point + 1, end, bad);
  const std::uint64_t number = left * static_cast<std::uint64_t>(kPowers[static_cast<std::size_t>(part)]) + right;
  if (bad != 0 || number > std::uint64_t{1} << 53) return false;
  const double size = static_cast<double>(number) / kPowers[static_cast<std::size_t>(part)];
  value = is_negative ? -size : size;
  return true;
}

bool read_fast(const char* begin, const char* end, double& value) {
  return read_decimal(begin, end, value);
}

bool read_fast(const char* begin, const char* end, float& value) {
  double wide = 0;
  if (!read_decimal(begin, end, wide)) return false;
  // Rounded twice, which is once unless the double lies where two floats meet.
  constexpr std::uint64_t kBelow = (std::uint64_t{1} << 29) - 1, kMiddle = std::uint64_t{1} << 28;
  const std::uint64_t below = std::bit_cast<std::uint64_t>(wide) & kBelow;
  if (below - (kMiddle - 1) <= 2) return false;
  if (wide != 0 && std::fabs(wide) < std::numeric_limits<float>::min()) return false;
  value = static_cast<float>(wide);
  return true;
}

bool read_fast(const char* begin, const char* end, Half& value) {
  double wide = 0;
  if (!read_decimal(begin, end, wide)) return false;
  value.bits = half_of(wide);
  return wide < 60000 && wide > -60000;
}

bool read_fast(const char* begin, const char* end, Flag& value) {
  std::uint32_t last = 0, yes = 0, no = 0;
  if (end - begin < 4) return false;
  std::memcpy(&last, end - 4, sizeof last);
  std::memcpy(&yes, "True", sizeof yes);
  std::memcpy(&no, "alse", sizeof no);
  const bool is_yes = last == yes && end - begin == 4;
  value.value = is_yes ? 1 : 0;
  return is_yes || (last == no && end - begin == 5 && *begin == 'F');
}

// ---- lines ----

// Bit i: byte i is a comma.
std::uint64_t commas(const char* at) {
#if defined(__SSE2__)
  const __m128i comma = _mm_set1_epi8(',');
  std::uint64_t mask = 0;
  for (unsigned part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + std::size_t{16} * part));
    const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, comma)));
    mask |= std::uint64_t{found} << (16 * part);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < kCut; ++i) mask |= std::uint64_t{at[i] == ','} << i;
  return mask;
#endif
}

// Takes the lines of a text one by one.
class Lines {
 public:
  // Empty lines at its end are none.
  explicit Lines(std::string_view text) : at_(text.data()), end_(at_ + (text.find_last_not_of("\r\n") + 1)) {}
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  // Without what ends it.
  std::string_view next() {
    const char* const begin = at_;
    const void* const found = std::memchr(begin, '\n', static_cast<std::size_t>(end_ - begin));
    const char* line_end = found == nullptr ? end_ : static_cast<const char*>(found);
    at_ = found == nullptr ? end_ : line_end + 1;
    if (line_end > begin && line_end[-1] == '\r') --line_end;
    return {begin, static_cast<std::size_t>(line_end - begin)};
  }

 private:
  const char* at_;
  const char* const end_;
};

std::uint64_t fields_of(std::string_view line) {
  return static_cast<std::uint64_t>(std::ranges::count(line, ',')) + 1;
}

template <class T>
std::string type_text(DType dtype) {
  if constexpr (std::is_integral_v<T>) {
    using Limits = std::numeric_limits<T>;
    return fmt::format("{} ({} to {})", config::to_string(dtype), Limits::min(), Limits::max());
  } else if constexpr (std::is_same_v<T, Flag>) {
    return "bool (True or False)";
  } else {
    return std::string(config::to_string(dtype));
  }
}

std::string shown(std::string_view field) {
  constexpr std::size_t kShown = 40;
  if (field.empty()) return "nothing";
  const std::string text = printable_line(field.substr(0, kShown));
  return fmt::format("'{}'{}", text, field.size() > kShown ? "..." : "");
}

template <class T>
Error wrong_field(std::uint64_t line, std::uint64_t field, std::string_view found, Fault fault, DType dtype) {
  Error error = make_error(Code::kCorrupt, "line {}, field {}: found {}, expected {}", line, field, shown(found),
                           type_text<T>(dtype));
  error.hint =
      line == 1 && fault == Fault::kNoNumber
          ? "names of columns in the first line are not read: write the file without them (pandas: header=False)"
          : "values are read as dataset.record_element_type says";
  return error;
}

// Reads lines of so many values. For one type.
template <class T>
class LineReader {
 public:
  LineReader(const char* text, std::uint64_t fields, DType dtype) : text_(text), fields_(fields), dtype_(dtype) {}

  // Line `number`, from 1. `out` has room for its values.
  Status read(std::string_view line, std::uint64_t number, T* out) const {
    return read_quickly(line, out) ? Status{} : read_slowly(line, number, out);
  }

 private:
  bool read_quickly(std::string_view line, T* out) const {
    const char* const end = line.data() + line.size();
    const char* begin = line.data();
    T* const last = out + fields_ - 1;
    for (const char* at = begin; at < end; at += kCut) {
      std::uint64_t found = commas(at);
      if (const auto left = static_cast<std::size_t>(end - at); left < kCut) found &= (std::uint64_t{1} << left) - 1;
      if (last - out < static_cast<std::ptrdiff_t>(kCut) && std::popcount(found) > last - out) return false;
      const bool has_front = begin - text_ >= kLookBack;
      for (; found != 0; found &= found - 1) {
        const char* const comma = at + std::countr_zero(found);
        if (!(has_front && read_fast(begin, comma, *out)) && !read_other(begin, comma, *out)) return false;
        ++out;
        begin = comma + 1;
      }
    }
    const bool has_front = begin - text_ >= kLookBack;
    return out == last && ((has_front && read_fast(begin, end, *out)) || read_other(begin, end, *out));
  }
  // What is not read fast, and the first values of a file: what is in front of those is not the text's.
  [[gnu::noinline]] static bool read_other(const char* begin, const char* end, T& value) {
    return read_exactly({begin, static_cast<std::size_t>(end - begin)}, value) == Fault::kNone;
  }

  Status read_slowly(std::string_view line, std::uint64_t number, T* out) const {
    if (line.empty()) return make_error(Code::kCorrupt, "line {}: is empty, and others follow it", number);
    const std::uint64_t fields = fields_of(line);
    for (std::uint64_t field = 0; field < std::min(fields, fields_); ++field) {
      const std::size_t bytes = std::min(line.find(','), line.size());
      const std::string_view text = line.substr(0, bytes);
      if (const Fault fault = read_exactly(text, out[field]); fault != Fault::kNone)
        return wrong_field<T>(number, field + 1, text, fault, dtype_);
      line.remove_prefix(std::min(bytes + 1, line.size()));
    }
    if (fields == fields_) return {};
    return make_error(Code::kCorrupt, "line {}: found {}, expected {} as in the first line", number,
                      counted(fields, "value"), fields_);
  }

  const char* const text_;
  const std::uint64_t fields_;
  const DType dtype_;
};

// Calls what(T) for the type that an element has in memory.
template <class What>
auto with_type(DType dtype, What what) {
  switch (dtype) {
    case DType::kInt8: return what(std::int8_t{});
    case DType::kUint16: return what(std::uint16_t{});
    case DType::kInt16: return what(std::int16_t{});
    case DType::kUint32: return what(std::uint32_t{});
    case DType::kInt32: return what(std::int32_t{});
    case DType::kUint64: return what(std::uint64_t{});
    case DType::kInt64: return what(std::int64_t{});
    case DType::kFloat16: return what(Half{});
    case DType::kFloat32: return what(float{});
    case DType::kFloat64: return what(double{});
    case DType::kBool: return what(Flag{});
    default: return what(std::uint8_t{});
  }
}

Error wrong_count(std::uint64_t found, std::uint64_t expected) {
  Error error = make_error(Code::kCorrupt, "found {}, expected {}", counted(found, "line"), expected);
  error.hint = "the file was cut off, or changed since its lines were counted";
  return error;
}

template <class T>
Result<ParsedRows> parse_rows_of(std::string_view text, const WantedRows& wanted, Arena& arena) {
  Lines lines(text);
  if (lines.at_end()) return wrong_count(0, wanted.in_file);
  ParsedRows parsed{.fields = fields_of(Lines(text).next())};
  for (std::uint64_t row = 0; row < wanted.first; ++row) {
    if (lines.at_end()) return wrong_count(row, wanted.in_file);
    lines.next();
  }
  // Two bytes of text for each value at least: what memory there is bounds the rows that are asked for.
  if (wanted.count > text.size() / parsed.fields + 1) {
    RowCounter counter;
    counter.add(text);
    return wrong_count(counter.rows(), wanted.in_file);
  }
  STOKER_ASSIGN(parsed.values, arena.allocate(wanted.count * parsed.fields * sizeof(T)));
  const LineReader<T> reader(text.data(), parsed.fields, wanted.dtype);
  T* out = reinterpret_cast<T*>(parsed.values.data());
  std::uint64_t row = wanted.first;
  for (; row < wanted.first + wanted.count; ++row) {
    if (lines.at_end()) return wrong_count(row, wanted.in_file);
    STOKER_TRY(reader.read(lines.next(), row + 1, out));
    out += parsed.fields;
  }
  for (; !lines.at_end(); ++row) lines.next();
  if (row != wanted.in_file) return wrong_count(row, wanted.in_file);
  return parsed;
}

template <class T>
Result<TextShape> shape_as(std::string_view text, DType dtype) {
  Lines lines(text);
  if (lines.at_end()) return make_error(Code::kCorrupt, "is empty, expected lines of numbers");
  TextShape shape{.dtype = dtype, .fields = fields_of(Lines(text).next())};
  if (shape.fields > chunk_memory_limit_bytes() / sizeof(T))
    return make_error(Code::kUnsupported, "line 1: {} values, more than half of the memory holds", shape.fields);
  std::vector<T> values(static_cast<std::size_t>(shape.fields));
  const LineReader<T> reader(text.data(), shape.fields, dtype);
  for (; !lines.at_end(); ++shape.rows) STOKER_TRY(reader.read(lines.next(), shape.rows + 1, values.data()));
  return shape;
}

}  // namespace

void RowCounter::add(std::string_view piece) {
  const std::size_t content = piece.find_last_not_of("\r\n") + 1;
  const auto count = [](std::string_view part) { return static_cast<std::uint64_t>(std::ranges::count(part, '\n')); };
  if (content > 0) {
    ended_ += count(piece.substr(0, content));
    rows_ = ended_ + 1;
  }
  ended_ += count(piece.substr(content));
}

Result<ParsedRows> parse_rows(std::string_view text, const WantedRows& wanted, Arena& arena) {
  return with_type(wanted.dtype, [&](auto type) { return parse_rows_of<decltype(type)>(text, wanted, arena); });
}

Result<TextShape> shape_of(std::string_view text) {
  for (const DType dtype : {DType::kInt64, DType::kUint64, DType::kFloat64, DType::kBool}) {
    auto shape = with_type(dtype, [&](auto type) { return shape_as<decltype(type)>(text, dtype); });
    if (shape) return shape;
  }
  return shape_as<double>(text, DType::kFloat64);
}

}  // namespace stoker::format::csv
