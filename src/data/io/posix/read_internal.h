// The ways in which a POSIX file fulfils read operations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "data/io/storage.h"

namespace stoker::io {

// An open file, as far as reading needs it. Refers to what the ReadableFile owns.
struct ReadTarget {
  int fd = -1;
  const Path& path;
  std::uint64_t size = 0;        // when it was opened
  std::size_t offset_align = 1;  // of offset and length
  std::size_t memory_align = 1;
};

// One request of a direct read: a piece of an op.
struct DirectRequest {
  std::uint64_t offset = 0;
  std::byte* into = nullptr;
  std::size_t length = 0;  // asked of the storage: a multiple of the alignment
  std::size_t wanted = 0;  // of it, what lies before the end of the file; at least 1
};

// Cuts ops into requests, in order. Ops must be aligned (checked: a misaligned op is our own mistake).
class DirectSplitter {
 public:
  DirectSplitter(const ReadTarget& file, std::span<const ReadOp> ops);
  // False at the end. An op that begins at or behind the end of the file is an error.
  Result<bool> next(DirectRequest& request);

 private:
  const ReadTarget& file_;
  std::span<const ReadOp> ops_;
  std::size_t piece_bytes_ = 0;
  std::size_t op_ = 0;
  std::size_t done_ = 0;  // of ops_[op_]
};

// Takes note of an answer of `bytes` bytes. True: the request is fulfilled. False: `request` is now what is left of it
// and must be asked for again. Error: the file ended early, or the storage answers less than its own block size.
Result<bool> advance(const ReadTarget& file, std::size_t bytes, DirectRequest& request);

// "<path>: file ends at byte ...".
[[nodiscard]] Error ends_early(const ReadTarget& file, std::uint64_t offset, std::size_t wanted, std::uint64_t end);
// "<path>: read of <wanted> bytes at offset <offset>: <text>".
[[nodiscard]] Error read_error(const ReadTarget& file, std::uint64_t offset, std::size_t wanted, int error_number);

// Blocking preads of at most transfer_bytes.
Status read_buffered(const ReadTarget& file, std::span<const ReadOp> ops, std::size_t transfer_bytes,
                     ReadObserver* observer);
// Blocking preads on a file that was opened with O_DIRECT.
Status read_direct_pread(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer);
// Up to 32 requests in flight on the calling thread's own ring. Nothing when the thread cannot have one: then none of
// the ops was tried. uring.cc, or uring_absent.cc in builds without io_uring.
std::optional<Status> read_direct_uring(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer);

}  // namespace stoker::io
