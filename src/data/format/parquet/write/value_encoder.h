// Generated values in Parquet's encodings, written piece by piece into wherever they belong. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "data/format/output_buffer.h"
#include "data/format/parquet/wire/schema.h"

namespace stoker::format::parquet {

struct ValueEncoder {
  // Elements [first, first + count) of the column's stream in PLAIN.
  static Status put_plain(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget&);
  // Bytes [at, at + out.size()) of those that put_plain() writes for these elements. Not for strings: only their values
  // tell where one begins.
  static void fill_plain(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t count, std::uint64_t at,
                         MutBytes out);
  // The bytes put_plain() will write; nothing when only the values tell (strings).
  [[nodiscard]] static std::optional<std::uint64_t> plain_bytes(const Column&, std::uint64_t count);
  // Bounds of them.
  [[nodiscard]] static std::uint64_t min_plain_bytes(const Column&, std::uint64_t count);
  [[nodiscard]] static std::uint64_t max_plain_bytes(const Column&, std::uint64_t count);

  // RLE_DICTIONARY with the dictionary of all 256 bytes: bit width 8, then one bit-packed run whose bytes are the
  // values.
  static Status put_byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget&);
  // Bytes [at, at + out.size()) of that run.
  static void fill_byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, std::uint64_t at,
                                MutBytes out);
  static constexpr unsigned kByteIndexBits = 8;
  // The page of that dictionary: entry i is the value whose lowest byte is i.
  static Status put_byte_dictionary(const Column&, ByteTarget&);
  static constexpr std::uint64_t kByteEntries = 256;

  // What precedes indices of `bits` bits that are one bit-packed run.
  [[nodiscard]] static std::vector<std::byte> index_head(std::uint64_t count, unsigned bits);
  static Status put_index_head(std::uint64_t count, unsigned bits, ByteTarget&);
  // The bytes of such a page's values, head included.
  [[nodiscard]] static std::uint64_t index_bytes(std::uint64_t count, unsigned bits);
};

}  // namespace stoker::format::parquet
