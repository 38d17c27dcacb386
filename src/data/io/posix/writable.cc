// Files being written, front to back: through the page cache, and around it (O_DIRECT).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/errno_error.h"
#include "data/io/posix/direct_internal.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/files_internal.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {
namespace {

// Smaller files are not worth waiting for the device.
constexpr std::uint64_t kDirectFileMin = std::uint64_t{1} << 20;

// A file's content on its way to a descriptor.
class ContentWriter : public Sink {
 public:
  // Nothing is on its way any longer; the descriptor can be closed.
  virtual Status finish() = 0;
  [[nodiscard]] virtual std::uint64_t direct_bytes() const { return 0; }
};

class BufferedWriter final : public ContentWriter {
 public:
  // The path is for errors; both outlive it.
  BufferedWriter(const Path& path, const Fd& fd) : path_(path), fd_(fd) {}
  ~BufferedWriter() override {
    if (piece_ != nullptr) WriteQueue::put_back(*piece_);
  }

  Status append(Bytes data) override {
    STOKER_CHECK(fd_.valid(), "append to a closed file");
    STOKER_TRY(write_all(fd_.get(), path_, data, position_));
    position_ += data.size();
    return {};
  }
  Result<MutBytes> lend() override {
    if (piece_ == nullptr) {
      STOKER_ASSIGN(piece_, WriteQueue::of_this_thread().take());
    }
    return piece_->memory.bytes();
  }
  Status give_back(std::size_t bytes) override {
    STOKER_CHECK(piece_ != nullptr && bytes <= kPieceBytes, "more is given back than was lent");
    WriteQueue::Piece& piece = *std::exchange(piece_, nullptr);
    Status written = append(piece.memory.bytes().first(bytes));
    WriteQueue::put_back(piece);
    return written;
  }
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  Status finish() override { return {}; }

 private:
  const Path& path_;
  const Fd& fd_;
  std::uint64_t position_ = 0;
  WriteQueue::Piece* piece_ = nullptr;
};

// Whole pieces go to the device while the next is made; the file's last bytes, which are no whole block, go through the
// page cache when the file is finished.
class DirectWriter final : public ContentWriter {
 public:
  // The path is for errors; both outlive it.
  DirectWriter(const Path& path, const Fd& fd, std::size_t block, std::uint64_t allocated, bool may_be_buffered)
      : path_(path), fd_(fd), block_(block), allocated_(allocated) {
    sink_.fd = fd_.get();
    sink_.may_be_buffered = may_be_buffered;
  }
  ~DirectWriter() override {
    // The kernel reads the memory until then.
    queue_.settle(sink_);
    if (piece_ != nullptr) WriteQueue::put_back(*piece_);
  }

  Status append(Bytes data) override {
    while (!data.empty()) {
      STOKER_ASSIGN(const MutBytes room, lend());
      const std::size_t n = std::min(data.size(), kPieceBytes - appended_);
      std::memcpy(room.data() + appended_, data.data(), n);
      appended_ += n;
      data = data.subspan(n);
      if (appended_ == kPieceBytes) {
        appended_ = 0;
        STOKER_TRY(give_back(kPieceBytes));
      }
    }
    return {};
  }
  Result<MutBytes> lend() override {
    STOKER_CHECK(!finished_, "a file is written on after it was finished");
    if (sink_.failure) return *sink_.failure;
    if (piece_ == nullptr) {
      STOKER_ASSIGN(piece_, queue_.take());
    }
    return piece_->memory.bytes();
  }
  Status give_back(std::size_t bytes) override {
    STOKER_CHECK(piece_ != nullptr && bytes <= kPieceBytes, "more is given back than was lent");
    if (bytes < kPieceBytes) {
      appended_ = bytes;
      return finish();
    }
    send(bytes);
    return failure();
  }
  [[nodiscard]] std::uint64_t position() const override { return position_ + appended_; }
  [[nodiscard]] std::uint64_t direct_bytes() const override { return direct_ - sink_.buffered_bytes; }
  Status finish() override {
    if (std::exchange(finished_, true)) return failure();
    Status finished = write_rest();
    if (!finished && !sink_.failure) sink_.failure = finished.error();  // for whoever asks again
    return finished;
  }

