// Units of files whose samples are addressed one by one: runs of rows that are worth a request.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "data/format/format.h"

namespace stoker::format {

// What a unit reads at most, unless one sample is larger: large enough for the rate of any storage, small enough that a
// few of them are no memory.
inline constexpr std::uint64_t kUnitBytes = std::uint64_t{4} << 20;

// Of `rows` samples of `row_bytes` each.
[[nodiscard]] inline std::vector<Unit> row_units(std::uint64_t rows, std::uint64_t row_bytes) {
  const std::uint64_t most = std::max<std::uint64_t>(1, kUnitBytes / std::max<std::uint64_t>(1, row_bytes));
  std::vector<Unit> units;
  units.reserve(static_cast<std::size_t>(rows / most + 1));
  for (std::uint64_t row = 0; row < rows; row += most) {
    const std::uint64_t n = std::min(most, rows - row);
    units.push_back({.first_row = row, .rows = n, .storage_bytes = n * row_bytes});
  }
  return units;
}

// Of samples that lie at the places that `place_of(row)` gives, in any order. What lies between those of a unit may be
// read with them, and counts.
template <class PlaceOf>
[[nodiscard]] std::vector<Unit> row_units_of(std::uint64_t rows, const PlaceOf& place_of) {
  std::vector<Unit> units;
  std::uint64_t begin = 0, end = 0;  // of the last one
  for (std::uint64_t row = 0; row < rows; ++row) {
    const ByteRange place = place_of(row);
    const std::uint64_t new_begin = std::min(begin, place.offset), new_end = std::max(end, place.offset + place.bytes);
    if (units.empty() || new_end - new_begin > kUnitBytes) {
      units.push_back({.first_row = row});
      begin = place.offset;
      end = place.offset + place.bytes;
    } else {
      begin = new_begin;
      end = new_end;
    }
    ++units.back().rows;
    units.back().storage_bytes = end - begin;
  }
  return units;
}

}  // namespace stoker::format
