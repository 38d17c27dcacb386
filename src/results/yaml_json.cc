#include "results/yaml_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/node.h"
#include "config/overrides.h"
#include "config/yaml.h"

namespace stoker::results {
namespace {

Json node_to_json(const config::Node& node) {
  using Kind = config::Node::Kind;
  switch (node.kind) {
    case Kind::kNull: return nullptr;
    case Kind::kBool: return config::parse_bool(node.text).value_or(false);
    case Kind::kInt:
      if (const auto value = config::parse_whole(node.text)) return *value;
      return node.text;
    case Kind::kFloat:
      if (const auto value = config::parse_number(node.text)) return *value;
      return node.text;
    case Kind::kString: return node.text;
    case Kind::kList: {
      Json list = Json::array();
      for (const auto& item : node.items) list.push_back(node_to_json(item));
      return list;
    }
    case Kind::kMap: {
      Json map = Json::object();
      for (const auto& entry : node.entries) map[entry.key] = node_to_json(entry.value);
      return map;
    }
  }
  return nullptr;
}

}  // namespace

Result<Json> yaml_to_json(const std::string& yaml, const std::string& name) {
  STOKER_ASSIGN(const config::Node node, config::parse_yaml(yaml, name));
  return node_to_json(node);
}

Result<Json> override_map(const std::vector<std::string>& overrides) {
  Json map = Json::object();
  for (const auto& text : overrides) {
    STOKER_ASSIGN(const config::Override parsed, config::parse_override(text, 1));
    map[fmt::format("{}", fmt::join(parsed.path, "."))] = parsed.value ? node_to_json(*parsed.value) : Json();
  }
  return map;
}

}  // namespace stoker::results
