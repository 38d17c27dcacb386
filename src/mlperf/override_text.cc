#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "mlperf/override_text_internal.h"

namespace stoker::mlperf::internal {

std::string quoted_value(const std::string& text) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
  // With a slash it can be taken for nothing but a text.
  if (text.find('/') != std::string::npos && text.find_first_not_of(kSafe) == std::string::npos) return text;
  std::string out = "'";
  for (const char ch : text) {
    if (ch == '\'' || ch == '\\') out += '\\';
    out += ch;
  }
  return out + "'";
}

std::string columns_value(const std::vector<config::ColumnSpec>& columns) {
  std::vector<std::string> entries;
  for (const auto& c : columns) {
    entries.push_back(
        fmt::format("{{name: {}, dtype: {}, size: {}}}", quoted_value(c.name), config::to_string(c.dtype), c.size));
  }
  return fmt::format("[{}]", fmt::join(entries, ","));
}

}  // namespace stoker::mlperf::internal
