// Configuration text as a tree, before any key is known: what YAML files and overrides are turned into, merged as, and
// read from. Plain data; map entries keep the order of the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::config {

// Where a piece of text came from.
struct Place {
  SourcePos position;  // of a file; for an override: file = "override '++a.b=1'", line 0
  int precedence = 0;  // 0: the file; k: the k-th override. The higher one wins
};

struct Entry;

struct Node {
  enum class Kind { kNull, kBool, kInt, kFloat, kString, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;            // scalars: as written, without quotes
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map
  Place place;

  [[nodiscard]] bool is_scalar() const { return kind != Kind::kList && kind != Kind::kMap; }
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  [[nodiscard]] bool is_list() const { return kind == Kind::kList; }
  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }

  // The value under `key` of a map, or null. Valid until the map changes.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
  // Appends to a map that does not hold `key`.
  Node& add(std::string key, Node value);
  // True when something was there.
  bool erase(std::string_view key);
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

// Which rules decide what an unquoted scalar is.
enum class Dialect {
  kYaml,      // YAML 1.1, as DLIO's files are read: on, off, yes, no are booleans; ~ is null
  kOverride,  // Hydra's command line: only true, false and null (in any case), numbers, and strings
};

[[nodiscard]] Node::Kind classify(std::string_view scalar, Dialect);

// Python's and YAML's spellings of a boolean: true, yes, on, 1 and their opposites, in any case.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view);
// Decimal or 0x digits, underscores between digits allowed; also numbers like 1e6 or 4.0 that are whole. Nothing when
// the text is no number, has a fraction, or does not fit.
[[nodiscard]] std::optional<std::int64_t> parse_whole(std::string_view);
// A finite decimal number.
[[nodiscard]] std::optional<double> parse_number(std::string_view);

// "a map", "an integer"...: for messages.
[[nodiscard]] std::string_view describe_kind(Node::Kind);
// The node as one line of YAML, long ones cut: for messages.
[[nodiscard]] std::string preview(const Node&);

// The value at a dotted path, or null. A part that is a number selects an item of a list.
[[nodiscard]] const Node* find_path(const Node& root, std::string_view dotted);

[[nodiscard]] std::string lower(std::string_view);
[[nodiscard]] std::vector<std::string_view> split(std::string_view, char separator);

}  // namespace stoker::config
