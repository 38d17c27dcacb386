// The CRC-32 that page headers may have (docs/formats.md, "Page checksums").
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/wire/page_header.h"

namespace stoker::format::parquet {

// `stored` is the page behind its header, which lies at `offset` in the file. Code::kCorrupt with the offset, the CRC
// of the bytes and the one expected; nothing is looked at when the header has none.
[[nodiscard]] Status check_page(const PageHeader& header, Bytes stored, std::uint64_t offset);

// The same for pages back to back, the first at `offset`. What is no page ends the walk without an error.
[[nodiscard]] Status check_pages(Bytes pages, std::uint64_t offset);

}  // namespace stoker::format::parquet
