// Reads overrides, each ended by a zero byte, and prints for each a line of JSON: its action, key and typed value, or
// the error. For hydra_grammar.py, which has too many of them for a process each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "config/overrides.h"

namespace {

using nlohmann::json;
using stoker::config::Node;
using stoker::config::Override;

json value_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return {"null"};
    case Node::Kind::kBool: return {"bool", node.text};
    case Node::Kind::kInt: return {"int", node.text};
    case Node::Kind::kFloat: return {"float", node.text};
    case Node::Kind::kString: return {"str", node.text};
    case Node::Kind::kList: {
      json items = json::array();
      for (const Node& item : node.items) items.push_back(value_of(item));
      return {"list", items};
    }
    case Node::Kind::kMap: {
      json entries = json::array();
      for (const auto& entry : node.entries) entries.push_back(json::array({entry.key, value_of(entry.value)}));
      return {"map", entries};
    }
  }
  return {};
}

std::string_view action_of(Override::Action action) {
  switch (action) {
    case Override::Action::kReplace: return "CHANGE";
    case Override::Action::kAdd: return "ADD";
    case Override::Action::kForce: return "FORCE_ADD";
    case Override::Action::kDelete: return "DEL";
  }
  return "";
}

}  // namespace

int main() {
  for (std::string text; std::getline(std::cin, text, '\0');) {
    const auto parsed = stoker::config::parse_override(text, 1);
    json line;
    if (!parsed) {
      line["error"] = parsed.error().message;
    } else {
      line["action"] = action_of(parsed->action);
      line["key"] = fmt::format("{}", fmt::join(parsed->path, "."));
      line["value"] = parsed->value ? value_of(*parsed->value) : json();
    }
    std::cout << line.dump() << '\n';
  }
}
