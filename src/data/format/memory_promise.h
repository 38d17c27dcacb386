// What a reader promises of memory: files that are opened later may need more than those it was known from.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace stoker::format {

// Safe from many threads.
class MemoryPromise {
 public:
  // A file that takes a worker so many bytes. Memory was promised at the start, by the files that were known then: one
  // that needs clearly more is told of, once.
  void note(const std::string& path, std::uint64_t bytes);
  // The most so far, which somebody counts on from now on; nullopt before the first file.
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const;

 private:
  std::atomic<std::uint64_t> most_{0};
  mutable std::atomic<bool> told_{false};
  std::atomic<bool> warned_{false};
};

}  // namespace stoker::format
