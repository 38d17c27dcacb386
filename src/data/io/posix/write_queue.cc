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

}  // namespace

Status write_all(int fd, const Path& path, Bytes data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error_number = n < 0 ? errno : EIO;
      return errno_error(path, fmt::format("write of {} bytes at offset {}", data.size(), offset), error_number);
    }
    offset += static_cast<std::uint64_t>(n);
    data = data.subspan(static_cast<std::size_t>(n));
  }
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
      piece.memory.resize(WritableFile::kPieceBytes);
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
      each.memory.resize(WritableFile::kPieceBytes);
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
  if (ring_ == nullptr || !ring_->submit(sink.fd, number, piece.memory.bytes().first(bytes), offset)) {
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
    const Bytes rest = Bytes(piece.memory.bytes()).subspan(done, piece.bytes - done);
    if (Status written = write_all(sink.fd, sink.path, rest, piece.offset + done); !written)
      sink.failure = std::move(written).error();
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
