#include "workloads/training/drop_caches.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "base/threads.h"
#include "base/variables.h"
#include "config/formats.h"
#include "data/io/page_cache.h"

namespace stoker::training {
namespace {

// Above so many files, emptying the host's cache once is cheaper than opening each file, where it is permitted.
constexpr double kAdviseFiles = 10'000;

Result<bool> any_rank(Context& c, bool mine) {
  std::array<double, 1> value{mine ? 1.0 : 0.0};
  STOKER_TRY(c.comm.all_reduce(value, dist::Op::kMax));
  return value[0] == 1.0;
}

// The first rank of each host empties the host's page cache, which needs the right to; true when all hosts did.
Result<bool> drop_all(Context& c) {
  bool failed = false;
  bool late = false;
  const std::chrono::seconds limit = drop_caches_timeout();
  if (c.comm.node().local_rank == 0) {
    const auto dropped = within(limit, [] { return io::drop_all_caches(); });
    late = !dropped.has_value();
    failed = late || !dropped->has_value();
  }
  STOKER_ASSIGN(const bool any_late, any_rank(c, late));
  if (any_late) {
    c.warn_once(
        fmt::format("emptying a host's page cache took longer than {} s (DLIO_DROP_CACHES_TIMEOUT); the epoch "
                    "began without waiting for it",
                    limit.count()));
  }
  STOKER_ASSIGN(const bool any_failed, any_rank(c, failed));
  return !any_failed;
}

// The files that this rank makes its host forget: those that it is going to read, one a visit. Where files are visited
// again and again, by rows in any order, the ranks of a host share all files.
class OwnFiles {
 public:
  OwnFiles(const dist::Node& node, const dataset::FileTable& files, const dataset::EpochPlan& plan)
      : plan_(plan),
        is_share_(plan.returns_to_files()),
        first_(static_cast<std::uint64_t>(node.local_rank)),
        step_(static_cast<std::uint64_t>(node.local_size)) {
    const std::uint64_t all = files.size();
    size_ = !is_share_ ? plan.visits() : first_ < all ? (all - first_ + step_ - 1) / step_ : 0;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t operator[](std::uint64_t k) const {
    return is_share_ ? first_ + k * step_ : plan_.visit(k).file;
  }

 private:
  const dataset::EpochPlan& plan_;
  const bool is_share_;
  const std::uint64_t first_, step_;
  std::uint64_t size_ = 0;
};

// Makes this machine forget them, with the indexes beside them; false when one of them is still in memory.
bool forget_files(Context& c, const dataset::FileTable& files, const OwnFiles& own) {
  io::Storage& storage = c.environment.storage;
  bool forgotten = true;
  for (std::uint64_t k = 0; k < own.size(); ++k) {
    const io::Path path = files.path(own[k]);
    forgotten = storage.forget(path).has_value() && forgotten;
    for (const config::SideFile& side : config::spec_of(c.workload.dataset.format).side_files) {
      // One that is not read may be missing; what is read and missing is told when it is read.
      if (side.folder.empty()) static_cast<void>(storage.forget(io::Path(path) += side.end));
    }
  }
  if (own.size() == 0 || !forgotten) return forgotten;
  const auto kept = storage.kept_bytes(files.path(own[0]));
  return kept.has_value() && *kept == 0;
}

}  // namespace

std::chrono::seconds drop_caches_timeout() {
  constexpr std::chrono::seconds kDefault{30};
  constexpr std::uint64_t kMost = 30 * 24 * 3600;
  if (variable("DLIO_DROP_CACHES_TIMEOUT") == "0") return std::chrono::seconds{1};
  const auto chosen = number_variable("DLIO_DROP_CACHES_TIMEOUT");
  return chosen ? std::chrono::seconds{static_cast<std::int64_t>(std::min(*chosen, kMost))} : kDefault;
}

std::optional<Status> within(std::chrono::milliseconds limit, std::function<Status()> work) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Status> result;
  };
  const auto shared = std::make_shared<Shared>();
  auto thread = start_thread("a thread that drops caches", [shared, work = std::move(work)] {
    Status result = caught(work);
    const std::lock_guard lock(shared->mutex);
    shared->result = std::move(result);
    shared->changed.notify_one();
  });
  if (!thread) return Status(thread.error());
  thread->detach();
  std::unique_lock lock(shared->mutex);
  shared->changed.wait_for(lock, limit, [&] { return shared->result.has_value(); });
  return shared->result;
}

Status drop_caches(Context& c, const dataset::FileTable& files, const dataset::EpochPlan& plan) {
  if (!c.workload.reader.drop_caches || c.workload.reader.odirect || !has_files(c.workload)) return {};
  bool dropped = false;
  const OwnFiles own(c.comm.node(), files, plan);
  STOKER_ASSIGN(const bool many, any_rank(c, static_cast<double>(own.size()) > kAdviseFiles));
  if (many) {
    STOKER_ASSIGN(dropped, drop_all(c));
  }
  if (!dropped) {
    STOKER_ASSIGN(const bool left, any_rank(c, !forget_files(c, files, own)));
    dropped = !left;
  }
  if (!dropped && !many) {
    STOKER_ASSIGN(dropped, drop_all(c));
  }
  if (!dropped) c.warn_once("the page cache could not be dropped: some reads may come from memory");
  return {};
}

}  // namespace stoker::training
