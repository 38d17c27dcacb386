// How large a data set will be, before it is written.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "datagen/generate.h"
#include "format/format.h"

namespace stoker::datagen {

// Bytes of all files of all ranks together, each rounded up to whole blocks of `block_bytes` (1: the bytes in the
// files). Equal files are measured once. Sizes beyond 64 bits count as the
// largest number. Errors as Format::file_bytes.
[[nodiscard]] Result<format::SizeRange> total_bytes(const Request& request, std::uint64_t block_bytes = 1);

}  // namespace stoker::datagen
