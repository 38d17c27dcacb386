// Small files as a whole: manifests and the like.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "io/storage.h"

namespace stoker::io {

// Code::kNotFound when absent; Code::kCorrupt above `bytes_max`.
[[nodiscard]] Result<std::string> read_whole(Storage&, const Path&, std::uint64_t bytes_max = std::uint64_t{64} << 20);

// Writes `<path>.tmp`, makes it safe from a crash and renames it: whatever happens, the file holds what it held before
// or all of `text`. By one writer at a time.
[[nodiscard]] Status replace_whole(Storage&, const Path&, std::string_view text);

}  // namespace stoker::io
