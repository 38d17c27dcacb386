// In which order the pieces of one visit are read: pure functions of the visit and of the file's units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/dataset/plan.h"

namespace stoker::dataset {

// Consecutive rows that storage and format give together (a row group, a page range, a whole file).
struct UnitRows {
  std::uint64_t first_row = 0;  // of the file
  std::uint64_t rows = 0;
};

// What a visit takes of one unit.
struct Piece {
  std::size_t unit = 0;
  std::uint64_t first_row = 0;  // of the file
  std::uint64_t rows = 0;
  std::uint64_t position = 0;  // of its first row in the rank's epoch order
  friend bool operator==(const Piece&, const Piece&) = default;
};

// The pieces of a visit in the order in which they are read; their positions are consecutive and begin at
// visit.position. With order_seed 0 they are in file order, else permuted by it. `units` are those of the file, in row
// order without gaps. Code::kCorrupt when they end before the visit does (the caller knows the path). Memory and time:
// the visit's units.
[[nodiscard]] Result<std::vector<Piece>> unit_order(const Visit& visit, std::span<const UnitRows> units);

// The seed by which the rows inside a piece are permuted; 0: they are in file order.
[[nodiscard]] std::uint64_t row_order_seed(const Visit& visit, const Piece& piece);

}  // namespace stoker::dataset
