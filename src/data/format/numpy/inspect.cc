// What a file says of itself.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>

#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/place.h"
#include "data/format/samples.h"

namespace stoker::format::numpy {
namespace {

FileInfo info_of(const Place& place, std::uint64_t file_bytes, Detail detail) {
  const std::string shape = fmt::format("({})", fmt::join(place.array.shape, ", "));
  FileInfo info{.file_bytes = file_bytes, .rows = place.samples(), .num_row_groups = 1};
  info.schema.push_back({.name = "x", .physical = place.array.descr, .logical = "array " + shape});
  ColumnInfo column{.name = "x",
                    .type = fmt::format("list of {}", config::to_string(place.array.dtype)),
                    .values = value_type(place.array.dtype),
                    .width = static_cast<std::uint32_t>(config::element_bytes(place.array.dtype))};
  column.levels.push_back({.lists = 1});
  info.columns.push_back(std::move(column));
  if (detail == Detail::kSchema) return info;
  ChunkInfo chunk{.codec = place.member.method == kDeflated ? "DEFLATE" : "UNCOMPRESSED",
                  .values = place.array.elements(),
                  .stored_bytes = place.member.stored_bytes,
                  .plain_bytes = place.member.plain_bytes};
  chunk.pages = {.data = 1,
                 .with_checksum = place.is_archive() ? 1U : 0U,
                 .smallest_bytes = place.member.stored_bytes,
                 .largest_bytes = place.member.stored_bytes};
  info.row_groups.push_back({.rows = place.samples(), .columns = {std::move(chunk)}});
  for (const ZipMember& member : place.all)
    if (member.offset != place.member.offset) info.keys.push_back({member.name, member.plain_bytes});
  return info;
}

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, bool is_archive, Detail detail) {
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  auto place = read_place(*file, is_archive, nullptr);
  if (!place) return std::move(place).error().with_context(path.string());
  return info_of(*place, file->size(), detail);
}

}  // namespace

Result<FileInfo> inspect_npy(io::Storage& storage, const io::Path& path, Detail detail) {
  return inspect(storage, path, false, detail);
}

Result<FileInfo> inspect_npz(io::Storage& storage, const io::Path& path, Detail detail) {
  return inspect(storage, path, true, detail);
}

}  // namespace stoker::format::numpy
