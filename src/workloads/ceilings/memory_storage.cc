#include "workloads/ceilings/memory_storage.h"

#include <cstring>
#include <utility>

namespace stoker::ceilings {
namespace {

using Content = std::vector<std::byte>;

class MemoryReader final : public io::ReadableFile {
 public:
  MemoryReader(io::Path path, std::shared_ptr<const Content> content)
      : path_(std::move(path)), content_(std::move(content)) {}
  [[nodiscard]] std::uint64_t size() const override { return content_->size(); }
  [[nodiscard]] std::size_t alignment() const override { return 1; }
  [[nodiscard]] const io::Path& path() const override { return path_; }
  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver* observer) override {
    for (const io::ReadOp& op : ops) {
      if (op.offset > size() || op.into.size() > size() - op.offset) {
        return make_error(Code::kCorrupt, "{}: file ends at byte {}, where {} bytes at offset {} were expected",
                          path_.string(), size(), op.into.size(), op.offset);
      }
      const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
      if (!op.into.empty()) std::memcpy(op.into.data(), content_->data() + op.offset, op.into.size());
      if (observer != nullptr) observer->completed(begin, observer->now_ns(), op.into.size(), false);
    }
    return {};
  }

 private:
  const io::Path path_;
  const std::shared_ptr<const Content> content_;
};

}  // namespace

class MemoryStorage::Writer final : public io::WritableFile {
 public:
  Writer(MemoryStorage& storage, io::Path path) : storage_(storage), path_(std::move(path)) {}
  Status append(Bytes data) override {
    content_->insert(content_->end(), data.begin(), data.end());
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return content_->size(); }
  Status commit() override {
    const std::lock_guard lock(storage_.mutex_);
    storage_.files_[path_] = content_;
    return {};
  }

 private:
  MemoryStorage& storage_;
  const io::Path path_;
  const std::shared_ptr<Content> content_ = std::make_shared<Content>();
};

Result<std::unique_ptr<io::ReadableFile>> MemoryStorage::open(const io::Path& path, const io::OpenOptions& options) {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(path);
  if (it == files_.end()) return inner().open(path, options);
  return std::unique_ptr<io::ReadableFile>(std::make_unique<MemoryReader>(path, it->second));
}

Result<std::unique_ptr<io::WritableFile>> MemoryStorage::create(const io::Path& path, const io::WriteOptions&) {
  return std::unique_ptr<io::WritableFile>(std::make_unique<Writer>(*this, path));
}

}  // namespace stoker::ceilings
