#include "reports/submission/system_description.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/did_you_mean.h"
#include "config/node.h"
#include "config/yaml.h"
#include "reports/report/aggregate.h"
#include "reports/report/report_files.h"
#include "reports/submission/system_fields.h"
#include "results/json.h"
#include "results/yaml_json.h"

namespace stoker::reports {

namespace {

using config::Entry;
using config::Node;
using Kind = DescriptionFinding::Kind;
using Type = SystemField::Type;

// What templates and people write where they mean "later".
bool is_blank(const Node& node) {
  if (node.is_null()) return true;
  if (!node.is_scalar()) return false;
  const std::string text = config::lower(node.text);
  if (text.find_first_not_of(" ?-.") == std::string::npos) return true;
  return text == "tbd" || (text.front() == '<' && text.back() == '>');
}

bool begins_with_number(const std::string& text) {
  return !text.empty() && (text.front() >= '0' && text.front() <= '9');
}

std::string expectation(const SystemField& field) {
  switch (field.type) {
    case Type::kText: return "a text";
    case Type::kWhole: return "a whole number";
    case Type::kNumber: return "a number";
    case Type::kQuantity: return "a number, with or without its unit";
    case Type::kCapacity: return "a number with its unit, TB or TiB";
    case Type::kFlag: return "true or false";
    case Type::kChoice: return fmt::format("one of {}", fmt::join(field.choices, ", "));
    case Type::kAnything: return "a map, {} if there is nothing to tell";
  }
  return "";
}

bool fits(const SystemField& field, const Node& node) {
  if (field.type == Type::kAnything) return true;
  if (!node.is_scalar()) return false;
  switch (field.type) {
    case Type::kWhole: {
      const auto whole = config::parse_whole(node.text);
      return whole && *whole >= 0;
    }
    case Type::kNumber: {
      const auto number = config::parse_number(node.text);
      return number && *number >= 0;
    }
    case Type::kQuantity: return begins_with_number(node.text);
    case Type::kCapacity: return capacity_tib(node.text).has_value();
    case Type::kFlag: return node.kind == Node::Kind::kBool;
    case Type::kChoice:
      return std::ranges::any_of(field.choices, [&node](std::string_view choice) {
        return config::lower(choice) == config::lower(node.text);
      });
    default: return true;
  }
}

class Checker {
 public:
  Checker(const Node& root, SystemDescription& out) : root_(root), out_(out) {}

  void run() {
    const bool old_type = has_old_type();
    for (const SystemField& field : system_fields()) {
      if (old_type && field.type == Type::kChoice && field.required) continue;
      visit(field, config::split(field.path, '.'), 0, root_, "");
    }
    if (old_type) {
      add(Kind::kMissing, "System.type", line_of(*root_.find("System"), "type"), "is the form of an earlier version",
          "write storage_location, client_software and storage_interface instead of it");
    }
    supplies();
    nodes_without_power();
    unknown();
    // In the order of the text, as whoever corrects it goes through it.
    std::ranges::stable_sort(out_.findings, {}, &DescriptionFinding::line);
  }

 private:
  void add(Kind kind, std::string key, int line, std::string message, std::string remedy) {
    out_.findings.push_back({kind, std::move(key), line, std::move(message), std::move(remedy)});
  }

  static int line_of(const Node& map, std::string_view key) {
    for (const Entry& entry : map.entries) {
      if (entry.key == key) return entry.place.position.line;
    }
    return map.place.position.line;
  }

  [[nodiscard]] bool has_old_type() const {
    const Node* const system = root_.find("System");
    return system != nullptr && system->find("type") != nullptr && system->find("storage_location") == nullptr &&
           system->find("client_software") == nullptr && system->find("storage_interface") == nullptr;
  }

