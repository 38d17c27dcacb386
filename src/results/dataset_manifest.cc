#include "results/dataset_manifest.h"

#include "results/fields_internal.h"

namespace stoker::results {

namespace {

using internal::Fields;

// What the file says it is, so that another program's JSON under the same name is not mistaken for it.
constexpr std::string_view kKind = "stoker dataset";
constexpr std::int64_t kVersion = 1;

Json column_json(const config::ColumnSpec& column) {
  return {{"name", column.name}, {"dtype", config::to_string(column.dtype)}, {"size", column.size}};
}

void get_columns(Fields& fields, std::vector<config::ColumnSpec>& out) {
  const Json* const list = fields.list("columns");
  if (list == nullptr) return;
  for (const Json& entry : *list) {
    Fields parts(entry, fields.name(), "columns");
    config::ColumnSpec column;
    std::string dtype;
    parts.require("name", column.name);
    parts.require("dtype", dtype);
    parts.get("size", column.size);
    if (const auto known = config::parse_dtype(dtype)) {
      column.dtype = *known;
    } else {
      parts.fail("dtype", "'" + dtype + "'", "an element type such as float32");
    }
    fields.take(parts.status());
    out.push_back(std::move(column));
  }
}

// Counts that a run multiplies and divides by must make sense.
void expect_at_least(Fields& fields, const char* key, std::int64_t value, std::int64_t least) {
  if (value < least) fields.fail(key, std::to_string(value), "at least " + std::to_string(least));
}

}  // namespace

std::string manifest_text(const DatasetManifest& m) {
  Json json = Json::object();
  json["kind"] = kKind;
  json["manifest_version"] = kVersion;
  json["generator_version"] = m.generator_version;
  json["complete"] = m.complete;
  json["model"] = m.model;
  json["format"] = m.format;
  json["compression"] = m.compression;
  if (m.compression_level) json["compression_level"] = *m.compression_level;
  json["num_files_train"] = m.num_files_train;
  json["num_files_eval"] = m.num_files_eval;
  json["num_samples_per_file"] = m.num_samples_per_file;
  json["num_subfolders_train"] = m.num_subfolders_train;
  json["num_subfolders_eval"] = m.num_subfolders_eval;
  json["file_prefix"] = m.file_prefix;
  json["record_length_bytes"] = m.record_length_bytes;
  json["record_length_bytes_stdev"] = m.record_length_bytes_stdev;
  json["record_dims"] = m.record_dims;
  json["record_element_type"] = m.record_element_type;
  json["columns"] = Json::array();
  for (const config::ColumnSpec& column : m.columns) json["columns"].push_back(column_json(column));
  json["row_group_size"] = m.row_group_size;
  json["partition_by"] = m.partition_by;
  json["dictionary"] = m.dictionary;
  json["seed"] = m.seed;
  return dump(json) + "\n";
}

Result<DatasetManifest> parse_manifest(std::string_view text, const std::string& name) {
  STOKER_ASSIGN(const Json json, parse_json(text, name));
  DatasetManifest m;
  Fields fields(json, name);
  std::string kind;
  fields.require("kind", kind);
  if (!fields.failed() && kind != kKind) fields.fail("kind", "'" + kind + "'", "'" + std::string(kKind) + "'");
  fields.get("generator_version", m.generator_version);
  fields.require("complete", m.complete);
  fields.get("model", m.model);
  fields.require("format", m.format);
  fields.require("compression", m.compression);
  fields.get("compression_level", m.compression_level);
  fields.require("num_files_train", m.num_files_train);
  fields.require("num_files_eval", m.num_files_eval);
  fields.require("num_samples_per_file", m.num_samples_per_file);
  fields.get("num_subfolders_train", m.num_subfolders_train);
  fields.get("num_subfolders_eval", m.num_subfolders_eval);
  fields.get("file_prefix", m.file_prefix);
  fields.require("record_length_bytes", m.record_length_bytes);
  fields.get("record_length_bytes_stdev", m.record_length_bytes_stdev);
  fields.get("record_dims", m.record_dims);
  fields.get("record_element_type", m.record_element_type);
  get_columns(fields, m.columns);
  fields.get("row_group_size", m.row_group_size);
  fields.get("partition_by", m.partition_by);
  fields.get("dictionary", m.dictionary);
  fields.get("seed", m.seed);
  expect_at_least(fields, "num_files_train", m.num_files_train, 0);
  expect_at_least(fields, "num_files_eval", m.num_files_eval, 0);
  expect_at_least(fields, "num_samples_per_file", m.num_samples_per_file, 1);
  expect_at_least(fields, "num_subfolders_train", m.num_subfolders_train, 0);
  expect_at_least(fields, "num_subfolders_eval", m.num_subfolders_eval, 0);
  expect_at_least(fields, "row_group_size", m.row_group_size, 0);
  Status status = fields.status();
  if (!status.has_value()) {
    status.error().hint = "generate the data set again, or remove the file to use the workload's own description of it";
    return status.error();
  }
  return m;
}

Status write_manifest(const std::filesystem::path& data_folder, const DatasetManifest& manifest) {
  return write_file_atomic(data_folder / kManifestName, manifest_text(manifest));
}

Result<std::optional<DatasetManifest>> read_manifest(const std::filesystem::path& data_folder) {
  const std::filesystem::path path = data_folder / kManifestName;
  const Result<std::string> text = read_file(path);
  if (!text) {
    if (text.error().code == Code::kNotFound) return std::optional<DatasetManifest>{};
    return text.error();
  }
  STOKER_ASSIGN(DatasetManifest manifest, parse_manifest(*text, path.string()));
  return std::optional(std::move(manifest));
}

}  // namespace stoker::results
