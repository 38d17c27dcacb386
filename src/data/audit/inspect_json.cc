#include "data/audit/inspect_json.h"

#include "config/enum_names.h"
#include "data/audit/value_json.h"
#include "data/format/format.h"

namespace stoker::audit {
namespace {

using results::Json;

constexpr const char* kRepetitions[] = {"required", "optional", "repeated"};

Json schema_json(const std::vector<format::SchemaNode>& schema) {
  Json list = Json::array();
  for (const format::SchemaNode& node : schema) {
    list.push_back({{"name", node.name},
                    {"depth", node.depth},
                    {"repetition", kRepetitions[static_cast<std::size_t>(node.repetition)]},
                    {"physical_type", node.physical},
                    {"logical_type", node.logical}});
  }
  return list;
}

Json columns_json(const std::vector<format::ColumnInfo>& columns) {
  Json list = Json::array();
  for (const format::ColumnInfo& column : columns) {
    list.push_back({{"name", column.name}, {"type", column.type}, {"bytes_per_value", column.width}});
  }
  return list;
}

Json value_or_null(const format::ColumnInfo& column, const std::optional<std::string>& value) {
  return value ? value_json(column, std::as_bytes(std::span(*value))) : Json();
}

Json chunk_json(const format::ColumnInfo& column, const format::ChunkInfo& chunk) {
  Json json = Json::object();
  json["name"] = column.name;
  json["codec"] = chunk.codec;
  json["encodings"] = chunk.encodings;
  json["values"] = chunk.values;
  json["stored_bytes"] = chunk.stored_bytes;
  json["plain_bytes"] = chunk.plain_bytes;
  json["pages"] = {{"data", chunk.pages.data},
                   {"version2", chunk.pages.version2},
                   {"dictionary", chunk.pages.dictionary},
                   {"other", chunk.pages.other},
                   {"with_checksum", chunk.pages.with_checksum},
                   {"smallest_bytes", chunk.pages.smallest_bytes},
                   {"largest_bytes", chunk.pages.largest_bytes}};
  json["offset_index"] = chunk.offset_index;
  json["column_index"] = chunk.column_index;
  json["bloom_filter"] = chunk.bloom_filter;
  json["nulls"] = chunk.nulls ? Json(*chunk.nulls) : Json();
  json["min"] = value_or_null(column, chunk.min);
  json["max"] = value_or_null(column, chunk.max);
  return json;
}

Json row_groups_json(const format::FileInfo& info) {
  Json list = Json::array();
  for (const format::RowGroupInfo& group : info.row_groups) {
    Json& entry = list.emplace_back(Json::object());
    entry["rows"] = group.rows;
    entry["columns"] = Json::array();
    for (std::size_t c = 0; c < group.columns.size(); ++c)
      entry["columns"].push_back(chunk_json(info.columns[c], group.columns[c]));
  }
  return list;
}

}  // namespace

Json file_json(const FileView& view) {
  const format::FileInfo& info = view.info;
  Json json = Json::object();
  json["path"] = view.file.path.string();
  json["format"] = config::to_string(view.file.format->name);
  json["bytes"] = info.file_bytes;
  json["rows"] = info.rows;
  json["num_row_groups"] = info.num_row_groups;
  json["created_by"] = info.created_by;
  json["version"] = info.version;
  json["keys"] = Json::array();
  for (const format::KeyInfo& key : info.keys)
    json["keys"].push_back({{"name", key.name}, {"value_bytes", key.value_bytes}});
  json["schema"] = schema_json(info.schema);
  json["columns"] = columns_json(info.columns);
  json["row_groups"] = row_groups_json(info);
  if (!view.rows.empty()) json["first_rows"] = view.rows;
  return json;
}

Json folder_json(const FolderView& view, const std::string& path) {
  Json json = Json::object();
  json["path"] = path;
  json["manifest"] =
      view.manifest ? results::parse_json(results::manifest_text(*view.manifest), "manifest").value() : Json();
  json["num_files"] = view.files;
  json["bytes"] = view.bytes;
  json["rows"] = view.rows;
  json["rows_per_file"] = {{"least", view.least_rows}, {"most", view.most_rows}};
  json["num_row_groups"] = view.row_groups;
  json["schemas"] = Json::array();
  for (const SchemaGroup& group : view.schemas) {
    json["schemas"].push_back({{"num_files", group.files},
                               {"first_file", group.first_file},
                               {"difference", group.difference},
                               {"schema", schema_json(group.schema)}});
  }
  json["first_file"] = file_json(view.first);
  return json;
}

}  // namespace stoker::audit
