#include "data/format/output_buffer.h"

#include <algorithm>
#include <cstring>

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

OutputBuffer::OutputBuffer() : buffer_(kPieceBytes + kMaxReserve) {}

void OutputBuffer::begin(io::WritableFile& out) {
  out_ = &out;
  used_ = 0;
  appended_ = 0;
}

Result<MutBytes> OutputBuffer::reserve(std::size_t bytes) {
  STOKER_CHECK(bytes <= kMaxReserve);
  if (used_ >= kPieceBytes) {
    STOKER_TRY(out_->append(buffer_.bytes().first(kPieceBytes)));
    appended_ += kPieceBytes;
    used_ -= kPieceBytes;
    std::memcpy(buffer_.data(), buffer_.data() + kPieceBytes, used_);
  }
  return buffer_.bytes().subspan(used_);
}

Status OutputBuffer::finish() {
  STOKER_TRY(reserve(0));
  if (used_ > 0) STOKER_TRY(out_->append(buffer_.bytes().first(used_)));
  appended_ += used_;
  used_ = 0;
  return {};
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
