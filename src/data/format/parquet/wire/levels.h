// Repetition and definition levels of pages without nulls, encoded as data page v1 wants them. They depend on the shape
// of a page only, so each shape is encoded once and copied into the pages that have it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace stoker::format::parquet {

// The levels of a column whose rows are all present and have the same number of elements.
struct LevelShape {
  bool repeated = false;                  // a list: repetition levels 0 (a row begins) and 1
  std::uint8_t max_definition_level = 0;  // 0: no definition levels are stored
  std::uint64_t elements_per_row = 1;
  friend bool operator==(const LevelShape&, const LevelShape&) = default;
};

// Repetition levels, then definition levels, of a page of `elements` elements; each with its 4-byte length in front,
// absent when its maximum is 0. `row_begins`: the first element begins a row (false for a page that continues one; such
// a page has no row's beginning in it at all).
[[nodiscard]] std::vector<std::byte> encode_levels(const LevelShape&, std::uint64_t elements, bool row_begins);

// Appends the head of a bit-packed run that holds `elements` values (padded to groups of 8).
void append_bit_packed_head(std::vector<std::byte>&, std::uint64_t elements);

// The levels of the last few page shapes.
class LevelCache {
 public:
  // Valid until the next call.
  [[nodiscard]] Bytes get(const LevelShape&, std::uint64_t elements, bool row_begins);

 private:
  struct Entry {
    LevelShape shape;
    std::uint64_t elements = 0;
    bool row_begins = false;
    std::vector<std::byte> bytes;
  };
  // The pages of a list column have at most five shapes: full and last page of a row group, and of a row that is split
  // over pages first, middle and last.
  std::array<Entry, 8> entries_;
  std::size_t next_ = 0;
};

}  // namespace stoker::format::parquet
