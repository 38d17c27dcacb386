#include "data/format/parquet/read/footer_cache.h"

#include <utility>

namespace stoker::format::parquet {

std::shared_ptr<const FileIndex> FooterCache::find(const std::string& path, std::uint64_t file_size) {
  const std::lock_guard lock(mutex_);
  const auto at = by_path_.find(path);
  if (at == by_path_.end()) return nullptr;
  if (at->second->index->file_size != file_size) {
    erase(at->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, at->second);
  return at->second->index;
}

void FooterCache::insert(const std::string& path, std::shared_ptr<const FileIndex> index) {
  const std::uint64_t bytes = index->memory_bytes() + path.size() + sizeof(Entry);
  const std::lock_guard lock(mutex_);
  if (const auto at = by_path_.find(path); at != by_path_.end()) erase(at->second);
  if (bytes > limit_bytes_) return;
  while (used_bytes_ + bytes > limit_bytes_) erase(std::prev(entries_.end()));
  entries_.push_front({.path = path, .index = std::move(index), .bytes = bytes});
  by_path_.emplace(path, entries_.begin());
  used_bytes_ += bytes;
}

std::uint64_t FooterCache::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return used_bytes_;
}

void FooterCache::erase(std::list<Entry>::iterator at) {
  used_bytes_ -= at->bytes;
  by_path_.erase(at->path);
  entries_.erase(at);
}

}  // namespace stoker::format::parquet
