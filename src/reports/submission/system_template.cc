#include "reports/submission/system_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/units.h"
#include "config/node.h"
#include "reports/submission/system_fields.h"
#include "results/config_copies.h"

namespace stoker::reports {

namespace {

using results::HostInfo;
using results::KeyValues;

struct NodeType {
  std::string name;
  std::map<std::string, std::string> values;  // by the path below Nodes.<name>, as YAML
  std::vector<std::string> networks;
};

std::string value_of(const KeyValues& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return "";
}

// "6.1.0-13-amd64" of /proc/version's "Linux version 6.1.0-13-amd64 (builder) ...".
std::string kernel_release(const std::string& version) {
  static constexpr std::string_view kPrefix = "Linux version ";
  if (!version.starts_with(kPrefix)) return version;
  return version.substr(kPrefix.size(), version.find(' ', kPrefix.size()) - kPrefix.size());
}

// Interfaces that carry traffic and may be hardware: those of containers and bridges have tell-tale names.
std::vector<std::string> networks_of(const HostInfo& host) {
  static constexpr std::string_view kVirtual[] = {"lo",  "docker", "veth", "br-",     "virbr", "tun",
                                                  "tap", "cni",    "ifb",  "flannel", "dummy"};
  std::vector<std::string> names;
  for (const results::Counters& interface : host.network) {
    const bool used = std::ranges::any_of(interface.values, [](const auto& counter) {
      return counter.second > 0 && (counter.first == "rx_bytes" || counter.first == "tx_bytes");
    });
    if (used &&
        std::ranges::none_of(kVirtual, [&](std::string_view prefix) { return interface.name.starts_with(prefix); }))
      names.push_back(interface.name);
  }
  return names;
}

NodeType describe(const HostInfo& host) {
  NodeType type;
  const auto put = [&type](const char* path, const std::string& text) {
    if (!text.empty()) type.values[path] = results::yaml_scalar(text);
  };
  if (host.memory.total > 0) {
    put("hardware.memory_capacity",
        fmt::format("{:.0f} GiB", std::round(static_cast<double>(host.memory.total) / static_cast<double>(kGiB))));
  }
  if (host.cpu) {
    put("hardware.cpu_model", host.cpu->model);
    put("operating_system.cpu_architecture", host.cpu->architecture);
    if (host.cpu->num_cores > 0) type.values["hardware.cpu_cores"] = std::to_string(host.cpu->num_cores);
  }
  if (host.system) {
    put("operating_system.name", value_of(host.system->os_release, "NAME"));
    put("operating_system.version", value_of(host.system->os_release, "VERSION_ID"));
    put("operating_system.kernel_version", kernel_release(host.system->kernel_version));
  }
  type.networks = networks_of(host);
  return type;
}

std::vector<NodeType> node_types(const results::SystemInfo& system) {
  std::vector<NodeType> types;
  std::vector<std::size_t> counts;
  for (const HostInfo& host : system.hosts) {
    NodeType type = describe(host);
    std::size_t i = 0;
    while (i < types.size() && (types[i].values != type.values || types[i].networks != type.networks)) ++i;
    if (i < types.size()) {
      ++counts[i];
      continue;
    }
    types.push_back(std::move(type));
    counts.push_back(1);
  }
  if (types.empty()) {
    types.emplace_back();
    counts.push_back(0);
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    types[i].name = i == 0 ? "client" : fmt::format("client_{}", i + 1);
    if (counts[i] > 0) types[i].values["quantity"] = std::to_string(counts[i]);
  }
  types.push_back({.name = "storage_node"});
  return types;
}

// What stands behind a field.
std::string comment(const SystemField& field) {
  if (!field.choices.empty()) return fmt::format("{}: one of {}", field.help, fmt::join(field.choices, ", "));
  if (field.type == SystemField::Type::kFlag) return fmt::format("{}: true or false", field.help);
  return std::string(field.help);
}

class Writer {
 public:
  explicit Writer(std::string& text) : text_(text) {}

  // The maps that lead to a path are opened when they are first needed.
  void field(const std::vector<std::string>& parts, const SystemField& field, const std::string& value) {
    std::size_t same = 0;
    while (same < open_.size() && same + 1 < parts.size() && open_[same] == parts[same]) ++same;
    open_.resize(same);
    for (; same + 1 < parts.size(); ++same) {
      if (same == 0) text_ += '\n';
      text_ += fmt::format("{}{}:\n", std::string(2 * same, ' '), results::yaml_scalar(parts[same]));
      open_.push_back(parts[same]);
    }
    const std::string indent(2 * (parts.size() - 1), ' ');
    if (!field.required) {
      text_ += fmt::format("{}# {}:  # optional: {}\n", indent, parts.back(), comment(field));
    } else if (value.empty()) {
      text_ += fmt::format("{}{}:  # FILL IN: {}\n", indent, parts.back(), comment(field));
    } else {
      text_ += fmt::format("{}{}: {}  # {}\n", indent, parts.back(), value, comment(field));
    }
  }

 private:
  std::string& text_;
  std::vector<std::string> open_;
};

// Nodes.*.hardware.model -> hardware.model.
std::string below_type(std::string_view path) {
  return std::string(path.substr(std::string_view("Nodes.*.").size()));
}

std::vector<std::string> words(std::string_view path, const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  std::size_t next = 0;
  for (const std::string_view part : config::split(path, '.'))
    parts.push_back(part == "*" ? names.at(next++) : std::string(part));
  return parts;
}

void put_node(const NodeType& type, Writer& writer) {
  // Fields of one adapter stand together, so they are written adapter by adapter when the first of them comes.
  static constexpr std::string_view kNetwork = "Nodes.*.networking.*.";
  bool networks_written = false;
  for (const SystemField& field : system_fields()) {
    if (!field.path.starts_with("Nodes.")) continue;
    if (!field.path.starts_with(kNetwork)) {
      const auto at = type.values.find(below_type(field.path));
      writer.field(words(field.path, {type.name}), field, at == type.values.end() ? "" : at->second);
      continue;
    }
    if (networks_written) continue;
    networks_written = true;
    const std::vector<std::string> names =
        type.networks.empty() ? std::vector<std::string>{"storage_network"} : type.networks;
    for (const std::string& name : names) {
      for (const SystemField& inner : system_fields()) {
        if (inner.path.starts_with(kNetwork)) writer.field(words(inner.path, {type.name, name}), inner, "");
      }
    }
  }
}

}  // namespace

std::string system_template(const results::SystemInfo& hosts, const TemplateOptions& options) {
  std::string text = fmt::format(
      "# Description of a system under test for an MLPerf Storage submission: systems/<system>.yaml, beside a PDF of\n"
      "# the same name. Facts about the clients are of {}.\n"
      "# Fill in every line that says FILL IN; 'stoker reports validate' names those that are left. Add a section "
      "under\n"
      "# Nodes for every further type of node, and one under PowerRequirements for every type and switch of the "
      "storage\n"
      "# system. Remove networks that carry no data.\n",
      options.facts_from);
  Writer writer(text);
  for (const SystemField& field : system_fields()) {
    if (field.path.starts_with("System.")) {
      const bool name = field.path == "System.name" && !options.system_name.empty();
      writer.field(words(field.path, {}), field, name ? results::yaml_scalar(options.system_name) : "");
    } else if (field.path.starts_with("PowerRequirements.")) {
      writer.field(words(field.path, {"storage_node"}), field, "");
    }
  }
  for (const NodeType& type : node_types(hosts)) put_node(type, writer);
  return text;
}

}  // namespace stoker::reports
