#include "data/format/parquet/read/value_locator.h"

#include <algorithm>

#include "data/format/parquet/read/column_ranges.h"
#include "data/format/parquet/wire/page_header.h"

namespace stoker::format::parquet {

std::optional<std::uint64_t> PageLocator::offset_of(std::string_view column, std::uint64_t row,
                                                    std::uint64_t element) const {
  if (!fetched_) return std::nullopt;
  const auto leaf = std::ranges::find(index_->leaves, column, &Leaf::name);
  if (leaf == index_->leaves.end()) return std::nullopt;
  const auto at_leaf = static_cast<std::size_t>(leaf - index_->leaves.begin());
  const ChunkIndex& chunk = index_->chunk(group_, at_leaf);
  const ColumnRanges ranges = ranges_of(*index_, group_, at_leaf, wanted_);
  const std::uint64_t group_rows = index_->groups[group_].rows;
  if (ranges.pages.bytes == 0 || group_rows == 0) return std::nullopt;

  // Values between the first page's beginning and the one that is looked for.
  const std::uint64_t per_row = leaf->max_repetition == 0 ? 1 : chunk.values / group_rows;
  const std::uint64_t begin = ranges.first_row * per_row + ranges.phase;
  const std::uint64_t wanted = (wanted_.first + row) * per_row + (leaf->max_repetition == 0 ? 0 : element);
  if (wanted < begin) return std::nullopt;
  std::uint64_t left = wanted - begin;

  const Bytes pages = fetched_->range(ranges.pages);
  for (std::size_t at = 0; at < pages.size();) {
    const auto header = parse_page_header(pages.subspan(at));
    if (!header || !header->has_value()) return std::nullopt;
    if ((*header)->is_data()) {
      if (left < (*header)->values) return ranges.pages.offset + at;
      left -= (*header)->values;
    }
    const std::uint64_t bytes = std::uint64_t{(*header)->header_bytes} + (*header)->stored_bytes;
    if (bytes > pages.size() - at) return std::nullopt;
    at += static_cast<std::size_t>(bytes);
  }
  return std::nullopt;
}

}  // namespace stoker::format::parquet
