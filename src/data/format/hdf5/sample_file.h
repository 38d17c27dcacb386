// The arrays of samples of a file: records_0, records_1, ... in its root group, as DLIO has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/format/hdf5/array.h"
#include "data/io/storage.h"

namespace stoker::format::hdf5 {

struct SampleFile {
  unsigned superblock = 0;          // its version
  std::vector<Array> arrays;        // all with the same number of rows, at least one
  std::vector<std::string> others;  // names of what is not read

  [[nodiscard]] std::uint64_t rows() const { return arrays.front().grid.rows(); }
  [[nodiscard]] std::uint64_t row_bytes() const {
    std::uint64_t bytes = 0;
    for (const Array& array : arrays) bytes += array.row_bytes();
    return bytes;
  }
};

// Errors without the file's path: Code::kCorrupt; Code::kUnsupported for files without such arrays, and what
// read_array says.
[[nodiscard]] Result<SampleFile> read_sample_file(io::ReadableFile& file, bool verify_checksums,
                                                  io::ReadObserver* observer);

}  // namespace stoker::format::hdf5
