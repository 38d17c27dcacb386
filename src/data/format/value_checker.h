// Compares what was read with what the writer of the data set wrote there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"

namespace stoker::format {

// One per thread: it may keep a buffer.
class ValueChecker {
 public:
  virtual ~ValueChecker() = default;
  // Rows [first_row, first_row + chunk.rows) of file `spec`, decoded, with all columns that the workload reads. The
  // first value that is not the generator's is Code::kCorrupt: path, column, row, element, what was found and what
  // expected, and where in the file it lies. A column that the generator does not write, that is not there, or that has
  // nulls or lists of other lengths, likewise, and rows beyond spec.rows.
  [[nodiscard]] virtual Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) = 0;
};

// What a checker says of a value that is not the generator's: Code::kCorrupt, with what it comes from and what to do.
[[nodiscard]] Error wrong_value(std::string message);

// The checker of the workload's format. Code::kUnsupported where the format's files have no values to look at.
[[nodiscard]] Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload&);

}  // namespace stoker::format
