#include "audit/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace stoker::audit {

Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop, const WorkFunction& work) {
  std::mutex mutex;
  std::optional<Error> first_error;
  std::atomic<std::uint64_t> next{0};
  std::stop_source inner;
  const std::stop_callback forward(stop, [&] { inner.request_stop(); });
  const auto run = [&] {
    while (!inner.stop_requested()) {
      const std::uint64_t i = next.fetch_add(1);
      if (i >= count) return;
      if (Status status = work(i, inner.get_token()); !status.has_value()) {
        const std::lock_guard lock(mutex);
        // Those that end because another one failed say that they were interrupted; the cause came first.
        if (!first_error) first_error = std::move(status).error();
        inner.request_stop();
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::uint64_t t = 1; t < std::min<std::uint64_t>(ranks, count); ++t) others.emplace_back(run);
    run();
  }
  if (first_error) return std::move(*first_error);
  if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
  return {};
}

}  // namespace stoker::audit
