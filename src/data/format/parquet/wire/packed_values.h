// Bit-packed values, `width` <= 32 bits each from the lowest bit of the first byte up: as integers, and looked up.
// There is one set of functions for each kind of instructions; all of them give the same results.
//
// What is packed begins at a byte and may be touched up to kReadSlack (arena.h) bytes past the last value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace stoker::format::parquet {

// What is worth knowing of values that were unpacked, told by the pass that unpacks them.
struct Unpacked {
  std::uint32_t most = 0;    // the greatest one
  bool consecutive = false;  // each is one more than the one before it
};

struct PackedFunctions {
  const char* name;
  // Values [first, first + count), count > 0.
  Unpacked (*unpack)(const std::byte* packed, unsigned width, std::uint64_t first, std::size_t count,
                     std::uint32_t* out);
  // The bytes of `table`, which has 256, at the indices [first, first + count) of at most 8 bits. Returns the greatest
  // index.
  std::uint32_t (*look_up_bytes)(const std::byte* table, const std::byte* packed, unsigned width, std::uint64_t first,
                                 std::size_t count, std::byte* out);
};

// The fastest that this processor has.
[[nodiscard]] const PackedFunctions& packed_functions();
// All that it has: the last one needs nothing but C++.
[[nodiscard]] std::span<const PackedFunctions> all_packed_functions();

}  // namespace stoker::format::parquet
