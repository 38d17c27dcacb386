#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <vector>

#include "base/check.h"
#include "base/errno_error.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {
namespace {

// How many threads of the process wrote in which way. Counted once per thread.
std::atomic<unsigned> g_threads_with_ring{0};
std::atomic<unsigned> g_threads_without_ring{0};

// Writes what is left of `data`, by calls that block: 0, or what failed.
int write_rest(int fd, Bytes& data, std::uint64_t& offset) {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    offset += static_cast<std::uint64_t>(n);
    data = data.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

Error write_error(const Path& path, Bytes data, std::uint64_t offset, int error_number) {
  return errno_error(path, fmt::format("write of {} bytes at offset {}", data.size(), offset), error_number);
}

// What file systems answer that have no direct writes for this file, or not such ones.
bool is_refusal(int error_number) {
  return error_number == EINVAL || error_number == EOPNOTSUPP;
}

}  // namespace

Status write_all(int fd, const Path& path, Bytes data, std::uint64_t offset) {
  const int failed = write_rest(fd, data, offset);
  return failed == 0 ? Status{} : Status(write_error(path, data, offset, failed));
}

Status turn_direct_off(int fd, const Path& path) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags & ~O_DIRECT) != 0) return errno_error(path, "turn O_DIRECT off", errno);
  return {};
}

WriteQueue& WriteQueue::of_this_thread() {
  thread_local WriteQueue queue;
  return queue;
}

Result<WriteQueue::Piece*> WriteQueue::take() {
  while (true) {
    for (Piece& piece : pieces_) {
      if (piece.taken) continue;
      piece.memory.resize(Sink::kPieceBytes);
      piece.taken = true;
      return &piece;
    }
    if (std::ranges::none_of(pieces_, [](const Piece& piece) { return piece.sink != nullptr; })) {
      return make_error(Code::kFailed, "a thread writes more than {} files at once", kPieces);
    }
    wait_for_one();
  }
}

void WriteQueue::send(Piece& piece, WriteSink& sink, std::uint64_t offset, std::size_t bytes) {
  STOKER_CHECK(piece.taken && piece.sink == nullptr);
  if (!ring_tried_) {
    ring_tried_ = true;
    std::vector<MutBytes> memory;
    for (Piece& each : pieces_) {
      each.memory.resize(Sink::kPieceBytes);
      memory.push_back(each.memory.bytes());
    }
    ring_ = make_uring_writer(memory);
    (ring_ != nullptr ? g_threads_with_ring : g_threads_without_ring).fetch_add(1, std::memory_order_relaxed);
  }
  piece.offset = offset;
  piece.bytes = bytes;
  const auto number = static_cast<unsigned>(&piece - pieces_.data());
  piece.sink = &sink;
  ++sink.in_flight;
  // Buffered writes through a ring are handed to threads of the kernel, which costs more than the write.
  if (sink.buffered || ring_ == nullptr || !ring_->submit(sink.fd, number, piece.memory.bytes().first(bytes), offset)) {
    finish(piece, 0);
  }
}

void WriteQueue::wait_for_one() {
  const AsyncWriter::Answer answer = ring_->next();
  finish(pieces_.at(answer.piece), answer.result);
}

// What was not written, for whatever reason, is written by a call that blocks: if that fails, too, it says why.
void WriteQueue::finish(Piece& piece, int result) {
  WriteSink& sink = *piece.sink;
  const auto done = static_cast<std::size_t>(std::max(result, 0));
  if (done < piece.bytes && !sink.failure) {
    Bytes rest = Bytes(piece.memory.bytes()).subspan(done, piece.bytes - done);
    std::uint64_t offset = piece.offset + done;
    int failed = is_refusal(-result) ? -result : write_rest(sink.fd, rest, offset);
    if (is_refusal(failed) && sink.may_be_buffered) {
      sink.buffered = true;
      sink.buffered_bytes += rest.size();
      if (Status off = turn_direct_off(sink.fd, sink.path); !off) sink.failure = std::move(off).error();
      failed = write_rest(sink.fd, rest, offset);
    }
    if (failed != 0 && !sink.failure) sink.failure = write_error(sink.path, rest, offset, failed);
  }
  piece.sink = nullptr;
  piece.taken = false;
  --sink.in_flight;
}

void WriteQueue::settle(WriteSink& sink) {
  while (sink.in_flight > 0) wait_for_one();
}

std::string_view direct_write_mechanism() {
  const bool with = g_threads_with_ring.load(std::memory_order_relaxed) > 0;
  const bool without = g_threads_without_ring.load(std::memory_order_relaxed) > 0;
  if (with && without) return "io_uring, pwrite in some threads";
  return with ? "io_uring" : "pwrite";
}

}  // namespace stoker::io
