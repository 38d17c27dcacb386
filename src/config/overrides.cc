#include "config/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"

namespace stoker::config {
namespace {

constexpr int kDeepest = 32;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Recursive descent over the text of one value.
class ValueParser {
 public:
  ValueParser(std::string_view text, const Place& place) : text_(text), place_(place) {}

  Result<Node> parse_all() {
    const std::string_view whole = trim(text_);
    const bool structured = !whole.empty() && std::string_view("[{'\"").find(whole.front()) != std::string_view::npos;
    if (!structured) return scalar(whole);  // at the top a bare string may hold anything, commas and brackets too
    STOKER_ASSIGN(Node node, parse(0));
    skip_space();
    if (at_ != text_.size()) return refuse(fmt::format("'{}' after the end of the value", text_.substr(at_)));
    return node;
  }

 private:
  Error refuse(const std::string& what) const {
    return Error{.code = Code::kConfig, .message = "bad value: " + what, .where = place_.position};
  }

  Node make(Node::Kind kind, std::string text = {}) const {
    return Node{.kind = kind, .text = std::move(text), .place = place_};
  }

  Node scalar(std::string_view text) const {
    // Hydra takes an empty value as the empty string.
    return make(text.empty() ? Node::Kind::kString : classify(text, Dialect::kOverride), std::string(text));
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Result<Node> parse(int depth) {
    if (depth > kDeepest) return refuse("nested too deeply");
    skip_space();
    if (at_ >= text_.size()) return refuse("it ends too early");
    switch (text_[at_]) {
      case '[': return list(depth);
      case '{': return map(depth);
      case '\'':
      case '"': {
        STOKER_ASSIGN(std::string text, quoted());
        return make(Node::Kind::kString, std::move(text));
      }
      default: return scalar(bare(",]}"));
    }
  }

  Result<Node> list(int depth) {
    Node node = make(Node::Kind::kList);
    ++at_;
    if (take(']')) return node;
    while (true) {
      STOKER_ASSIGN(Node item, parse(depth + 1));
      node.items.push_back(std::move(item));
      if (take(']')) return node;
      if (!take(',')) return refuse("expected ',' or ']' in a list");
    }
  }

  Result<Node> map(int depth) {
    Node node = make(Node::Kind::kMap);
    ++at_;
    if (take('}')) return node;
    while (true) {
      skip_space();
      std::string key;
      if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
        STOKER_ASSIGN(key, quoted());
      } else {
        key = bare(":,]}");
      }
      if (key.empty()) return refuse("expected a key in a map");
      if (!take(':')) return refuse(fmt::format("expected ':' after key '{}'", key));
      STOKER_ASSIGN(Node value, parse(depth + 1));
      if (node.find(key) != nullptr) return refuse(fmt::format("key '{}' stands twice", key));
      node.add(std::move(key), std::move(value));
      if (take('}')) return node;
      if (!take(',')) return refuse("expected ',' or '}' in a map");
    }
  }

  Result<std::string> quoted() {
    const char quote = text_[at_++];
    std::string result;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return result;
      }
      const bool escape =
          text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\');
      if (escape) ++at_;
      result += text_[at_];
    }
    return refuse(fmt::format("the closing {} is missing", quote));
  }

  std::string bare(std::string_view stop) {
    const std::size_t first = at_;
    while (at_ < text_.size() && stop.find(text_[at_]) == std::string_view::npos) ++at_;
    return std::string(trim(text_.substr(first, at_ - first)));
  }

  std::string_view text_;
  const Place& place_;
  std::size_t at_ = 0;
};

struct Pieces {
  Override::Action action = Override::Action::kReplace;
  std::string key;  // dotted; brackets turned into parts
  std::optional<std::string> value;
};

Error bad_override(std::string_view text, std::string what, Code code = Code::kConfig) {
  return Error{
      .code = code,
      .message = fmt::format("'{}': {}", text, what),
      .hint = "an override is KEY=VALUE, +KEY=VALUE, ++KEY=VALUE or ~KEY, as in ++workload.reader.batch_size=4",
      .where = SourcePos{.file = fmt::format("override '{}'", text)}};
}

Result<Pieces> cut(std::string_view text) {
  Pieces pieces;
  std::string_view rest = text;
  if (rest.starts_with("++")) {
    pieces.action = Override::Action::kForce;
    rest.remove_prefix(2);
  } else if (rest.starts_with("+")) {
    pieces.action = Override::Action::kAdd;
    rest.remove_prefix(1);
  } else if (rest.starts_with("~")) {
    pieces.action = Override::Action::kDelete;
    rest.remove_prefix(1);
  }
  const std::size_t equals = rest.find('=');
  if (equals != std::string_view::npos) {
    pieces.value = std::string(rest.substr(equals + 1));
  } else if (pieces.action != Override::Action::kDelete) {
    return bad_override(text, "bad override syntax: no '='");
  }
  for (const char c : trim(rest.substr(0, equals))) {
    if (c == '[') {
      pieces.key += '.';
    } else if (c != ']') {
      pieces.key += c;
    }
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/';
  };
  if (pieces.key.empty()) return bad_override(text, "bad override syntax: no key before '='");
  if (!std::ranges::all_of(pieces.key, allowed))
    return bad_override(text, "bad override syntax: unexpected character in the key");
  for (const std::string_view part : split(pieces.key, '.')) {
    if (part.empty()) return bad_override(text, "bad override syntax: an empty part in the key");
  }
  return pieces;
}

