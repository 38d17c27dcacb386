// What files may claim, and what is written: bounds of memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stoker::format::hdf5 {

inline constexpr std::size_t kMostAxes = 32;                            // the library's own bound
inline constexpr std::uint64_t kMostChunkBytes = 0xFFFF'FFFF;           // likewise
inline constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 22;    // of one array; 24 bytes each while it is open
inline constexpr std::uint64_t kMostArrays = std::uint64_t{1} << 12;    // of one file
inline constexpr std::uint64_t kMostElements = std::uint64_t{1} << 58;  // of one array
inline constexpr std::uint64_t kMostMetadata = std::uint64_t{1} << 28;  // bytes that are looked at before any value

}  // namespace stoker::format::hdf5
