// For fuzz targets.
#pragma once

#include <cstddef>

#include "data/format/format.h"

namespace stoker::format::testing {

// Looks at every byte that a chunk hands out, so that the sanitizers see views that lead nowhere.
[[nodiscard]] inline std::size_t touch(const Chunk& chunk) {
  std::size_t sum = 0;
  for (const ColumnView& column : chunk.columns) {
    for (const Segment& segment : column.segments) {
      for (const std::byte value : segment.values) sum += static_cast<std::size_t>(value);
    }
  }
  return sum;
}

}  // namespace stoker::format::testing
