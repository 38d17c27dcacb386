#include "audit/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/threads.h"

namespace stoker::audit {

Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop, const WorkFunction& work) {
  std::mutex mutex;
  std::optional<Error> first_error;
  std::atomic<std::uint64_t> next{0};
  std::stop_source inner;
  const std::stop_callback forward(stop, [&] { inner.request_stop(); });
  const auto fail = [&](const Error& error) {
    const std::lock_guard lock(mutex);
    // Those that end because another one failed say that they were interrupted; the cause came first.
    if (!first_error) first_error = error;
    inner.request_stop();
  };
  const auto run = [&] {
    while (!inner.stop_requested()) {
      const std::uint64_t i = next.fetch_add(1);
      if (i >= count) return;
      if (Status status = caught([&] { return work(i, inner.get_token()); }); !status) fail(status.error());
    }
  };
  {
    std::vector<std::jthread> others;
    const std::uint64_t threads = std::min<std::uint64_t>(ranks, count);
    Status started;
    for (std::uint64_t t = 1; t < threads && started; ++t)
      started = add_thread(others, fmt::format("thread {} of {}", t + 1, threads), run);
    if (!started) fail(started.error());
    run();
  }
  if (first_error) return std::move(*first_error);
  if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
  return {};
}

}  // namespace stoker::audit
