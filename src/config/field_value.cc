#include "config/field_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/did_you_mean.h"
#include "base/printable.h"
#include "config/data_set_names.h"

namespace stoker::config {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// Accessors take a mutable Workload so that one function serves reading and writing; nothing is changed through this
// one.
Workload& readable(const Workload& w) {
  return const_cast<Workload&>(w);
}  // NOLINT(cppcoreguidelines-pro-type-const-cast)

std::string one_of_text(std::string_view given, const std::vector<std::string_view>& names) {
  return fmt::format("one of {}{}", fmt::join(names, ", "), did_you_mean_text(given, names));
}

std::string with_bounds(std::string_view what, const Field& field) {
  const std::string bounds = bounds_text(field);
  return bounds.empty() ? std::string(what) : fmt::format("{}, {}", what, bounds);
}

bool inside(const Field& field, double value) {
  return value >= field.min && value <= field.max;
}

Result<std::int64_t> whole(const Field& field, std::string_view key, const Node& node) {
  const bool text = node.is_scalar() && node.kind != Node::Kind::kBool;
  const std::optional<std::int64_t> value = text ? parse_whole(node.text) : std::nullopt;
  if (!value) {
    const bool fraction = text && parse_number(node.text).has_value();
    return value_error(
        key, node, fraction ? "an integer that fits in 64 bits, without a fraction" : with_bounds("an integer", field));
  }
  if (!inside(field, static_cast<double>(*value))) return value_error(key, node, bounds_text(field));
  return *value;
}

Result<double> number(const Field& field, std::string_view key, const Node& node) {
  const bool text = node.is_scalar() && node.kind != Node::Kind::kBool;
  const std::optional<double> value = text ? parse_number(node.text) : std::nullopt;
  if (!value) return value_error(key, node, with_bounds("a number", field));
  if (!inside(field, *value)) return value_error(key, node, bounds_text(field));
  return *value;
}

// The elements of a list; a scalar stands for a list of one.
std::vector<const Node*> elements(const Node& node) {
  std::vector<const Node*> result;
  if (!node.is_list()) return {&node};
  for (const Node& item : node.items) result.push_back(&item);
  return result;
}

Result<DType> numpy_type(std::string_view key, const Node& node) {
  STOKER_ASSIGN(const std::string name, parse_text(key, node));
  const std::optional<DType> dtype = parse_dtype(lower(name));
  if (!dtype || *dtype == DType::kString || *dtype == DType::kBinary || *dtype == DType::kList) {
    return value_error(
        key, node,
        "one of uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, float32, float64, bool, "
        "complex64, complex128");
  }
  return *dtype;
}

Status set_enum(const EnumAccess& access, std::string_view key, const Node& node, Workload& w) {
  STOKER_ASSIGN(const std::string text, parse_text(key, node));
  if (!access.set(w, lower(text))) return value_error(key, node, one_of_text(lower(text), access.names));
  return {};
}

Status set_truth(Access<bool> access, std::string_view key, const Node& node, Workload& w) {
  STOKER_ASSIGN(const std::string text, parse_text(key, node));
  const bool none = text.empty() || lower(text) == "none";
  access(w) = !none && parse_bool(text).value_or(true);
  return {};
}

std::string bool_text(bool value) {
  return value ? "True" : "False";
}

template <class T>
std::string list_text(const std::vector<T>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string text_or_none(std::string_view text) {
  return std::string(text.empty() ? "None" : text);
}

// What is wrong with a text that must not be empty, or that becomes part of a name; "" when nothing is.
std::string text_fault(const Field& field, std::string_view text) {
  if (text.empty()) return field.needed ? "is empty" : "";
  // A name ends there for the operating system: it would be another one than the text says.
  if (text.find('\0') != std::string_view::npos) return "has a NUL byte";
  return std::string(field.name_in.empty() ? "" : name_part_fault(text));
}

Error unusable_text(const Field& field, std::string_view text, std::string_view fault,
                    const std::optional<SourcePos>& where) {
  if (text.empty()) return empty_error(field.key, "''", where);
  const bool is_name = !field.name_in.empty();
  Error error = make_error(Code::kConfig, "{}: '{}' {}, expected {}", field.key, printable_line(text), fault,
                           is_name ? "a part of a name" : "a text without one");
  if (is_name) error.hint = fmt::format("it becomes part of names; in which folder is said by {}", field.name_in);
  error.where = where;
  return error;
}

}  // namespace

std::string bounds_text(const Field& field) {
  const bool low = std::isfinite(field.min);
  const bool high = std::isfinite(field.max);
  if (low && high) return fmt::format("between {} and {}", field.min, field.max);
  if (low) return fmt::format("at least {}", field.min);
  if (high) return fmt::format("at most {}", field.max);
  return {};
}

Error empty_error(std::string_view key, std::string_view found, const std::optional<SourcePos>& where) {
  return Error{.code = Code::kConfig,
               .message = fmt::format("{}: found {}, expected a text that is not empty", key, found),
               .hint = "the usual cause is a shell variable that is not set",
               .where = where};
}

Error value_error(std::string_view key, const Node& node, std::string_view expected) {
  const bool quote = node.kind == Node::Kind::kString;
  const std::string found = quote ? fmt::format("'{}'", preview(node)) : preview(node);
  return Error{.code = Code::kConfig,
               .message = fmt::format("{}: found {}, expected {}", key, found, expected),
               .where = node.place.position};
}

Result<std::string> parse_text(std::string_view key, const Node& node) {
  if (!node.is_scalar() || node.is_null()) return value_error(key, node, "a text");
  if (node.text.find("${") != std::string::npos) {
    return value_error(key, node, "the value itself: interpolations are not supported here");
  }
  return node.text;
}

Status set_value(const Field& field, std::string_view key, const Node& node, Workload& w) {
  return std::visit(Overloaded{
                        [](std::monostate) -> Status { return {}; },
                        [](const StdevAccess&) -> Status { return {}; },
                        [&](Access<bool> access) -> Status {
                          const std::optional<bool> value = node.is_scalar() ? parse_bool(node.text) : std::nullopt;
                          if (!value) return value_error(key, node, "True or False");
                          access(w) = *value;
                          return {};
                        },
                        [&](Access<std::int64_t> access) -> Status {
                          STOKER_ASSIGN(access(w), whole(field, key, node));
                          return {};
                        },
                        [&](Access<std::optional<std::int64_t>> access) -> Status {
                          STOKER_ASSIGN(access(w), whole(field, key, node));
                          return {};
                        },
                        [&](Access<double> access) -> Status {
                          STOKER_ASSIGN(access(w), number(field, key, node));
                          return {};
                        },
                        [&](Access<std::string> access) -> Status {
                          STOKER_ASSIGN(std::string text, parse_text(key, node));
                          if (!field.choices.empty() && std::ranges::find(field.choices, text) == field.choices.end()) {
                            return value_error(key, node, one_of_text(text, field.choices));
                          }
                          if (const std::string fault = text_fault(field, text); !fault.empty()) {
                            return unusable_text(field, text, fault, node.place.position);
                          }
                          access(w) = std::move(text);
                          return {};
                        },
                        [&](Access<std::vector<std::int64_t>> access) -> Status {
                          std::vector<std::int64_t> values;
                          for (const Node* item : elements(node)) {
                            STOKER_ASSIGN(const std::int64_t value, whole(field, key, *item));
                            values.push_back(value);
                          }
                          access(w) = std::move(values);
                          return {};
                        },
                        [&](Access<std::vector<std::string>> access) -> Status {
                          std::vector<std::string> values;
                          for (const Node* item : elements(node)) {
                            STOKER_ASSIGN(std::string value, parse_text(key, *item));
                            values.push_back(std::move(value));
                          }
                          access(w) = std::move(values);
                          return {};
                        },
                        [&](Access<DType> access) -> Status {
                          STOKER_ASSIGN(access(w), numpy_type(key, node));
                          return {};
                        },
                        [&](Access<Duration> access) -> Status {
                          STOKER_ASSIGN(access(w), parse_duration(field, key, node));
                          return {};
                        },
                        [&](Access<std::vector<ColumnSpec>> access) -> Status {
                          STOKER_ASSIGN(access(w), parse_columns(key, node));
                          return {};
                        },
                        [&](const EnumAccess& access) -> Status { return set_enum(access, key, node, w); },
                        [&](const PresenceAccess& access) -> Status {
                          access.flag(w) = node.is_map() || parse_bool(node.text).value_or(true);
                          return {};
                        },
                        [&](const TruthAccess& access) -> Status { return set_truth(access.flag, key, node, w); },
                    },
                    field.member);
}

std::string text_of(const Field& field, const Workload& const_workload) {
  Workload& w = readable(const_workload);
  return std::visit(Overloaded{
                        [&](std::monostate) { return text_or_none(field.fallback); },
                        [&](Access<bool> access) { return bool_text(access(w)); },
                        [&](Access<std::int64_t> access) { return fmt::format("{}", access(w)); },
                        [&](Access<std::optional<std::int64_t>> access) {
                          return access(w) ? fmt::format("{}", *access(w)) : std::string("None");
                        },
                        [&](Access<double> access) { return fmt::format("{}", access(w)); },
                        [&](Access<std::string> access) { return text_or_none(access(w)); },
                        [&](Access<std::vector<std::int64_t>> access) { return list_text(access(w)); },
                        [&](Access<std::vector<std::string>> access) { return list_text(access(w)); },
                        [&](Access<DType> access) { return std::string(to_string(access(w))); },
                        [&](Access<Duration> access) { return to_text(access(w)); },
                        [&](Access<std::vector<ColumnSpec>> access) { return to_text(access(w)); },
                        [&](const EnumAccess& access) { return std::string(access.get(w)); },
                        [&](const StdevAccess& access) {
                          const Duration& duration = access.duration(w);
                          return duration.kind == Duration::Kind::kNormal ? fmt::format("{}", duration.b)
                                                                          : std::string("None");
                        },
                        [&](const PresenceAccess& access) { return bool_text(access.flag(w)); },
                        [&](const TruthAccess& access) { return bool_text(access.flag(w)); },
                    },
                    field.member);
}

std::string type_text(const Field& field) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string("any"); },
                        [](Access<bool>) { return std::string("boolean"); },
                        [&](Access<std::int64_t>) { return with_bounds("integer", field); },
                        [&](Access<std::optional<std::int64_t>>) { return with_bounds("integer", field); },
                        [&](Access<double>) { return with_bounds("number", field); },
                        [&](Access<std::string>) {
                          return field.choices.empty() ? std::string("text")
                                                       : fmt::format("{}", fmt::join(field.choices, ", "));
                        },
                        [&](Access<std::vector<std::int64_t>>) { return with_bounds("list of integers", field); },
                        [](Access<std::vector<std::string>>) { return std::string("list of texts"); },
                        [](Access<DType>) { return std::string("element type"); },
                        [&](Access<Duration>) { return with_bounds("duration", field); },
                        [](Access<std::vector<ColumnSpec>>) { return std::string("list of columns"); },
                        [](const EnumAccess& access) { return fmt::format("{}", fmt::join(access.names, ", ")); },
                        [&](const StdevAccess&) { return with_bounds("number", field); },
                        [](const PresenceAccess&) { return std::string("section"); },
                        [](const TruthAccess&) { return std::string("boolean"); },
                    },
                    field.member);
}

