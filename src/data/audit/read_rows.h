// Reads the rows of files, one file after the other, chunk by chunk, on the path that a run's reader threads take.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <stop_token>

#include "base/status.h"
#include "config/workload.h"
#include "data/audit/data_files.h"
#include "data/format/chunk_reader.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::audit {

// Takes the rows [first_row, first_row + chunk.rows) of the file; the chunk is gone when it returns.
using ChunkFunction = std::function<Status(std::uint64_t first_row, const format::Chunk& chunk)>;
// Takes what is wrong with a chunk, and says with its own error that this ends the reading.
using FaultFunction = std::function<Status(Error error)>;

struct RowsToRead {
  std::uint64_t rows = std::numeric_limits<std::uint64_t>::max();  // from the first one on; more than there are: all
  std::stop_token stop;
  FaultFunction fault;  // null: the first error ends the reading
};

// Keeps memory and readers from file to file: of many small ones, making them is most of the work. For one thread. The
// storage outlives it.
class RowReader {
 public:
  // `workload`: of the files' data set, whose values they have where they do not say themselves which; null: not known.
  RowReader(io::Storage& storage, config::Decode decode, const config::Workload* workload)
      : storage_(storage), decode_(decode), workload_(workload) {}

  // Every column of the file, which says `info` of itself, will be read.
  [[nodiscard]] Result<std::unique_ptr<format::FileReader>> open(const DataFile& file, const format::FileInfo& info);
  // Of the file that was opened last. Rows that `fault` was told of are left out. Code::kInterrupted when a stop was
  // requested.
  [[nodiscard]] Status read(format::FileReader& file, const RowsToRead& what, const ChunkFunction& take);

 private:
  io::Storage& storage_;
  const config::Decode decode_;
  const config::Workload* const workload_;
  // Of files of this format, with so many rows of such elements.
  const format::Format* format_ = nullptr;
  std::uint64_t rows_ = 0;
  config::DType dtype_ = config::DType::kUint8;
  std::unique_ptr<format::FormatReader> reader_;
  std::uint64_t bytes_ = 0;  // of the files that it opened
  format::ChunkReader chunks_;
  format::Chunk chunk_;
};

}  // namespace stoker::audit
