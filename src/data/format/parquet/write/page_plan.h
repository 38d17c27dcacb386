// How the rows of a column chunk are cut into data pages: pure arithmetic.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/status.h"
#include "data/format/parquet/wire/schema.h"

namespace stoker::format::parquet {

// Pages are filled up to this many bytes of values.
inline constexpr std::uint64_t kPageBytes = std::uint64_t{1} << 20;
// A row of a list that is larger than a page but no larger than this gets a page of its own; beyond it, rows are split.
inline constexpr std::uint64_t kMaxWholeRowBytes = std::uint64_t{8} << 20;

// What is written into one file at most: 16 TiB in a column chunk, so that its offset index and what is kept in memory
// for it stay bounded; and sizes that 64 bits hold however they are added up.
inline constexpr std::uint64_t kMaxChunkPages = std::uint64_t{1} << 24;
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 60;

// Elements of one data page.
struct PageSpan {
  std::uint64_t first_element = 0;  // of the chunk
  std::uint64_t elements = 0;
  std::uint64_t first_row = 0;  // of the chunk; the row that element belongs to
  bool row_begins = true;       // its first element begins a row
};

// Walks the pages of one chunk.
class PagePlan {
 public:
  PagePlan(const Column&, std::uint64_t rows);
  // Every page begins with a row, so that an offset index can be written.
  [[nodiscard]] bool pages_begin_rows() const { return elements_per_page_ == 0; }
  [[nodiscard]] std::optional<PageSpan> next();
  // Of the whole chunk.
  [[nodiscard]] std::uint64_t pages() const;

 private:
  std::uint64_t rows_, elements_per_row_;
  std::uint64_t rows_per_page_ = 1;
  std::uint64_t elements_per_page_ = 0;  // 0: pages hold whole rows
  std::uint64_t row_ = 0, element_ = 0;  // where the next page begins; element_ counts inside the row
};

// Code::kConfig when a file of `rows` rows in row groups of `group_rows` would exceed these limits.
[[nodiscard]] Status check_shape(std::span<const Column> columns, std::uint64_t rows, std::uint64_t group_rows);

}  // namespace stoker::format::parquet
