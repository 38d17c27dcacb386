// Writes the pages of one column chunk, page by page: no more than one page is held, and none where pages are stored
// uncompressed and without checksums.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "data/format/output_buffer.h"
#include "data/format/parquet/wire/compressor.h"
#include "data/format/parquet/wire/levels.h"
#include "data/format/parquet/wire/schema.h"
#include "data/format/parquet/write/dictionary_encoder.h"
#include "data/format/parquet/write/page_head.h"
#include "data/format/parquet/write/page_plan.h"

namespace stoker::format::parquet {

// What the footer says of a written chunk.
struct ChunkInfo {
  std::uint64_t offset = 0;            // of its first page in the file
  std::uint64_t dictionary_bytes = 0;  // of the dictionary page and its header, which come first; 0: there is none
  std::uint64_t values = 0;
  std::uint64_t uncompressed_bytes = 0;  // with page headers
  std::uint64_t compressed_bytes = 0;    // with page headers: what the chunk takes in the file
};

// A data page, for the offset index.
struct PageLocation {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;      // with its header
  std::uint64_t first_row = 0;  // of the row group
};

// One per writer; owns the scratch memory.
class PageWriter {
 public:
  // `checksums`: headers have the CRC-32 of their page.
  PageWriter(Compressor compressor, bool checksums) : compressor_(std::move(compressor)), checksums_(checksums) {}

  [[nodiscard]] std::int32_t parquet_codec() const { return compressor_.parquet_codec(); }

  // Appends the chunk of rows [first_row, first_row + rows) of the file. `locations` becomes the chunk's data pages, or
  // empty when a page begins inside a row. A requested stop is seen before each page: Code::kInterrupted.
  Result<ChunkInfo> write(const Column&, std::uint64_t key, std::uint64_t first_row, std::uint64_t rows,
                          OutputBuffer& out, std::vector<PageLocation>& locations, const std::stop_token& stop);

 private:
  struct Chunk;  // what the functions below share while one chunk is written

  // Fills the dictionary from the chunk's first pages, until it is large enough. Returns how many pages those are.
  Result<std::uint64_t> collect_dictionary(const Chunk&, std::uint64_t rows, const std::stop_token&);
  Status write_dictionary_page(Chunk&);
  Status write_data_page(Chunk&, const PageSpan&, bool dictionary_encoded);
  // Levels and values of a data page.
  Status put_body(const Chunk&, const PageSpan&, bool dictionary_encoded, ByteTarget&);
  // The header of a page whose content the caller puts next.
  Status put_header(Chunk&, const PageHead&);
  // Compresses the content of page_ if there is a codec, and puts header and content.
  Status put_page(Chunk&, PageType, std::uint64_t values, Encoding);

  Compressor compressor_;
  const bool checksums_;
  LevelCache levels_;
  DictionaryEncoder dictionary_;
  PageBuffer page_;
  std::vector<std::byte> header_;
};

}  // namespace stoker::format::parquet
