// The distinct values of a column chunk, numbered in the order of their first appearance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace stoker::format::parquet {

// Values are byte strings in Parquet's PLAIN form. Not for sharing between threads; keeps its memory for the next
// chunk.
class ValueTable {
 public:
  // Empties it. All values will have `width` bytes (at most 8), or any number of bytes when width is 0. `expected`
  // values fit before the table grows.
  void begin(std::size_t width, std::size_t expected);
  // The numbers of indices.size() values of the table's width, back to back in `values`; new ones are added.
  void find_or_add(const std::byte* values, std::span<std::uint32_t> indices);
  // The same for one value of any width.
  std::uint32_t find_or_add(Bytes value);

  [[nodiscard]] std::size_t size() const { return size_; }
  // All values back to back: the content of the dictionary page.
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // Bits that hold every number, at least 1.
  [[nodiscard]] unsigned index_bits() const;

 private:
  // Open addressing, at most half full. The tag is the value itself where it has a fixed width, else its hash.
  struct Slot {
    std::uint64_t tag;
    std::uint32_t number_plus_1;  // 0: empty
  };

  template <class Key>
  void find_or_add_fixed(const std::byte* values, std::span<std::uint32_t> indices);
  // The number of the value with that tag; append() is called for a new one, same(number) tells whether tags do not
  // deceive.
  template <class Same, class Append>
  std::uint32_t find_or_add(std::uint64_t tag, Same same, Append append);
  void grow();

  std::size_t width_ = 0;
  std::size_t size_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<std::uint64_t> ends_;  // of each value in bytes_; width 0 only
  std::vector<Slot> slots_;          // a power of two
  int shift_ = 0;                    // 64 - log2(slots)
};

}  // namespace stoker::format::parquet
