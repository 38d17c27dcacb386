#include <fmt/format.h>

#include <variant>
#include <vector>

#include "config/field_value.h"
#include "config/node.h"
#include "mlperf/rules/overrides.h"
#include "mlperf/rules/workload_change_internal.h"

namespace stoker::rules::internal {
namespace {

using results::Json;

config::Node node_of(const Json& value) {
  using Kind = config::Node::Kind;
  config::Node node;
  if (value.is_object()) {
    node.kind = Kind::kMap;
    for (const auto& [key, item] : value.items()) node.add(key, node_of(item));
  } else if (value.is_array()) {
    node.kind = Kind::kList;
    for (const Json& item : value) node.items.push_back(node_of(item));
  } else if (!value.is_null()) {
    node.kind = value.is_boolean()          ? Kind::kBool
                : value.is_number_integer() ? Kind::kInt
                : value.is_number()         ? Kind::kFloat
                                            : Kind::kString;
    node.text = value_text(value);
  }
  return node;
}

// Of a key whose type the table does not say.
std::string plain(const std::string& text) {
  const std::string name = config::lower(text);
  if (name.empty() || name == "none" || name == "null") return "None";
  if (name == "true" || name == "yes" || name == "on") return "True";
  if (name == "false" || name == "no" || name == "off") return "False";
  const auto number = config::parse_number(text);
  return number ? fmt::format("{}", *number) : text;
}

// The value as the configuration understands it; one that it would refuse, as it is written.
std::string meaning(const config::Field& field, const Json* value) {
  config::Workload workload;  // of defaults
  const bool spread = std::holds_alternative<config::StdevAccess>(field.member);
  const bool typed = !spread && !std::holds_alternative<std::monostate>(field.member);
  if (value == nullptr) {
    const std::string absent = config::text_of(field, workload);
    return typed ? absent : plain(absent);
  }
  if (spread && number_of(*value) == 0.0) return "None";
  if (typed && config::set_value(field, field.key, node_of(*value), workload)) return config::text_of(field, workload);
  return plain(value_text(*value));
}

// An override of the key, of the section that it stands in, or of a part of it.
bool touches(std::string_view overridden, std::string_view key) {
  const auto begins = [](std::string_view text, std::string_view start) {
    return text.starts_with(start) && (text.size() == start.size() || text[start.size()] == '.');
  };
  return begins(overridden, key) || begins(key, overridden);
}

bool is_touched(const Run& run, std::string_view key) {
  if (!run.overrides.is_object()) return false;
  for (const auto& entry : run.overrides.items()) {
    if (touches(canonical_key(entry.key()), key)) return true;
  }
  return false;
}

// Keys of a training workload that change nothing of the run. The model's size is what a checkpoint holds, and its type
// is a word; results of earlier versions give its name alone.
bool is_idle(const CheckContext& c, std::string_view key) {
  if (key == "model.name" || key == "model.type") return true;
  return key.starts_with("model.") && c.parameters.flag("workflow.checkpoint") != true;
}

}  // namespace

std::optional<WorkloadChange> change_of(const CheckContext& c, const config::Field& field) {
  if (!c.stock || c.run.parameters.empty() || is_touched(c.run, field.key)) return std::nullopt;
  WorkloadChange change{meaning(field, c.stock->find(field.key)), meaning(field, c.parameters.find(field.key))};
  if (change.expected == change.found) return std::nullopt;
  if (std::holds_alternative<config::Access<std::vector<config::ColumnSpec>>>(field.member)) {
    return WorkloadChange{"the benchmark's columns", "others"};  // 200 of them are no message
  }
  if (field.secret) change = {"not set", "(hidden)"};
  return change;
}

bool is_overridden(const Run& run, std::string_view key) {
  if (!run.overrides.is_object()) return false;
  for (const auto& entry : run.overrides.items()) {
    if (canonical_key(entry.key()) == key) return true;
  }
  return false;
}

bool is_own(const CheckContext& c, std::string_view key) {
  if (is_overridden(c.run, key)) return true;
  const config::Field* field = config::find_field(key);
  return field != nullptr && change_of(c, *field).has_value();
}

void check_workload_file(const CheckContext& c, Findings& findings, std::string_view benchmark) {
  const bool training = benchmark == "training";
  // checkpointing.fsync judges the key wherever it is set.
  const std::string_view elsewhere = training ? "workflow" : "checkpoint.fsync";
  for (const config::Field& field : config::fields()) {
    if (field.key.starts_with(elsewhere) || (training && is_idle(c, field.key))) continue;
    const auto change = change_of(c, field);
    if (!change) continue;
    const KeyVerdict verdict =
        judge_key(training ? training_overrides() : checkpointing_overrides(), field.key, change->found);
    const bool closed = verdict.category == Category::kClosed;
    findings.push_back(
        {.rule = fmt::format("{}.workload", benchmark),
         .category = verdict.category,
         .message = fmt::format("{} of the workload file {} the benchmark's: {}", field.key,
                                closed ? "may differ from" : "is not", verdict.reason),
         .parameter = std::string(field.key),
         .expected = change->expected,
         .actual = change->found,
         .remedy = closed ? "" : "use the workload file that comes with the benchmark: leave --config-dir out",
         .severity = closed ? Severity::kInfo : Severity::kError});
  }
}

}  // namespace stoker::rules::internal
