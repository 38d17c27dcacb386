// The footer: where it lies and what it says. Its bytes are untrusted; every offset, size and count that leaves this
// file has been checked against the file's size and against each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "format/parquet/file_index.h"
#include "format/parquet/selection.h"
#include "io/storage.h"

namespace stoker::format::parquet {

struct RawFooter {
  AlignedBuffer memory;
  Bytes bytes;  // the serialised FileMetaData, inside memory
};

// Reads the last 64 KiB and, where the footer is longer, the rest of it. Errors name the path.
[[nodiscard]] Result<RawFooter> read_footer(io::ReadableFile& file, io::ReadObserver* observer);

// The rows of the file: of all its row groups together. Errors have no path yet, here and below.
[[nodiscard]] Result<std::uint64_t> footer_rows(Bytes footer);

struct ParsedFooter {
  FileIndex index;                       // without units
  std::vector<std::byte> schema_footer;  // a footer of the schema and no row groups, for promise_fixed_lists
  std::string arrow_schema;              // the value of its ARROW:schema key, empty if it has none
};

// The index of the selected columns. A real file of a recommender has 153,600 column chunks, so only the selected ones
// are looked at and no statistics; the schema alone goes through Arrow.
[[nodiscard]] Result<ParsedFooter> parse_footer(Bytes footer, std::uint64_t file_size, const Selection& selection);

}  // namespace stoker::format::parquet
