// Direct reads through io_uring: many requests in flight from one thread, one system call for a handful of them.
//
// Each thread has its own ring, made at its first direct read and destroyed when the thread ends. So there is no lock,
// and the kernel may be told that a single thread submits (SINGLE_ISSUER) and that completions are to be worked off
// only when that thread asks for them (DEFER_TASKRUN), which saves the interrupts of the reading thread; kernels
// before 6.1 know neither flag and get a plain ring. Where a ring is refused at all (old kernel, seccomp filter of a
// container, sysctl), reads are blocking preads and direct_mechanism() says so.
//
// No buffered reads here: on cold files the kernel hands them to worker threads, which costs ten times the CPU of a
// pread.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/check.h"
#include "data/io/posix/read_internal.h"
#include "data/io/posix/uring_internal.h"

namespace stoker::io {
namespace {

constexpr unsigned kDepth = 32;
// How often a request is sent again that the kernel turned down for the moment.
constexpr int kRetriesMax = 16;

// How many threads of the process got a ring, and how many did not. Written once per thread.
std::atomic<unsigned> g_threads_with_ring{0};
std::atomic<unsigned> g_threads_without_ring{0};

class Ring {
 public:
  // Null when the kernel refuses.
  static std::unique_ptr<Ring> make() {
    std::unique_ptr<Ring> ring(new Ring);
    ring->open_ = open_ring(ring->ring_, kDepth, IORING_OP_READ);
    return ring->open_ ? std::move(ring) : nullptr;
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    if (open_) ::io_uring_queue_exit(&ring_);
  }

  Status read(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer);
  // True after the kernel refused to take requests: some may still wait in the ring, so it must not be used again.
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  struct Slot {
    DirectRequest request;
    std::int64_t begin_ns = 0;
    int retries = 0;
  };

  Ring() {
    for (unsigned i = 0; i < kDepth; ++i) free_[i] = i;
  }

  // Queues the request of a slot.
  void queue(const ReadTarget& file, unsigned slot, std::int64_t begin_ns) {
    slots_[slot].begin_ns = begin_ns;
    const DirectRequest& request = slots_[slot].request;
    io_uring_sqe* sqe = ::io_uring_get_sqe(&ring_);
    STOKER_CHECK(sqe != nullptr, "more requests than the ring has room for");
    ::io_uring_prep_read(sqe, file.fd, request.into, static_cast<unsigned>(request.length), request.offset);
    ::io_uring_sqe_set_data64(sqe, slot);
  }

  void release(unsigned slot) { free_[free_count_++] = slot; }

  // Submits what is queued and waits until at least one request was answered.
  Status submit_and_wait(const ReadTarget& file);
  // Handles one answer: true when the slot's request is finished, false when it was queued again.
  Result<bool> handle(const ReadTarget& file, unsigned slot, int answer, std::int64_t now_ns, ReadObserver* observer);

