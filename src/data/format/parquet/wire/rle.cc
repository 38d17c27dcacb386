#include "data/format/parquet/wire/rle.h"

#include <cstring>

namespace stoker::format::parquet {

bool HybridRuns::next(Run& run) {
  while (at_ != end_) {
    std::uint64_t header = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at_ == end_ || shift > 28) return false;
      const auto b = static_cast<std::uint8_t>(*at_++);
      header |= static_cast<std::uint64_t>(b & 0x7FU) << shift;
      if (b < 0x80) break;
    }
    const auto left = static_cast<std::uint64_t>(end_ - at_);
    run.count = header >> 1;
    if ((header & 1) != 0) {
      const std::uint64_t bytes = run.count * width_;  // 8 values take `width` bytes
      run.count *= 8;
      run.packed = at_;
      if (bytes > left) {
        run.count = left * 8 / width_;
        at_ = end_;
      } else {
        at_ += bytes;
      }
    } else {
      const unsigned bytes = (width_ + 7) / 8;
      if (bytes > left) return false;
      run.packed = nullptr;
      run.value = 0;
      std::memcpy(&run.value, at_, bytes);
      at_ += bytes;
    }
    if (run.count > 0) return true;
  }
  return false;
}

}  // namespace stoker::format::parquet
