// The indexes of files read lately, bounded in bytes.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/thread_annotations.h"
#include "data/format/parquet/read/file_index.h"

namespace stoker::format::parquet {

// Least recently used first out. Safe from any thread. An index that is larger than the bound is handed back but not
// kept.
class FooterCache {
 public:
  explicit FooterCache(std::uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // The index of that path, if the file still has that size; else null.
  [[nodiscard]] std::shared_ptr<const FileIndex> find(const std::string& path, std::uint64_t file_size);
  void insert(const std::string& path, std::shared_ptr<const FileIndex> index);
  [[nodiscard]] std::uint64_t used_bytes() const;

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<const FileIndex> index;
    std::uint64_t bytes = 0;
  };
  void erase(std::list<Entry>::iterator at) REQUIRES(mutex_);

  const std::uint64_t limit_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_path_ GUARDED_BY(mutex_);
  std::uint64_t used_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace stoker::format::parquet
