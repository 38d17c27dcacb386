#include "base/printable.h"

#include <fmt/format.h>

namespace stoker {

namespace {

std::string spelled_out(std::string_view text, std::string_view kept) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20 && kept.find(text[i]) == std::string_view::npos) || byte == 0x7f;
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) {
      result += fmt::format("\\u{:04x}", next);
      ++i;
    } else if (control) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::string printable(std::string_view text) {
  return spelled_out(text, "\n\t");
}

std::string printable_line(std::string_view text) {
  return spelled_out(text, "\t");
}

}  // namespace stoker
