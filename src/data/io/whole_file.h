// Small files as a whole: manifests and the like.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

// Code::kNotFound when absent; Code::kCorrupt above `bytes_max`.
[[nodiscard]] Result<std::string> read_whole(Storage&, const Path&, std::uint64_t bytes_max = std::uint64_t{64} << 20);

// Whatever happens, a crash of the machine included, the path holds what it held before or the whole text.
[[nodiscard]] Status replace_whole(Storage&, const Path&, std::string_view text);

// XXH3-64 of the file's content (base/checksum.h), read in blocks of `block_bytes` into memory that is kept.
// Code::kInterrupted when a stop is requested.
[[nodiscard]] Result<std::uint64_t> content_checksum(ReadableFile& file, AlignedBuffer& block,
                                                     std::uint64_t block_bytes, const std::stop_token& stop);

}  // namespace stoker::io
