// Reads the rows of an open file, chunk by chunk, on the path that a run's reader threads take.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <stop_token>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"

namespace stoker::audit {

// What a reader must be told to read every column of a file. `config::Workload` fills the rest.
[[nodiscard]] config::Workload reading_workload(const format::Format& format, config::Decode decode);

// Takes the rows [first_row, first_row + chunk.rows) of the file; the chunk is gone when it returns.
using ChunkFunction = std::function<Status(std::uint64_t first_row, const format::Chunk& chunk)>;
// Takes what is wrong with a chunk, and says with its own error that this ends the reading.
using FaultFunction = std::function<Status(Error error)>;

struct RowsToRead {
  std::uint64_t rows = std::numeric_limits<std::uint64_t>::max();  // from the first one on; more than there are: all
  std::stop_token stop;
  FaultFunction fault;  // null: the first error ends the reading
};

// Rows that `fault` was told of are left out. Code::kInterrupted when a stop was requested.
[[nodiscard]] Status read_rows(format::FileReader& file, const RowsToRead& what, const ChunkFunction& take);

}  // namespace stoker::audit
