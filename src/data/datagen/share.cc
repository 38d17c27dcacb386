#include "data/datagen/share.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/threads.h"

namespace stoker::datagen {

Status for_share(std::uint64_t size, std::uint64_t block, unsigned threads,
                 const std::function<Result<Worker>()>& make_worker, const std::stop_token& stop) {
  if (size == 0) return {};
  std::mutex mutex;
  std::optional<Error> first_error;
  std::atomic<std::uint64_t> next{0};
  std::stop_source inner;
  const std::stop_callback forward(stop, [&] { inner.request_stop(); });

  const auto fail = [&](Error error) {
    const std::lock_guard lock(mutex);
    // Workers that end because another one failed report an interruption; the cause came first.
    if (!first_error) first_error = std::move(error);
    inner.request_stop();
  };
  const auto work = [&] {
    auto worker = make_worker();
    if (!worker) return fail(std::move(worker).error());
    while (!inner.stop_requested()) {
      const std::uint64_t begin = next.fetch_add(block);
      if (begin >= size) return;
      Status done = (*worker)(begin, std::min(begin + block, size), inner.get_token());
      if (!done) return fail(std::move(done).error());
    }
  };

  const auto run = [&] {
    const Status done = caught([&]() -> Status {
      work();
      return {};
    });
    if (!done) fail(done.error());
  };

  const std::uint64_t blocks = (size + block - 1) / block;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(threads, 1U), blocks));
  {
    std::vector<std::jthread> others;
    Status started;
    for (std::size_t t = 1; t < count && started; ++t)
      started = add_thread(others, fmt::format("thread {} of {}", t + 1, count), run);
    if (!started) fail(started.error());
    run();
  }
  // Workers stopped in the middle of a file say so of that file; it was the stop from outside that did it.
  if (first_error && !(stop.stop_requested() && first_error->code == Code::kInterrupted)) {
    return std::move(*first_error);
  }
  return {};
}

}  // namespace stoker::datagen
