// A rank's part of the files, and the threads that work on it.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/status.h"

namespace stoker::datagen {

// Every n-th file: of `files` files, rank r has r, r + ranks, r + 2 * ranks...
struct Share {
  std::uint64_t rank = 0, ranks = 1, files = 0;

  [[nodiscard]] std::uint64_t size() const { return files > rank ? (files - rank + ranks - 1) / ranks : 0; }
  // The number of its i-th file in the work list (FileSpec::index).
  [[nodiscard]] std::uint64_t file(std::uint64_t i) const { return rank + i * ranks; }
};

// Positions [begin, end) of a share, for one thread. Code::kInterrupted when the token asks to stop.
using Worker = std::function<Status(std::uint64_t begin, std::uint64_t end, const std::stop_token& stop)>;

// Calls workers from `threads` threads, the caller's among them, until the positions [0, size) are done, `block` at a
// time as the threads become free. `make_worker` is called once in each thread. The first error stops all of them and
// is returned; a stop from outside is no error here.
[[nodiscard]] Status for_share(std::uint64_t size, std::uint64_t block, unsigned threads,
                               const std::function<Result<Worker>()>& make_worker, const std::stop_token& stop);

}  // namespace stoker::datagen
