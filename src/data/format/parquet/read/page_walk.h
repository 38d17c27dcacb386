// Goes through all pages of a column chunk, header by header, without their content.
#pragma once

#include <cstdint>
#include <functional>

#include "base/status.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/wire/page_header.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

using PageFunction = std::function<void(const PageHeader& header)>;

// Calls `page` with every header up to the chunk's last value. Code::kCorrupt says which page, where in the file it
// lies and what is wrong with it; path and column are the caller's to say.
[[nodiscard]] Status walk_pages(io::ReadableFile& file, const ChunkIndex& chunk, const PageFunction& page);

}  // namespace stoker::format::parquet
