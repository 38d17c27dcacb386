// The end of a file: offset indexes, then the footer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/format/output_buffer.h"
#include "data/format/parquet/wire/schema.h"
#include "data/format/parquet/write/footer_writer.h"
#include "data/format/parquet/write/page_writer.h"

namespace stoker::format::parquet {

// Collects what the footer will say, a few dozen bytes per column chunk, and writes it row group by row group: a footer
// of many megabytes is never in memory as a whole.
class MetadataWriter {
 public:
  // Starts a file. `columns` must outlive finish().
  void begin(std::span<const Column> columns, std::int32_t parquet_codec);
  // The next chunk: the columns of the first row group in order, then those of the second.
  void add_chunk(const ChunkInfo&, std::span<const PageLocation>);
  // The chunks added since the last call are a row group of that many rows.
  void end_row_group(std::uint64_t rows);
  // Writes everything behind the last row group, the magic number at the end included. `position`: where in the file
  // that begins. `arrow_schema`: the value of the key ARROW:schema.
  Status finish(const std::string& arrow_schema, std::uint64_t position, ByteTarget&);

 private:
  std::span<const Column> columns_;
  std::int32_t codec_ = 0;
  std::vector<ChunkEntry> chunks_;
  std::vector<std::uint64_t> group_rows_;
  std::vector<std::byte> offset_indexes_;  // of all chunks, back to back
  std::vector<std::byte> text_;            // a piece of the footer
};

}  // namespace stoker::format::parquet
