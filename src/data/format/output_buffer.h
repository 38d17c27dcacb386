// Where encoded values go: straight into the file's write buffer, or into a page that is to be compressed first. A
// caller reserves room, fills some of it and says how much, so that values are generated in place and copied no more.
#pragma once

#include <array>
#include <cstdint>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::format {

class ByteTarget {
 public:
  virtual ~ByteTarget() = default;
  // At least `bytes` (at most kMaxReserve) of room behind what was committed; valid until the next call.
  static constexpr std::size_t kMaxReserve = 4096;
  virtual Result<MutBytes> reserve(std::size_t bytes) = 0;
  // The first `bytes` of the room are now part of the content.
  virtual void commit(std::size_t bytes) = 0;
  // Copies bytes that exist already; any length.
  Status put(Bytes bytes);
};

// Fills the pieces that a file lends.
class OutputBuffer final : public ByteTarget {
 public:
  static constexpr std::size_t kPieceBytes = io::Sink::kPieceBytes;
  // Starts a file. `out` must outlive the last call of finish().
  void begin(io::Sink& out);
  Result<MutBytes> reserve(std::size_t bytes) override;
  void commit(std::size_t bytes) override;
  // Bytes of the file so far, those not yet given back included.
  [[nodiscard]] std::uint64_t position() const { return given_ + used_ + across_bytes_; }
  // Gives back what is left.
  Status finish();

 private:
  // Puts what was made in across_ where it belongs.
  Status spread();
  Status next_piece();

  MutBytes piece_;        // lent; empty before the first
  std::size_t used_ = 0;  // of it
  // Where the end of a piece is nearer than what is to be made in one step, it is made here first.
  std::array<std::byte, kMaxReserve> across_{};
  bool in_across_ = false;
  std::size_t across_bytes_ = 0;
  std::uint64_t given_ = 0;
  io::Sink* out_ = nullptr;
};

// A page held in memory. Its capacity is set before it is filled.
class PageBuffer final : public ByteTarget {
 public:
  // Empties it and makes room for `capacity` bytes.
  void begin(std::size_t capacity);
  Result<MutBytes> reserve(std::size_t bytes) override;
  void commit(std::size_t bytes) override { used_ += bytes; }
  [[nodiscard]] Bytes bytes() const { return buffer_.bytes().first(used_); }

 private:
  AlignedBuffer buffer_;
  std::size_t used_ = 0;
};

}  // namespace stoker::format
