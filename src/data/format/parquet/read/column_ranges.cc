#include "data/format/parquet/read/column_ranges.h"

namespace stoker::format::parquet {

ColumnRanges ranges_of(const FileIndex& index, std::uint32_t group, std::size_t leaf, RowRange wanted) {
  const ChunkIndex& chunk = index.chunk(group, leaf);
  const auto cut = index.cut.find(group);
  if (cut == index.cut.end()) return {.pages = {.offset = chunk.offset, .bytes = chunk.bytes}, .values = chunk.values};
  const ColumnPages& column = cut->second[leaf];
  const auto [first, last] = column.holding(wanted.first, wanted.end());
  ColumnRanges ranges;
  if (first >= last) return ranges;
  const PagePlace& begin = column.pages[first];
  ranges.pages = {.offset = begin.offset, .bytes = column.bytes(first, last)};
  ranges.first_row = begin.position / column.scale;
  ranges.phase = begin.position % column.scale;
  // Of lists whose pages begin at rows it is not known how many values those have.
  ranges.values_known = index.leaves[leaf].max_repetition == 0 || column.lists_promised;
  ranges.values = ranges.values_known ? column.end_of(last - 1) - begin.position : chunk.values;
  if (column.may_need_dictionary(first, last)) {
    ranges.dictionary = {.offset = chunk.offset, .bytes = column.dictionary_bytes};
  }
  return ranges;
}

}  // namespace stoker::format::parquet
