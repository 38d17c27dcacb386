#include "data/dataset/row_line.h"

#include <utility>

#include "base/check.h"

namespace stoker::dataset {

RowLine::RowLine(RowCounts counts, Stretch stretch, std::optional<std::uint64_t> file_seed,
                 std::optional<std::uint64_t> visit_seed)
    : counts_(std::move(counts)), stretch_(stretch) {
  STOKER_CHECK(stretch.begin + stretch.rows <= counts_.total(), "a stretch beyond the end of the rows");
  if (stretch.rows == 0) return;
  if (file_seed) file_order_.emplace(counts_.filled(), *file_seed);
  const auto at_place = [this](std::uint64_t place) { return rows_at(place); };
  line_ = BlockSums(counts_.filled(), at_place);
  const std::uint64_t end = stretch.begin + stretch.rows;
  const BlockSums::Element first = line_.holding(stretch.begin, at_place);
  const BlockSums::Element last = line_.holding(end - 1, at_place);
  first_place_ = first.index;
  visits_ = last.index - first.index + 1;
  skipped_ = stretch.begin - first.before;
  cut_off_ = last.before + rows_at(last.index) - end;
  if (visit_seed) visit_order_.emplace(visits_, *visit_seed);
  positions_ = BlockSums(visits_, [this](std::uint64_t k) { return rows_of_visit(k); });
}

std::uint64_t RowLine::rows_of_visit(std::uint64_t k) const {
  const std::uint64_t place = place_of(k);
  std::uint64_t rows = rows_at(place);
  if (place == first_place_) rows -= skipped_;
  if (place == first_place_ + visits_ - 1) rows -= cut_off_;
  return rows;
}

Visit RowLine::visit(std::uint64_t k) const {
  STOKER_CHECK(k < visits_, "visit out of range");
  const std::uint64_t place = place_of(k);
  return {.file = file_at(place),
          .first_row = place == first_place_ ? skipped_ : 0,
          .rows = rows_of_visit(k),
          .position = positions_.before(k, [this](std::uint64_t i) { return rows_of_visit(i); })};
}

Visit RowLine::row(std::uint64_t i) const {
  STOKER_CHECK(i < stretch_.rows, "row out of range");
  const std::uint64_t x = stretch_.begin + i;
  const BlockSums::Element place = line_.holding(x, [this](std::uint64_t p) { return rows_at(p); });
  return {.file = file_at(place.index), .first_row = x - place.before, .rows = 1};
}

}  // namespace stoker::dataset
