// Whether the files of a data set are still those that a run has begun with.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/check.h"

namespace stoker::training {

// The first version of each file that was seen, in 4 bytes a file; memory is touched where files were opened. From any
// thread.
class FileVersions {
 public:
  explicit FileVersions(std::uint64_t files)
      : files_(files), seen_(static_cast<std::uint32_t*>(std::calloc(files == 0 ? 1 : files, sizeof(std::uint32_t)))) {}

  // False when another version was seen first. 0: it is not known, and is taken for the same.
  [[nodiscard]] bool is_same(std::uint64_t file, std::uint64_t version) {
    STOKER_CHECK(file < files_);
    if (version == 0 || seen_ == nullptr) return true;
    const std::uint32_t folded = fold(version);
    std::uint32_t first = 0;
    const std::atomic_ref<std::uint32_t> seen(seen_.get()[file]);
    return seen.compare_exchange_strong(first, folded, std::memory_order_relaxed) || first == folded;
  }

 private:
  static std::uint32_t fold(std::uint64_t version) {
    const auto folded = static_cast<std::uint32_t>(version ^ (version >> 32));
    return folded == 0 ? 1 : folded;
  }
  struct Free {
    void operator()(std::uint32_t* memory) const { std::free(memory); }
  };

  std::uint64_t files_;
  std::unique_ptr<std::uint32_t, Free> seen_;  // calloc: pages that nobody touches take no memory
};

}  // namespace stoker::training