bool is_hydra(std::string_view key) {
  return key == "hydra" || key.starts_with("hydra.") || key.starts_with("hydra/");
}

std::string join(std::span<const std::string> path) {
  return fmt::format("{}", fmt::join(path, "."));
}

// Text equality of scalars and structures, for ~a.b=v.
bool same_value(const Node& a, const Node& b) {
  if (a.is_list() || a.is_map()) {
    const auto same_entry = [](const Entry& x, const Entry& y) {
      return x.key == y.key && same_value(x.value, y.value);
    };
    return a.kind == b.kind && std::ranges::equal(a.items, b.items, same_value) &&
           std::ranges::equal(a.entries, b.entries, same_entry);
  }
  if (!b.is_scalar()) return false;
  if (a.is_null() || b.is_null()) return a.kind == b.kind;
  const auto x = parse_number(a.text);
  const auto y = parse_number(b.text);
  return x && y ? *x == *y : lower(a.text) == lower(b.text);
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

Result<Node> parse_override_value(std::string_view text, const Place& place) {
  return ValueParser(text, place).parse_all();
}

Result<Override> parse_override(std::string_view text, int precedence) {
  STOKER_ASSIGN(Pieces pieces, cut(text));
  if (is_hydra(pieces.key)) {
    return bad_override(text,
                        "a setting of Hydra, not of the workload; it belongs on the command line of dlio_benchmark");
  }
  std::string_view key = pieces.key;
  if (key == "workload") {
    return bad_override(text, "chooses a workload; it belongs on the command line, not among the overrides");
  }
  if (key.starts_with("workload.")) key.remove_prefix(std::string_view("workload.").size());
  if (key.find('/') != std::string_view::npos) return bad_override(text, "bad override syntax: '/' in the key");
  Override result{.action = pieces.action, .text = std::string(text)};
  for (const std::string_view part : split(key, '.')) result.path.emplace_back(part);
  if (pieces.value) {
    const Place place{.position = {.file = fmt::format("override '{}'", text)}, .precedence = precedence};
    auto value = parse_override_value(*pieces.value, place);
    if (!value) return std::move(value).error().with_context(key);
    result.value = std::move(value).value();
  }
  return result;
}

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
                      fmt::format("add or replace it with ++workload.{}={}", key, preview(*o.value)));
      }
      break;
    case Override::Action::kAdd:
      if (present != nullptr) {
        return refuse(o, fmt::format("{}: already in the workload file, with value {}", key, preview(*present)),
                      fmt::format("add or replace it with ++workload.{}={}", key, preview(*o.value)));
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

Result<CommandLine> split_command_line(std::span<const std::string> args) {
  CommandLine result;
  for (const std::string& arg : args) {
    auto pieces = cut(arg);
    if (!pieces) {
      Error error = std::move(pieces).error();
      error.code = Code::kInvalidArgument;
      return error;
    }
    const std::string& key = pieces->key;
    if (key != "workload" && !is_hydra(key)) {
      result.overrides.push_back(arg);
      continue;
    }
    if (!pieces->value && (key == "workload" || key == "hydra.run.dir")) {
      return bad_override(arg, "cannot be deleted", Code::kInvalidArgument);
    }
    const Place place{.position = {.file = fmt::format("override '{}'", arg)}};
    STOKER_ASSIGN(const Node value, parse_override_value(pieces->value.value_or("null"), place));
    if (key == "workload") {
      if (!value.is_scalar() || value.is_null() || value.text.empty()) {
        return bad_override(arg, "expected the name of a workload", Code::kInvalidArgument);
      }
      result.workload = value.text;
    } else if (key == "hydra.run.dir") {
      if (!value.is_scalar() || value.is_null() || value.text.empty()) {
        return bad_override(arg, "expected a folder", Code::kInvalidArgument);
      }
      result.hydra_run_dir = value.text;
    } else if (key == "hydra.output_subdir") {
      result.hydra_output_subdir = value.is_null() ? std::string() : value.text;
    } else {
      result.other_hydra.push_back(arg);
    }
  }
  return result;
}

Result<std::string> param_to_override(std::string_view param) {
  const std::size_t equals = param.find('=');
  std::string_view key = trim(param.substr(0, equals));
  while (key.starts_with('+')) key.remove_prefix(1);
  if (key.starts_with("workload.")) key.remove_prefix(std::string_view("workload.").size());
  if (key.starts_with('~')) {
    return Error{.code = Code::kInvalidArgument,
                 .message = fmt::format("'{}': --params sets keys, it does not remove them", param),
                 .hint = "the engine takes '~KEY': stoker dlio workload=NAME '~workload.KEY'"};
  }
  if (equals == std::string_view::npos || key.empty()) {
    return Error{.code = Code::kInvalidArgument,
                 .message = fmt::format("'{}': expected KEY=VALUE", param),
                 .hint = "as in --params reader.read_threads=8"};
  }
  return fmt::format("++workload.{}={}", key, param.substr(equals + 1));
}

}  // namespace stoker::config
