#include "data/format/read_plan.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "data/format/arena.h"

namespace stoker::format {

Status ReadPlan::finish(std::uint64_t alignment, std::uint64_t gap) {
  const auto before = [](const ByteRange& a, const ByteRange& b) { return a.offset < b.offset; };
  // Files are usually in order already.
  if (!std::is_sorted(ranges_.begin(), ranges_.end(), before)) std::sort(ranges_.begin(), ranges_.end(), before);
  for (const ByteRange& range : ranges_) {
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
  if (total_ <= chunk_memory_limit_bytes()) return {};
  return make_error(Code::kUnsupported, "reading it would take {} of memory, more than half of what there is",
                    format_bytes(static_cast<double>(total_)));
}

Status ReadPlan::finish(const io::ReadableFile& file) {
  Status finished = finish(file.alignment());
  if (finished) return finished;
  return std::move(finished).error().with_context(file.path().string());
}

std::uint64_t ReadPlan::memory_bytes() const {
  return total_ + kReadSlack;
}

void ReadPlan::ops(MutBytes memory, std::vector<io::ReadOp>& into) const {
  into.clear();
  for (const PlannedRead& read : reads_) {
    into.push_back({.offset = read.offset,
                    .into = memory.subspan(static_cast<std::size_t>(read.at), static_cast<std::size_t>(read.bytes))});
  }
}

std::uint64_t ReadPlan::place_of(std::uint64_t offset) const {
  const auto after = std::ranges::upper_bound(reads_, offset, {}, &PlannedRead::offset);
  STOKER_CHECK(after != reads_.begin());
  const PlannedRead& read = *std::prev(after);
  STOKER_CHECK(offset - read.offset < read.bytes);
  return read.at + (offset - read.offset);
}

}  // namespace stoker::format
