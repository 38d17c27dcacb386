// Direct writes through io_uring, with memory that the kernel knows already.
#include <liburing.h>
#include <sys/uio.h>

#include <cerrno>
#include <vector>

#include "base/check.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {
namespace {

class UringWriter final : public AsyncWriter {
 public:
  UringWriter() = default;
  UringWriter(const UringWriter&) = delete;
  UringWriter& operator=(const UringWriter&) = delete;
  ~UringWriter() override {
    if (open_) ::io_uring_queue_exit(&ring_);
  }

  // False when the kernel refuses.
  bool open(std::span<const MutBytes> pieces) {
    for (const unsigned flags : {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0U}) {
      io_uring_params params{};
      params.flags = flags;
      if (::io_uring_queue_init_params(static_cast<unsigned>(pieces.size()), &ring_, &params) != 0) continue;
      open_ = true;
      if (!can_write()) return false;
      std::vector<iovec> memory;
      for (const MutBytes& piece : pieces) memory.push_back({.iov_base = piece.data(), .iov_len = piece.size()});
      // A limit on locked memory may forbid it: then the kernel looks the pages up each time.
      registered_ = ::io_uring_register_buffers(&ring_, memory.data(), static_cast<unsigned>(memory.size())) == 0;
      return true;
    }
    return false;
  }

  bool submit(int fd, unsigned piece, Bytes data, std::uint64_t offset) override {
    io_uring_sqe* sqe = ::io_uring_get_sqe(&ring_);
    if (sqe == nullptr) return false;
    const auto bytes = static_cast<unsigned>(data.size());
    if (registered_) {
      ::io_uring_prep_write_fixed(sqe, fd, data.data(), bytes, offset, static_cast<int>(piece));
    } else {
      ::io_uring_prep_write(sqe, fd, data.data(), bytes, offset);
    }
    ::io_uring_sqe_set_data64(sqe, piece);
    int rc = 0;
    do {
      rc = ::io_uring_submit(&ring_);
    } while (rc == -EINTR);
    // It stays in the ring when it is not taken now, and is with the next wait.
    STOKER_CHECK(rc >= 0 || rc == -EAGAIN || rc == -EBUSY || rc == -ENOMEM, "io_uring_enter refused a valid ring");
    return true;
  }

  Answer next() override {
    io_uring_cqe* cqe = nullptr;
    while (::io_uring_peek_cqe(&ring_, &cqe) != 0) {
      const int rc = ::io_uring_submit_and_wait(&ring_, 1);
      STOKER_CHECK(rc >= 0 || rc == -EINTR || rc == -EAGAIN || rc == -EBUSY || rc == -ENOMEM,
                   "io_uring_enter refused a valid ring");
    }
    const Answer answer{.piece = static_cast<unsigned>(::io_uring_cqe_get_data64(cqe)), .result = cqe->res};
    ::io_uring_cqe_seen(&ring_, cqe);
    return answer;
  }

 private:
  [[nodiscard]] bool can_write() {
    io_uring_probe* probe = ::io_uring_get_probe_ring(&ring_);
    if (probe == nullptr) return false;
    const bool supported = ::io_uring_opcode_supported(probe, IORING_OP_WRITE) != 0;
    ::io_uring_free_probe(probe);
    return supported;
  }

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
