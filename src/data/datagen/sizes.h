// How large a data set will be, before it is written.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "data/datagen/generate.h"
#include "data/format/format.h"

namespace stoker::datagen {

// Bytes of all files of all ranks together, each rounded up to whole blocks of `block_bytes` (1: the bytes in the
// files). Equal files are measured once. Sizes beyond 64 bits count as the largest number. Once the least size exceeds
// `enough` the rest of the files is left out, and the most is the largest number. Errors as Format::file_bytes.
[[nodiscard]] Result<format::SizeRange> total_bytes(const config::Workload&, const format::Format&,
                                                    std::uint64_t block_bytes = 1, std::uint64_t enough = UINT64_MAX);
[[nodiscard]] Result<format::SizeRange> total_bytes(const Request& request, std::uint64_t block_bytes = 1,
                                                    std::uint64_t enough = UINT64_MAX);

}  // namespace stoker::datagen
