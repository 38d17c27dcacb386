// Stands in for uring.cc and uring_write.cc in builds without io_uring.
#include "data/io/posix/direct_reads_internal.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {

std::unique_ptr<DirectReads> make_uring_reads(unsigned) {
  return nullptr;
}

std::unique_ptr<AsyncWriter> make_uring_writer(std::span<const MutBytes>) {
  return nullptr;
}

std::string_view direct_mechanism() {
  return "pread";
}

}  // namespace stoker::io