  // Follows the parts of a path from `at` on down; `path` is what has been followed, with names for '*'.
  void visit(const SystemField& field, const std::vector<std::string_view>& parts, std::size_t at, const Node& node,
             const std::string& path) {
    const std::string_view part = parts[at];
    const bool last = at + 1 == parts.size();
    const auto below = [&path](std::string_view name) {
      return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
    };
    if (!node.is_map()) {
      // Said once per place, by the first field that gets here.
      if (field.required && reported_.insert(path).second) {
        const bool blank = is_blank(node);
        add(blank ? Kind::kBlank : Kind::kWrong, path, node.place.position.line,
            blank ? "is not filled in" : "is " + std::string(config::describe_kind(node.kind)) + ", expected a map",
            "'stoker system init' writes a template that has everything");
      }
      return;
    }
    if (part == "*") {
      if (node.entries.empty() && field.required && reported_.insert(path).second)
        add(Kind::kMissing, path, node.place.position.line, "has no entry", "expected at least one, under a name");
      for (const Entry& entry : node.entries) visit(field, parts, at + 1, entry.value, below(entry.key));
      return;
    }
    const Node* child = node.find(part);
    std::string name(part);
    if (child == nullptr && last && !field.alias.empty()) {
      child = node.find(field.alias);
      if (child != nullptr) name = field.alias;
    }
    if (child == nullptr) {
      if (!field.required || !reported_.insert(below(part)).second) return;
      add(Kind::kMissing, below(last ? part : name), node.place.position.line, "is missing",
          last ? fmt::format("{}: {}", field.help, expectation(field)) : "expected a map");
      return;
    }
    if (!last) {
      visit(field, parts, at + 1, *child, below(name));
    } else {
      value(field, *child, below(name), line_of(node, name));
    }
  }

  void value(const SystemField& field, const Node& node, const std::string& key, int line) {
    if (is_blank(node)) {
      if (field.required)
        add(Kind::kBlank, key, line, "is not filled in", fmt::format("{}: {}", field.help, expectation(field)));
      return;
    }
    if (!fits(field, node)) {
      add(Kind::kWrong, key, line, fmt::format("is {}, expected {}", config::preview(node), expectation(field)),
          std::string(field.help));
    }
  }

  static constexpr std::int64_t kMostSupplies = 1'000'000;

  // As many nameplate powers as there are supplies, up to the three that the form has places for.
  void supplies() {
    const Node* const power = root_.find("PowerRequirements");
    if (power == nullptr || !power->is_map()) return;
    for (const Entry& entry : power->entries) {
      std::int64_t count = 0;
      for (const char* key : {"num_active_psus", "num_passive_psus"}) {
        const Node* const node = entry.value.find(key);
        if (node == nullptr || !node->is_scalar()) continue;
        count += std::clamp<std::int64_t>(config::parse_whole(node->text).value_or(0), 0, kMostSupplies);
      }
      for (std::int64_t i = 2; i <= std::min<std::int64_t>(3, count); ++i) {
        const std::string name = fmt::format("psu{}_nameplate_power", i);
        const Node* const node = entry.value.find(name);
        if (node == nullptr || is_blank(*node)) {
          add(node == nullptr ? Kind::kMissing : Kind::kBlank, fmt::format("PowerRequirements.{}.{}", entry.key, name),
              line_of(entry.value, name), node == nullptr ? "is missing" : "is not filled in",
              fmt::format("there are {} power supplies: a number, with or without its unit", count));
        }
      }
    }
  }

  void nodes_without_power() {
    const Node* const nodes = root_.find("Nodes");
    const Node* const power = root_.find("PowerRequirements");
    if (nodes == nullptr || power == nullptr || !nodes->is_map() || !power->is_map()) return;
    for (const Entry& entry : nodes->entries) {
      // Clients load the system; they are no part of what it draws.
      if (config::lower(entry.key).find("client") != std::string::npos || power->find(entry.key) != nullptr) continue;
      add(Kind::kOdd, "Nodes." + entry.key, entry.place.position.line,
          fmt::format("has no section PowerRequirements.{}", entry.key), "say what these nodes draw");
    }
  }

