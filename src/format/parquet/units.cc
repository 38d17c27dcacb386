#include "format/parquet/units.h"

namespace stoker::format::parquet {

Status make_units(ParsedFooter& footer, std::uint64_t, io::ReadableFile&, io::ReadObserver*) {
  FileIndex& index = footer.index;
  for (std::size_t g = 0; g < index.groups.size(); ++g) {
    if (index.groups[g].rows == 0) continue;
    std::uint64_t bytes = 0;
    for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) bytes += index.chunk(g, leaf).bytes;
    index.units.push_back(
        {.first_row = index.groups[g].first_row, .rows = index.groups[g].rows, .storage_bytes = bytes});
    index.unit_group.push_back(static_cast<std::uint32_t>(g));
  }
  return {};
}

}  // namespace stoker::format::parquet
