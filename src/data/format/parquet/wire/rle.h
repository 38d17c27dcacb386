// Parquet's hybrid of run lengths and bit-packed values: levels, dictionary indices, booleans of v2 pages.
//
//   stream: run*          run: varint header, then
//     header & 1 == 0     header >> 1 times the same value, which follows in ceil(width / 8) bytes
//     header & 1 == 1     (header >> 1) * 8 values of `width` bits each, from the lowest bit of the first byte up
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace stoker::format::parquet {

// Walks the runs of a stream of untrusted bytes. What it hands out never reaches past them.
class HybridRuns {
 public:
  struct Run {
    std::uint64_t count = 0;            // > 0
    std::uint32_t value = 0;            // of a repeated value
    const std::byte* packed = nullptr;  // of bit-packed ones, else null
  };

  // `width` <= 32.
  HybridRuns(Bytes in, unsigned width) : at_(in.data()), end_(in.data() + in.size()), width_(width) {}

  // False at the end of the stream and where it is malformed. A last packed run that is cut short counts as far as it
  // goes, as other readers have it.
  bool next(Run& run);

 private:
  const std::byte* at_;
  const std::byte* end_;
  unsigned width_;
};

}  // namespace stoker::format::parquet
