// Where the chunks of an array lie: the ways of HDF5 to say so.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/hdf5/array.h"
#include "data/format/hdf5/meta_file.h"

namespace stoker::format::hdf5 {

struct IndexPlace {
  ChunkIndex type = kOldTree;
  std::uint64_t address = kUndefined;
  // What there may be of the array, by which the chunks of some indexes are numbered; kUndefined: without a bound.
  std::vector<std::uint64_t> most_shape;
  StoredChunk single;  // of kSingleChunk, where it is filtered: size and mask
};

// Fills array.chunks, of which it has one for each chunk already. Errors without the file's path.
[[nodiscard]] Status read_chunk_index(MetaFile& file, const IndexPlace& place, Array& array);

}  // namespace stoker::format::hdf5
