// What a file says of itself.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/sample_file.h"
#include "data/format/samples.h"

namespace stoker::format::hdf5 {
namespace {

std::string layout_text(const Array& array) {
  switch (array.layout) {
    case kCompact: return "compact";
    case kContiguous: return "contiguous";
    default: return fmt::format("chunks of ({})", fmt::join(array.grid.chunk(), ", "));
  }
}

ChunkInfo chunk_of(const Array& array) {
  ChunkInfo info{.codec = "UNCOMPRESSED",
                 .values = array.grid.rows() * array.grid.row_elements(),
                 .plain_bytes = array.grid.rows() * array.row_bytes()};
  for (const Filter& filter : array.filters) {
    switch (filter.id) {
      case kDeflate: info.codec = "GZIP"; break;
      case kLzf: info.codec = "LZF"; break;
      case kShuffle: info.encodings.emplace_back("SHUFFLE"); break;
      default: info.encodings.emplace_back("FLETCHER32");
    }
  }
  for (std::size_t i = 0; i < array.chunks.size(); ++i) {
    const StoredChunk& chunk = array.chunks[i];
    if (chunk.offset == kUndefined) continue;
    info.pages.smallest_bytes = info.pages.data == 0 ? chunk.bytes : std::min(info.pages.smallest_bytes, chunk.bytes);
    info.pages.largest_bytes = std::max(info.pages.largest_bytes, chunk.bytes);
    ++info.pages.data;
    info.stored_bytes += chunk.bytes;
    for (std::size_t f = 0; f < array.filters.size(); ++f)
      if (array.filters[f].id == kFletcher32 && (chunk.filter_mask >> f & 1U) == 0) ++info.pages.with_checksum;
  }
  return info;
}

FileInfo info_of(const SampleFile& file, std::uint64_t file_bytes, Detail detail) {
  FileInfo info{.file_bytes = file_bytes, .rows = file.rows(), .num_row_groups = 1};
  for (const Array& array : file.arrays) {
    info.schema.push_back(
        {.name = array.name,
         .physical = std::string(config::to_string(array.dtype)),
         .logical = fmt::format("array ({}), {}", fmt::join(array.grid.shape(), ", "), layout_text(array))});
    ColumnInfo column{.name = array.name,
                      .type = fmt::format("list of {}", config::to_string(array.dtype)),
                      .values = value_type(array.dtype),
                      .width = static_cast<std::uint32_t>(array.width())};
    column.levels.push_back({.lists = 1});
    info.columns.push_back(std::move(column));
  }
  if (detail == Detail::kSchema) return info;
  info.version = fmt::format("superblock {}", file.superblock);
  RowGroupInfo group{.rows = file.rows()};
  for (const Array& array : file.arrays) group.columns.push_back(chunk_of(array));
  info.row_groups.push_back(std::move(group));
  for (const std::string& name : file.others) info.keys.push_back({name, 0});
  return info;
}

}  // namespace

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  auto samples = read_sample_file(*file, true, nullptr);
  if (!samples) return std::move(samples).error().with_context(path.string());
  return info_of(*samples, file->size(), detail);
}

}  // namespace stoker::format::hdf5
