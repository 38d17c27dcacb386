// The ways in which a POSIX file fulfils read operations.
#pragma once

#include <cstdint>
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
  std::uint64_t transfer_bytes = 0;  // largest request, of a buffered file; 0: it is read past the page cache
  std::uint64_t id = 0;              // of no other file that this process opens; 0: not known
  std::uint64_t device = 0;          // that holds it (st_dev)
};

// A file of this back end.
class PosixFile : public ReadableFile {
 public:
  // As long as the file.
  [[nodiscard]] virtual const ReadTarget& target() const = 0;
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
  // What next() will give in all: requests, and the bytes that they ask for.
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // False at the end. An op that begins at or behind the end of the file is an error.
  Result<bool> next(DirectRequest& request);

 private:
  const ReadTarget& file_;
  std::span<const ReadOp> ops_;
  std::size_t piece_bytes_ = 0;
  std::uint64_t requests_ = 0, bytes_ = 0;
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

// One pread of a buffered file: how many bytes it gave, 0 at the end of the file.
[[nodiscard]] Result<std::size_t> read_waiting(const ReadTarget& file, MutBytes into, std::uint64_t offset);
// Blocking preads of at most transfer_bytes.
Status read_buffered(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer);
// Blocking preads on a file that was opened with O_DIRECT.
Status read_direct_pread(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer);

}  // namespace stoker::io
