#include "results/dataset_manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <limits>

#include "base/checksum.h"
#include "base/printable.h"
#include "config/enum_names.h"
#include "config/formats.h"
#include "config/overrides.h"
#include "results/fields_internal.h"

namespace stoker::results {

namespace {

using internal::Fields;

// What the file says it is, so that another program's JSON under the same name is not mistaken for it.
constexpr std::string_view kKind = "stoker dataset";
constexpr std::int64_t kVersion = 2;  // 2: the table of files lies beside it
// Of the values (data/format/values.h) and shapes (config/sample_geometry.cc).
constexpr std::int64_t kDataSeed = 10;
// A manifest may come from anywhere, and who reads one keeps a bit for each file and adds up their rows. No folder has
// more files, and no Parquet file has more rows.
constexpr std::int64_t kFilesMost = 10'000'000'000;
constexpr std::int64_t kRowsMost = std::int64_t{1} << 56;

Json column_json(const config::ColumnSpec& column) {
  return {{"name", column.name}, {"dtype", config::to_string(column.dtype)}, {"size", column.size}};
}

std::string columns_setting(const std::vector<config::ColumnSpec>& columns) {
  std::vector<std::string> entries;
  for (const config::ColumnSpec& c : columns) {
    entries.push_back(fmt::format("{{name: {}, dtype: {}, size: {}}}", config::override_text(c.name),
                                  config::to_string(c.dtype), c.size));
  }
  return fmt::format("[{}]", fmt::join(entries, ","));
}

void get_columns(Fields& fields, std::vector<config::ColumnSpec>& out) {
  const Json* const list = fields.list("columns");
  if (list == nullptr) return;
  out.clear();
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

// Which formats have a key; it counts, and is said, in their data sets only.
enum class Of { kAll, kColumns, kHdf5 };

bool has_key(Of of, const config::FormatSpec& spec) {
  return of == Of::kAll || (of == Of::kColumns ? spec.has_columns : spec.has_hdf5);
}

// One key of the file: all that is done with it is in its row. An empty function: the key has no part in that.
struct Row {
  const char* key;
  const char* config_key;  // what a user sets; "": nothing that could be set
  bool of_data;            // files of two data sets that differ in it differ in bytes or names
  std::function<Json(const DatasetManifest&)> write;  // null: the key is left out
  std::function<void(Fields&, const char* key, DatasetManifest&)> read;
  std::function<void(const config::Workload&, DatasetManifest&)> take;
  std::function<bool(const DatasetManifest&, config::Workload&)> apply;  // false: the value is not known here
  std::function<std::string(const DatasetManifest&)>
      setting{};  // the value as an override has it; empty: that of write
  Of of = Of::kAll;
};

enum class Need { kOptional, kRequired };

template <class T>
Json json_of(const T& value) {
  return value;
}
template <class T>
Json json_of(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

// Reading and writing of a member; `least` and `most`: what a run that multiplies and divides by it can do with.
template <class T>
Row plain(const char* key, bool of_data, Need need, T DatasetManifest::*member,
          std::optional<std::int64_t> least = std::nullopt,
          std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  Row row{.key = key, .config_key = "", .of_data = of_data};
  row.write = [member](const DatasetManifest& m) { return json_of(m.*member); };
  row.read = [member, need, least, most](Fields& fields, const char* name, DatasetManifest& m) {
    if (need == Need::kRequired) {
      fields.require(name, m.*member);
    } else {
      fields.get(name, m.*member);
    }
    if constexpr (std::is_same_v<T, std::int64_t>) {
      if (least && m.*member < *least) {
        fields.fail(name, std::to_string(m.*member), "at least " + std::to_string(*least));
      }
      if (m.*member > most) fields.fail(name, std::to_string(m.*member), "at most " + std::to_string(most));
    }
  };
  return row;
}

// A member that a workload has, too: `in` is its place there.
template <class T, class In>
Row same(Row row, const char* config_key, T DatasetManifest::*member, In in) {
  row.config_key = config_key;
  row.take = [member, in](const config::Workload& w, DatasetManifest& m) { m.*member = in(w); };
  row.apply = [member, in](const DatasetManifest& m, config::Workload& w) {
    in(w) = m.*member;
    return true;
  };
  return row;
}

// A member that is the spelling of an enumerator; `parse` gives the enumerator or nothing.
template <class In, class Parse>
Row spelled(Row row, const char* config_key, std::string DatasetManifest::*member, In in, Parse parse) {
  row.config_key = config_key;
  row.setting = [member, parse](const DatasetManifest& m) {
    return parse(m.*member) ? m.*member : config::override_text(m.*member);
  };
  row.take = [member, in](const config::Workload& w, DatasetManifest& m) { m.*member = config::to_string(in(w)); };
  row.apply = [member, in, parse](const DatasetManifest& m, config::Workload& w) {
    const auto value = parse(m.*member);
    if (value) in(w) = *value;
    return value.has_value();
  };
  return row;
}

// What only some formats have; `format` stands above it in the table.
Row only(Of of, Row row) {
  row.of = of;
  row.take = [of, take = row.take](const config::Workload& w, DatasetManifest& m) {
    if (has_key(of, config::spec_of(w.dataset.format))) take(w, m);
  };
  row.apply = [of, apply = row.apply](const DatasetManifest& m, config::Workload& w) {
    return !has_key(of, config::spec_of(w.dataset.format)) || apply(m, w);
  };
  return row;
}
Row of_parquet(Row row) {
  return only(Of::kColumns, std::move(row));
}
Row of_hdf5(Row row) {
  return only(Of::kHdf5, std::move(row));
}

Row columns_row() {
  Row row = same(
      Row{.key = "columns", .config_key = "", .of_data = true}, "dataset.parquet.columns", &DatasetManifest::columns,
      [](auto& w) -> auto& { return w.dataset.parquet.columns; });
  row.write = [](const DatasetManifest& m) {
    Json list = Json::array();
    for (const config::ColumnSpec& column : m.columns) list.push_back(column_json(column));
    return list;
  };
  row.read = [](Fields& fields, const char*, DatasetManifest& m) { get_columns(fields, m.columns); };
  row.setting = [](const DatasetManifest& m) { return columns_setting(m.columns); };
  return of_parquet(std::move(row));
}

#define STOKER_IN(path)  \
  [](auto& w) -> auto& { \
    return w.path;       \
  }

std::vector<Row> make_rows() {
  using M = DatasetManifest;
  constexpr auto kRequired = Need::kRequired;
  constexpr auto kOptional = Need::kOptional;
  return {
      plain("generator_version", true, kOptional, &M::generator_version),
      plain("complete", false, kRequired, &M::complete),
      same(plain("model", false, kOptional, &M::model), "model.name", &M::model, STOKER_IN(model.name)),
      spelled(plain("format", true, kRequired, &M::format), "dataset.format", &M::format, STOKER_IN(dataset.format),
              config::parse_enum<config::FormatName>),
      spelled(plain("compression", true, kRequired, &M::compression), "dataset.compression", &M::compression,
              STOKER_IN(dataset.compression), config::parse_enum<config::Compression>),
      same(plain("compression_level", true, kOptional, &M::compression_level), "dataset.compression_level",
           &M::compression_level, STOKER_IN(dataset.compression_level)),
      plain("codec_library", true, kOptional, &M::codec_library),
      same(plain("num_files_train", true, kRequired, &M::num_files_train, 0, kFilesMost), "dataset.num_files_train",
           &M::num_files_train, STOKER_IN(dataset.num_files_train)),
      same(plain("num_files_eval", true, kRequired, &M::num_files_eval, 0, kFilesMost), "dataset.num_files_eval",
           &M::num_files_eval, STOKER_IN(dataset.num_files_eval)),
      same(plain("num_samples_per_file", true, kRequired, &M::num_samples_per_file, 1, kRowsMost),
           "dataset.num_samples_per_file", &M::num_samples_per_file, STOKER_IN(dataset.num_samples_per_file)),
      same(plain("num_subfolders_train", true, kOptional, &M::num_subfolders_train, 0), "dataset.num_subfolders_train",
           &M::num_subfolders_train, STOKER_IN(dataset.num_subfolders_train)),
      same(plain("num_subfolders_eval", true, kOptional, &M::num_subfolders_eval, 0), "dataset.num_subfolders_eval",
           &M::num_subfolders_eval, STOKER_IN(dataset.num_subfolders_eval)),
      same(plain("file_prefix", true, kOptional, &M::file_prefix), "dataset.file_prefix", &M::file_prefix,
           STOKER_IN(dataset.file_prefix)),
      same(plain("record_length_bytes", true, kRequired, &M::record_length_bytes), "dataset.record_length_bytes",
           &M::record_length_bytes, STOKER_IN(dataset.record_length_bytes)),
      same(plain("record_length_bytes_stdev", true, kOptional, &M::record_length_bytes_stdev),
           "dataset.record_length_bytes_stdev", &M::record_length_bytes_stdev,
           STOKER_IN(dataset.record_length_bytes_stdev)),
      same(plain("record_dims", true, kOptional, &M::record_dims), "dataset.record_dims", &M::record_dims,
           STOKER_IN(dataset.record_dims)),
      spelled(plain("record_element_type", true, kOptional, &M::record_element_type), "dataset.record_element_type",
              &M::record_element_type, STOKER_IN(dataset.record_element_type), config::parse_dtype),
      columns_row(),
      of_parquet(same(plain("row_group_size", true, kOptional, &M::row_group_size, 0), "dataset.parquet.row_group_size",
                      &M::row_group_size, STOKER_IN(dataset.parquet.row_group_size))),
      of_parquet(same(plain("partition_by", true, kOptional, &M::partition_by), "dataset.parquet.partition_by",
                      &M::partition_by, STOKER_IN(dataset.parquet.partition_by))),
      of_parquet(same(plain("dictionary", true, kOptional, &M::dictionary), "dataset.parquet.dictionary",
                      &M::dictionary, STOKER_IN(dataset.parquet.dictionary))),
      of_parquet(same(plain("page_checksums", true, kOptional, &M::page_checksums), "dataset.parquet.page_checksums",
                      &M::page_checksums, STOKER_IN(dataset.parquet.page_checksums))),
      of_hdf5(same(plain("num_dset_per_record", true, kOptional, &M::num_dset_per_record, 1),
                   "dataset.hdf5.num_dset_per_record", &M::num_dset_per_record,
                   STOKER_IN(dataset.hdf5.num_dset_per_record))),
      of_hdf5(same(plain("chunk_dims", true, kOptional, &M::chunk_dims), "dataset.hdf5.chunk_dims", &M::chunk_dims,
                   STOKER_IN(dataset.hdf5.chunk_dims))),
      of_hdf5(same(plain("max_shape", true, kOptional, &M::max_shape), "dataset.hdf5.max_shape", &M::max_shape,
                   STOKER_IN(dataset.hdf5.max_shape))),
      plain("seed", true, kOptional, &M::seed),
  };
}

#undef STOKER_IN

const std::vector<Row>& rows() {
  static const std::vector<Row> table = make_rows();
  return table;
}

std::string value_text(const Json& value) {
  return value.is_null() ? "not set" : value.is_string() ? value.get<std::string>() : dump_line(value);
}

std::string setting_text(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.is_string() ? config::override_text(value.get<std::string>()) : value.dump();
}

// Names of files and folders are made of it: a manifest may come from anywhere.
void expect_name_part(Fields& fields, const char* key, const std::string& text) {
  const std::string_view fault = config::name_part_fault(text);
  if (fields.failed() || fault.empty()) return;
  fields.fail(key, fmt::format("'{}', which {}", printable_line(text), fault), "a part of a name");
}

}  // namespace

DatasetManifest manifest_of(const config::Workload& w, std::string_view generator_version) {
  DatasetManifest m;
  m.generator_version = generator_version;
  m.seed = kDataSeed;
  for (const Row& row : rows()) {
    if (row.take) row.take(w, m);
  }
  return m;
}

Status apply_manifest(const DatasetManifest& m, config::Workload& w) {
  config::Workload applied = w;
  for (const Row& row : rows()) {
    if (row.apply && !row.apply(m, applied)) {
      return make_error(Code::kCorrupt, "the data set's manifest: {}: '{}' is not known to this version", row.key,
                        value_text(row.write(m)));
    }
  }
  w = std::move(applied);
  return {};
}

// Keys that have their default are left out, so that a key that a later version adds changes no identity of older data.
std::uint64_t manifest_identity(const DatasetManifest& manifest) {
  const DatasetManifest defaults;
  Json json = Json::object();
  for (const Row& row : rows()) {
    if (!row.of_data) continue;
    if (Json value = row.write(manifest); value != row.write(defaults)) json[row.key] = std::move(value);
  }
  const std::string text = dump_line(json);
  return checksum(std::as_bytes(std::span(text)));
}

std::vector<ManifestDifference> manifest_differences(const DatasetManifest& found, const DatasetManifest& asked) {
  std::vector<ManifestDifference> differences;
  for (const Row& row : rows()) {
    if (!row.of_data) continue;
    const Json there = row.write(found);
    const Json wanted = row.write(asked);
    if (there == wanted) continue;
    differences.push_back({.key = *row.config_key != '\0' ? row.config_key : row.key,
                           .found = value_text(there),
                           .asked = value_text(wanted)});
  }
  return differences;
}

std::vector<ManifestSetting> manifest_settings(const DatasetManifest& manifest, std::string_view format) {
  const auto known = config::parse_enum<config::FormatName>(format);
  const auto has = [&](Of of) { return known ? has_key(of, config::spec_of(*known)) : of == Of::kAll; };
  std::vector<ManifestSetting> settings;
  for (const Row& row : rows()) {
    if (!row.of_data || *row.config_key == '\0' || !has(row.of)) continue;
    settings.push_back({.key = row.config_key,
                        .value = row.setting ? row.setting(manifest) : setting_text(row.write(manifest)),
                        .of_parquet = row.of == Of::kColumns});
  }
  return settings;
}

std::string manifest_text(const DatasetManifest& m) {
  Json json = Json::object();
  json["kind"] = kKind;
  json["manifest_version"] = kVersion;
  const auto format = config::parse_enum<config::FormatName>(m.format);
  for (const Row& row : rows()) {
    if (row.of == Of::kHdf5 && !(format && has_key(row.of, config::spec_of(*format)))) continue;
    if (Json value = row.write(m); !value.is_null()) json[row.key] = std::move(value);
  }
  return dump(json) + "\n";
}

Result<DatasetManifest> parse_manifest(std::string_view text, const std::string& name) {
  STOKER_ASSIGN(const Json json, parse_json(text, name));
  DatasetManifest m;
  Fields fields(json, name);
  std::string kind;
  fields.require("kind", kind);
  if (!fields.failed() && kind != kKind) fields.fail("kind", "'" + kind + "'", "'" + std::string(kKind) + "'");
  std::int64_t version = kVersion;
  fields.get("manifest_version", version);
  if (!fields.failed() && version > kVersion) {
    fields.fail("manifest_version", std::to_string(version),
                fmt::format("at most {}, or a newer version of stoker", kVersion));
  }
  for (const Row& row : rows()) row.read(fields, row.key, m);
  expect_name_part(fields, "file_prefix", m.file_prefix);
  if (!m.partition_by.empty()) expect_name_part(fields, "partition_by", m.partition_by);
  Status status = fields.status();
  if (!status.has_value()) {
    status.error().hint = "generate the data set again, or remove the file to use the workload's own description of it";
    return status.error();
  }
  return m;
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
