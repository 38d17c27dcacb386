#include "base/printable.h"

#include <fmt/format.h>

namespace stoker {

namespace {

// The second and third byte of U+2028 to U+202E and of U+2066 to U+2069: separators of lines, and marks that turn the
// direction of what follows, so that text reads otherwise than it is.
bool is_layout(unsigned second, unsigned third) {
  return (second == 0x80 && third >= 0xa8 && third <= 0xae) || (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

std::string spelled_out(std::string_view text, std::string_view kept) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20 && kept.find(text[i]) == std::string_view::npos) || byte == 0x7f;
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const auto last = i + 2 < text.size() ? static_cast<unsigned char>(text[i + 2]) : 0U;
    if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) {
      result += fmt::format("\\u{:04x}", next);
      ++i;
    } else if (byte == 0xe2 && is_layout(next, last)) {
      result += fmt::format("\\u{:04x}", 0x2000U + ((next & 0x3fU) << 6U) + (last & 0x3fU));
      i += 2;
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
