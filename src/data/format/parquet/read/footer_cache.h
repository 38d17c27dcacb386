// The indexes of files read lately, bounded in bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/shared_lru.h"
#include "data/format/parquet/read/file_index.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

// A file as it was when it was opened: one that was written or replaced since is another.
struct FileKey {
  std::string path;
  std::uint64_t size = 0, version = 0;
  friend auto operator<=>(const FileKey&, const FileKey&) = default;
};
[[nodiscard]] inline FileKey key_of(const io::ReadableFile& file) {
  return {.path = file.path().string(), .size = file.size(), .version = file.version()};
}

using FooterCache = SharedLru<FileKey, FileIndex>;

[[nodiscard]] inline std::uint64_t footer_cost(const FileKey& key, const FileIndex& index) {
  return index.memory_bytes() + 2 * (key.path.size() + sizeof key);
}

}  // namespace stoker::format::parquet
