// An array of a file as its header describes it, and where its values lie.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "config/columns.h"
#include "data/format/hdf5/chunk_grid.h"
#include "data/format/hdf5/meta_file.h"
#include "data/format/hdf5/wire.h"

namespace stoker::format::hdf5 {

struct Filter {
  std::uint16_t id = 0;             // FilterId
  std::uint32_t element_bytes = 0;  // of kShuffle
};

// Where a chunk lies in the file.
struct StoredChunk {
  std::uint64_t offset = kUndefined;  // kUndefined: nowhere, and its values are the array's fill value
  std::uint64_t bytes = 0;
  std::uint32_t filter_mask = 0;  // bit i: filter i was left out
};

struct Array {
  std::string name;
  config::DType dtype = config::DType::kUint8;
  ChunkGrid grid;  // one chunk where it lies in one piece
  LayoutClass layout = kContiguous;
  ChunkIndex index = kOldTree;      // of kChunked
  bool is_edge_plain = false;       // chunks that reach past the array are not filtered
  std::vector<Filter> filters;      // in the order in which a writer applies them
  std::vector<std::byte> fill;      // an element
  std::vector<StoredChunk> chunks;  // in C order

  [[nodiscard]] std::uint64_t width() const { return config::element_bytes(dtype); }
  [[nodiscard]] std::uint64_t row_bytes() const { return grid.row_elements() * width(); }
  [[nodiscard]] std::uint64_t chunk_row_bytes() const { return grid.chunk_row_elements() * width(); }
  [[nodiscard]] std::uint64_t chunk_bytes() const { return grid.chunk_elements() * width(); }
  // Whether the bytes of a chunk must be decoded before they are values.
  [[nodiscard]] bool is_filtered(std::uint32_t filter_mask) const {
    return (~std::uint64_t{filter_mask} & ((std::uint64_t{1} << filters.size()) - 1)) != 0;
  }
};

// Of the object header at an address. Errors without the file's path: Code::kCorrupt; Code::kUnsupported for what is
// not read (types, filters, virtual data sets, values in other files), by its name.
[[nodiscard]] Result<Array> read_array(MetaFile& file, std::string name, std::uint64_t address);

}  // namespace stoker::format::hdf5
