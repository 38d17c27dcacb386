// Where the data pages of a row group lie, so that it can be read in pieces: from the file's offset indexes, or, where
// it has none, by hopping from page header to page header.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/read/file_index.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

// Fills index.cut for those of `groups` all of whose selected chunks can be mapped. The others stay whole: a row of a
// page with lists of unknown lengths can only be found by decoding what comes before it, and whatever is broken is
// reported by who reads it. Leaf::list_size must have been set where lists are known to have one size. Errors are the
// storage's.
Status map_pages(FileIndex& index, std::span<const std::uint32_t> groups, io::ReadableFile& file,
                 io::ReadObserver* observer);

// The pages that an offset index describes, or nothing if it contradicts the chunk. Exposed for tests.
[[nodiscard]] std::optional<ColumnPages> parse_offset_index(Bytes in, const ChunkIndex& chunk, std::uint64_t rows);

}  // namespace stoker::format::parquet
