// Direct writes through io_uring, with memory that the kernel knows already.
#include <sys/uio.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/check.h"
#include "data/io/posix/uring_internal.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {
namespace {

class UringWriter final : public AsyncWriter {
 public:
  UringWriter() = default;
  UringWriter(const UringWriter&) = delete;
  UringWriter& operator=(const UringWriter&) = delete;
  ~UringWriter() override { close(); }

  // False when the kernel refuses.
  bool open(std::span<const MutBytes> pieces) {
    open_ = open_ring(ring_, static_cast<unsigned>(pieces.size()), IORING_OP_WRITE);
    if (!open_) return false;
    std::vector<iovec> memory;
    for (const MutBytes& piece : pieces) memory.push_back({.iov_base = piece.data(), .iov_len = piece.size()});
    // A limit on locked memory may forbid it: then the kernel looks the pages up each time.
    registered_ = ::io_uring_register_buffers(&ring_, memory.data(), static_cast<unsigned>(memory.size())) == 0;
    return true;
  }

  bool submit(int fd, unsigned piece, Bytes data, std::uint64_t offset) override {
    io_uring_sqe* sqe = open_ ? ::io_uring_get_sqe(&ring_) : nullptr;
    if (sqe == nullptr) return false;
    const auto bytes = static_cast<unsigned>(data.size());
    if (registered_) {
      ::io_uring_prep_write_fixed(sqe, fd, data.data(), bytes, offset, static_cast<int>(piece));
    } else {
      ::io_uring_prep_write(sqe, fd, data.data(), bytes, offset);
    }
    ::io_uring_sqe_set_data64(sqe, piece);
    queued_.push_back(piece);
    take(::io_uring_submit(&ring_));
    return true;
  }

  Answer next() override {
    io_uring_cqe* cqe = nullptr;
    while (open_ && ::io_uring_peek_cqe(&ring_, &cqe) != 0) {
      const int rc = ::io_uring_submit_and_wait(&ring_, 1);
      take(rc);
      // Short of memory, and no answer to come that would free some: what it did not take is not its any more.
      if (rc < 0 && rc != -EINTR && in_kernel_ == 0) close();
    }
    if (!open_) {
      STOKER_CHECK(!queued_.empty(), "an answer is waited for that nobody owes");
      const Answer answer{.piece = queued_.front(), .result = 0};
      queued_.erase(queued_.begin());
      return answer;
    }
    const Answer answer{.piece = static_cast<unsigned>(::io_uring_cqe_get_data64(cqe)), .result = cqe->res};
    ::io_uring_cqe_seen(&ring_, cqe);
    --in_kernel_;
    return answer;
  }

 private:
  // Of what was queued, the kernel took so many; or it took none.
  void take(int rc) {
    STOKER_CHECK(rc >= 0 || rc == -EINTR || rc == -EAGAIN || rc == -EBUSY || rc == -ENOMEM,
                 "io_uring_enter refused a valid ring");
    if (rc <= 0) return;
    queued_.erase(queued_.begin(), queued_.begin() + rc);
    in_kernel_ += rc;
  }

  void close() {
    if (std::exchange(open_, false)) ::io_uring_queue_exit(&ring_);
  }

  std::vector<unsigned> queued_;  // pieces that the kernel has not taken yet, in order
  int in_kernel_ = 0;
  io_uring ring_{};
  bool open_ = false;
  bool registered_ = false;
};

}  // namespace

std::unique_ptr<AsyncWriter> make_uring_writer(std::span<const MutBytes> pieces) {
  auto writer = std::make_unique<UringWriter>();
  if (!writer->open(pieces)) return nullptr;
  return writer;
}

}  // namespace stoker::io
