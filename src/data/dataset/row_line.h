// The rows of files that differ in length, laid end to end in the epoch's file order, and the stretch of that line
// which one rank reads: whole files, but for the first and the last.
#pragma once

#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "data/dataset/block_sums.h"
#include "data/dataset/row_counts.h"
#include "data/dataset/visit.h"

namespace stoker::dataset {

class RowLine {
 public:
  struct Stretch {
    std::uint64_t begin = 0, rows = 0;
  };
  // Without seeds the files, and the visits of the stretch, are in order. begin + rows <= counts.total(). Takes a
  // moment per file; after that a visit costs what 16 files cost.
  RowLine(RowCounts counts, Stretch stretch, std::optional<std::uint64_t> file_seed,
          std::optional<std::uint64_t> visit_seed);

  [[nodiscard]] std::uint64_t visits() const { return visits_; }
  // k < visits(). Their positions are gapless from 0 to stretch.rows.
  [[nodiscard]] Visit visit(std::uint64_t k) const;
  // Row i of the stretch alone, at position 0; i < stretch.rows.
  [[nodiscard]] Visit row(std::uint64_t i) const;

 private:
  [[nodiscard]] std::uint64_t file_at(std::uint64_t place) const {
    return counts_.filled(file_order_ ? (*file_order_)(place) : place);
  }
  [[nodiscard]] std::uint64_t rows_at(std::uint64_t place) const { return counts_.rows(file_at(place)); }
  [[nodiscard]] std::uint64_t place_of(std::uint64_t k) const {
    return first_place_ + (visit_order_ ? (*visit_order_)(k) : k);
  }
  [[nodiscard]] std::uint64_t rows_of_visit(std::uint64_t k) const;

  RowCounts counts_;
  Stretch stretch_;
  std::optional<Permutation> file_order_, visit_order_;
  BlockSums line_;       // over places of the file order
  BlockSums positions_;  // over visits
  std::uint64_t first_place_ = 0, visits_ = 0;
  std::uint64_t skipped_ = 0;  // rows of the first place before the stretch
  std::uint64_t cut_off_ = 0;  // rows of the last place after it
};

}  // namespace stoker::dataset
