#include "data/format/memory_promise.h"

#include "base/log.h"
#include "base/units.h"

namespace stoker::format {

void MemoryPromise::note(const std::string& path, std::uint64_t bytes) {
  std::uint64_t most = most_;
  while (bytes > most && !most_.compare_exchange_weak(most, bytes)) {
  }
  if (!told_ || bytes <= most + most / 8 || warned_.exchange(true)) return;
  spdlog::warn(
      "{}: reading it takes {} of memory per reader thread, more than the {} of the files before it (said once)", path,
      format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(most)));
}

std::optional<std::uint64_t> MemoryPromise::worker_bytes() const {
  const std::uint64_t bytes = most_;
  if (bytes > 0) told_ = true;
  return bytes > 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace stoker::format
