// The pieces of what stands behind the row groups: offset indexes, and the footer's text. They are appended to byte
// vectors, so that the same functions write them and tell their sizes (file_bytes.cc).
//
// No piece becomes shorter when an offset, a size or a count in it grows: bounds of those give bounds of the piece.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/format/parquet/wire/schema.h"
#include "data/format/parquet/wire/thrift_writer.h"
#include "data/format/parquet/write/page_writer.h"

namespace stoker::format::parquet {

// The first and the last bytes of a file.
inline constexpr std::array kMagic{'P', 'A', 'R', '1'};

// What the footer says of a chunk.
struct ChunkEntry {
  ChunkInfo info;
  std::uint32_t offset_index_bytes = 0;  // 0: none
};

// The offset index of a chunk. Returns its bytes; 0, and nothing is appended, when there are no locations.
std::uint32_t append_offset_index(std::vector<std::byte>&, std::span<const PageLocation>);

// A row group, as an element of the list that write_footer_head ends with. `offset_index_at`: where in the file the
// offset index of its first chunk begins; becomes that of the next row group.
void append_row_group(std::vector<std::byte>&, std::span<const Column>, std::int32_t codec, std::span<const ChunkEntry>,
                      std::uint64_t rows, std::uint64_t& offset_index_at);

// What comes before the row groups and after them, with one writer. `arrow_schema`: the value of the key ARROW:schema.
void write_footer_head(ThriftWriter&, std::span<const Column>, std::uint64_t rows, std::uint64_t row_groups);
void write_footer_tail(ThriftWriter&, std::string_view arrow_schema);

// The length and the magic number at the end. Code::kConfig when the footer is longer than a file may have it.
Status append_file_end(std::vector<std::byte>&, std::uint64_t footer_bytes, std::uint64_t row_groups,
                       std::size_t columns);

}  // namespace stoker::format::parquet
