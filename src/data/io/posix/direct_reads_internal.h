// Direct reads of one thread, with the requests of several tickets under way at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "data/io/posix/read_internal.h"
#include "data/io/read_queue.h"

namespace stoker::io {

class DirectReads {
 public:
  virtual ~DirectReads() = default;  // waits for what is under way

  // As ReadQueue's. `memory` is where the ops' bytes go, or null when that is no lease of the queue; `file` stays where
  // it is until the ticket has been waited for.
  virtual void submit(Ticket ticket, const ReadTarget& file, const LeasePool::Block* memory,
                      std::span<const ReadOp> ops, ReadObserver* observer) = 0;
  virtual Status wait(Ticket ticket) = 0;
  // False once the kernel has taken the ring away: nothing more may be submitted, what is waited for has failed.
  [[nodiscard]] virtual bool usable() const = 0;
  // That are not answered yet.
  [[nodiscard]] virtual std::uint64_t requests() const = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
};

// On a ring of the calling thread, which alone may use it then, with up to `depth` requests in flight. Null when the
// thread cannot have one. uring.cc, or uring_absent.cc in builds without io_uring.
[[nodiscard]] std::unique_ptr<DirectReads> make_uring_reads(unsigned depth);

}  // namespace stoker::io
