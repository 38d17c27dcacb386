// Workers that work at the same time.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "base/status.h"
#include "base/threads.h"

namespace stoker::ceilings {

// Calls work(worker) for all of them, each in a thread of its own, the first in the caller's; returns when all have
// ended, with the first error. `what`: "reader".
template <class Worker, class Work>
[[nodiscard]] Status at_once(std::string_view what, const std::vector<std::unique_ptr<Worker>>& workers,
                             const Work& work) {
  std::mutex mutex;
  Status first;
  const auto note = [&](const Status& status) {
    const std::lock_guard lock(mutex);
    if (first && !status) first = status;
  };
  const auto run = [&](Worker& worker) { note(caught([&]() -> Status { return work(worker); })); };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers.size(); ++i) {
      note(add_thread(threads, fmt::format("{} thread {} of {}", what, i + 1, workers.size()),
                      [&run, &worker = *workers[i]] { run(worker); }));
    }
    run(*workers.front());
  }
  return first;
}

}  // namespace stoker::ceilings
