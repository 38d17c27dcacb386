// LZF as h5py's filter 32000 stores it: literals of up to 32 bytes and copies of up to 264 from at most 8 KiB back.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

namespace stoker::format::hdf5 {

// Into the first bytes of `into`, of which there are fewer than of `plain`; how many. Nothing where it does not fit.
[[nodiscard]] std::optional<std::size_t> lzf_compress(Bytes plain, MutBytes into);
// False unless `stored` is exactly into.size() bytes compressed.
[[nodiscard]] bool lzf_decompress(Bytes stored, MutBytes into);

}  // namespace stoker::format::hdf5
