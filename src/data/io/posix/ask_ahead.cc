#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/units.h"
#include "data/io/posix/ask_ahead_internal.h"

namespace stoker::io {
namespace {

// One call asks for no more than the device's largest request or the kernel's own reading ahead, and forgets the rest:
// 128 KiB is the default of the latter, and there is hardly a device that takes less.
constexpr std::uint64_t kAskBytes = 128 * kKiB;
// So many chunks that are in the cache end the asking.
constexpr unsigned kWarmCalls = 4;

// Bytes that were in the cache from `offset` on, up to the size of `into`; 0 also where this cannot be told.
std::size_t read_cached(int fd, MutBytes into, std::uint64_t offset) {
#ifdef RWF_NOWAIT
  const iovec piece{into.data(), into.size()};
  const ssize_t n = ::preadv2(fd, &piece, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
#else
  return 0;
#endif
}

}  // namespace

std::vector<AskAhead::Planned> AskAhead::plan(const ReadTarget& file, std::span<const ReadOp> ops, bool ahead) {
  std::vector<Planned> reads;
  reads.reserve(ops.size());
  bool all_there = true;
  for (const ReadOp& op : ops) {
    Planned& read = reads.emplace_back(Planned{.op = op});
    if (!ahead || !cold_ || op.into.empty()) continue;
    // The ends tell of the whole: ranges are read as one.
    const bool there = read_cached(file.fd, op.into.first(1), op.offset) == 1 &&
                       read_cached(file.fd, op.into.last(1), op.offset + op.into.size() - 1) == 1;
    if (there) continue;
    all_there = false;
    read.asked = true;
    if (observer_ != nullptr) read.asked_ns = observer_->now_ns();
    for (std::uint64_t done = 0; done < op.into.size(); done += kAskBytes) {
      const std::uint64_t bytes = std::min<std::uint64_t>(kAskBytes, op.into.size() - done);
      // Only advice: what becomes of it shows when it is read.
      (void)::posix_fadvise(file.fd, static_cast<off_t>(op.offset + done), static_cast<off_t>(bytes),
                            POSIX_FADV_WILLNEED);
    }
  }
  warm_calls_ = all_there ? warm_calls_ + 1 : 0;
  if (warm_calls_ >= kWarmCalls) cold_ = false;
  return reads;
}

Status AskAhead::read(const ReadTarget& file, std::span<const Planned> reads) {
  for (const Planned& read : reads) STOKER_TRY(this->read(file, read));
  return {};
}

Status AskAhead::read(const ReadTarget& file, const Planned& planned) {
  const ReadOp& op = planned.op;
  std::size_t done = 0;
  while (done < op.into.size()) {
    const std::uint64_t offset = op.offset + done;
    const MutBytes into = op.into.subspan(done, std::min<std::size_t>(file.transfer_bytes, op.into.size() - done));
    const std::int64_t begin_ns = observer_ == nullptr ? 0 : planned.asked ? planned.asked_ns : observer_->now_ns();
    std::size_t n = read_cached(file.fd, into, offset);
    const bool there = n == into.size();
    if (!there) {
      if (!planned.asked && n < into.size()) {
        cold_ = true;
        warm_calls_ = 0;
      }
      STOKER_ASSIGN(n, read_waiting(file, into, offset));
      if (n == 0) return ends_early(file, op.offset, op.into.size(), offset);
    }
    if (observer_ != nullptr) observer_->completed(begin_ns, observer_->now_ns(), n, planned.asked && there);
    done += n;
  }
  return {};
}

}  // namespace stoker::io
