// Pieces of memory, and their way to the files that the calling thread writes.
//
// A file system that takes direct writes is kept busy from one thread by having some pieces on their way while the next
// one is made. The pieces belong to the thread and not to a file: a thousand small files need no more memory than one,
// and the kernel is told of the memory once (registered buffers).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

// Writes that do not block, for one thread.
class AsyncWriter {
 public:
  struct Answer {
    unsigned piece = 0;
    int result = 0;  // bytes, or minus errno
  };

  virtual ~AsyncWriter() = default;
  // False when the kernel takes none any more: the piece is the caller's to write.
  [[nodiscard]] virtual bool submit(int fd, unsigned piece, Bytes data, std::uint64_t offset) = 0;
  // Waits for one of those that were submitted. Nothing of it is written when the kernel did not take it after all.
  [[nodiscard]] virtual Answer next() = 0;
};

// Writes from these pieces of memory, by io_uring. Null where the kernel refuses, or in builds without it.
[[nodiscard]] std::unique_ptr<AsyncWriter> make_uring_writer(std::span<const MutBytes> pieces);

// A file that pieces are on their way to. Stays where it is until settle().
struct WriteSink {
  int fd = -1;  // with O_DIRECT
  const Path& path;
  bool may_be_buffered = false;  // where the file system turns direct writes down that it promised to take
  unsigned in_flight = 0;
  bool buffered = false;             // it has, and the descriptor is without O_DIRECT since
  std::uint64_t buffered_bytes = 0;  // that it turned down
  std::optional<Error> failure{};    // the first
};

class WriteQueue {
 public:
  static constexpr unsigned kPieces = 4;  // more change nothing (docs/benchmarks.md)

  struct Piece {
    AlignedBuffer memory;
    bool taken = false;
    WriteSink* sink = nullptr;  // that it is on its way to
    std::uint64_t offset = 0;
    std::size_t bytes = 0;
  };

  static WriteQueue& of_this_thread();
  WriteQueue() = default;
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  // Of Sink::kPieceBytes. Waits for one that is on its way; Code::kFailed when all are lent.
  [[nodiscard]] Result<Piece*> take();
  static void put_back(Piece& piece) { piece.taken = false; }
  // Sends the first `bytes` of a piece that was taken, and puts it back when they are written. Offset and length are
  // multiples of what the file demands.
  void send(Piece& piece, WriteSink& sink, std::uint64_t offset, std::size_t bytes);
  // Until nothing is on its way to the file.
  void settle(WriteSink& sink);

 private:
  void wait_for_one();
  void finish(Piece& piece, int result);

  std::array<Piece, kPieces> pieces_;
  bool ring_tried_ = false;
  std::unique_ptr<AsyncWriter> ring_;
};

// All of it, by calls that block.
[[nodiscard]] Status write_all(int fd, const Path& path, Bytes data, std::uint64_t offset);
// From now on the descriptor's writes go through the page cache.
[[nodiscard]] Status turn_direct_off(int fd, const Path& path);

}  // namespace stoker::io
