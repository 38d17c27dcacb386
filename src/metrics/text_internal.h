// Reading the numbers that this folder's serialise() functions write.
#pragma once

#include <charconv>
#include <string_view>

namespace stoker::metrics::internal {

// Takes decimal numbers off the front of a text. After the first mismatch every further number is 0 and failed() holds,
// so that a caller checks once.
class NumberReader {
 public:
  explicit NumberReader(std::string_view text) : text_(text) {}

  // The next number, which must be followed by `separator` or be the last thing in the text. The separator is taken
  // too.
  template <class T>
  T next(char separator) {
    T value{};
    if (failed_) return value;
    const char* const end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data(), end, value);
    if (error != std::errc{} || (stop != end && *stop != separator)) {
      failed_ = true;
      return T{};
    }
    text_.remove_prefix(static_cast<std::size_t>(stop - text_.data()) + (stop == end ? 0 : 1));
    return value;
  }

  [[nodiscard]] bool more() const { return !failed_ && !text_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }
  // The first `limit` characters that were not read.
  [[nodiscard]] std::string_view rest(std::size_t limit) const { return text_.substr(0, limit); }
  // Everything that was not read.
  [[nodiscard]] std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
  bool failed_ = false;
};

}  // namespace stoker::metrics::internal
