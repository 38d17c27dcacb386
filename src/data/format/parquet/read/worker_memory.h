// What the buffers of one worker take while it reads a file, told by the file's footer.
#pragma once

#include <cstdint>

#include "config/workload.h"
#include "data/format/parquet/read/file_index.h"

namespace stoker::format::parquet {

// An upper bound over the units of the file. The index must have its units. Sizes that a footer claims may be anything:
// the result is at most 2^62.
[[nodiscard]] std::uint64_t worker_bytes(const FileIndex&, config::Decode);

}  // namespace stoker::format::parquet
