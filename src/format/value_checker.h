// Compares what was read with what the writer of the data set wrote there.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "dataset/layout.h"
#include "format/format.h"

namespace stoker::format {

// One per thread: it may keep a buffer.
class ValueChecker {
 public:
  virtual ~ValueChecker() = default;
  // Rows [first_row, first_row + chunk.rows) of file `spec`, decoded, with all columns that the chunk holds. The first
  // value that is not the generator's is Code::kCorrupt: path, column, row, element, what was found and what expected. A
  // column that the generator does not write, or that has nulls or lists of other lengths, likewise.
  [[nodiscard]] virtual Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) = 0;
};

}  // namespace stoker::format
