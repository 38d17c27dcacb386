#include "format/parquet/file_index.h"

namespace stoker::format::parquet {

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
