// Rows of one file that a rank reads in one go.
#pragma once

#include <cstdint>

namespace stoker::dataset {

struct Visit {
  std::uint64_t file = 0;       // number of the file within its split (sorted order)
  std::uint64_t first_row = 0;  // of the file
  std::uint64_t rows = 0;
  std::uint64_t position = 0;  // of its first row in this rank's epoch order
  std::uint64_t order_seed =
      0;  // 0: file order; else the units of the visit, and the rows inside each, are permuted by it
  friend bool operator==(const Visit&, const Visit&) = default;
};

}  // namespace stoker::dataset
