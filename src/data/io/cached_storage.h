// A storage that remembers what was read through it: `reader.read_type: memory`.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/thread_annotations.h"
#include "data/io/forwarding_storage.h"

namespace stoker::io {

// Passes everything on to another storage and keeps the bytes of every read, by file, until `budget_bytes` are kept;
// what comes after that is read anew each time. A read that lies within an earlier one is answered from memory: it is
// no request to the storage, and no observer hears of it. Files are taken to be immutable while the storage lives.
// Safe from many threads. The inner storage must outlive it, and it must outlive its files.
class CachedStorage final : public ForwardingStorage {
 public:
  CachedStorage(Storage& inner, std::uint64_t budget_bytes) : ForwardingStorage(inner), budget_(budget_bytes) {}
  ~CachedStorage() override;

  [[nodiscard]] std::uint64_t cached_bytes() const { return cached_.load(); }
  // True once a read was not kept because the budget was used up.
  [[nodiscard]] bool full() const { return full_.load(); }

  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override;

 private:
  class File;
  struct Contents;

  [[nodiscard]] bool reserve(std::uint64_t bytes);

  const std::uint64_t budget_;
  std::atomic<std::uint64_t> cached_{0};
  std::atomic<bool> full_{false};
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Contents>> files_ GUARDED_BY(mutex_);
};

}  // namespace stoker::io
