#include "data/format/parquet/wire/column_path.h"

#include <algorithm>

namespace stoker::format::parquet {
namespace {

std::string in_backquotes(std::string_view part) {
  if (part.find_first_of(".`") == std::string_view::npos) return std::string(part);
  std::string out = "`";
  for (const char c : part) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + '`';
}

// Takes a part with backquotes from the front of `text`.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string part;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '`') {
      part += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '`') {
      part += text[i++];
    } else {
      text.remove_prefix(i + 1);
      return part;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string dotted_path(std::span<const std::string> parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : ".") + parts[i];
  return out;
}

std::string quoted_path(std::span<const std::string> parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : ".") + in_backquotes(parts[i]);
  return out;
}

std::optional<std::vector<std::string>> parse_quoted_path(std::string_view text) {
  if (text.find('`') == std::string_view::npos) return std::nullopt;
  std::vector<std::string> parts;
  while (true) {
    if (text.starts_with('`')) {
      auto part = take_quoted(text);
      if (!part) return std::nullopt;
      parts.push_back(*std::move(part));
    } else {
      const std::size_t end = std::min(text.find('.'), text.size());
      parts.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
      if (parts.back().find('`') != std::string::npos) return std::nullopt;
    }
    if (text.empty()) return parts;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
}

}  // namespace stoker::format::parquet
