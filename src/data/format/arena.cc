#include "data/format/arena.h"

#include <sanitizer/asan_interface.h>
#include <unistd.h>

#include <algorithm>

#include "base/units.h"

namespace stoker::format {

std::uint64_t chunk_memory_limit_bytes() {
#ifdef STOKER_FUZZING
  // So that a target that finds a way past it runs out of the fuzzer's memory, and one that does not stays within.
  return 64 * kMiB;
#else
  static const std::uint64_t limit = [] {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / 2 : 4 * kGiB;
  }();
  return limit;
#endif
}

// The address sanitizer sees the blocks, and not the pieces: what is not handed out is poisoned for it, so that whoever
// writes past a piece is caught. Without it these do nothing.
namespace {

void forbid(AlignedBuffer& block) {
  ASAN_POISON_MEMORY_REGION(block.data(), block.capacity());
}

void permit(std::byte* at, std::size_t bytes) {
  ASAN_UNPOISON_MEMORY_REGION(at, bytes);
}

}  // namespace

Arena::~Arena() {
  for (AlignedBuffer& block : blocks_) permit(block.data(), block.capacity());
}

Result<MutBytes> Arena::allocate(std::uint64_t bytes) {
  const std::uint64_t limit = chunk_memory_limit_bytes();
  if (bytes > limit || total_ + bytes > limit) {
    return make_error(Code::kUnsupported, "would take {} of memory, more than half of what there is",
                      format_bytes(static_cast<double>(bytes) + static_cast<double>(total_)));
  }
  const auto size = static_cast<std::size_t>(bytes);
  const std::size_t wanted = (size + kReadSlack + 63) / 64 * 64;
  if (blocks_.empty() || wanted > blocks_.back().size() - used_) {
    blocks_.emplace_back(std::max(wanted, blocks_.empty() ? kFirstBlock : 2 * blocks_.back().size()));
    forbid(blocks_.back());
    used_ = 0;
  }
  std::byte* at = blocks_.back().data() + used_;
  used_ += wanted;
  total_ += bytes;
  permit(at, size + kReadSlack);
  return MutBytes(at, size);
}

void Arena::reset() {
  if (blocks_.size() > 1) {
    std::size_t total = 0;
    for (AlignedBuffer& block : blocks_) {
      total += block.size();
      permit(block.data(), block.capacity());
    }
    blocks_.clear();
    blocks_.emplace_back(total);
  }
  if (!blocks_.empty()) forbid(blocks_.back());
  used_ = 0;
  total_ = 0;
}

}  // namespace stoker::format
