// DictionaryTable-encoded values: the dictionary page as a table, and data pages of indices into it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/arena.h"
#include "data/format/format.h"
#include "data/format/parquet/wire/leaf.h"

namespace stoker::format::parquet {

// The dictionary of one column chunk. Reused from chunk to chunk.
class DictionaryTable {
 public:
  struct Text {
    const std::byte* data = nullptr;
    std::uint32_t bytes = 0;
  };

  // `plain` holds `count` PLAIN values and must outlive the use of the table.
  Status build(const Leaf& leaf, Bytes plain, std::uint32_t count, Arena& arena);

  // Appends the values at indices [skip, skip + take) of the page `indices` (its width byte in front), `width` bytes
  // each. What lies in the dictionary in the same order is a view of it, the rest goes to `room`, which must have space
  // for all.
  Status gather(Bytes indices, std::uint64_t skip, std::uint64_t take, std::byte* room,
                std::vector<Segment>& segments) const;
  // Byte arrays: where each value lies.
  Status gather(Bytes indices, std::uint64_t skip, std::uint64_t take, Text* out) const;

 private:
  // Of 1-byte values and indices of at most 8 bits.
  Status gather_bytes(Bytes indices, std::uint64_t skip, std::uint64_t take, std::byte* out) const;
  // When the page's values are its index bytes (8-bit elements, entry i is i, one packed run of width 8): those bytes,
  // a view; empty otherwise. That is how 8-bit elements lie in a Parquet file in one byte each.
  [[nodiscard]] Bytes identity_view(Bytes indices, std::uint64_t skip, std::uint64_t take) const;

  std::uint32_t count_ = 0;
  std::uint32_t width_ = 0;
  bool identity_ = false;
  const std::byte* table_ = nullptr;
  std::array<std::byte, 256> bytes_{};  // 1-byte values once more, as many as such indices can name
  std::vector<Text> texts_;
};

}  // namespace stoker::format::parquet
