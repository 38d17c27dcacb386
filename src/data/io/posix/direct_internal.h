// Whether a file can be read and written past the page cache, and what that demands.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

struct DirectAlignment {
  std::size_t offset = 4096;  // of offset and length
  std::size_t memory = 4096;
};

// What direct reads and writes of the file must be multiples of; nothing when the file system says that it has none for
// this file (it would take the requests and go through its cache).
[[nodiscard]] std::optional<DirectAlignment> direct_alignment(int fd);

// "<path>: the file system (tmpfs) does not support O_DIRECT for this file".
[[nodiscard]] Error no_direct_io(const Path& path, std::string_view hint);

}  // namespace stoker::io
