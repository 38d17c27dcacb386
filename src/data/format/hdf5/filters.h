// Chunks as they are stored made values again.
#pragma once

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "data/format/hdf5/array.h"
#include "data/format/inflater.h"

namespace stoker::format::hdf5 {

// HDF5's variant of Fletcher's checksum: of words of two bytes in big endian.
[[nodiscard]] std::uint32_t fletcher32(Bytes bytes);

// For one thread.
class FilterReader {
 public:
  // Undoes the filters of a chunk that has some; `plain` has chunk_bytes() of the array. Errors without file and array.
  [[nodiscard]] Status undo(const Array& array, const StoredChunk& chunk, Bytes stored, MutBytes plain,
                            bool verify_checksums);

 private:
  Inflater inflater_;
  AlignedBuffer between_[2];
};

}  // namespace stoker::format::hdf5
