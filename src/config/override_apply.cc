// What an override does to the tree of a workload file.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"
#include "config/overrides.h"

namespace stoker::config {
namespace {

std::string join(std::span<const std::string> path) {
  return fmt::format("{}", fmt::join(path, "."));
}

// Equality as Python has it, for ~a.b=v: numbers by value, texts letter by letter.
bool same_value(const Node& a, const Node& b) {
  if (a.is_list() || a.is_map()) {
    const auto same_entry = [](const Entry& x, const Entry& y) {
      return x.key == y.key && same_value(x.value, y.value);
    };
    return a.kind == b.kind && std::ranges::equal(a.items, b.items, same_value) &&
           std::ranges::equal(a.entries, b.entries, same_entry);
  }
  const auto is_number = [](const Node& n) { return n.kind == Node::Kind::kInt || n.kind == Node::Kind::kFloat; };
  if (is_number(a) && is_number(b)) return parse_number(a.text) == parse_number(b.text) && parse_number(a.text);
  if (a.kind != b.kind) return false;
  if (a.kind == Node::Kind::kBool) return parse_bool(a.text) == parse_bool(b.text);
  return a.is_null() || a.text == b.text;
}

void merge_into(Node& target, Node value) {
  if (!target.is_map() || !value.is_map()) {
    target = std::move(value);
    return;
  }
  for (Entry& entry : value.entries) {
    if (Node* old = target.find(entry.key)) {
      merge_into(*old, std::move(entry.value));
    } else {
      target.entries.push_back(std::move(entry));
    }
  }
}

Node* child(Node& parent, const std::string& part) {
  if (parent.is_map()) return parent.find(part);
  if (!parent.is_list()) return nullptr;
  const auto index = parse_whole(part);
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= parent.items.size()) return nullptr;
  return &parent.items[static_cast<std::size_t>(*index)];
}

Error refuse(const Override& o, std::string message, std::string hint) {
  return Error{.code = Code::kConfig,
               .message = std::move(message),
               .hint = std::move(hint),
               .where = SourcePos{.file = fmt::format("override '{}'", o.text)}};
}

// The same override with '++', for a hint.
std::string as_forced(const Override& o, std::string_view key) {
  return fmt::format("add or replace it with ++workload.{}={}", key, o.text.substr(o.text.find('=') + 1));
}

// The node that holds the last part of the path, or null. With `create`, sections are made on the way, and a scalar in
// the way becomes one (train.computation_time=0.3 gives way to train.computation_time.mean).
Node* parent_of(const Override& o, Node& root, bool create) {
  Node* at = &root;
  for (std::size_t i = 0; i + 1 < o.path.size(); ++i) {
    Node* next = child(*at, o.path[i]);
    if (next == nullptr) {
      if (!create || !at->is_map()) return nullptr;
      next = &at->add(o.path[i], Node{.kind = Node::Kind::kMap, .place = o.value->place});
    } else if (create && next->is_scalar()) {
      *next = Node{.kind = Node::Kind::kMap, .place = o.value->place};
    }
    at = next;
  }
  return at;
}

}  // namespace

Status apply_override(const Override& o, Node& root) {
  const std::string key = join(o.path);
  const bool create = o.action == Override::Action::kForce || o.action == Override::Action::kAdd;
  Node* parent = parent_of(o, root, create);
  Node* present = parent == nullptr ? nullptr : child(*parent, o.path.back());
  switch (o.action) {
    case Override::Action::kDelete: {
      if (present == nullptr)
        return refuse(o, fmt::format("{}: not there, so it cannot be deleted", key), "remove the override");
      if (o.value && !same_value(*present, *o.value)) {
        return refuse(
            o,
            fmt::format("{}: found {}, expected {}, so it is not deleted", key, preview(*present), preview(*o.value)),
            fmt::format("delete it whatever its value with ~{}", key));
      }
      if (!parent->is_map())
        return refuse(o, fmt::format("{}: an item of a list cannot be deleted", key), "give the whole list");
      parent->erase(o.path.back());
      return {};
    }
    case Override::Action::kReplace:
      if (present == nullptr) {
        std::vector<std::string_view> names;
        if (parent != nullptr) {
          for (const Entry& entry : parent->entries) names.emplace_back(entry.key);
        }
        return refuse(o, fmt::format("{}: not in the workload file{}", key, did_you_mean_text(o.path.back(), names)),
                      as_forced(o, key));
      }
      break;
    case Override::Action::kAdd:
      // As in Hydra, what is null counts as absent, and lists and maps replace and merge as with '++'.
      if (present != nullptr && !present->is_null() && o.value->is_scalar()) {
        return refuse(o, fmt::format("{}: already in the workload file, with value {}", key, preview(*present)),
                      as_forced(o, key));
      }
      break;
    case Override::Action::kForce: break;
  }
  if (present != nullptr) {
    merge_into(*present, *o.value);
  } else if (parent != nullptr && parent->is_map()) {
    parent->add(o.path.back(), *o.value);
  } else {
    return refuse(o, fmt::format("{}: no such item of a list", key), "give the whole list");
  }
  return {};
}

}  // namespace stoker::config
