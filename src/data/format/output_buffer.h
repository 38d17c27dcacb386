// Where encoded values go: straight into the file's write buffer, or into a page that is to be compressed first. A
// caller reserves room, fills some of it and says how much, so that values are generated in place and copied no more.
#pragma once

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

// Gathers a file's bytes and appends them in pieces of exactly kPieceBytes (the last one is shorter): large requests of
// one size, at offsets that are multiples of it.
class OutputBuffer final : public ByteTarget {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{2} << 20;

  OutputBuffer();
  // Starts a file. `out` must outlive the last call of finish().
  void begin(io::WritableFile& out);
  Result<MutBytes> reserve(std::size_t bytes) override;
  void commit(std::size_t bytes) override { used_ += bytes; }
  // Bytes of the file so far, those not yet appended included.
  [[nodiscard]] std::uint64_t position() const { return appended_ + used_; }
  // Appends what is left.
  Status finish();

 private:
  AlignedBuffer buffer_;  // one piece and kMaxReserve, so that room never ends at a piece's end
  std::size_t used_ = 0;
  std::uint64_t appended_ = 0;
  io::WritableFile* out_ = nullptr;
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
