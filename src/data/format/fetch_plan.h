// From the byte ranges that a unit needs to the reads that fetch them: near ranges become one read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace stoker::format {

// Ranges at most this far apart are read in one go (measured: the best useful throughput at a projection of 20 %).
inline constexpr std::uint64_t kCoalesceGapBytes = std::uint64_t{64} * 1024;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// One read, and where in the buffer it goes.
struct PlannedRead {
  std::uint64_t offset = 0;  // in the file
  std::uint64_t bytes = 0;
  std::uint64_t at = 0;  // in the buffer
};

// Reads that cover ranges. Reused from chunk to chunk: no allocation once it has seen the largest.
class FetchPlan {
 public:
  // Covers `ranges` (in any order, none past the file's end) by reads whose offset and length are multiples of
  // `alignment` and whose places in the buffer are too. Reads do not overlap; they are `gap` bytes or more apart.
  void make(std::span<const ByteRange> ranges, std::uint64_t alignment, std::uint64_t gap = kCoalesceGapBytes);

  [[nodiscard]] std::span<const PlannedRead> reads() const { return reads_; }
  // Bytes of all reads: the size of the buffer.
  [[nodiscard]] std::uint64_t buffer_bytes() const { return total_; }
  // Where in the buffer a byte of one of the ranges lies.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t offset) const;

 private:
  std::vector<ByteRange> sorted_;
  std::vector<PlannedRead> reads_;
  std::uint64_t total_ = 0;
};

}  // namespace stoker::format
