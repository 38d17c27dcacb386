// Generated values in Parquet's encodings, written piece by piece into wherever they belong.
#pragma once

#include <cstdint>
#include <optional>

#include "base/status.h"
#include "format/parquet/output_buffer.h"
#include "format/parquet/schema.h"
#include "format/parquet/value_dictionary.h"

namespace stoker::format::parquet {

// One per writer: it owns scratch memory.
class ValueEncoder {
 public:
  // Elements [first, first + count) of the column's stream in PLAIN.
  Status plain(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget&);
  // The bytes plain() will write; nothing when only the values tell (strings).
  [[nodiscard]] static std::optional<std::uint64_t> plain_bytes(const Column&, std::uint64_t count);
  // An upper bound of them.
  [[nodiscard]] static std::uint64_t max_plain_bytes(const Column&, std::uint64_t count);

  // RLE_DICTIONARY with the dictionary of all 256 bytes: bit width 8, then one bit-packed run whose bytes are the
  // values.
  Status byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget&);
  // The page of that dictionary: entry i is the value whose lowest byte is i.
  static Status byte_dictionary(const Column&, ByteTarget&);

  // Adds the values to the dictionary.
  Status collect(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t count, ValueDictionary&);
  // RLE_DICTIONARY with `dictionary`, which has them all: one bit-packed run.
  Status indices(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t count, const ValueDictionary&,
                 ByteTarget&);
  // The bytes of a page of `count` indices of `bits` bits; bits = 8 for byte_indices.
  [[nodiscard]] static std::uint64_t index_bytes(std::uint64_t count, unsigned bits);

 private:
  // Generates the values in small pieces and calls visit(Bytes of one PLAIN value) for each.
  template <class Visit>
  Status each(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t count, Visit visit);

  PageBuffer piece_;
};

}  // namespace stoker::format::parquet
