// Values with parts of their own: emulated times and column lists.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/did_you_mean.h"
#include "config/field_value.h"

namespace stoker::config {
namespace {

// One distribution of an emulated time: its name and its parameters, which become Duration::a and b.
struct Distribution {
  std::string_view name;
  Duration::Kind kind;
  std::string_view first, second;  // second: empty when there is one parameter only
  bool second_optional;
};

constexpr std::array kDistributions = {
    Distribution{"normal", Duration::Kind::kNormal, "mean", "stdev", true},
    Distribution{"uniform", Duration::Kind::kUniform, "min", "max", false},
    Distribution{"gamma", Duration::Kind::kGamma, "shape", "scale", false},
    Distribution{"exponential", Duration::Kind::kExponential, "scale", "", false},
    Distribution{"poisson", Duration::Kind::kPoisson, "lam", "", false},
};

Error unknown_part(std::string_view key, const Entry& entry, std::span<const std::string_view> known) {
  return Error{.code = Code::kConfig,
               .message = fmt::format("{}.{}: unknown key{}", key, entry.key, did_you_mean_text(entry.key, known)),
               .hint = fmt::format("known here: {}", fmt::join(known, ", ")),
               .where = entry.place.position};
}

Result<double> part(std::string_view key, const Node& map, std::string_view name, std::optional<double> otherwise,
                    double longest) {
  const Node* node = map.find(name);
  if (node == nullptr || node->is_null()) {
    if (otherwise) return *otherwise;
    return value_error(key, map, fmt::format("a map with '{}'", name));
  }
  const std::optional<double> value =
      node->is_scalar() && node->kind != Node::Kind::kBool ? parse_number(node->text) : std::nullopt;
  if (!value || *value < 0 || *value > longest) {
    return value_error(fmt::format("{}.{}", key, name), *node, fmt::format("a number, between 0 and {}", longest));
  }
  return *value;
}

Status check_parameters(std::string_view key, const Node& node, const Duration& d, double longest) {
  const auto refuse = [&](std::string_view expected) { return value_error(key, node, expected); };
  switch (d.kind) {
    case Duration::Kind::kUniform:
      if (d.b < d.a) return refuse("'max' not below 'min'");
      return {};
    case Duration::Kind::kGamma:
      if (d.a <= 0 || d.b <= 0) return refuse("'shape' and 'scale' above 0");
      if (d.a * d.b > longest) return refuse(fmt::format("'shape' times 'scale' at most {}", longest));
      return {};
    case Duration::Kind::kExponential:
      if (d.a <= 0) return refuse("'scale' above 0");
      return {};
    default: return {};
  }
}

Result<Duration> parse_distribution(const Field& field, std::string_view key, const Node& node) {
  const Distribution* distribution = kDistributions.data();
  if (const Node* type = node.find("type"); type != nullptr && !type->is_null()) {
    STOKER_ASSIGN(const std::string name, parse_text(fmt::format("{}.type", key), *type));
    distribution = nullptr;
    for (const Distribution& candidate : kDistributions) {
      if (candidate.name == lower(name)) distribution = &candidate;
    }
    if (distribution == nullptr) {
      return value_error(fmt::format("{}.type", key), *type, "one of normal, uniform, gamma, exponential, poisson");
    }
  }
  std::vector<std::string_view> known = {"type", distribution->first};
  if (!distribution->second.empty()) known.push_back(distribution->second);
  for (const Entry& entry : node.entries) {
    if (std::ranges::find(known, entry.key) == known.end()) return unknown_part(key, entry, known);
  }
  Duration result{.kind = distribution->kind};
  STOKER_ASSIGN(result.a, part(key, node, distribution->first, std::nullopt, field.max));
  if (!distribution->second.empty()) {
    const auto otherwise = distribution->second_optional ? std::optional(0.0) : std::nullopt;
    STOKER_ASSIGN(result.b, part(key, node, distribution->second, otherwise, field.max));
  }
  STOKER_TRY(check_parameters(key, node, result, field.max));
  // A mean without a spread is a constant, however it was written.
  if (result.kind == Duration::Kind::kNormal && result.b == 0) result.kind = Duration::Kind::kConstant;
  return result;
}

Result<ColumnSpec> parse_column(std::string_view key, const Node& node) {
  ColumnSpec column;
  if (node.is_scalar() && !node.is_null()) {
    STOKER_ASSIGN(column.name, parse_text(key, node));
    return column;
  }
  if (!node.is_map()) return value_error(key, node, "a map {name, dtype, size, read} or a name");
  constexpr std::array<std::string_view, 4> kKnown = {"name", "dtype", "size", "read"};
  for (const Entry& entry : node.entries) {
    const std::string inner = fmt::format("{}.{}", key, entry.key);
    if (std::ranges::find(kKnown, entry.key) == kKnown.end()) return unknown_part(key, entry, kKnown);
    if (entry.value.is_null()) continue;
    if (entry.key == "name") {
      STOKER_ASSIGN(column.name, parse_text(inner, entry.value));
    } else if (entry.key == "dtype") {
      STOKER_ASSIGN(const std::string name, parse_text(inner, entry.value));
      const std::optional<DType> dtype = parse_dtype(lower(name));
      if (!dtype || *dtype == DType::kComplex64 || *dtype == DType::kComplex128) {
        return value_error(
            inner, entry.value,
            "one of uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, float32, float64, "
            "bool, string, binary, list");
      }
      column.dtype = *dtype;
    } else if (entry.key == "size") {
      constexpr std::int64_t kLargest = std::int64_t{1} << 31;  // a Parquet value is shorter than 2 GiB
      const auto size = entry.value.is_scalar() ? parse_whole(entry.value.text) : std::nullopt;
      if (!size || *size < 1 || *size >= kLargest) {
        return value_error(inner, entry.value, "an integer, at least 1 and below 2147483648");
      }
      column.size = *size;
    } else {
      const auto read = entry.value.is_scalar() ? parse_bool(entry.value.text) : std::nullopt;
      if (!read) return value_error(inner, entry.value, "True or False");
      column.read = *read;
    }
  }
  return column;
}

}  // namespace

Result<Duration> parse_duration(const Field& field, std::string_view key, const Node& node) {
  if (node.is_map()) return parse_distribution(field, key, node);
  // Of a list the text is empty.
  const std::optional<double> value = parse_number(node.text);
  if (!value) return value_error(key, node, "seconds as a number, or a map such as {mean: 0.3, stdev: 0.1}");
  if (*value < field.min || *value > field.max) {
    return value_error(key, node, fmt::format("seconds {}", bounds_text(field)));
  }
  return Duration{.kind = Duration::Kind::kConstant, .a = *value};
}

std::string to_text(const Duration& d) {
  if (d.kind == Duration::Kind::kNone) return "None";
  if (d.kind == Duration::Kind::kConstant) return fmt::format("{}", d.a);
  for (const Distribution& distribution : kDistributions) {
    if (distribution.kind != d.kind) continue;
    std::string text = fmt::format("{{type: {}, {}: {}", distribution.name, distribution.first, d.a);
    if (!distribution.second.empty()) text += fmt::format(", {}: {}", distribution.second, d.b);
    return text + "}";
  }
  return "None";
}

Result<std::vector<ColumnSpec>> parse_columns(std::string_view key, const Node& node) {
  if (!node.is_list()) return value_error(key, node, "a list of columns");
  std::vector<ColumnSpec> columns;
  std::set<std::string> names;
  for (const Node& item : node.items) {
    const std::string inner = fmt::format("{}[{}]", key, columns.size());
    STOKER_ASSIGN(ColumnSpec column, parse_column(inner, item));
    if (column.name.empty()) return value_error(inner, item, "a column with a name that is not empty");
    if (!names.insert(column.name).second) {
      return Error{.code = Code::kConfig,
                   .message = fmt::format("{}: a second column named '{}'", inner, column.name),
                   .hint = "give every column a name of its own",
                   .where = item.place.position};
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

std::string to_text(const std::vector<ColumnSpec>& columns) {
  std::string text;
  for (const ColumnSpec& column : columns) {
    text += fmt::format("{}{{name: {}, dtype: {}, size: {}, read: {}}}", text.empty() ? "" : ", ", column.name,
                        to_string(column.dtype), column.size, column.read ? "True" : "False");
  }
  return "[" + text + "]";
}

}  // namespace stoker::config
