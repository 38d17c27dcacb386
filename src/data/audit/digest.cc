#include "data/audit/digest.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "data/audit/canonical.h"

namespace stoker::audit {
namespace {

// Entries written out at a time.
constexpr std::size_t kBlock = 32 * 1024;
constexpr std::size_t kEntryBytes = 2;  // repetition level, nodes missing

}  // namespace

ColumnDigest::ColumnDigest(const format::ColumnInfo& column)
    : type_(column.values),
      width_(column.width),
      decimal_bytes_(canonical_decimal_bytes(column.precision)),
      levels_(column.levels) {}

Status ColumnDigest::add(const format::ColumnView& view, std::uint64_t rows) {
  // What every row has is one entry, however many there are.
  STOKER_TRY(add_shape(view, view.one_value ? 1 : rows));
  for (const format::Segment& segment : view.segments) present_ += segment.elements;
  add_values(view);
  return {};
}

void ColumnDigest::add_values(const format::ColumnView& view) {
  if (type_ == format::ValueType::kDecimal || type_ == format::ValueType::kDecimalBytes) return add_decimals(view);
  for (const format::Segment& segment : view.segments) {
    if (type_ == format::ValueType::kInt96) {
      add_int96(segment.values);
    } else {
      values_.add(segment.values);
    }
  }
  lengths_.add(std::as_bytes(std::span(view.lengths)));
}

void ColumnDigest::add_int96(Bytes values) {
  constexpr std::size_t kInt96Bytes = 12;
  scratch_.resize(values.size() / kInt96Bytes * sizeof(std::uint64_t));
  std::byte* to = scratch_.data();
  for (std::size_t i = 0; i + kInt96Bytes <= values.size(); i += kInt96Bytes, to += sizeof(std::uint64_t)) {
    const std::int64_t value = canonical_int96(values.subspan(i, kInt96Bytes));
    std::memcpy(to, &value, sizeof value);
  }
  values_.add(scratch_);
}

void ColumnDigest::add_decimals(const format::ColumnView& view) {
  std::size_t value = 0;
  for (const format::Segment& segment : view.segments) {
    scratch_.resize(segment.elements * decimal_bytes_);
    const std::byte* from = segment.values.data();
    for (std::uint64_t i = 0; i < segment.elements; ++i, ++value) {
      const std::size_t bytes = width_ > 0 ? width_ : view.lengths[value];
      canonical_decimal(type_, Bytes(from, bytes), MutBytes(scratch_).subspan(i * decimal_bytes_, decimal_bytes_));
      from += bytes;
    }
    values_.add(scratch_);
  }
}

// Until the first entry that says something, entries are only counted: most columns have no nulls and no lists.
void ColumnDigest::start_shape() {
  if (shaped_) return;
  shaped_ = true;
  add_full_entries(entries_);
}

void ColumnDigest::add_full_entries(std::uint64_t entries) {
  static constexpr std::array<std::byte, kBlock> kZeros{};
  for (std::uint64_t left = entries * kEntryBytes; left > 0;) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock));
    shape_.add(Bytes(kZeros).first(n));
    left -= n;
  }
}

void ColumnDigest::add_full_rows(std::uint64_t rows, std::uint64_t list_size) {
  if (list_size <= 1) {
    if (shaped_) add_full_entries(rows);
    entries_ += rows;
    return;
  }
  start_shape();
  // As many rows as a block holds, or a part of one row, written out once.
  const std::uint64_t row_bytes = list_size * kEntryBytes;
  const std::uint64_t per_block = std::max<std::uint64_t>(kBlock / row_bytes, 1);
  scratch_.assign(std::min<std::uint64_t>(std::min(per_block, rows) * row_bytes, kBlock), std::byte{});
  for (std::size_t i = 0; i < scratch_.size(); i += kEntryBytes) {
    if (i % row_bytes != 0) scratch_[i] = std::byte{1};
  }
  if (row_bytes <= kBlock) {
    for (std::uint64_t left = rows; left > 0;) {
      const std::uint64_t n = std::min(left, per_block);
      shape_.add(Bytes(scratch_).first(static_cast<std::size_t>(n * row_bytes)));
      left -= n;
    }
  } else {
    const std::vector<std::byte> first = scratch_;
    scratch_[0] = std::byte{1};
    for (std::uint64_t row = 0; row < rows; ++row) {
      shape_.add(first);
      for (std::uint64_t left = row_bytes - first.size(); left > 0;) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock));
        shape_.add(Bytes(scratch_).first(n));
        left -= n;
      }
    }
  }
  entries_ += rows * list_size;
}

Status ColumnDigest::add_shape(const format::ColumnView& view, std::uint64_t rows) {
  const auto& definition = view.definition_levels;
  const auto& repetition = view.repetition_levels;
  if (definition.empty() && repetition.empty()) {
    add_full_rows(rows, view.list_size);
    return {};
  }
  const std::size_t entries = std::max(definition.size(), repetition.size());
  if ((!definition.empty() && definition.size() != entries) || (!repetition.empty() && repetition.size() != entries)) {
    return make_error(Code::kCorrupt, "column '{}': has {} repetition levels for {} definition levels", view.name,
                      repetition.size(), definition.size());
  }
  for (std::size_t begin = 0; begin < entries; begin += kBlock / kEntryBytes) {
    const std::size_t end = std::min(entries, begin + kBlock / kEntryBytes);
    scratch_.resize((end - begin) * kEntryBytes);
    std::byte* to = scratch_.data();
    for (std::size_t i = begin; i < end; ++i) {
      const int d = definition.empty() ? static_cast<int>(levels_.size()) - 1 : definition[i];
      const int r = repetition.empty() ? 0 : repetition[i];
      if (d < 0 || d >= static_cast<int>(levels_.size()) || r < 0 || r > 255) {
        return make_error(Code::kCorrupt, "column '{}': its levels are not those of its schema", view.name);
      }
      *to++ = static_cast<std::byte>(r);
      *to++ = static_cast<std::byte>(levels_[static_cast<std::size_t>(d)].missing);
    }
    if (shaped_ || std::ranges::any_of(scratch_, [](std::byte b) { return b != std::byte{}; })) {
      start_shape();
      shape_.add(scratch_);
    }
    entries_ += end - begin;
  }
  return {};
}

std::uint64_t ColumnDigest::value() const {
  const std::array<std::uint64_t, 5> parts{entries_, present_, values_.value(), lengths_.value(), shape_.value()};
  return checksum(std::as_bytes(std::span(parts)));
}

void SetDigest::add(std::uint64_t digest) {
  sum_.add(std::as_bytes(std::span(&digest, 1)));
}

}  // namespace stoker::audit
