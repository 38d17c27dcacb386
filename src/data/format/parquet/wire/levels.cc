#include "data/format/parquet/wire/levels.h"

#include <algorithm>

namespace stoker::format::parquet {
namespace {

// Rows up to this long have their repetition levels bit-packed (one bit per element), longer ones as two runs per row
// (4 bytes or a little more).
constexpr std::uint64_t kLongestPackedRow = 32;

void append_varint(std::vector<std::byte>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

void append_run(std::vector<std::byte>& out, std::uint64_t length, std::uint8_t level) {
  append_varint(out, length << 1);
  out.push_back(std::byte{level});
}

// Runs `append` and puts the number of bytes it appended in front of them.
template <class Append>
void with_length(std::vector<std::byte>& out, Append append) {
  const std::size_t at = out.size();
  out.resize(at + 4);
  append();
  const std::size_t length = out.size() - at - 4;
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::byte>(length >> (8 * i));
}

void append_repetition_levels(std::vector<std::byte>& out, std::uint64_t per_row, std::uint64_t elements,
                              bool row_begins) {
  if (!row_begins) return append_run(out, elements, 1);
  if (per_row == 1) return append_run(out, elements, 0);
  if (per_row <= kLongestPackedRow) {
    append_bit_packed_head(out, elements);
    const std::size_t at = out.size();
    out.resize(at + (elements + 7) / 8, std::byte{0});
    for (std::uint64_t i = 0; i < elements; ++i) {
      if (i % per_row != 0) out[at + i / 8] |= static_cast<std::byte>(1U << (i % 8));
    }
    return;
  }
  for (std::uint64_t i = 0; i < elements; i += per_row) {
    append_run(out, 1, 0);
    if (const std::uint64_t rest = std::min(per_row, elements - i) - 1; rest > 0) append_run(out, rest, 1);
  }
}

}  // namespace

void append_bit_packed_head(std::vector<std::byte>& out, std::uint64_t elements) {
  append_varint(out, (elements + 7) / 8 << 1 | 1);
}

std::vector<std::byte> encode_levels(const LevelShape& shape, std::uint64_t elements, bool row_begins) {
  std::vector<std::byte> out;
  if (shape.repeated) {
    with_length(out, [&] { append_repetition_levels(out, shape.elements_per_row, elements, row_begins); });
  }
  if (shape.max_definition_level > 0) {
    with_length(out, [&] { append_run(out, elements, shape.max_definition_level); });
  }
  return out;
}

Bytes LevelCache::get(const LevelShape& shape, std::uint64_t elements, bool row_begins) {
  if (!shape.repeated && shape.max_definition_level == 0) return {};
  for (const Entry& e : entries_) {
    if (e.elements == elements && e.row_begins == row_begins && e.shape == shape) return e.bytes;
  }
  Entry& entry = entries_[next_];
  next_ = (next_ + 1) % entries_.size();
  entry = {shape, elements, row_begins, encode_levels(shape, elements, row_begins)};
  return entry.bytes;
}

}  // namespace stoker::format::parquet
