#include "mlperf/rules/effective.h"

#include <fmt/format.h>

#include <cmath>

#include "config/columns.h"
#include "config/fields.h"
#include "config/node.h"

namespace stoker::rules {
namespace {

using results::Json;

constexpr std::string_view kWorkload = "workload.";

// The value at a dotted path of nested objects, or null.
const Json* at_path(const Json& tree, std::string_view path) {
  const Json* node = &tree;
  for (const std::string_view part : config::split(path, '.')) {
    if (!node->is_object()) return nullptr;
    const auto it = node->find(std::string(part));
    if (it == node->end()) return nullptr;
    node = &*it;
  }
  return node;
}

void set_path(Json& tree, std::string_view path, const Json& value) {
  Json* node = &tree;
  for (const std::string_view part : config::split(path, '.')) {
    if (!node->is_object()) *node = Json::object();
    node = &(*node)[std::string(part)];
  }
  // A map given for a map changes what it names, as it does on the command line.
  if (value.is_object() && node->is_object()) {
    node->merge_patch(value);
  } else {
    *node = value;
  }
}

// The names under which a file may have the key.
std::vector<std::string> names_of(std::string_view key) {
  std::vector<std::string> names{std::string(key)};
  if (const config::Field* field = config::find_field(key)) {
    for (const config::Alias& alias : field->aliases) names.emplace_back(alias.key);
  }
  return names;
}

// In one value of a column; a file that says more is damaged, and the default counts.
constexpr double kMostElements = 1e12;

// A column is a name, or a map of name, dtype, size and read.
config::ColumnSpec column_of(const Json& entry) {
  config::ColumnSpec column;
  if (entry.is_string()) column.name = entry.get<std::string>();
  if (!entry.is_object()) return column;
  if (const auto it = entry.find("name"); it != entry.end()) column.name = value_text(*it);
  if (const auto it = entry.find("read"); it != entry.end()) {
    column.read = config::parse_bool(value_text(*it)).value_or(true);
  }
  if (const auto it = entry.find("dtype"); it != entry.end() && it->is_string()) {
    column.dtype = config::parse_dtype(it->get<std::string>()).value_or(column.dtype);
  }
  if (const auto it = entry.find("size"); it != entry.end()) {
    const double size = number_of(*it).value_or(1);
    if (size >= 1 && size <= kMostElements) column.size = static_cast<std::int64_t>(size);
  }
  return column;
}

double record_bytes_of(const Effective& p) {
  const Json* columns = p.find("dataset.parquet.columns");
  if (p.text("dataset.format") == "parquet" && columns != nullptr && columns->is_array() && !columns->empty()) {
    double bytes = 0;
    for (const Json& entry : *columns) bytes += static_cast<double>(config::row_bytes(column_of(entry)));
    return bytes;
  }
  if (const Json* dims = p.find("dataset.record_dims"); dims != nullptr && dims->is_array() && !dims->empty()) {
    double elements = 1;
    for (const Json& dim : *dims) elements *= number_of(dim).value_or(0);
    const auto type = config::parse_dtype(p.text("dataset.record_element_type")).value_or(config::DType::kUint8);
    return elements * static_cast<double>(config::element_bytes(type));
  }
  return p.number("dataset.record_length_bytes").value_or(config::Dataset{}.record_length_bytes);
}

}  // namespace

std::string canonical_key(std::string_view key) {
  if (key.starts_with(kWorkload)) key.remove_prefix(kWorkload.size());
  const std::string section = config::canonical_section(key);
  const config::Field* field = config::find_field(section);
  return field == nullptr ? section : std::string(field->key);
}

Effective::Effective(const Json& parameters, const Json& overrides) {
  tree_ = parameters.is_object() ? parameters : Json::object();
  // As the configuration has it: where there is a section data_reader, one named reader is not looked at.
  if (const auto reader = tree_.find("data_reader"); reader != tree_.end() && reader->is_object()) {
    Json section = std::move(*reader);
    tree_.erase(reader);
    tree_["reader"] = std::move(section);
  }
  // Files of old: `model: unet3d`.
  if (const auto model = tree_.find("model"); model != tree_.end() && model->is_string()) {
    Json name = std::move(*model);
    *model = Json::object();
    (*model)["name"] = std::move(name);
  }
  if (!overrides.is_object()) return;
  for (const auto& [key, value] : overrides.items()) set_path(tree_, canonical_key(key), value);
}

const Json* Effective::find(std::string_view key) const {
  for (const std::string& name : names_of(key)) {
    const Json* value = at_path(tree_, name);
    if (value != nullptr && !value->is_null()) return value;
  }
  return nullptr;
}

std::optional<double> Effective::number(std::string_view key) const {
  const Json* value = find(key);
  return value == nullptr ? std::nullopt : number_of(*value);
}

std::optional<std::int64_t> Effective::integer(std::string_view key) const {
  const auto value = number(key);
  if (!value || *value != std::floor(*value) || std::abs(*value) > 0x1p53) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<bool> Effective::flag(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  return config::parse_bool(value_text(*value));
}

std::string Effective::text(std::string_view key) const {
  const Json* value = find(key);
  return value == nullptr ? "" : value_text(*value);
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return results::dump_line(value);
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return config::parse_number(value.get<std::string>());
  return std::nullopt;
}

mlperf::DatasetShape shape_of(const Effective& p) {
  mlperf::DatasetShape shape;
  shape.record_bytes = record_bytes_of(p);
  shape.samples_per_file = p.integer("dataset.num_samples_per_file").value_or(1);
  shape.batch_size = p.integer("reader.batch_size").value_or(1);
  return shape;
}

}  // namespace stoker::rules