Status check_bounds(const Field& field, const Workload& const_workload) {
  Workload& w = readable(const_workload);
  const auto check = [&](double value) -> Status {
    if (inside(field, value)) return {};
    return make_error(Code::kConfig, "{}: found {}, expected {}", field.key, value, bounds_text(field));
  };
  return std::visit(Overloaded{
                        [](const auto&) -> Status { return {}; },
                        [&](Access<std::int64_t> access) -> Status { return check(static_cast<double>(access(w))); },
                        [&](Access<std::optional<std::int64_t>> access) -> Status {
                          return access(w) ? check(static_cast<double>(*access(w))) : Status();
                        },
                        [&](Access<double> access) -> Status { return check(access(w)); },
                        [&](Access<std::string> access) -> Status {
                          const std::string& text = access(w);
                          if (!field.choices.empty() && std::ranges::find(field.choices, text) == field.choices.end()) {
                            return make_error(Code::kConfig, "{}: found '{}', expected {}", field.key, text,
                                              one_of_text(text, field.choices));
                          }
                          const std::string fault = text_fault(field, text);
                          return fault.empty() ? Status() : unusable_text(field, text, fault, std::nullopt);
                        },
                        [&](Access<std::vector<std::int64_t>> access) -> Status {
                          for (const std::int64_t value : access(w)) STOKER_TRY(check(static_cast<double>(value)));
                          return {};
                        },
                    },
                    field.member);
}

}  // namespace stoker::config
