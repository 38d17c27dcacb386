// A file as it was when it was opened, for what is kept of it: one that was written or replaced since is another.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "data/io/storage.h"

namespace stoker::format {

struct FileKey {
  std::string path;
  std::uint64_t size = 0, version = 0;
  friend auto operator<=>(const FileKey&, const FileKey&) = default;
};
[[nodiscard]] inline FileKey key_of(const io::ReadableFile& file) {
  return {.path = file.path().string(), .size = file.size(), .version = file.version()};
}

}  // namespace stoker::format
