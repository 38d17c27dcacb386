#include "data/format/parquet/column_checker.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "base/check.h"
#include "base/printable.h"
#include "data/format/parquet/wire/plain.h"
#include "data/format/value_text.h"

namespace stoker::format::parquet {
namespace {

// A block is generated, compared and forgotten: it should stay in the first-level cache, beside as much of what is
// read.
constexpr std::size_t kBlockBytes = 16 * 1024;
constexpr std::size_t kStringsPerBlock = kBlockBytes / kMaxPlainStringBytes;

// How elements come from the stream in the form that views have.
ValueKind view_kind(ValueKind stored) {
  switch (stored) {
    case ValueKind::kUint8In32:
    case ValueKind::kInt8In32: return ValueKind::kRaw8;
    case ValueKind::kUint16In32:
    case ValueKind::kInt16In32: return ValueKind::kRaw16;
    default: return stored;
  }
}

std::string text_of(std::string_view text) {
  constexpr std::size_t kShown = 40;
  return fmt::format("'{}'{}", printable_line(text.substr(0, kShown)), text.size() > kShown ? "..." : "");
}

// Elements of a row as Parquet sees them: a string or a binary is one.
std::uint64_t values_of(const ColumnView& view) {
  if (view.width == 0) return view.lengths.size();
  std::uint64_t values = 0;
  for (const Segment& segment : view.segments) values += segment.values.size() / view.width;
  return values;
}

// A column whose rows are not what `column` says: the first row with a null or with a list of another length.
Difference other_shape(const Column& column, const ColumnView& view) {
  const auto& definition = view.definition_levels;
  const auto& repetition = view.repetition_levels;
  const std::size_t levels = std::max(definition.size(), repetition.size());
  std::uint64_t row = 0, element = 0;
  const auto wrong_length = [&](std::uint64_t found_row, std::uint64_t found) -> Difference {
    return {found_row, 0, fmt::format("a list of {} elements", found),
            fmt::format("{} elements", column.elements_per_row())};
  };
  for (std::size_t i = 0; i < levels; ++i) {
    if (i > 0) {
      if (!repetition.empty() && repetition[i] != 0) {
        ++element;
      } else {
        if (element + 1 != column.elements_per_row()) return wrong_length(row, element + 1);
        ++row;
        element = 0;
      }
    }
    if (!definition.empty() && definition[i] < view.max_definition_level) return {row, element, "a null", "a value"};
  }
  return wrong_length(row, element + 1);
}

}  // namespace

std::uint32_t view_width(const Column& column) {
  switch (column.layout) {
    case Layout::kFixed: return static_cast<std::uint32_t>(value_bytes(view_kind(column.values)));
    case Layout::kBits: return 1;
    case Layout::kStrings:
    case Layout::kBinaries: return 0;
  }
  return 0;
}

ColumnChecker::ColumnChecker() : block_(kBlockBytes), bits_(kBlockBytes / 8) {}

std::optional<Difference> ColumnChecker::check(const Column& column, std::uint64_t key, std::uint64_t first_row,
                                               std::uint64_t rows, const ColumnView& view) {
  if (rows == 0) return std::nullopt;
  if (view.width != view_width(column)) {
    const auto of_width = [](std::uint32_t width) {
      return width == 0 ? std::string("byte arrays") : fmt::format("values of {} bytes", width);
    };
    return Difference{0, 0, of_width(view.width), of_width(view_width(column))};
  }
  if (!view.definition_levels.empty() || !view.repetition_levels.empty()) return other_shape(column, view);
  const std::uint64_t list_size = column.levels.repeated ? column.elements_per_row() : 0;
  if (view.list_size != list_size) {
    const auto of_size = [](std::uint64_t size) {
      return size == 0 ? std::string("a single value") : fmt::format("a list of {} elements", size);
    };
    return Difference{0, 0, of_size(view.list_size), of_size(list_size)};
  }
  if (const std::uint64_t values = values_of(view); values != rows * column.elements_per_row()) {
    return Difference{0, 0, fmt::format("{} values in {} rows", values, rows),
                      fmt::format("{}", rows * column.elements_per_row())};
  }
  switch (column.layout) {
    case Layout::kFixed:
    case Layout::kBits: return check_fixed(column, key, first_row, view);
    case Layout::kStrings: return check_strings(key, first_row, view);
    case Layout::kBinaries: return check_binaries(column, key, first_row, view);
  }
  STOKER_CHECK(false, "unknown layout");
  return std::nullopt;
}

std::optional<Difference> ColumnChecker::check_fixed(const Column& column, std::uint64_t key, std::uint64_t first_row,
                                                     const ColumnView& view) {
  const ValueKind kind = view_kind(column.values);
  const std::size_t width = view.width;
  const std::uint64_t first = first_row * column.elements_per_row();
  std::uint64_t done = 0;
  for (const Segment& segment : view.segments) {
    for (Bytes left = segment.values; !left.empty();) {
      const std::size_t count = std::min(left.size(), kBlockBytes) / width;
      const std::size_t bytes = count * width;
      if (column.layout == Layout::kBits) {
        fill_bits(key, first + done, count, bits_.data());
        unpack_bits(bits_.data(), 0, count, block_.data());
      } else {
        fill_values(kind, key, first + done, count, block_.data());
      }
      if (std::memcmp(left.data(), block_.data(), bytes) != 0) {
        const auto at = std::ranges::mismatch(left.first(bytes), Bytes(block_).first(bytes)).in1 - left.begin();
        const std::size_t element = static_cast<std::size_t>(at) / width;
        const std::uint64_t value = done + element;
        return Difference{value / column.elements_per_row(), value % column.elements_per_row(),
                          number_text(column.dtype, left.subspan(element * width, width)),
                          number_text(column.dtype, Bytes(block_).subspan(element * width, width))};
      }
      left = left.subspan(bytes);
      done += count;
    }
  }
  return std::nullopt;
}

std::optional<Difference> ColumnChecker::check_binaries(const Column& column, std::uint64_t key,
                                                        std::uint64_t first_row, const ColumnView& view) {
  // Binaries of one length are the stream itself, so it is compared up to the first of another length.
  const std::uint64_t length = column.binary_bytes;
  const auto other = std::ranges::find_if(view.lengths, [&](std::uint32_t bytes) { return bytes != length; });
  const auto good = static_cast<std::uint64_t>(other - view.lengths.begin());
  const std::uint64_t total = good * length;
  std::uint64_t done = 0;
  for (const Segment& segment : view.segments) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(segment.values.size(), total - done));
    for (Bytes left = segment.values.first(wanted); !left.empty();) {
      const std::size_t bytes = std::min(left.size(), kBlockBytes);
      fill_bytes(key, first_row * length + done, MutBytes(block_).first(bytes));
      if (std::memcmp(left.data(), block_.data(), bytes) != 0) {
        const auto at = static_cast<std::size_t>(
            std::ranges::mismatch(left.first(bytes), Bytes(block_).first(bytes)).in1 - left.begin());
        return Difference{(done + at) / length, (done + at) % length,
                          fmt::format("0x{:02x}", std::to_integer<unsigned>(left[at])),
                          fmt::format("0x{:02x}", std::to_integer<unsigned>(block_[at]))};
      }
      left = left.subspan(bytes);
      done += bytes;
    }
  }
  if (good < view.lengths.size()) {
    return Difference{good, 0, fmt::format("{} bytes", view.lengths[good]), fmt::format("{}", length)};
  }
  if (done < total) return Difference{done / length, done % length, "the end of the values", fmt::format("{}", total)};
  return std::nullopt;
}