 private:
  Status write_rest() {
    const std::size_t tail = appended_ % block_;
    const std::size_t whole = std::exchange(appended_, 0) - tail;
    std::vector<std::byte> rest(tail);
    if (tail > 0) std::memcpy(rest.data(), piece_->memory.data() + whole, tail);
    if (whole > 0) send(whole);
    if (piece_ != nullptr) WriteQueue::put_back(*std::exchange(piece_, nullptr));
    queue_.settle(sink_);
    STOKER_TRY(failure());
    if (tail > 0) {
      STOKER_TRY(turn_direct_off(fd_.get(), path_));
      STOKER_TRY(write_all(fd_.get(), path_, rest, position_));
      position_ += tail;
    }
    if (allocated_ > position_ && ::ftruncate(fd_.get(), static_cast<off_t>(position_)) != 0)
      return errno_error(path_, "truncate", errno);
    return {};
  }
  [[nodiscard]] Status failure() const { return sink_.failure ? Status(*sink_.failure) : Status{}; }

  void send(std::size_t bytes) {
    if (!sink_.buffered) direct_ += bytes;
    queue_.send(*std::exchange(piece_, nullptr), sink_, position_, bytes);
    position_ += bytes;
  }

  const Path& path_;
  const Fd& fd_;
  const std::size_t block_;        // that offset and length of a direct write are multiples of
  const std::uint64_t allocated_;  // when it was made
  WriteQueue& queue_ = WriteQueue::of_this_thread();
  WriteSink sink_{.path = path_};
  WriteQueue::Piece* piece_ = nullptr;
  std::size_t appended_ = 0;  // of the piece, by append
  std::uint64_t position_ = 0;
  std::uint64_t direct_ = 0;
  bool finished_ = false;
};

// Files and links may be replaced: a device or a pipe is nothing that this program made.
Status check_replaceable(const Path& path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return errno == ENOENT ? Status{} : errno_error(path, "create", errno);
  if (S_ISDIR(there.st_mode)) return errno_error(path, "replace", EISDIR);
  if (!S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode)) return no_regular_file(path);
  return {};
}

// In the place of a file or a link of that name.
Result<Fd> create_fd(const Path& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  Fd fd = open_fd(path, kFlags, 0666);
  if (!fd.valid() && errno == EEXIST) {
    STOKER_TRY(check_replaceable(path));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error(path, "replace", errno);
    fd = open_fd(path, kFlags, 0666);
  }
  if (!fd.valid()) return errno_error(path, "create", errno);
  return fd;
}

// What direct writes must be multiples of: nothing where the file system has none for this file, or demands more than
// pieces are.
std::optional<std::size_t> direct_block(int fd) {
  const auto alignment = direct_alignment(fd);
  if (!alignment) return std::nullopt;
  const std::size_t block = alignment->offset;
  if (Sink::kPieceBytes % block != 0 || AlignedBuffer::kAlignment % alignment->memory != 0) return std::nullopt;
  return block;
}

// Names that were made in the folder are safe from a crash afterwards.
Status sync_folder(const Path& folder) {
  const Fd fd = open_fd(folder, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) return errno_error(folder, "open", errno);
  // Some file systems have no fsync of folders and say EINVAL: their names are as safe as they ever get.
  if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != ENOTSUP) return errno_error(folder, "fsync", errno);
  return {};
}

// Written under another name until it is whole.
class PosixFile final : public WritableFile {
 public:
  PosixFile(Path path, bool durable) : path_(std::move(path)), durable_(durable) {}
  ~PosixFile() override {
    content_.reset();
    // That it could not be removed either adds nothing.
    if (is_there_) ::unlink(temporary_.c_str());
  }

