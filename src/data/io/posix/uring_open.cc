#include "data/io/posix/uring_internal.h"

namespace stoker::io {
namespace {

bool supports(io_uring& ring, io_uring_op operation) {
  io_uring_probe* probe = ::io_uring_get_probe_ring(&ring);
  if (probe == nullptr) return false;
  const bool supported = ::io_uring_opcode_supported(probe, operation) != 0;
  ::io_uring_free_probe(probe);
  return supported;
}

}  // namespace

bool open_ring(io_uring& ring, unsigned entries, io_uring_op operation) {
  for (const unsigned flags : {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0U}) {
    io_uring_params params{};
    params.flags = flags;
    if (::io_uring_queue_init_params(entries, &ring, &params) != 0) continue;
    if (supports(ring, operation)) return true;
    ::io_uring_queue_exit(&ring);
    return false;
  }
  return false;
}

}  // namespace stoker::io
