#include "data/format/parquet/read/file_index.h"

#include <algorithm>

namespace stoker::format::parquet {

std::pair<std::size_t, std::size_t> ColumnPages::holding(std::uint64_t begin, std::uint64_t end) const {
  const auto after = std::ranges::upper_bound(pages, begin * scale, {}, &PagePlace::position);
  const auto first = after == pages.begin() ? after : std::prev(after);
  const auto last = std::ranges::lower_bound(pages, end * scale, {}, &PagePlace::position);
  return {static_cast<std::size_t>(first - pages.begin()), static_cast<std::size_t>(last - pages.begin())};
}

std::uint64_t ColumnPages::bytes(std::size_t first, std::size_t last) const {
  return pages[last - 1].offset + pages[last - 1].bytes - pages[first].offset;
}

bool ColumnPages::may_need_dictionary(std::size_t first, std::size_t last) const {
  for (std::size_t i = first; i < last; ++i) {
    if (pages[i].dictionary) return true;
  }
  return false;
}

std::uint64_t FileIndex::memory_bytes() const {
  std::uint64_t bytes = sizeof *this + metadata_bytes + type_difference.size();
  for (const Leaf& leaf : leaves) bytes += sizeof leaf + leaf.name.size() + leaf.root.size() + leaf.type_text.size();
  bytes += groups.capacity() * sizeof groups[0] + chunks.capacity() * sizeof chunks[0];
  bytes += units.capacity() * sizeof units[0] + unit_group.capacity() * sizeof unit_group[0];
  for (const auto& [group, columns] : cut) {
    for (const ColumnPages& column : columns) bytes += sizeof column + column.pages.capacity() * sizeof(PagePlace);
  }
  return bytes;
}

}  // namespace stoker::format::parquet
