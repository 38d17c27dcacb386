#include "data/dataset/unit_order.h"

#include <algorithm>

#include "base/hash.h"
#include "base/plural.h"

namespace stoker::dataset {

Result<std::vector<Piece>> unit_order(const Visit& visit, std::span<const UnitRows> units) {
  const std::uint64_t end_row = visit.first_row + visit.rows;
  const std::uint64_t rows_of_file = units.empty() ? 0 : units.back().first_row + units.back().rows;
  if (end_row > rows_of_file) {
    return make_error(Code::kCorrupt, "the file has {}, but rows {} to {} are to be read", counted(rows_of_file, "row"),
                      visit.first_row, end_row - 1);
  }
  const auto ends_before = [](const UnitRows& unit, std::uint64_t row) { return unit.first_row + unit.rows <= row; };
  const auto first = std::lower_bound(units.begin(), units.end(), visit.first_row, ends_before);
  std::vector<Piece> pieces;
  for (auto unit = first; unit != units.end() && unit->first_row < end_row; ++unit) {
    const std::uint64_t begin = std::max(unit->first_row, visit.first_row);
    const std::uint64_t end = std::min(unit->first_row + unit->rows, end_row);
    if (begin == end) continue;  // a unit without rows, which Parquet allows
    pieces.push_back({.unit = static_cast<std::size_t>(unit - units.begin()), .first_row = begin, .rows = end - begin});
  }
  if (visit.order_seed != 0) {
    const Permutation order(pieces.size(), visit.order_seed);
    std::vector<Piece> permuted(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) permuted[i] = pieces[order(i)];
    pieces = std::move(permuted);
  }
  std::uint64_t position = visit.position;
  for (Piece& piece : pieces) {
    piece.position = position;
    position += piece.rows;
  }
  return pieces;
}

std::uint64_t row_order_seed(const Visit& visit, const Piece& piece) {
  if (visit.order_seed == 0) return 0;
  return std::max<std::uint64_t>(derive_seed(visit.order_seed, piece.unit), 1);
}

}  // namespace stoker::dataset
