// Stands in for uring.cc in builds without io_uring.
#include "data/io/posix/read_internal.h"

namespace stoker::io {

std::optional<Status> read_direct_uring(const ReadTarget&, std::span<const ReadOp>, ReadObserver*) {
  return std::nullopt;
}

std::string_view direct_mechanism() {
  return "pread";
}

}  // namespace stoker::io
