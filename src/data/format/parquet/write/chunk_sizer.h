// What column chunks will take in a file, from their shape alone: the layout that PageWriter follows, without values.
#pragma once

#include <cstdint>
#include <vector>

#include "data/format/parquet/wire/compressor.h"
#include "data/format/parquet/wire/levels.h"
#include "data/format/parquet/write/page_head.h"
#include "data/format/parquet/write/page_writer.h"

namespace stoker::format::parquet {

// Where values decide (lengths of strings, entries of a dictionary, compression), one of the two bounds over all
// values.
enum class Bound : std::uint8_t { kLeast, kMost };

// One bound of the chunks of a file; keeps its scratch memory from chunk to chunk.
class ChunkSizer {
 public:
  // `compressor` must outlive the sizer. `checksums`: page headers have one.
  ChunkSizer(const Compressor& compressor, bool checksums, Bound bound)
      : compressor_(compressor), checksums_(checksums), bound_(bound) {}

  // What PageWriter::write returns for a chunk of `rows` rows at `offset`, and the data pages it names. Time grows with
  // the pages, not with the rows.
  [[nodiscard]] ChunkInfo measure(const Column&, std::uint64_t rows, std::uint64_t offset,
                                  std::vector<PageLocation>& locations);
  // Values decide sizes of this column, so that the two bounds differ.
  [[nodiscard]] static bool depends_on_values(const Column&, const Compressor&);

 private:
  // Adds a page to the chunk and returns its bytes in the file, header included.
  std::uint64_t add_page(ChunkInfo&, PageType, std::uint64_t content, std::uint64_t values, Encoding);
  [[nodiscard]] std::uint64_t plain_bytes(const Column&, std::uint64_t elements) const;
  // Entries of the dictionary of a chunk of `elements` elements.
  [[nodiscard]] std::uint64_t entries(const Column&, std::uint64_t elements, std::uint64_t largest_page) const;
  // Levels and values of a data page. `index_bits`: of the dictionary, 0 for none.
  [[nodiscard]] std::uint64_t content_bytes(const Column&, const PageSpan&, unsigned index_bits);

  const Compressor& compressor_;
  bool checksums_;
  Bound bound_;
  LevelCache levels_;
  std::vector<std::byte> head_;
};

}  // namespace stoker::format::parquet
