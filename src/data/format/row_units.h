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

// Of samples of the sizes that `bytes_of(row)` gives.
template <class BytesOf>
[[nodiscard]] std::vector<Unit> row_units_of(std::uint64_t rows, const BytesOf& bytes_of) {
  std::vector<Unit> units;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::uint64_t bytes = bytes_of(row);
    if (units.empty() || units.back().storage_bytes + bytes > kUnitBytes) units.push_back({.first_row = row});
    ++units.back().rows;
    units.back().storage_bytes += bytes;
  }
  return units;
}

}  // namespace stoker::format
