// What a reader keeps of a file: where the pages of the selected columns lie, and nothing else. 48 bytes per selected
// column chunk; a file of 153,600 chunks of which a fifth is selected takes 1.5 MB.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/format/format.h"
#include "data/format/parquet/wire/leaf.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace parquet {
class FileMetaData;
}

namespace stoker::format::parquet {

// A column chunk: the pages of one column in one row group. The range has been checked against the file's size.
struct ChunkIndex {
  std::uint64_t offset = 0;  // of the dictionary page if there is one, of the first data page else
  std::uint64_t bytes = 0;
  std::uint64_t plain_bytes = 0;         // decompressed, as the footer says; only used to estimate memory
  std::uint64_t values = 0;              // nulls and empty lists included
  std::uint64_t offset_index = 0;        // where the chunk's offset index lies
  std::uint32_t offset_index_bytes = 0;  // 0: it has none
  Codec codec = Codec::kUncompressed;
};

struct RowGroupIndex {
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
};

// A data page of a chunk that is read in pieces.
struct PagePlace {
  std::uint64_t offset = 0;    // of its header
  std::uint64_t position = 0;  // what comes before it in the chunk: rows * ColumnPages::scale, or values
  std::uint32_t bytes = 0;     // with its header
  bool dictionary = false;     // its values may be indices into the dictionary page
};

// All data pages of one chunk. Positions count values when scale > 1 (lists of exactly `scale` elements, whose pages
// may begin inside a row) and rows when scale is 1.
struct ColumnPages {
  std::uint64_t scale = 1;
  std::uint64_t end_position = 0;
  std::uint64_t dictionary_bytes = 0;  // from the chunk's offset to its first data page
  bool lists_promised = false;         // rows were computed from Leaf::list_size; decoding checks the promise
  std::vector<PagePlace> pages;        // back to back

  // The pages [first, last) that hold rows [begin, end).
  [[nodiscard]] std::pair<std::size_t, std::size_t> holding(std::uint64_t begin, std::uint64_t end) const;
  // Bytes of pages [first, last), which are not none; whether they may need the dictionary page; where page i ends.
  [[nodiscard]] std::uint64_t bytes(std::size_t first, std::size_t last) const;
  [[nodiscard]] bool may_need_dictionary(std::size_t first, std::size_t last) const;
  [[nodiscard]] std::uint64_t end_of(std::size_t i) const {
    return i + 1 < pages.size() ? pages[i + 1].position : end_position;
  }
};

struct FileIndex {
  std::uint64_t file_size = 0;
  std::uint64_t rows = 0;
  std::uint64_t column_number = 0;  // FileReader::columns(), of all columns and not only the selected ones
  std::vector<Leaf> leaves;         // the selected ones, in the file's order
  std::vector<RowGroupIndex> groups;
  std::vector<ChunkIndex> chunks;         // group by group, a chunk per leaf
  std::vector<Unit> units;                // what FileReader::units hands out
  std::vector<std::uint32_t> unit_group;  // the row group of each
  // For the row groups that are cut into several units: the pages of each leaf's chunk.
  std::unordered_map<std::uint32_t, std::vector<ColumnPages>> cut;
  std::string type_difference;                        // how the columns differ from those configured; empty: not at all
  std::shared_ptr<::parquet::FileMetaData> metadata;  // only for decode depth `arrow`
  std::uint64_t metadata_bytes = 0;

  [[nodiscard]] const ChunkIndex& chunk(std::size_t group, std::size_t leaf) const {
    return chunks[group * leaves.size() + leaf];
  }
  // Memory it takes, for the cache's bound.
  [[nodiscard]] std::uint64_t memory_bytes() const;
};

}  // namespace stoker::format::parquet
