// Where to cut a row group that is too large to be one unit. Four numbers a page in, rows out; no I/O.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/format/parquet/read/file_index.h"

namespace stoker::format::parquet {

// A column of the group, and how many bytes of memory each byte of its pages takes when read.
struct CutColumn {
  const ColumnPages* pages = nullptr;
  double memory_factor = 1;
};

// Rows at which units end, the last one being `rows`. Pages of different columns end at different rows, and a page that
// a cut runs through is fetched by both its neighbours. So, of the rows where some page begins, each unit ends at the
// one where the fewest bytes are read twice, among those that make it take half of to one and a half times
// `chunk_bytes`. A single row that is larger is a unit of its own.
[[nodiscard]] std::vector<std::uint64_t> cut_rows(std::uint64_t rows, std::span<const CutColumn> columns,
                                                  std::uint64_t chunk_bytes);

}  // namespace stoker::format::parquet