  io_uring ring_{};
  bool open_ = false;
  bool broken_ = false;
  std::array<Slot, kDepth> slots_{};
  std::array<unsigned, kDepth> free_{};
  unsigned free_count_ = kDepth;
};

Status Ring::submit_and_wait(const ReadTarget& file) {
  const int rc = ::io_uring_submit_and_wait(&ring_, 1);
  if (rc >= 0 || rc == -EINTR) return {};
  // Anything but a shortage of memory or of completion slots is a wrong call of ours.
  STOKER_CHECK(rc == -EAGAIN || rc == -EBUSY || rc == -ENOMEM, "io_uring_enter refused a valid ring");
  const unsigned in_kernel = kDepth - free_count_ - ::io_uring_sq_ready(&ring_);
  if (in_kernel == 0) {
    broken_ = true;
    return read_error(file, 0, 0, -rc);
  }
  // Answers free what was short.
  io_uring_cqe* cqe = nullptr;
  const int waited = ::io_uring_wait_cqe(&ring_, &cqe);
  STOKER_CHECK(waited == 0 || waited == -EINTR, "io_uring_wait_cqe refused a valid ring");
  return {};
}

Result<bool> Ring::handle(const ReadTarget& file, unsigned slot, int answer, std::int64_t now_ns,
                          ReadObserver* observer) {
  Slot& s = slots_[slot];
  if (answer == -EINTR || answer == -EAGAIN) {
    if (++s.retries > kRetriesMax) return read_error(file, s.request.offset, s.request.length, -answer);
  } else if (answer < 0) {
    return read_error(file, s.request.offset, s.request.length, -answer);
  } else {
    if (observer != nullptr) observer->completed(s.begin_ns, now_ns, static_cast<std::uint64_t>(answer));
    STOKER_ASSIGN(const bool finished, advance(file, static_cast<std::size_t>(answer), s.request));
    if (finished) return true;
  }
  return false;
}

Status Ring::read(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer) {
  DirectSplitter splitter(file, ops);
  bool more = true;
  std::optional<Error> failure;
  // After a failure nothing new is sent, but everything in flight is waited for: the kernel writes into the caller's
  // memory until then.
  for (;;) {
    const std::int64_t begin_ns = observer != nullptr && more && free_count_ > 0 ? observer->now_ns() : 0;
    while (more && !failure && free_count_ > 0) {
      DirectRequest request;
      Result<bool> next = splitter.next(request);
      if (!next) {
        failure = std::move(next).error();
      } else if ((more = *next)) {
        const unsigned slot = free_[--free_count_];
        slots_[slot] = Slot{.request = request};
        queue(file, slot, begin_ns);
      }
    }
    if (free_count_ == kDepth) break;
    if (Status sent = submit_and_wait(file); !sent) return failure ? *std::move(failure) : std::move(sent).error();

    const std::int64_t now_ns = observer != nullptr ? observer->now_ns() : 0;
    io_uring_cqe* cqe = nullptr;
    while (::io_uring_peek_cqe(&ring_, &cqe) == 0) {
      const auto slot = static_cast<unsigned>(::io_uring_cqe_get_data64(cqe));
      const int answer = cqe->res;
      ::io_uring_cqe_seen(&ring_, cqe);
      Result<bool> finished = handle(file, slot, answer, now_ns, observer);
      if (finished && !*finished && !failure) {
        queue(file, slot, now_ns);
        continue;
      }
      release(slot);
      if (!finished && !failure) failure = std::move(finished).error();
    }
  }
  if (failure) return *std::move(failure);
  return {};
}

// The calling thread's ring; null when it has none.
std::unique_ptr<Ring>& ring_of_this_thread() {
  struct Holder {
    bool tried = false;
    std::unique_ptr<Ring> ring;
  };
  thread_local Holder holder;
  if (!holder.tried) {
    holder.tried = true;
    holder.ring = Ring::make();
    (holder.ring != nullptr ? g_threads_with_ring : g_threads_without_ring).fetch_add(1, std::memory_order_relaxed);
  }
  return holder.ring;
}

}  // namespace

std::optional<Status> read_direct_uring(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer) {
  std::unique_ptr<Ring>& ring = ring_of_this_thread();
  if (ring == nullptr) return std::nullopt;
  Status status = ring->read(file, ops, observer);
  if (ring->broken()) {
    ring = Ring::make();
    if (ring == nullptr) g_threads_without_ring.fetch_add(1, std::memory_order_relaxed);
  }
  return status;
}

std::string_view direct_mechanism() {
  (void)ring_of_this_thread();
  const bool with = g_threads_with_ring.load(std::memory_order_relaxed) > 0;
  const bool without = g_threads_without_ring.load(std::memory_order_relaxed) > 0;
  if (with && without) return "io_uring, pread in some threads";
  return with ? "io_uring" : "pread";
}

}  // namespace stoker::io
