#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/check.h"
#include "base/errno_error.h"
#include "base/units.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/read_internal.h"
#include "data/io/request_bytes.h"

namespace stoker::io {
namespace {

// pread until no signal interrupts it: bytes, or minus errno.
ssize_t pread_once(int fd, std::byte* into, std::size_t length, std::uint64_t offset) {
  ssize_t n = -1;
  do {
    n = ::pread(fd, into, length, static_cast<off_t>(offset));
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

// The same, seen by the observer.
ssize_t observed_pread(int fd, std::byte* into, std::size_t length, std::uint64_t offset, ReadObserver* observer) {
  if (observer == nullptr) return pread_once(fd, into, length, offset);
  const std::int64_t begin = observer->now_ns();
  const ssize_t n = pread_once(fd, into, length, offset);
  if (n >= 0) observer->completed(begin, observer->now_ns(), static_cast<std::uint64_t>(n), false);
  return n;
}

}  // namespace

Error ends_early(const ReadTarget& file, std::uint64_t offset, std::size_t wanted, std::uint64_t end) {
  Error error = make_error(Code::kCorrupt, "{}: file ends at byte {}, where {} bytes at offset {} were expected",
                           file.path.string(), end, wanted, offset);
  error.hint = "the file is truncated or was replaced while it was read; generate it again";
  return error;
}

Error read_error(const ReadTarget& file, std::uint64_t offset, std::size_t wanted, int error_number) {
  return errno_error(file.path, fmt::format("read of {} bytes at offset {}", wanted, offset), error_number);
}

DirectSplitter::DirectSplitter(const ReadTarget& file, std::span<const ReadOp> ops) : file_(file), ops_(ops) {
  std::uint64_t total = 0;
  for (const ReadOp& op : ops) {
    STOKER_CHECK(op.offset % file.offset_align == 0, "offset of a direct read is not aligned");
    STOKER_CHECK(op.into.size() % file.offset_align == 0, "length of a direct read is not aligned");
    STOKER_CHECK(reinterpret_cast<std::uintptr_t>(op.into.data()) % file.memory_align == 0,
                 "memory of a direct read is not aligned");
    total += op.into.size();
  }
  piece_bytes_ = std::max<std::size_t>(direct_request_bytes(total) / file.offset_align, 1) * file.offset_align;
  for (const ReadOp& op : ops) {
    if (op.offset >= file.size) break;  // an error, when its turn comes
    // As next() cuts it: whole pieces up to the one that holds the end of the file.
    const std::uint64_t there = std::min<std::uint64_t>(op.into.size(), file.size - op.offset);
    const std::uint64_t pieces = (there + piece_bytes_ - 1) / piece_bytes_;
    requests_ += pieces;
    bytes_ += std::min<std::uint64_t>(op.into.size(), pieces * piece_bytes_);
  }
}

Result<bool> DirectSplitter::next(DirectRequest& request) {
  while (op_ < ops_.size() && done_ == ops_[op_].into.size()) {
    ++op_;
    done_ = 0;
  }
  if (op_ == ops_.size()) return false;
  const ReadOp& op = ops_[op_];
  if (op.offset >= file_.size) return ends_early(file_, op.offset, op.into.size(), file_.size);
  request.offset = op.offset + done_;
  request.into = op.into.data() + done_;
  request.length = std::min(piece_bytes_, op.into.size() - done_);
  request.wanted = static_cast<std::size_t>(std::min<std::uint64_t>(request.length, file_.size - request.offset));
  done_ += request.length;
  // What the op has behind the end of the file is not asked for.
  if (op.offset + done_ >= file_.size) done_ = op.into.size();
  return true;
}

Result<bool> advance(const ReadTarget& file, std::size_t bytes, DirectRequest& request) {
  if (bytes >= request.wanted) return true;
  // An answer that is not whole blocks long means the end of the file, which should not be here yet. Ask again from the
  // last block border: the next request must be aligned too.
  const std::size_t step = bytes / file.offset_align * file.offset_align;
  if (step == 0) return ends_early(file, request.offset, request.wanted, request.offset + bytes);
  request.offset += step;
  request.into += step;
  request.length -= step;
  request.wanted -= step;
  return false;
}

Result<std::size_t> read_waiting(const ReadTarget& file, MutBytes into, std::uint64_t offset) {
  const ssize_t n = pread_once(file.fd, into.data(), into.size(), offset);
  if (n < 0) return read_error(file, offset, into.size(), static_cast<int>(-n));
  return static_cast<std::size_t>(n);
}

Status read_buffered(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer) {
  for (const ReadOp& op : ops) {
    std::size_t done = 0;
    while (done < op.into.size()) {
      const std::size_t length = std::min<std::size_t>(file.transfer_bytes, op.into.size() - done);
      const std::uint64_t offset = op.offset + done;
      const ssize_t n = observed_pread(file.fd, op.into.data() + done, length, offset, observer);
      if (n < 0) return read_error(file, offset, length, static_cast<int>(-n));
      if (n == 0) return ends_early(file, op.offset, op.into.size(), offset);
      done += static_cast<std::size_t>(n);
    }
  }
  return {};
}

Status read_direct_pread(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer) {
  DirectSplitter splitter(file, ops);
  DirectRequest request;
  for (;;) {
    STOKER_ASSIGN(const bool more, splitter.next(request));
    if (!more) return {};
    for (bool finished = false; !finished;) {
      const ssize_t n = observed_pread(file.fd, request.into, request.length, request.offset, observer);
      if (n < 0) return read_error(file, request.offset, request.length, static_cast<int>(-n));
      STOKER_ASSIGN(finished, advance(file, static_cast<std::size_t>(n), request));
    }
  }
}

}  // namespace stoker::io
