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

// Makes this machine forget the files this rank is going to read; false when one of them is still in memory.
bool forget_files(io::Storage& storage, const dataset::FileTable& files, const dataset::EpochPlan& plan) {
  bool forgotten = true;
  for (std::uint64_t k = 0; k < plan.visits(); ++k) {
    forgotten = storage.forget(files.path(plan.visit(k).file)).has_value() && forgotten;
  }
  if (plan.visits() == 0 || !forgotten) return forgotten;
  const auto kept = storage.kept_bytes(files.path(plan.visit(0).file));
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
  STOKER_ASSIGN(const bool many, any_rank(c, static_cast<double>(plan.visits()) > kAdviseFiles));
  if (many) {
    STOKER_ASSIGN(dropped, drop_all(c));
  }
  if (!dropped) {
    STOKER_ASSIGN(const bool left, any_rank(c, !forget_files(c.environment.storage, files, plan)));
    dropped = !left;
  }
  if (!dropped && !many) {
    STOKER_ASSIGN(dropped, drop_all(c));
  }
  if (!dropped) c.warn_once("the page cache could not be dropped: some reads may come from memory");
  return {};
}

}  // namespace stoker::training
