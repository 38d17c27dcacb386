// XXH3 once more, compiled for AVX2: a distribution's library is built for SSE2 and takes twice as long. Nothing but
// XXH3 may be in this file: what it shares with others must not be made of instructions that they cannot count on.
#include "base/checksum_internal.h"

#if defined(__x86_64__) && defined(__AVX2__)

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace stoker::internal {

const ChecksumFunctions* avx2_checksum() {
  static constexpr ChecksumFunctions kFunctions{
      .name = "avx2",
      .update =
          [](void* state, const void* data, std::size_t bytes) {
            static_cast<void>(XXH3_64bits_update(static_cast<XXH3_state_t*>(state), data, bytes));
          },
      .whole = [](const void* data, std::size_t bytes) -> std::uint64_t { return XXH3_64bits(data, bytes); }};
  static const bool has_it = __builtin_cpu_supports("avx2");
  return has_it ? &kFunctions : nullptr;
}

}  // namespace stoker::internal

#else

namespace stoker::internal {
const ChecksumFunctions* avx2_checksum() {
  return nullptr;
}
}  // namespace stoker::internal

#endif
