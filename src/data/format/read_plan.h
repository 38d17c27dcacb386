// What reading some rows of a unit asks of the storage: the byte ranges that a format names become reads, near ones one
// read. Merging, alignment and the limit on memory are here, once for all formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::format {

// Ranges at most this far apart are read in one go (measured: the best useful throughput at a projection of 20 %).
inline constexpr std::uint64_t kCoalesceGapBytes = std::uint64_t{64} * 1024;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// Rows [first_row, first_row + rows) of the file, which lie in one unit of it.
struct ChunkRows {
  std::size_t unit = 0;
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
};

// One read, and where in the memory of the chunk it goes.
struct PlannedRead {
  std::uint64_t offset = 0;  // in the file
  std::uint64_t bytes = 0;
  std::uint64_t at = 0;  // in the memory
};

// Made anew for each chunk: no allocation once it has seen the largest.
class ReadPlan {
 public:
  // For a format: first for which rows, then the ranges that they need, in any order, none past the file's end.
  void begin(const ChunkRows& rows) {
    rows_ = rows;
    ranges_.clear();
    reads_.clear();
    total_ = 0;
  }
  void add(const ByteRange& range) {
    if (range.bytes > 0) ranges_.push_back(range);
  }
  // Covers them by reads whose offset and length are multiples of `alignment`, and so are their places in memory. Reads
  // do not overlap; they are `gap` bytes or more apart. Code::kUnsupported when that takes more memory than a chunk
  // may.
  [[nodiscard]] Status finish(std::uint64_t alignment, std::uint64_t gap = kCoalesceGapBytes);
  // As the file that is read wants it; its path stands before an error.
  [[nodiscard]] Status finish(const io::ReadableFile& file);

  [[nodiscard]] const ChunkRows& rows() const { return rows_; }
  [[nodiscard]] std::span<const PlannedRead> reads() const { return reads_; }
  // Of all reads. The memory has kReadSlack (arena.h) more, which decoders may touch.
  [[nodiscard]] std::uint64_t bytes() const { return total_; }
  [[nodiscard]] std::uint64_t memory_bytes() const;
  // The reads, into memory of that size.
  void ops(MutBytes memory, std::vector<io::ReadOp>& into) const;
  // Where in the memory a byte of one of the ranges lies.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t offset) const;

 private:
  ChunkRows rows_;
  std::vector<ByteRange> ranges_;
  std::vector<PlannedRead> reads_;
  std::uint64_t total_ = 0;
};

// The bytes that were read for a plan. Both must stay as long as anything that was made of them is used.
struct Fetched {
  const ReadPlan& plan;
  Bytes memory;

  // One of the ranges of the plan.
  [[nodiscard]] Bytes range(const ByteRange& range) const {
    if (range.bytes == 0) return {};
    return memory.subspan(static_cast<std::size_t>(plan.place_of(range.offset)), static_cast<std::size_t>(range.bytes));
  }
};

}  // namespace stoker::format
