#include "data/io/cached_storage.h"

#include <cstring>
#include <map>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace stoker::io {

// What is known of one file: reads that do not overlap much, by their offset.
struct CachedStorage::Contents {
  std::shared_mutex mutex;
  std::map<std::uint64_t, std::vector<std::byte>> ranges GUARDED_BY(mutex);

  // Copies the bytes of `op` if one range has all of them.
  bool copy(const ReadOp& op) {
    const std::shared_lock lock(mutex);
    auto it = ranges.upper_bound(op.offset);
    if (it == ranges.begin()) return false;
    --it;
    const std::uint64_t skip = op.offset - it->first;
    if (skip + op.into.size() > it->second.size()) return false;
    std::memcpy(op.into.data(), it->second.data() + skip, op.into.size());
    return true;
  }
};

class CachedStorage::File final : public ReadableFile {
 public:
  File(CachedStorage& owner, std::unique_ptr<ReadableFile> inner, std::shared_ptr<Contents> contents)
      : owner_(owner), inner_(std::move(inner)), contents_(std::move(contents)) {}
  [[nodiscard]] std::uint64_t size() const override { return inner_->size(); }
  [[nodiscard]] std::uint64_t version() const override { return inner_->version(); }
  [[nodiscard]] std::uint64_t version_now() const override { return inner_->version_now(); }
  [[nodiscard]] std::size_t alignment() const override { return inner_->alignment(); }
  [[nodiscard]] const Path& path() const override { return inner_->path(); }

  Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
    std::vector<ReadOp> missing;
    for (const ReadOp& op : ops) {
      if (!contents_->copy(op)) missing.push_back(op);
    }
    if (missing.empty()) return {};
    STOKER_TRY(inner_->read_many(missing, observer));
    for (const ReadOp& op : missing) keep(op);
    return {};
  }

 private:
  void keep(const ReadOp& op) {
    if (!owner_.reserve(op.into.size())) return;
    std::vector<std::byte> bytes(op.into.begin(), op.into.end());
    const std::unique_lock lock(contents_->mutex);
    auto& range = contents_->ranges[op.offset];
    // Two threads may have read the same range; the longer one stays.
    if (range.size() < bytes.size()) std::swap(range, bytes);
    owner_.cached_ -= bytes.size();
  }

  CachedStorage& owner_;
  std::unique_ptr<ReadableFile> inner_;
  std::shared_ptr<Contents> contents_;
};

CachedStorage::~CachedStorage() = default;

bool CachedStorage::reserve(std::uint64_t bytes) {
  std::uint64_t before = cached_.load();
  do {
    if (before + bytes > budget_) {
      full_ = true;
      return false;
    }
  } while (!cached_.compare_exchange_weak(before, before + bytes));
  return true;
}

Result<std::unique_ptr<ReadableFile>> CachedStorage::open(const Path& path, const OpenOptions& options) {
  STOKER_ASSIGN(std::unique_ptr<ReadableFile> file, inner().open(path, options));
  std::shared_ptr<Contents> contents;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Contents>& entry = files_[path.string()];
    if (entry == nullptr) entry = std::make_shared<Contents>();
    contents = entry;
  }
  return std::unique_ptr<ReadableFile>(std::make_unique<File>(*this, std::move(file), std::move(contents)));
}

}  // namespace stoker::io
