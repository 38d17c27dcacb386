// Samples as lines of numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "config/columns.h"
#include "data/format/samples.h"

namespace stoker::format::csv {

// Room for the longest text of a value and what separates it from the next, written in whole words.
inline constexpr std::size_t kValueRoom = 32;

// The shortest and the longest text of the values that are generated, without what separates them.
struct TextBounds {
  std::uint64_t least = 0, most = 0;
};
[[nodiscard]] TextBounds text_bounds(config::DType dtype);
// Bytes of such a value with what separates it from the next, on average.
[[nodiscard]] double mean_text(config::DType dtype);

// The shortest decimal number that reads back as this half.
[[nodiscard]] std::string half_text(std::uint16_t half);

// How values of one type are written. Of those that have few values the texts are made once.
class ValueText {
 public:
  explicit ValueText(config::DType dtype);
  // Appends each of the values and a comma; kValueRoom bytes for each lie behind `out`. Returns the end.
  char* put(Bytes values, char* out) const;

 private:
  struct Text {
    std::array<char, 15> text;
    std::uint8_t bytes;  // with the comma
  };
  static_assert(sizeof(Text) == 16);

  char* put_known(const std::byte* values, std::size_t count, char* out) const;
  char* put_halves(const std::byte* values, std::size_t count, char* out) const;

  config::DType dtype_;
  std::vector<Text> known_;
};

// The lines of one file, made piece by piece.
class SampleText {
 public:
  SampleText(const SampleValues& values, const ValueText& text);
  [[nodiscard]] bool at_end() const { return next_ == elements_; }
  // As much of what follows as fits, in whole values: more than room.size() - kValueRoom bytes unless the end is
  // reached. Returns how many bytes.
  std::size_t make(MutBytes room);

 private:
  const SampleValues& values_;
  const ValueText& text_;
  const std::uint64_t elements_;
  std::uint64_t next_ = 0;     // element
  std::uint64_t in_line_ = 0;  // elements of its line before it
  // Values from next_ on, as they lie in memory.
  std::vector<std::byte> block_;
  std::size_t used_ = 0, filled_ = 0;  // bytes of it
};

}  // namespace stoker::format::csv
