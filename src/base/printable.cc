#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace stoker {

namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: the bytes are no UTF-8
};

// The code point at the start of `text`, which is not empty. Longer forms than needed and surrogates are no UTF-8.
CodePoint decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  std::uint32_t value = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80U) return {};
    value = value << 6U | (next & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  if (surrogate || overlong || value > 0x10ffff) return {};
  return {value, bytes};
}

// Controls of terminals; separators of lines; and marks that turn the direction of what follows, so that text reads
// otherwise than it is.
bool is_hidden(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

// How programs empty the line of their progress before they write it again.
constexpr std::array<std::string_view, 2> kEraseLine{"\x1b[K", "\x1b[2K"};

std::string spelled_out(std::string_view text, std::string_view kept, bool may_erase = false) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto* const erase = std::ranges::find_if(kEraseLine, [&](std::string_view e) { return text.starts_with(e); });
    if (may_erase && erase != kEraseLine.end()) {
      result += *erase;
      text.remove_prefix(erase->size());
      continue;
    }
    const CodePoint c = decode(text);
    const std::size_t bytes = c.bytes == 0 ? 1 : c.bytes;
    if (c.bytes == 0 || (c.value < 0x80 && is_hidden(c.value) && kept.find(text.front()) == std::string_view::npos)) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (c.value >= 0x80 && is_hidden(c.value)) {
      result += fmt::format("\\u{:04x}", c.value);
    } else {
      result += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return result;
}

constexpr std::string_view kRedrawn = "\n\t\r";

// How many bytes at the end may be the beginning of something that what comes next completes.
std::size_t begun(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const std::string_view tail = text.substr(text.size() - back);
    const auto lead = static_cast<unsigned char>(tail.front());
    if (lead == 0x1b) {
      const bool erase = std::ranges::any_of(kEraseLine, [&](std::string_view e) { return e.starts_with(tail); });
      return erase && tail.back() != 'K' ? back : 0;
    }
    if (lead < 0xc0) continue;
    const std::size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return bytes > back ? back : 0;
  }
  return 0;
}

}  // namespace

std::string printable(std::string_view text) {
  return spelled_out(text, "\n\t");
}

std::string printable_line(std::string_view text) {
  return spelled_out(text, "\t");
}

std::string PrintableStream::feed(std::string_view text) {
  held_ += text;
  const std::size_t whole = held_.size() - begun(held_);
  const std::string result = spelled_out(std::string_view(held_).substr(0, whole), kRedrawn, true);
  held_.erase(0, whole);
  return result;
}

std::string PrintableStream::finish() {
  return spelled_out(std::exchange(held_, {}), kRedrawn, true);
}

}  // namespace stoker
