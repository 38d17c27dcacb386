#include "config/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace stoker::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The text without the underscores that stand between two digits; nothing when one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return plain;
}

// [-+]?(0|[1-9][0-9_]*) or [-+]?0x[0-9a-fA-F]+. A leading zero means octal to some readers of YAML and nothing to
// others, so such a text is not taken as a number.
bool looks_like_int(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  }
  if (text.empty() || !is_digit(text.front()) || (text.size() > 1 && text.front() == '0')) return false;
  return text.find_first_not_of("0123456789_") == std::string_view::npos && without_underscores(text).has_value();
}

// Digits with a point or an exponent, or the names of infinity and not-a-number.
bool looks_like_float(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const std::string name = lower(text);
  if (name == ".inf" || name == ".nan" || name == "inf" || name == "nan") return true;
  std::size_t i = 0;
  std::size_t digits = 0;
  bool point = false;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '_' || (text[i] == '.' && !point)); ++i) {
    point = point || text[i] == '.';
    digits += is_digit(text[i]) ? 1 : 0;
  }
  if (digits == 0) return false;
  bool exponent = false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    const std::size_t first = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    exponent = i > first;
    if (!exponent) return false;
  }
  return i == text.size() && (point || exponent) && without_underscores(text).has_value();
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, text) != names.end();
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Node* Node::find(std::string_view key) {
  for (Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Node& Node::add(std::string key, Node value) {
  Place at = value.place;
  entries.push_back(Entry{.key = std::move(key), .place = std::move(at), .value = std::move(value)});
  return entries.back().value;
}

bool Node::erase(std::string_view key) {
  return std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; }) > 0;
}

Node::Kind classify(std::string_view scalar, Dialect dialect) {
  const std::string name = lower(scalar);
  if (name == "null") return Node::Kind::kNull;
  if (name == "true" || name == "false") return Node::Kind::kBool;
  if (dialect == Dialect::kYaml) {
    if (scalar.empty() || scalar == "~") return Node::Kind::kNull;
    if (one_of(name, {"yes", "no", "on", "off"})) return Node::Kind::kBool;
  }
  if (looks_like_int(scalar)) return Node::Kind::kInt;
  if (looks_like_float(scalar)) return Node::Kind::kFloat;
  return Node::Kind::kString;
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string name = lower(text);
  if (one_of(name, {"true", "yes", "on", "1"})) return true;
  if (one_of(name, {"false", "no", "off", "0"})) return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (looks_like_int(text)) {
    std::string plain = *without_underscores(text);
    const bool negative = plain.front() == '-';
    std::string_view digits = plain;
    if (negative || plain.front() == '+') digits.remove_prefix(1);
    const bool hex = digits.starts_with("0x");
    if (hex) digits.remove_prefix(2);
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return negative ? -value : value;
  }
  const std::optional<double> number = parse_number(text);
  constexpr double kExact = 9007199254740992.0;  // 2^53: above it a double no longer holds every integer
  if (!number || std::trunc(*number) != *number || std::abs(*number) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<double> parse_number(std::string_view text) {
  if (looks_like_int(text) && text.find('x') != std::string_view::npos) {
    const auto whole = parse_whole(text);
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
  }
  if (!looks_like_int(text) && !looks_like_float(text)) return std::nullopt;
  const std::optional<std::string> plain = without_underscores(text);
  if (!plain) return std::nullopt;
  const char* first = plain->data() + (plain->front() == '+' ? 1 : 0);
  double value = 0;
  const auto [end, problem] = std::from_chars(first, plain->data() + plain->size(), value);
  if (problem != std::errc{} || end != plain->data() + plain->size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string_view describe_kind(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kBool: return "a boolean";
    case Node::Kind::kInt: return "an integer";
    case Node::Kind::kFloat: return "a number";
    case Node::Kind::kString: return "a string";
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMap: return "a map";
  }
  return "a value";
}

std::string preview(const Node& node) {
  constexpr std::size_t kLongest = 80;
  std::string text;
  if (node.is_list()) {
    for (const Node& item : node.items) {
      if (text.size() > kLongest) break;
      text += (text.empty() ? "" : ", ") + preview(item);
    }
    text = "[" + text + "]";
  } else if (node.is_map()) {
    for (const Entry& entry : node.entries) {
      if (text.size() > kLongest) break;
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", entry.key, preview(entry.value));
    }
    text = "{" + text + "}";
  } else {
    text = node.is_null() ? "null" : node.text;
  }
  if (text.size() > kLongest) text = text.substr(0, kLongest - 3) + "...";
  return text;
}

const Node* find_path(const Node& root, std::string_view dotted) {
  const Node* at = &root;
  for (const std::string_view part : split(dotted, '.')) {
    if (at->is_list()) {
      const auto index = parse_whole(part);
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= at->items.size()) return nullptr;
      at = &at->items[static_cast<std::size_t>(*index)];
    } else {
      at = at->find(part);
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace stoker::config
