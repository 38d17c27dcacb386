// XXH3 for the instructions at hand. All of them give the same numbers and share the layout of the library's state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stoker::internal {

struct ChecksumFunctions {
  const char* name;
  void (*update)(void* state,  // an XXH3_state_t
                 const void* data, std::size_t bytes);
  std::uint64_t (*whole)(const void* data, std::size_t bytes);
};

// The library's, which is built for the least processor of its architecture.
[[nodiscard]] const ChecksumFunctions& portable_checksum();
// With 32-byte vectors; null where this build or this processor has none.
[[nodiscard]] const ChecksumFunctions* avx2_checksum();

}  // namespace stoker::internal
