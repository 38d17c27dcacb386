#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

#include "base/units.h"
#include "data/io/posix/ask_ahead_internal.h"

namespace stoker::io {
namespace {

constexpr std::uint64_t kAskLeast = 128 * kKiB, kAskMost = kMiB;
// So many chunks that are in the cache end the asking.
constexpr unsigned kWarmCalls = 4;

// A number in KiB that the kernel tells of a device; 0 where it does not.
std::uint64_t kib_of(std::uint64_t device, const char* before, const char* after) {
  const std::string path = fmt::format("/sys/{}/{}:{}/{}", before, major(device), minor(device), after);
  std::ifstream in(path);
  std::uint64_t kib = 0;
  in >> kib;
  return in ? kib * kKiB : 0;
}

// What one call asks for: the kernel takes no more than the device's largest request or its own reading ahead, and
// forgets the rest. Less would cut requests that the device takes whole.
std::uint64_t ask_bytes(std::uint64_t device) {
  static std::mutex mutex;
  static std::map<std::uint64_t, std::uint64_t> known;
  const std::lock_guard lock(mutex);
  const auto [it, is_new] = known.try_emplace(device, 0);
  if (is_new) {
    // A partition has its queue one folder up.
    const std::uint64_t most =
        std::max({kib_of(device, "class/bdi", "read_ahead_kb"), kib_of(device, "dev/block", "queue/max_sectors_kb"),
                  kib_of(device, "dev/block", "../queue/max_sectors_kb")});
    it->second = std::clamp(most / kAskLeast * kAskLeast, kAskLeast, kAskMost);
  }
  return it->second;
}

}  // namespace

std::size_t AskAhead::read_cached(int fd, MutBytes into, std::uint64_t offset) {
#ifdef RWF_NOWAIT
  if (!tells_) return 0;
  const iovec piece{into.data(), into.size()};
  const ssize_t n = ::preadv2(fd, &piece, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS)) tells_ = false;
  return n > 0 ? static_cast<std::size_t>(n) : 0;
#else
  tells_ = false;
  return 0;
#endif
}

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
    const std::uint64_t most = ask_bytes(file.device);
    for (std::uint64_t done = 0; done < op.into.size(); done += most) {
      const std::uint64_t bytes = std::min<std::uint64_t>(most, op.into.size() - done);
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
      if (!planned.asked) {
        cold_ = true;
        warm_calls_ = 0;
      }
      STOKER_ASSIGN(const std::size_t waited, read_waiting(file, into.subspan(n), offset + n));
      n += waited;
      if (n == 0) return ends_early(file, op.offset, op.into.size(), offset);
    }
    if (observer_ != nullptr)
      observer_->completed(begin_ns, observer_->now_ns(), n, planned.asked && (there || !tells_));
    done += n;
  }
  return {};
}

}  // namespace stoker::io
