// What a file says of itself: it has no types, so all of it is looked at.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "data/format/csv/codec.h"
#include "data/format/csv/csv_internal.h"
#include "data/format/csv/rows.h"
#include "data/format/samples.h"

namespace stoker::format::csv {
namespace {

struct FileShape : TextShape {
  std::uint64_t text_bytes = 0;
  const Codec* codec = nullptr;
};

Result<FileShape> shape_of_file(io::ReadableFile& file) {
  WholeText whole;
  STOKER_ASSIGN(const Bytes text, whole.read(file, true));
  STOKER_ASSIGN(const TextShape shape, shape_of({reinterpret_cast<const char*>(text.data()), text.size()}));
  return FileShape{shape, text.size(), whole.codec()};
}

}  // namespace

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  auto shape = shape_of_file(*file);
  if (!shape) return std::move(shape).error().with_context(path.string());
  FileInfo info{.file_bytes = file->size(), .rows = shape->rows, .num_row_groups = 1};
  info.schema.push_back({.name = "values", .physical = "text", .logical = fmt::format("{} a line", shape->fields)});
  ColumnInfo column{.name = "values",
                    .type = fmt::format("list of {}", config::to_string(shape->dtype)),
                    .values = value_type(shape->dtype),
                    .width = static_cast<std::uint32_t>(config::element_bytes(shape->dtype))};
  column.levels.push_back({.lists = 1});
  info.columns.push_back(std::move(column));
  if (detail == Detail::kSchema) return info;
  info.row_groups.push_back(
      {.rows = shape->rows,
       .columns = {{.codec = std::string(shape->codec == nullptr ? "UNCOMPRESSED" : shape->codec->text),
                    .values = shape->rows * shape->fields,
                    .stored_bytes = file->size(),
                    .plain_bytes = shape->text_bytes}}});
  return info;
}

}  // namespace stoker::format::csv
