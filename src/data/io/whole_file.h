// Small files as a whole: manifests and the like.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

// Code::kNotFound when absent; Code::kCorrupt above `bytes_max`.
[[nodiscard]] Result<std::string> read_whole(Storage&, const Path&, std::uint64_t bytes_max = std::uint64_t{64} << 20);

// Whatever happens, a crash of the machine included, the path holds what it held before or the whole text.
[[nodiscard]] Status replace_whole(Storage&, const Path&, std::string_view text);

}  // namespace stoker::io
