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
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/selection.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

struct RawFooter {
  AlignedBuffer memory;
  Bytes bytes;  // the serialised FileMetaData, inside memory
};

// Reads the last 64 KiB and, where the footer is longer, the rest of it. Errors name the path.
[[nodiscard]] Result<RawFooter> read_footer(io::ReadableFile& file, io::ReadObserver* observer);

// What all files of a data set are looked at for, without Arrow.
struct FooterOutline {
  std::uint64_t rows = 0;                // of all row groups together
  std::vector<std::byte> schema_footer;  // a footer of the schema and no row groups; empty if there is no schema
  std::string arrow_schema;              // the value of its ARROW:schema key, empty if it has none
};
// Errors have no path yet, here and below.
[[nodiscard]] Result<FooterOutline> outline_footer(Bytes footer);

struct ParsedFooter {
  FileIndex index;                       // without units and FileIndex::column_number
  std::vector<std::byte> schema_footer;  // a footer of the schema and no row groups, for promise_fixed_lists
  std::string arrow_schema;              // the value of its ARROW:schema key, empty if it has none
};

// The index of the selected columns. A real file of a recommender has 153,600 column chunks, so only the selected ones
// are looked at and no statistics; the schema alone goes through Arrow.
[[nodiscard]] Result<ParsedFooter> parse_footer(Bytes footer, std::uint64_t file_size, const Selection& selection);

}  // namespace stoker::format::parquet
