// Where the pages lie that hold some rows of a column.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/pages.h"
#include "data/format/read_plan.h"

namespace stoker::format::parquet {

// Byte ranges of one column of a chunk: its dictionary page when that lies apart, and its pages.
struct ColumnRanges {
  ByteRange dictionary, pages;
  std::uint64_t first_row = 0, phase = 0;  // where the first data page begins, as ColumnPagesHeld has it
  std::uint64_t values = 0;
  bool values_known = true;
};

// Those of rows `wanted` of a row group. The whole column chunk where the row group is not cut.
[[nodiscard]] ColumnRanges ranges_of(const FileIndex& index, std::uint32_t group, std::size_t leaf, RowRange wanted);

}  // namespace stoker::format::parquet
