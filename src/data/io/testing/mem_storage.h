// A Storage in memory that remembers what was asked of it. Folders behave as on POSIX: a file can only be created in
// one that exists. Safe from many threads.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "data/io/storage.h"

namespace stoker::io::testing {

// One call, in the order in which they came.
struct MemCall {
  enum class Op { kOpen, kCreate, kRead, kAppend, kCommit, kFlush, kForget, kRemove, kList, kStat };
  Op op = Op::kOpen;
  std::string path;
  std::uint64_t offset = 0;  // kRead, kAppend
  std::uint64_t length = 0;
  bool direct = false;   // kOpen
  bool durable = false;  // kCommit
  friend bool operator==(const MemCall&, const MemCall&) = default;
};

class MemStorage final : public Storage {
 public:
  // `direct_alignment`: what files opened with `direct` demand; 0: O_DIRECT is refused, as on file systems without it.
  explicit MemStorage(std::size_t direct_alignment = 4096) : direct_alignment_(direct_alignment) {}

  // --- for tests ---

  // Makes a file and the folders above it; not recorded.
  void put(const Path& path, Bytes content) {
    const std::lock_guard lock(mutex_);
    add_directories(key(path).parent_path());
    files_[key(path)] = std::make_shared<Content>(content.begin(), content.end());
  }
  void put(const Path& path, std::string_view text) { put(path, std::as_bytes(std::span(text))); }
  // A file or folder that is there from now on counts as a symbolic link.
  void mark_symlink(const Path& path) {
    const std::lock_guard lock(mutex_);
    symlinks_.insert(key(path));
  }
  // The content of a file that must exist.
  [[nodiscard]] std::vector<std::byte> get(const Path& path) const {
    const std::lock_guard lock(mutex_);
    const auto it = files_.find(key(path));
    STOKER_CHECK(it != files_.end(), "no such file in MemStorage");
    return *it->second;
  }
  [[nodiscard]] std::vector<MemCall> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  [[nodiscard]] std::size_t count(MemCall::Op op) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [op](auto& c) { return c.op == op; }));
  }
  void clear_calls() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
  }

  // --- Storage ---

  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kOpen, .path = path.string(), .direct = options.direct});
    const auto it = files_.find(key(path));
    if (it == files_.end()) return not_found(path, "open");
    if (options.direct && direct_alignment_ == 0) {
      return make_error(Code::kUnsupported, "{}: the file system (memory) does not support O_DIRECT for this file",
                        path.string());
    }
    return std::unique_ptr<ReadableFile>(
        std::make_unique<Reader>(*this, path, it->second, options.direct ? direct_alignment_ : 1));
  }
  using Storage::create;
  Result<std::unique_ptr<WritableFile>> create(const Path& path, const WriteOptions& options) override {
    STOKER_TRY(create_file(path));
    return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, path, options.durable));
  }
  Result<std::unique_ptr<LogFile>> create_log(const Path& path) override {
    STOKER_TRY(create_file(path));
    const std::lock_guard lock(mutex_);
    auto content = std::make_shared<Content>();
    files_[key(path)] = content;
    return std::unique_ptr<LogFile>(std::make_unique<Log>(*this, path, std::move(content)));
  }
  Result<bool> create_if_absent(const Path& path, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kCreate, .path = path.string()});
    if (!directories_.contains(key(path).parent_path())) return not_found(path, "create");
    if (files_.contains(key(path)) || directories_.contains(key(path))) return false;
    const auto bytes = std::as_bytes(std::span(text));
    files_[key(path)] = std::make_shared<Content>(bytes.begin(), bytes.end());
    return true;
  }
  Result<std::uint64_t> file_size(const Path& path) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kStat, .path = path.string()});
    const auto it = files_.find(key(path));
    if (it == files_.end()) return not_found(path, "stat");
    return std::uint64_t{it->second->size()};
  }
  Result<bool> exists(const Path& path) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kStat, .path = path.string()});
    return files_.contains(key(path)) || directories_.contains(key(path));
  }
  using Storage::list;
  Result<std::vector<DirEntry>> list(const Path& path, Sizes sizes) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kList, .path = path.string()});
    if (!directories_.contains(key(path))) return not_found(path, "list");
    std::vector<DirEntry> entries;
    for (const auto& [name, content] : files_) {
      if (name.parent_path() == key(path)) {
        entries.push_back({.name = name.filename().string(), .is_symlink = symlinks_.contains(name)});
        if (sizes == Sizes::kYes) entries.back().bytes = content->size();
      }
    }
    for (const Path& name : directories_) {
      if (name.has_filename() && name.parent_path() == key(path)) {
        entries.push_back(
            {.name = name.filename().string(), .is_directory = true, .is_symlink = symlinks_.contains(name)});
      }
    }
    return entries;
  }
  Status make_directories(const Path& path) override {
    const std::lock_guard lock(mutex_);
    add_directories(key(path));
    return {};
  }
  Status remove(const Path& path) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kRemove, .path = path.string()});
    files_.erase(key(path));
    if (symlinks_.erase(key(path)) > 0) directories_.erase(key(path));
    return {};
  }
  Result<bool> remove_empty_directory(const Path& path) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kRemove, .path = path.string()});
    const Path top = key(path);
    if (symlinks_.contains(top)) return false;
    const auto below = [&top](const Path& p) { return p.has_filename() && p.parent_path() == top; };
    if (std::any_of(directories_.begin(), directories_.end(), below)) return false;
    if (std::any_of(files_.begin(), files_.end(), [&](const auto& entry) { return below(entry.first); })) return false;
    directories_.erase(top);
    return true;
  }
  Result<std::optional<SpaceInfo>> space(const Path&) override {
    return std::optional(SpaceInfo{.free_bytes = std::uint64_t{1} << 40});
  }
  Status flush(const Path& folder) override {
    record({.op = MemCall::Op::kFlush, .path = folder.string()});
    return {};
  }
  Status forget(const Path& path) override {
    record({.op = MemCall::Op::kForget, .path = path.string()});
    return {};
  }
  [[nodiscard]] std::string describe_reads(const OpenOptions& o) const override {
    return o.direct ? "memory, direct" : "memory";
  }
  [[nodiscard]] std::string describe_writes(bool direct) const override { return direct ? "memory, direct" : "memory"; }

 private:
  using Content = std::vector<std::byte>;

  class Reader final : public ReadableFile {
   public:
    Reader(MemStorage& storage, Path path, std::shared_ptr<const Content> content, std::size_t alignment)
        : storage_(storage), path_(std::move(path)), content_(std::move(content)), alignment_(alignment) {}
    [[nodiscard]] std::uint64_t size() const override { return content_->size(); }
    [[nodiscard]] std::uint64_t version() const override {
      return mix64(reinterpret_cast<std::uintptr_t>(content_.get()));
    }
    [[nodiscard]] std::size_t alignment() const override { return alignment_; }
    Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
      for (const ReadOp& op : ops) {
        if (op.into.empty()) continue;
        check_alignment(op);
        storage_.record(
            {.op = MemCall::Op::kRead, .path = path_.string(), .offset = op.offset, .length = op.into.size()});
        const std::uint64_t left = op.offset < size() ? size() - op.offset : 0;
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(op.into.size(), left));
        if (there == 0 || (alignment_ == 1 && there < op.into.size())) {
          return make_error(Code::kCorrupt, "{}: file ends at byte {}, where {} bytes at offset {} were expected",
                            path_.string(), size(), op.into.size(), op.offset);
        }
        const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
        std::memcpy(op.into.data(), content_->data() + op.offset, there);
        // "The bytes past the end are undefined": whoever uses them shall notice.
        std::fill(op.into.begin() + static_cast<std::ptrdiff_t>(there), op.into.end(), std::byte{0xDB});
        if (observer != nullptr) observer->completed(begin, observer->now_ns(), there, false);
      }
      return {};
    }
    [[nodiscard]] const Path& path() const override { return path_; }

   private:
    void check_alignment(const ReadOp& op) const {
      STOKER_CHECK(op.offset % alignment_ == 0, "offset of a direct read is not aligned");
      STOKER_CHECK(op.into.size() % alignment_ == 0, "length of a direct read is not aligned");
      STOKER_CHECK(reinterpret_cast<std::uintptr_t>(op.into.data()) % alignment_ == 0,
                   "memory of a direct read is not aligned");
    }

    MemStorage& storage_;
    Path path_;
    std::shared_ptr<const Content> content_;
    std::size_t alignment_;
  };

  class Writer final : public WritableFile {
   public:
    Writer(MemStorage& storage, Path path, bool durable)
        : storage_(storage), path_(std::move(path)), durable_(durable) {}
    Status append(Bytes data) override {
      STOKER_CHECK(content_ != nullptr, "append to a committed file");
      storage_.appended(path_, *content_, data);
      return {};
    }
    [[nodiscard]] std::uint64_t position() const override { return content_ == nullptr ? bytes_ : content_->size(); }
    Status commit() override {
      STOKER_CHECK(content_ != nullptr, "a file is committed twice");
      storage_.record({.op = MemCall::Op::kCommit, .path = path_.string(), .durable = durable_});
      const std::lock_guard lock(storage_.mutex_);
      bytes_ = content_->size();
      storage_.files_[key(path_)] = std::move(content_);
      storage_.files_.erase(key(temporary_name(path_)));  // a leftover, which a writer of that name replaces
      return {};
    }

   private:
    MemStorage& storage_;
    const Path path_;
    const bool durable_;
    std::shared_ptr<Content> content_ = std::make_shared<Content>();  // none: committed
    std::uint64_t bytes_ = 0;                                         // then
  };

  class Log final : public LogFile {
   public:
    Log(MemStorage& storage, Path path, std::shared_ptr<Content> content)
        : storage_(storage), path_(std::move(path)), content_(std::move(content)) {}
    Status append(Bytes data) override {
      STOKER_CHECK(content_ != nullptr, "append to a closed file");
      storage_.appended(path_, *content_, data);
      return {};
    }
    Status close() override {
      content_.reset();
      return {};
    }

   private:
    MemStorage& storage_;
    const Path path_;
    std::shared_ptr<Content> content_;
  };

  Status create_file(const Path& path) {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.op = MemCall::Op::kCreate, .path = path.string()});
    return directories_.contains(key(path).parent_path()) ? Status{} : Status(not_found(path, "create"));
  }
  void appended(const Path& path, Content& content, Bytes data) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(
        {.op = MemCall::Op::kAppend, .path = path.string(), .offset = content.size(), .length = data.size()});
    content.insert(content.end(), data.begin(), data.end());
  }
  static Error not_found(const Path& path, std::string_view what) {
    return make_error(Code::kNotFound, "{}: {}: No such file or directory", path.string(), what);
  }
  // "./a//b/" and "a/b" are one file; the working directory is "".
  static Path key(const Path& path) {
    Path normal = path.lexically_normal();
    if (!normal.has_filename() && normal.has_parent_path() && normal != normal.root_path()) {
      normal = normal.parent_path();
    }
    return normal == "." ? Path() : normal;
  }
  void add_directories(Path path) {
    for (; directories_.insert(path).second; path = path.parent_path()) {
    }
  }
  void record(MemCall call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }

  const std::size_t direct_alignment_;
  mutable std::mutex mutex_;
  std::map<Path, std::shared_ptr<Content>> files_;
  std::set<Path> directories_{Path(), Path("/")};
  std::set<Path> symlinks_;
  std::vector<MemCall> calls_;
};

}  // namespace stoker::io::testing
