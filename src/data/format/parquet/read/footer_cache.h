// The indexes of files read lately, bounded in bytes.
#pragma once

#include <cstdint>

#include "base/shared_lru.h"
#include "data/format/file_key.h"
#include "data/format/parquet/read/file_index.h"

namespace stoker::format::parquet {

using FooterCache = SharedLru<FileKey, FileIndex>;

[[nodiscard]] inline std::uint64_t footer_cost(const FileKey& key, const FileIndex& index) {
  return index.memory_bytes() + 2 * (key.path.size() + sizeof key);
}

}  // namespace stoker::format::parquet
