#include "results/dataset_manifest.h"

#include <fmt/format.h>

#include "base/checksum.h"
#include "base/printable.h"
#include "config/enum_names.h"
#include "results/fields_internal.h"

namespace stoker::results {

namespace {

using internal::Fields;

// What the file says it is, so that another program's JSON under the same name is not mistaken for it.
constexpr std::string_view kKind = "stoker dataset";
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kDataSeed =
    10;  // of the values (format/parquet/values.h) and shapes (config/sample_geometry.cc)

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

// Names of files and folders are made of it: a manifest may come from anywhere.
void expect_name_part(Fields& fields, const char* key, const std::string& text) {
  const std::string_view fault = config::name_part_fault(text);
  if (fields.failed() || fault.empty()) return;
  fields.fail(key, fmt::format("'{}', which {}", printable_line(text), fault), "a part of a name");
}

}  // namespace

DatasetManifest manifest_of(const config::Workload& w, std::string_view generator_version) {
  const config::Dataset& d = w.dataset;
  DatasetManifest m;
  m.generator_version = generator_version;
  m.model = w.model.name;
  m.format = config::to_string(d.format);
  m.compression = config::to_string(d.compression);
  m.compression_level = d.compression_level;
  m.num_files_train = d.num_files_train;
  m.num_files_eval = d.num_files_eval;
  m.num_samples_per_file = d.num_samples_per_file;
  m.num_subfolders_train = d.num_subfolders_train;
  m.num_subfolders_eval = d.num_subfolders_eval;
  m.file_prefix = d.file_prefix;
  m.record_length_bytes = d.record_length_bytes;
  m.record_length_bytes_stdev = d.record_length_bytes_stdev;
  m.record_dims = d.record_dims;
  m.record_element_type = config::to_string(d.record_element_type);
  m.seed = kDataSeed;
  if (d.format == config::FormatName::kParquet) {
    m.columns = d.parquet.columns;
    m.row_group_size = d.parquet.row_group_size;
    m.partition_by = d.parquet.partition_by;
    m.dictionary = d.parquet.dictionary;
  }
  return m;
}

Status apply_manifest(const DatasetManifest& m, config::Workload& w) {
  config::Dataset& d = w.dataset;
  const auto unknown = [](std::string_view key, std::string_view value) {
    return make_error(Code::kCorrupt, "the data set's manifest: {}: '{}' is not known to this version", key, value);
  };
  const auto format = config::parse_enum<config::FormatName>(m.format);
  if (!format) return unknown("format", m.format);
  const auto compression = config::parse_enum<config::Compression>(m.compression);
  if (!compression) return unknown("compression", m.compression);
  const auto element = config::parse_dtype(m.record_element_type);
  if (!element) return unknown("record_element_type", m.record_element_type);
  w.model.name = m.model;
  d.format = *format;
  d.compression = *compression;
  d.compression_level = m.compression_level;
  d.num_files_train = m.num_files_train;
  d.num_files_eval = m.num_files_eval;
  d.num_samples_per_file = m.num_samples_per_file;
  d.num_subfolders_train = m.num_subfolders_train;
  d.num_subfolders_eval = m.num_subfolders_eval;
  d.file_prefix = m.file_prefix;
  d.record_length_bytes = m.record_length_bytes;
  d.record_length_bytes_stdev = m.record_length_bytes_stdev;
  d.record_dims = m.record_dims;
  d.record_element_type = *element;
  if (*format == config::FormatName::kParquet) {
    d.parquet.columns = m.columns;
    d.parquet.row_group_size = m.row_group_size;
    d.parquet.partition_by = m.partition_by;
    d.parquet.dictionary = m.dictionary;
  }
  return {};
}

std::uint64_t manifest_identity(const DatasetManifest& manifest) {
  DatasetManifest data = manifest;
  data.model.clear();
  data.complete = false;
  const std::string text = manifest_text(data);
  return checksum(std::as_bytes(std::span(text)));
}

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
  expect_name_part(fields, "file_prefix", m.file_prefix);
  if (!m.partition_by.empty()) expect_name_part(fields, "partition_by", m.partition_by);
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
