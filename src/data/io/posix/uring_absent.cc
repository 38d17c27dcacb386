// Stands in for uring.cc and uring_write.cc in builds without io_uring.
#include "data/io/posix/read_internal.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {

std::optional<Status> read_direct_uring(const ReadTarget&, std::span<const ReadOp>, ReadObserver*) {
  return std::nullopt;
}

std::unique_ptr<AsyncWriter> make_uring_writer(std::span<const MutBytes>) {
  return nullptr;
}

std::string_view direct_mechanism() {
  return "pread";
}

}  // namespace stoker::io