  // Names that no field has: typing errors, mostly.
  void unknown() {
    for (const Entry& entry : root_.entries) unknown_below(entry.value, entry.key, entry.key, entry.place);
  }

  // `pattern` is `path` with '*' for the names that are free.
  void unknown_below(const Node& node, const std::string& pattern, const std::string& path,
                     const config::Place& place) {
    if (path == "System.type" && has_old_type()) return;  // has been said
    std::set<std::string_view> names;                     // that may follow `pattern`
    bool known = false;
    for (const SystemField& field : system_fields()) {
      if (field.path == pattern) return;  // a field: whatever is below is its value
      const std::size_t parent = pattern.rfind('.') == std::string::npos ? 0 : pattern.rfind('.') + 1;
      if (!field.alias.empty() && field.path.substr(0, parent) == pattern.substr(0, parent) &&
          field.alias == std::string_view(pattern).substr(parent))
        return;
      if (!field.path.starts_with(pattern + ".")) continue;
      known = true;
      const std::string_view rest = field.path.substr(pattern.size() + 1);
      names.insert(rest.substr(0, rest.find('.')));
    }
    if (!known) {
      const std::size_t parent = pattern.rfind('.');
      std::vector<std::string_view> siblings;
      for (const SystemField& field : system_fields()) {
        if (parent != std::string::npos && !field.path.starts_with(pattern.substr(0, parent + 1))) continue;
        const std::string_view rest = field.path.substr(parent == std::string::npos ? 0 : parent + 1);
        const std::string_view name = rest.substr(0, rest.find('.'));
        if (std::ranges::find(siblings, name) == siblings.end()) siblings.push_back(name);
      }
      const std::string name = path.substr(path.rfind('.') == std::string::npos ? 0 : path.rfind('.') + 1);
      add(Kind::kOdd, path, place.position.line,
          "is not a field of the description" + did_you_mean_text(name, siblings), "correct or remove it");
      return;
    }
    if (!node.is_map()) return;
    const bool free_names = names.contains("*");
    for (const Entry& entry : node.entries)
      unknown_below(entry.value, pattern + "." + (free_names ? "*" : entry.key), path + "." + entry.key, entry.place);
  }

  const Node& root_;
  SystemDescription& out_;
  std::set<std::string> reported_;
};

}  // namespace

Result<SystemDescription> check_description(std::string_view yaml, const std::string& name) {
  STOKER_ASSIGN(const Node root, config::parse_yaml(yaml, name));
  if (!root.is_map())
    return make_error(Code::kConfig, "{}: expected a map with System, PowerRequirements and Nodes", name);
  SystemDescription description;
  STOKER_ASSIGN(const results::Json json, results::yaml_to_json(std::string(yaml), name));
  for (auto& [key, value] : flatten(json)) {
    static constexpr std::string_view kTop = "System.";
    description.columns[key.starts_with(kTop) ? key.substr(kTop.size()) : key] = value;
  }
  if (root.find("system_under_test") != nullptr) {
    description.findings.push_back({Kind::kOdd, "system_under_test", 1, "is the form of the v3.0 rules",
                                    "stoker checks the fields of the v2.0 form; check this one with v3.0's own tool"});
    return description;
  }
  Checker(root, description).run();
  for (const char* key : {"usable_capacity", "useable_capacity"}) {
    if (const auto at = description.columns.find(key); at != description.columns.end()) {
      if (const auto tib = capacity_tib(at->second))
        description.columns["usable_capacity_TiB"] = fmt::format("{:.2f}", *tib);
    }
  }
  return description;
}

Result<SystemDescription> read_description(const std::filesystem::path& path) {
  STOKER_ASSIGN(const std::string text, results::read_file(path));
  return check_description(text, path.string());
}

}  // namespace stoker::reports
