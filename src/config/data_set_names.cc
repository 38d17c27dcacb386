#include "config/data_set_names.h"

#include <algorithm>

namespace stoker::config {

std::string_view name_part_fault(std::string_view text) {
  // File systems take names of up to 255 bytes; the number of a file, its extension and that of a temporary file
  // follow.
  constexpr std::size_t kBytesMax = 160;
  if (text.empty()) return "is empty";
  if (text.find('/') != std::string_view::npos) return "has a '/'";
  if (is_hidden(text)) return text.front() == '.' ? "begins with '.'" : "begins with '_'";
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), is_control)) return "has a control character";
  if (text.size() > kBytesMax) return "has more than 160 bytes";
  return "";
}

bool is_uri(std::string_view folder) {
  const std::size_t end = folder.find("://");
  if (end == 0 || end == std::string_view::npos) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const std::string_view scheme = folder.substr(0, end);
  return is_letter(scheme.front()) && std::all_of(scheme.begin(), scheme.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

bool is_hidden(std::string_view name) {
  return name.starts_with('.') || name.starts_with('_');
}

}  // namespace stoker::config