  Status open(const WriteOptions& options) {
    // Made without O_DIRECT, which some file systems refuse when the file is there already.
    STOKER_ASSIGN(fd_, create_fd(temporary_));
    is_there_ = true;
    const bool wanted = options.direct == DirectWrites::kYes ||
                        (options.direct == DirectWrites::kWherePossible && options.bytes_most >= kDirectFileMin);
    if (wanted) STOKER_TRY(open_direct(options));
    if (content_ == nullptr) content_ = std::make_unique<BufferedWriter>(temporary_, fd_);
    return {};
  }

  Status append(Bytes data) override { return content_->append(data); }
  Result<MutBytes> lend() override { return content_->lend(); }
  Status give_back(std::size_t bytes) override { return content_->give_back(bytes); }
  [[nodiscard]] std::uint64_t position() const override { return content_->position(); }
  [[nodiscard]] std::uint64_t direct_bytes() const override { return content_->direct_bytes(); }

  Status commit() override {
    STOKER_CHECK(is_there_ && fd_.valid(), "a file is committed twice");
    STOKER_TRY(content_->finish());
    if (durable_) STOKER_TRY(sync_fd(fd_.get(), temporary_));
    STOKER_TRY(close_fd(fd_, temporary_));
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
      return errno_error(temporary_, fmt::format("rename to {}", path_.string()), errno);
    is_there_ = false;
    return durable_ ? sync_folder(path_.parent_path().empty() ? Path(".") : path_.parent_path()) : Status{};
  }

 private:
  Status open_direct(const WriteOptions& options) {
    const int flags = ::fcntl(fd_.get(), F_GETFL);
    const auto block = direct_block(fd_.get());
    if (!block || flags < 0 || ::fcntl(fd_.get(), F_SETFL, flags | O_DIRECT) != 0) {
      if (options.direct == DirectWrites::kWherePossible) return {};
      return no_direct_io(path_, "dataset.write_direct: auto writes through the page cache where it must");
    }
    // With its room taken at once the file does not grow with each write, which would have them wait for one another.
    std::uint64_t allocated = 0;
    if (options.bytes_least > 0) {
      if (::fallocate(fd_.get(), 0, 0, static_cast<off_t>(options.bytes_least)) == 0) {
        allocated = options.bytes_least;
      } else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
        return errno_error(temporary_, fmt::format("take room for {} bytes", options.bytes_least), errno);
      }
    }
    content_ = std::make_unique<DirectWriter>(temporary_, fd_, *block, allocated,
                                              options.direct == DirectWrites::kWherePossible);
    return {};
  }

  const Path path_;
  const Path temporary_ = temporary_name(path_);
  const bool durable_;
  bool is_there_ = false;  // under its temporary name
  Fd fd_;
  std::unique_ptr<ContentWriter> content_;
};

class PosixLog final : public LogFile {
 public:
  PosixLog(Path path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Status append(Bytes data) override {
    STOKER_CHECK(fd_.valid(), "append to a closed file");
    STOKER_TRY(write_all(fd_.get(), path_, data, position_));
    position_ += data.size();
    return {};
  }
  Status close() override { return close_fd(fd_, path_); }

 private:
  const Path path_;
  Fd fd_;
  std::uint64_t position_ = 0;
};

}  // namespace

Status sync_fd(int fd, const Path& path) {
  int rc = 0;
  do {
    rc = ::fsync(fd);
  } while (rc != 0 && errno == EINTR);
  if (rc != 0) return errno_error(path, "fsync", errno);
  return {};
}

Status close_fd(Fd& fd, const Path& path) {
  // Network file systems report at close what they could not write.
  if (const int error_number = fd.close(); error_number != 0) return errno_error(path, "close", error_number);
  return {};
}

Result<std::unique_ptr<WritableFile>> create_posix_file(const Path& path, const WriteOptions& options) {
  STOKER_TRY(check_replaceable(path));
  auto file = std::make_unique<PosixFile>(path, options.durable);
  STOKER_TRY(file->open(options));
  return std::unique_ptr<WritableFile>(std::move(file));
}

Result<std::unique_ptr<LogFile>> create_posix_log(const Path& path) {
  STOKER_ASSIGN(Fd fd, create_fd(path));
  return std::unique_ptr<LogFile>(std::make_unique<PosixLog>(path, std::move(fd)));
}

}  // namespace stoker::io
