// PLAIN values that need more than a view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace stoker::format::parquet {

// Walks byte arrays: 4 bytes of length, then the bytes.
class PlainTexts {
 public:
  explicit PlainTexts(Bytes in) : in_(in) {}
  // False when the bytes end inside the next value.
  bool next(Bytes& value) {
    std::uint32_t length = 0;
    if (in_.size() < sizeof length) return false;
    std::memcpy(&length, in_.data(), sizeof length);
    if (length > in_.size() - sizeof length) return false;
    value = in_.subspan(sizeof length, length);
    in_ = in_.subspan(sizeof length + length);
    return true;
  }

 private:
  Bytes in_;
};

// `count` 4-byte integers to their low `width` bytes (1 or 2).
void narrow(const std::byte* in, std::size_t count, std::uint32_t width, std::byte* out);

// Bits [first, first + count), the lowest of each byte first, to bytes of 0 or 1.
void unpack_bits(const std::byte* bits, std::size_t first, std::size_t count, std::byte* out);

}  // namespace stoker::format::parquet