std::optional<Difference> ColumnChecker::check_strings(std::uint64_t key, std::uint64_t first_row,
                                                       const ColumnView& view) {
  lengths_.resize(kStringsPerBlock);
  auto segment = view.segments.begin();
  Bytes left = segment == view.segments.end() ? Bytes{} : segment->values;
  // Takes the next `bytes` bytes of the view; false when they are not those at `expected`. At the end of the values it
  // takes less, which is a difference too.
  std::string taken;
  const auto take = [&](std::size_t bytes, const std::byte* expected) {
    while (bytes > 0) {
      if (left.empty()) {
        if (segment == view.segments.end() || ++segment == view.segments.end()) return false;
        left = segment->values;
        continue;
      }
      const std::size_t n = std::min(bytes, left.size());
      if (expected == nullptr) {
        taken.append(reinterpret_cast<const char*>(left.data()), n);
      } else {
        if (std::memcmp(left.data(), expected, n) != 0) return false;
        expected += n;
      }
      left = left.subspan(n);
      bytes -= n;
    }
    return true;
  };
  for (std::size_t done = 0; done < view.lengths.size();) {
    const std::size_t count = std::min(view.lengths.size() - done, kStringsPerBlock);
    fill_plain_strings(key, first_row + done, count, block_.data());
    // The texts move together, over the lengths between them.
    PlainTexts texts(block_);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Bytes text;
      STOKER_CHECK(texts.next(text), "strings end early");
      lengths_[i] = static_cast<std::uint32_t>(text.size());
      std::memmove(block_.data() + bytes, text.data(), text.size());
      bytes += text.size();
    }
    const auto segment_before = segment;
    const Bytes left_before = left;
    const bool lengths_agree = std::equal(lengths_.begin(), lengths_.begin() + static_cast<std::ptrdiff_t>(count),
                                          view.lengths.begin() + static_cast<std::ptrdiff_t>(done));
    if (lengths_agree && take(bytes, block_.data())) {
      done += count;
      continue;
    }
    // One of these is different: once more, one by one.
    segment = segment_before;
    left = left_before;
    for (std::size_t i = 0, at = 0; i < count; at += lengths_[i++]) {
      taken.clear();
      const bool there = take(view.lengths[done + i], nullptr);
      const std::string_view expected(reinterpret_cast<const char*>(block_.data()) + at, lengths_[i]);
      if (!there || taken != expected) return Difference{done + i, 0, text_of(taken), text_of(expected)};
    }
    STOKER_CHECK(false, "strings differ together, but not one by one");
  }
  return std::nullopt;
}

}  // namespace stoker::format::parquet
