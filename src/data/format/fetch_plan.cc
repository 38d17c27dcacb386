#include "data/format/fetch_plan.h"

#include <algorithm>

#include "base/check.h"

namespace stoker::format {

void FetchPlan::make(std::span<const ByteRange> ranges, std::uint64_t alignment, std::uint64_t gap) {
  reads_.clear();
  total_ = 0;
  sorted_.assign(ranges.begin(), ranges.end());
  const auto before = [](const ByteRange& a, const ByteRange& b) { return a.offset < b.offset; };
  // Files are usually in order already.
  if (!std::is_sorted(sorted_.begin(), sorted_.end(), before)) std::sort(sorted_.begin(), sorted_.end(), before);
  for (const ByteRange& range : sorted_) {
    if (range.bytes == 0) continue;
    const std::uint64_t first = range.offset / alignment * alignment;
    const std::uint64_t last = (range.offset + range.bytes + alignment - 1) / alignment * alignment;
    if (!reads_.empty()) {
      PlannedRead& read = reads_.back();
      const std::uint64_t end = read.offset + read.bytes;
      if (first <= end || first - end <= gap) {
        read.bytes = std::max(end, last) - read.offset;
        continue;
      }
    }
    reads_.push_back({.offset = first, .bytes = last - first});
  }
  for (PlannedRead& read : reads_) {
    read.at = total_;
    total_ += read.bytes;
  }
}

std::uint64_t FetchPlan::place_of(std::uint64_t offset) const {
  const auto after = std::ranges::upper_bound(reads_, offset, {}, &PlannedRead::offset);
  STOKER_CHECK(after != reads_.begin());
  const PlannedRead& read = *std::prev(after);
  STOKER_CHECK(offset - read.offset < read.bytes);
  return read.at + (offset - read.offset);
}

}  // namespace stoker::format
