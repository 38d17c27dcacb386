// Numbers and texts back to back in one text, for sending to another rank. Numbers are varints: a byte for every seven
// bits. Not for storing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stoker {

inline void put_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out.push_back(static_cast<char>((n & 0x7F) | 0x80));
  out.push_back(static_cast<char>(n));
}

inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

// Reads what the functions above wrote and plain bytes. The text is not trusted: ok() is false from the first place on
// where it is too short or wrong, and everything read from there is 0 or empty. The text outlives the reader and what
// bytes() returns.
class CompactReader {
 public:
  explicit CompactReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

  std::string_view bytes(std::uint64_t n) {
    if (n > text_.size()) {
      ok_ = false;
      text_ = {};
      return {};
    }
    const std::string_view taken = text_.substr(0, static_cast<std::size_t>(n));
    text_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view text() { return bytes(varint()); }
  char byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? '\0' : one.front();
  }
  std::uint64_t varint() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto b = static_cast<unsigned char>(byte());
      n |= std::uint64_t{b & 0x7FU} << shift;
      if (b < 0x80) return n;
    }
    ok_ = false;
    return 0;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

}  // namespace stoker
