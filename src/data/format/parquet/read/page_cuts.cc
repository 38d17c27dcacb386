#include "data/format/parquet/read/page_cuts.h"

#include <algorithm>

namespace stoker::format::parquet {
namespace {

Error lacks_rows(const RowRange& wanted, std::uint64_t first, std::uint64_t end) {
  return make_error(Code::kCorrupt, "its pages hold rows {} to {}, not all of rows {} to {}", first, end, wanted.first,
                    wanted.end());
}

// Part of [begin, begin + count) that lies in [first, end), relative to begin.
struct Overlap {
  std::uint64_t lo = 0, hi = 0;
  Overlap(std::uint64_t begin, std::uint64_t count, std::uint64_t first, std::uint64_t end)
      : lo(first <= begin ? 0 : std::min(count, first - begin)), hi(end <= begin ? 0 : std::min(count, end - begin)) {}
  [[nodiscard]] bool empty() const { return lo >= hi; }
};

std::uint64_t count_present(std::span<const std::int16_t> definition, std::int16_t max) {
  return static_cast<std::uint64_t>(std::ranges::count(definition, max));
}

// Definition levels in [lo, hi) go to the view; the cut counts what they leave.
void cut_levels(std::span<const std::int16_t> definition, std::size_t lo, std::size_t hi, std::int16_t max,
                PageCut& cut, std::vector<std::int16_t>& out) {
  cut.skip = count_present(definition.first(lo), max);
  cut.take = count_present(definition.subspan(lo, hi - lo), max);
  cut.present = cut.skip + cut.take + count_present(definition.subspan(hi), max);
  out.insert(out.end(), definition.begin() + static_cast<std::ptrdiff_t>(lo),
             definition.begin() + static_cast<std::ptrdiff_t>(hi));
}

}  // namespace

void drop_plain_levels(std::uint64_t rows, ColumnView& view) {
  const auto& repetition = view.repetition_levels;
  if (view.max_repetition_level > 1 || rows == 0) return;
  const bool complete = view.max_definition_level == 0 ||
                        std::ranges::all_of(view.definition_levels,
                                            [&](std::int16_t level) { return level == view.max_definition_level; });
  if (!complete) return;
  if (view.max_repetition_level == 1) {
    if (repetition.size() % rows != 0) return;
    const std::size_t size = repetition.size() / rows;
    for (std::size_t i = 0; i < repetition.size(); ++i) {
      if ((repetition[i] == 0) != (i % size == 0)) return;
    }
    view.list_size = size;
  }
  view.definition_levels.clear();
  view.repetition_levels.clear();
}

Status PageCuts::make(const ColumnInput& in, ColumnView& out) {
  cuts_.clear();
  out.list_size = 0;
  out.definition_levels.clear();
  out.repetition_levels.clear();
  out.max_definition_level = in.leaf.max_definition;
  out.max_repetition_level = in.leaf.max_repetition;
  if (in.wanted.count == 0) return {};

  // First as if all values were there and all lists of one length: what training data look like.
  std::uint64_t list_size = 0;
  if (in.leaf.max_repetition == 0) list_size = 1;
  if (in.leaf.max_repetition == 1 && in.chunk.values % in.group_rows == 0) list_size = in.chunk.values / in.group_rows;
  if (list_size > 0) {
    STOKER_ASSIGN(const Fit fit, make_uniform(in, list_size));
    if (fit == Fit::kComplete) {
      if (in.leaf.max_repetition > 0) out.list_size = list_size;
      return {};
    }
    cuts_.clear();
    if (fit == Fit::kNulls) {
      STOKER_TRY(make_with_nulls(in, list_size, out));
      drop_plain_levels(in.wanted.count, out);
      return {};
    }
  }
  if (in.lists_promised) {
    Error error = make_error(Code::kCorrupt,
                             "has lists of other lengths than the {} elements that the schema or the "
                             "configuration gives them",
                             in.leaf.list_size);
    error.hint =
        "correct the column's size in dataset.parquet.columns, or raise reader.chunk_bytes above the row group's size";
    return error;
  }
  STOKER_TRY(make_nested(in, out));
  drop_plain_levels(in.wanted.count, out);
  return {};
}

Result<PageCuts::Fit> PageCuts::make_uniform(const ColumnInput& in, std::uint64_t list_size) {
  const std::uint64_t begin = in.pages.first_row * list_size + in.pages.phase;
  const std::uint64_t first = in.wanted.first * list_size;
  const std::uint64_t end = in.wanted.end() * list_size;
  const bool lists = in.leaf.max_repetition > 0;
  Fit fit = Fit::kComplete;
  std::uint64_t at = begin;
  for (const DataPage& page : in.pages.pages) {
    const Overlap part(at, page.values, first, end);
    // Where a page begins is told by the lists before it, so those of pages without wanted rows count too.
    if (lists || !part.empty()) {
      STOKER_ASSIGN(const PageParts parts, split_page(page, in.leaf));
      if (lists && !lists_are_uniform(parts.repetition, list_size, at % list_size, page.values)) return Fit::kOther;
      if (!part.empty()) {
        if (in.leaf.max_definition > 0 &&
            !all_levels_are(parts.definition, in.leaf.max_definition, in.leaf.max_definition, page.values)) {
          fit = Fit::kNulls;
        }
        cuts_.push_back({.page = &page,
                         .values = parts.values,
                         .present = page.values,
                         .skip = part.lo,
                         .take = part.hi - part.lo});
      }
    }
    at += page.values;
  }
  if (begin > first || at < end) {
    // Lists of other lengths, unless the pages were placed by counting on these.
    if (lists && !in.lists_promised) return Fit::kOther;
    return lacks_rows(in.wanted, begin / list_size, at / list_size);
  }
  return fit;
}

Status PageCuts::make_with_nulls(const ColumnInput& in, std::uint64_t list_size, ColumnView& out) {
  const std::uint64_t first = in.wanted.first * list_size;
  const std::uint64_t end = in.wanted.end() * list_size;
  std::uint64_t at = in.pages.first_row * list_size + in.pages.phase;
  for (const DataPage& page : in.pages.pages) {
    const Overlap part(at, page.values, first, end);
    const std::uint64_t begin = at;
    at += page.values;
    if (part.empty()) continue;
    STOKER_ASSIGN(const PageParts parts, split_page(page, in.leaf));
    PageCut cut{.page = &page, .values = parts.values};
    definition_.resize(page.values);
    STOKER_TRY(decode_levels(parts.definition, in.leaf.max_definition, definition_));
    cut_levels(definition_, static_cast<std::size_t>(part.lo), static_cast<std::size_t>(part.hi),
               in.leaf.max_definition, cut, out.definition_levels);
    if (in.leaf.max_repetition > 0) {
      std::uint64_t element = (begin + part.lo) % list_size;
      for (std::uint64_t i = part.lo; i < part.hi; ++i) {
        out.repetition_levels.push_back(element == 0 ? 0 : 1);
        if (++element == list_size) element = 0;
      }
    }
    if (cut.take > 0) cuts_.push_back(cut);
  }
  return {};
}

Status PageCuts::make_nested(const ColumnInput& in, ColumnView& out) {
  std::uint64_t rows_begun = in.pages.first_row;  // rows whose first level has been seen, and all before the first page
  for (const DataPage& page : in.pages.pages) {
    STOKER_ASSIGN(const PageParts parts, split_page(page, in.leaf));
    repetition_.resize(page.values);
    definition_.resize(page.values);
    STOKER_TRY(decode_levels(parts.repetition, in.leaf.max_repetition, repetition_));
    STOKER_TRY(decode_levels(parts.definition, in.leaf.max_definition, definition_));
    if (rows_begun == in.pages.first_row && repetition_[0] != 0) {
      return make_error(Code::kCorrupt, "its first page begins inside a row");
    }
    std::size_t lo = 0;
    while (lo < repetition_.size() && rows_begun + (repetition_[lo] == 0 ? 1 : 0) <= in.wanted.first) {
      rows_begun += repetition_[lo++] == 0 ? 1 : 0;
    }
    std::size_t hi = lo;
    while (hi < repetition_.size() && rows_begun + (repetition_[hi] == 0 ? 1 : 0) <= in.wanted.end()) {
      rows_begun += repetition_[hi++] == 0 ? 1 : 0;
    }
    if (lo < hi) {
      PageCut cut{.page = &page, .values = parts.values};
      cut_levels(definition_, lo, hi, in.leaf.max_definition, cut, out.definition_levels);
      out.repetition_levels.insert(out.repetition_levels.end(), repetition_.begin() + static_cast<std::ptrdiff_t>(lo),
                                   repetition_.begin() + static_cast<std::ptrdiff_t>(hi));
      if (cut.take > 0) cuts_.push_back(cut);
    }
    // The row after the last wanted one begins in this page.
    if (hi < repetition_.size()) return {};
  }
  if (rows_begun < in.wanted.end()) return lacks_rows(in.wanted, in.pages.first_row, rows_begun);
  return {};
}

}  // namespace stoker::format::parquet
