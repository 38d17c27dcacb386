// Reads through the page cache that do not wait for the storage one after the other.
//
// A pread of what is not in the cache keeps one request in flight. So such ranges are asked for when they are submitted
// (POSIX_FADV_WILLNEED), several chunks before they are copied. What is in the cache already must not be asked for:
// that costs system calls, and reading ahead spreads over more memory than one chunk's, which the CPU's caches may
// hold. Whether a file is there shows in the reads themselves, which are tried without waiting first (RWF_NOWAIT).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/io/posix/read_internal.h"
#include "data/io/read_queue.h"

namespace stoker::io {

// Of one thread.
class AskAhead {
 public:
  explicit AskAhead(ReadObserver* observer) : observer_(observer) {}

  // A read that was submitted: an op, and when it was asked for, if it was.
  struct Planned {
    ReadOp op;
    std::int64_t asked_ns = 0;
    bool asked = false;
  };

  // What is to be read. With `ahead`, what of it is not in the cache is asked for, as long as reads come from the
  // storage.
  [[nodiscard]] std::vector<Planned> plan(const ReadTarget& file, std::span<const ReadOp> ops, bool ahead);
  // Copies them from the cache, waiting for what is not there yet.
  [[nodiscard]] Status read(const ReadTarget& file, std::span<const Planned> reads);
  // Whether what was read last came from the storage, so that asking for more is worth it.
  [[nodiscard]] bool cold() const { return cold_; }

 private:
  Status read(const ReadTarget& file, const Planned& planned);

  ReadObserver* const observer_;
  // Bytes that were in the cache from `offset` on, up to the size of `into`; 0 also where this cannot be told.
  std::size_t read_cached(int fd, MutBytes into, std::uint64_t offset);

  bool tells_ = true;  // the file system knows reads that do not wait
  bool cold_ = false;
  unsigned warm_calls_ = 0;  // of plan(), one after the other, that found everything in the cache
};

}  // namespace stoker::io
