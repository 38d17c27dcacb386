// The values of generated columns: pure functions of (file, column, element). Every element can be computed without
// those before it, so pages may be written in any order and a reader's test can check any row.
//
// One stream of 32-bit words stands behind each column. Word w of the stream with key K is, with (k0, k1, k2) derived
// from K and the upper half of w,
//
//   x = low32(w) + k0;  x ^= x >> 16;  x *= 0x21f0aaad;
//   x ^= x >> 15;  x += k1;  x *= 0x735a2d97;  x ^= x >> 15;  x ^= k2
//
// in 32-bit arithmetic, stored in little endian. Elements are made of it as ValueKind says. The arithmetic has no
// branches and no state, so that the compiler turns the loops into vectors of whatever width the machine has; the bytes
// are the same on all of them. The multipliers are those of a published two-round integer hash with low bias (Chris
// Wellons, hash-prospector); the second key between the rounds keeps two columns from being shifted copies of each
// other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/hash.h"

namespace stoker::format {

// The seed of all generated data sets (docs/formats.md).
inline constexpr std::uint64_t kDataSeed = 10;

// The key of column `column` (its index in dataset.parquet.columns) of file `file` (FileSpec::index).
[[nodiscard]] constexpr std::uint64_t column_key(std::uint64_t file, std::uint64_t column) {
  return derive_seed(kDataSeed, file, column);
}

// How element k becomes bytes. "B" is the stream as bytes, "W" as words.
enum class ValueKind : std::uint8_t {
  kRaw8,         // B[k]
  kRaw16,        // B[2k, 2k+2)
  kRaw32,        // W[k]
  kRaw64,        // W[2k], W[2k+1]
  kUint8In32,    // B[k], zero-extended to 4 bytes
  kInt8In32,     // B[k], sign-extended
  kUint16In32,   // B[2k, 2k+2), zero-extended
  kInt16In32,    // B[2k, 2k+2), sign-extended
  kUnitFloat16,  // (B[2k, 2k+2) >> 5) * 2^-11, as IEEE half
  kUnitFloat32,  // (W[k] >> 8) * 2^-24
  kUnitFloat64,  // ((W[2k] >> 5) * 2^26 + (W[2k+1] >> 6)) * 2^-53
};

// Bytes of one element.
[[nodiscard]] constexpr std::size_t value_bytes(ValueKind kind) {
  switch (kind) {
    case ValueKind::kRaw8: return 1;
    case ValueKind::kRaw16:
    case ValueKind::kUnitFloat16: return 2;
    case ValueKind::kRaw64:
    case ValueKind::kUnitFloat64: return 8;
    case ValueKind::kRaw32:
    case ValueKind::kUint8In32:
    case ValueKind::kInt8In32:
    case ValueKind::kUint16In32:
    case ValueKind::kInt16In32:
    case ValueKind::kUnitFloat32: return 4;
  }
  return 0;
}

// Elements [first, first + count) into `out`, which has count * value_bytes(kind) bytes and any alignment.
void fill_values(ValueKind kind, std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out);

// Bytes [first, first + out.size()) of the stream.
void fill_bytes(std::uint64_t key, std::uint64_t first, MutBytes out);

// Booleans [first, first + count) packed from the lowest bit up: bit k of the stream is bit k % 8 of B[k / 8]. `out`
// has (count + 7) / 8 bytes; bits after the last are 0.
void fill_bits(std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out);

// String k is "s_" and the decimal digits of W[k] >> 1, written as Parquet's PLAIN byte array: 4 bytes of length, then
// the text. Returns the bytes written, at most count * kMaxPlainStringBytes.
inline constexpr std::size_t kMinPlainStringBytes = 4 + 2 + 1, kMaxPlainStringBytes = 4 + 2 + 10;
std::size_t fill_plain_strings(std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out);

}  // namespace stoker::format
