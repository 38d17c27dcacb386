#include "data/format/output_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace stoker::format {

Status ByteTarget::put(Bytes bytes) {
  while (!bytes.empty()) {
    STOKER_ASSIGN(const MutBytes room, reserve(1));
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    commit(n);
    bytes = bytes.subspan(n);
  }
  return {};
}

void OutputBuffer::begin(io::Sink& out) {
  out_ = &out;
  piece_ = {};
  used_ = 0;
  across_bytes_ = 0;
  given_ = 0;
}

Status OutputBuffer::next_piece() {
  if (!piece_.empty()) {
    piece_ = {};
    given_ += std::exchange(used_, 0);
    STOKER_TRY(out_->give_back(kPieceBytes));
  }
  STOKER_ASSIGN(piece_, out_->lend());
  return {};
}

Status OutputBuffer::spread() {
  Bytes made = Bytes(across_).first(std::exchange(across_bytes_, 0));
  while (!made.empty()) {
    if (used_ == piece_.size()) STOKER_TRY(next_piece());
    const std::size_t n = std::min(made.size(), piece_.size() - used_);
    std::memcpy(piece_.data() + used_, made.data(), n);
    used_ += n;
    made = made.subspan(n);
  }
  return {};
}

Result<MutBytes> OutputBuffer::reserve(std::size_t bytes) {
  STOKER_CHECK(bytes <= kMaxReserve);
  STOKER_TRY(spread());
  if (used_ == piece_.size()) STOKER_TRY(next_piece());
  in_across_ = piece_.size() - used_ < bytes;
  return in_across_ ? MutBytes(across_) : piece_.subspan(used_);
}

void OutputBuffer::commit(std::size_t bytes) {
  (in_across_ ? across_bytes_ : used_) += bytes;
}

Status OutputBuffer::finish() {
  STOKER_TRY(spread());
  piece_ = {};
  given_ += used_;
  return used_ > 0 ? out_->give_back(std::exchange(used_, 0)) : Status{};
}

void PageBuffer::begin(std::size_t capacity) {
  buffer_.resize(capacity);
  used_ = 0;
}

Result<MutBytes> PageBuffer::reserve(std::size_t bytes) {
  const MutBytes room = buffer_.bytes().subspan(used_);
  STOKER_CHECK(room.size() >= bytes, "a page is larger than was computed");
  return room;
}

}  // namespace stoker::format
