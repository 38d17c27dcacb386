// The distinct values of a column chunk, for dictionary encoding.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace stoker::format::parquet {

// Values are byte strings in Parquet's PLAIN form, numbered in the order of their first appearance. Not for sharing
// between threads; keeps its memory for the next chunk.
class ValueDictionary {
 public:
  void clear();
  // The index of a value, which is added if it is new.
  std::uint32_t find_or_add(Bytes value);
  // Of a value that is there.
  [[nodiscard]] std::uint32_t find(Bytes value) const;
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  // All values back to back: the content of the dictionary page.
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // Bits that hold every index, at least 1.
  [[nodiscard]] unsigned index_bits() const;

 private:
  [[nodiscard]] Bytes value(std::uint32_t index) const;
  // The slot that holds the value, or the empty one where it belongs.
  [[nodiscard]] std::size_t slot_of(Bytes value) const;
  void grow();

  std::vector<std::byte> bytes_;
  std::vector<std::uint64_t> ends_;   // of each value in bytes_
  std::vector<std::uint32_t> slots_;  // open addressing, at most half full: index + 1, or 0
};

}  // namespace stoker::format::parquet
