// Memory for what one chunk decompresses and decodes to: handed out in pieces, taken back all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"

namespace stoker::format {

// What decoders may touch past the end of the bytes they are given. Every buffer that holds fetched or decompressed
// bytes is this much longer than its content.
inline constexpr std::size_t kReadSlack = 64;

// More than this one chunk may not take, in any of its buffers: half of the machine's memory. Sizes in a file are
// claims; a few bytes can claim to decompress to terabytes.
[[nodiscard]] std::uint64_t chunk_memory_limit_bytes();

// Pieces stay where they are until reset(). When one chunk needed several blocks they become one block at the next
// reset, so that after the largest chunk nothing is allocated. Not for sharing between threads.
class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` bytes, content undefined, aligned to 64, followed by kReadSlack bytes that may be touched.
  // Code::kUnsupported past the limit.
  Result<MutBytes> allocate(std::uint64_t bytes);
  void reset();

 private:
  static constexpr std::size_t kFirstBlock = std::size_t{256} * 1024;

  std::vector<AlignedBuffer> blocks_;
  std::size_t used_ = 0;     // of the last block
  std::uint64_t total_ = 0;  // handed out since reset
};

}  // namespace stoker::format
