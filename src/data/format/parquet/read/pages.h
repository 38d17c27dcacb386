// From the stored bytes of a column to its pages, ready for decoding.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/arena.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/wire/codecs.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace stoker::format::parquet {

// A data page: its levels and values, decompressed. kReadSlack bytes behind the body may be touched.
struct DataPage {
  Bytes body;
  std::uint32_t values = 0;  // nulls and empty lists included
  PageEncoding encoding = PageEncoding::kPlain;
  PageEncoding definition_encoding = PageEncoding::kRle, repetition_encoding = PageEncoding::kRle;  // v1
  std::uint32_t definition_bytes = 0, repetition_bytes = 0;                                         // v2
  bool v2 = false;
};

// The pages of one column of one chunk in memory. fetch sets the first part, read_pages the second.
struct ColumnPagesHeld {
  Bytes stored_dictionary;  // of a chunk that is read in pieces: its first page or nothing
  std::uint64_t stored_dictionary_offset = 0, stored_offset = 0;  // in the file
  Bytes stored;  // pages with their headers, back to back; begins with the dictionary page where that is not apart
  std::uint64_t values = 0;     // of the data pages together
  bool values_known = true;     // false: `values` is only an upper bound
  std::uint64_t first_row = 0;  // row of the row group in which the first data page begins
  std::uint64_t phase = 0;      // values of that row that lie before the page

  bool has_dictionary = false;
  Bytes dictionary;  // PLAIN values
  std::uint32_t dictionary_values = 0;
  std::vector<DataPage> pages;
  std::uint64_t plain_bytes = 0;  // of all pages, without headers
};

// Rows of a row group.
struct RowRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  [[nodiscard]] std::uint64_t end() const { return first + count; }
};

// Parses the page headers of a column, and decompresses the pages that hold rows of `wanted` (more where that cannot be
// told from headers), after checking their checksums if that is wanted. Pages that are plain, or stored as they are
// by their codec, stay where they are.
// first_row moves along with pages that are left out.
Status read_pages(const ChunkIndex& chunk, const Leaf& leaf, RowRange wanted, bool verify_checksums, Codecs& codecs,
                  Arena& arena, ColumnPagesHeld& column);

}  // namespace stoker::format::parquet
