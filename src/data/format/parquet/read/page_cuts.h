// Which values of which pages are the rows asked for: what definition and repetition levels are for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/format/format.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/level_reader.h"
#include "data/format/parquet/read/pages.h"

namespace stoker::format::parquet {

// What a column is decoded from.
struct ColumnInput {
  const ChunkIndex& chunk;
  const Leaf& leaf;
  const ColumnPagesHeld& pages;
  std::uint64_t group_rows = 0;  // of the whole row group
  RowRange wanted;               // of the row group
  bool lists_promised = false;   // the pages were placed by counting on Leaf::list_size
};

// The wanted values of one page. Only values that are there (no nulls) are counted.
struct PageCut {
  const DataPage* page = nullptr;
  Bytes values;               // the page without its levels
  std::uint64_t present = 0;  // of the whole page
  std::uint64_t skip = 0, take = 0;
};

// Drops the levels of the view of `rows` rows when they say nothing: all values are there, and all lists have one
// length, which becomes list_size.
void drop_plain_levels(std::uint64_t rows, ColumnView& view);

// Reused from column to column. Not for sharing between threads.
class PageCuts {
 public:
  // Finds the cuts, in order, none of them empty. Sets list_size and the levels of `out`: levels are left out exactly
  // when all values of the wanted rows are there and all lists have the same length, whatever the pages look like.
  Status make(const ColumnInput& in, ColumnView& out);

  [[nodiscard]] std::span<const PageCut> cuts() const { return cuts_; }

 private:
  enum class Fit : std::uint8_t {
    kComplete,  // all values are there, all lists have the size: the cuts are made
    kNulls,     // all lists have the size, but some of their elements (or values of a flat column) are null
    kOther,
  };
  Result<Fit> make_uniform(const ColumnInput& in, std::uint64_t list_size);
  Status make_with_nulls(const ColumnInput& in, std::uint64_t list_size, ColumnView& out);
  Status make_nested(const ColumnInput& in, ColumnView& out);

  std::vector<PageCut> cuts_;
  std::vector<std::int16_t> definition_, repetition_;  // of one page
};

}  // namespace stoker::format::parquet
