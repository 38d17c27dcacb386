// A Storage that passes everything on to another one, and fails where a test tells it to.
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/errno_error.h"
#include "data/io/forwarding_storage.h"

namespace stoker::io::testing {

struct Faults {
  // The k-th ReadOp of all files together, counted from 1, fails with EIO; 0: none does.
  std::uint64_t fail_read = 0;
  // Files whose path contains short_path (empty: all) end after so many bytes, although size() says otherwise: as if
  // they were truncated after they were opened.
  std::optional<std::uint64_t> short_bytes;
  std::string short_path;
  // Called before each ReadOp, from the thread that reads; sleeps, blocks or counts.
  std::function<void(const Path&, const ReadOp&)> before_read;
  // Appends succeed until so many bytes were written to all files together, then fail with ENOSPC.
  std::optional<std::uint64_t> space_bytes;
  // open and create of paths that contain the text (unless empty) fail with EACCES.
  std::string fail_open;
  std::string fail_create;
  bool fail_commit = false;  // every commit fails with EIO, as closing does on a network file system
};

// Safe from many threads. The inner storage must outlive it, and it must outlive its files.
class FaultyStorage final : public ForwardingStorage {
 public:
  FaultyStorage(Storage& inner, Faults faults) : ForwardingStorage(inner), faults_(std::move(faults)) {}

  [[nodiscard]] std::uint64_t reads() const { return reads_.load(); }            // ReadOps seen
  [[nodiscard]] std::uint64_t bytes_written() const { return written_.load(); }  // accepted by append

  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override {
    if (matches(path, faults_.fail_open)) return errno_error(path, "open", EACCES);
    STOKER_ASSIGN(std::unique_ptr<ReadableFile> file, inner().open(path, options));
    return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(*this, std::move(file)));
  }
  using Storage::create;
  Result<std::unique_ptr<WritableFile>> create(const Path& path, const WriteOptions& options) override {
    if (matches(path, faults_.fail_create)) return errno_error(path, "create", EACCES);
    STOKER_ASSIGN(std::unique_ptr<WritableFile> file, inner().create(path, options));
    return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, path, std::move(file)));
  }
  Result<std::unique_ptr<LogFile>> create_log(const Path& path) override {
    if (matches(path, faults_.fail_create)) return errno_error(path, "create", EACCES);
    STOKER_ASSIGN(std::unique_ptr<LogFile> file, inner().create_log(path));
    return std::unique_ptr<LogFile>(std::make_unique<Log>(*this, path, std::move(file)));
  }

 private:
  class Reader final : public ReadableFile {
   public:
    Reader(FaultyStorage& owner, std::unique_ptr<ReadableFile> inner) : owner_(owner), inner_(std::move(inner)) {}
    [[nodiscard]] std::uint64_t size() const override { return inner_->size(); }
    [[nodiscard]] std::uint64_t version() const override { return inner_->version(); }
    [[nodiscard]] std::size_t alignment() const override { return inner_->alignment(); }
    Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
      for (const ReadOp& op : ops) {
        if (owner_.faults_.before_read) owner_.faults_.before_read(path(), op);
        const std::uint64_t number = owner_.reads_.fetch_add(1) + 1;
        const auto what = [&op] { return fmt::format("read of {} bytes at offset {}", op.into.size(), op.offset); };
        if (number == owner_.faults_.fail_read) return errno_error(path(), what(), EIO);
        const std::optional<std::uint64_t>& end = owner_.faults_.short_bytes;
        const std::uint64_t last = std::min<std::uint64_t>(op.offset + op.into.size(), size());
        if (end && last > *end && (owner_.faults_.short_path.empty() || matches(path(), owner_.faults_.short_path))) {
          return make_error(Code::kCorrupt, "{}: file ends at byte {}, where {} bytes at offset {} were expected",
                            path().string(), *end, op.into.size(), op.offset);
        }
        STOKER_TRY(inner_->read_many({&op, 1}, observer));
      }
      return {};
    }
    [[nodiscard]] const Path& path() const override { return inner_->path(); }

   private:
    FaultyStorage& owner_;
    std::unique_ptr<ReadableFile> inner_;
  };

  class Writer final : public WritableFile {
   public:
    Writer(FaultyStorage& owner, Path path, std::unique_ptr<WritableFile> inner)
        : owner_(owner), path_(std::move(path)), inner_(std::move(inner)) {}
    Status append(Bytes data) override { return owner_.append(*inner_, path_, inner_->position(), data); }
    [[nodiscard]] std::uint64_t position() const override { return inner_->position(); }
    [[nodiscard]] std::uint64_t direct_bytes() const override { return inner_->direct_bytes(); }
    Status commit() override {
      return owner_.faults_.fail_commit ? errno_error(path_, "close", EIO) : inner_->commit();
    }

   private:
    FaultyStorage& owner_;
    Path path_;
    std::unique_ptr<WritableFile> inner_;
  };

  class Log final : public LogFile {
   public:
    Log(FaultyStorage& owner, Path path, std::unique_ptr<LogFile> inner)
        : owner_(owner), path_(std::move(path)), inner_(std::move(inner)) {}
    Status append(Bytes data) override {
      const std::uint64_t offset = bytes_;
      bytes_ += data.size();
      return owner_.append(*inner_, path_, offset, data);
    }
    Status close() override { return inner_->close(); }

   private:
    FaultyStorage& owner_;
    Path path_;
    std::unique_ptr<LogFile> inner_;
    std::uint64_t bytes_ = 0;
  };

  template <class File>
  Status append(File& file, const Path& path, std::uint64_t offset, Bytes data) {
    const std::uint64_t before = written_.fetch_add(data.size());
    const std::optional<std::uint64_t>& space = faults_.space_bytes;
    if (!space || before + data.size() <= *space) return file.append(data);
    // As write(2) does: what fits is taken, then there is no more.
    const std::uint64_t room = before < *space ? *space - before : 0;
    written_.fetch_sub(data.size() - room);
    STOKER_TRY(file.append(data.first(static_cast<std::size_t>(room))));
    return errno_error(path, fmt::format("write of {} bytes at offset {}", data.size() - room, offset + room), ENOSPC);
  }
  static bool matches(const Path& path, const std::string& part) {
    return !part.empty() && path.string().find(part) != std::string::npos;
  }

  const Faults faults_;
  std::atomic<std::uint64_t> reads_{0};
  std::atomic<std::uint64_t> written_{0};
};

}  // namespace stoker::io::testing
