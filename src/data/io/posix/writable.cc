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

Status sync_fd(int fd, const Path& path) {
  int rc = 0;
  do {
    rc = ::fsync(fd);
  } while (rc != 0 && errno == EINTR);
  if (rc != 0) return errno_error(path, "fsync", errno);
  return {};
}

class BufferedWriter final : public WritableFile {
 public:
  BufferedWriter(Path path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
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
  Status sync() override {
    STOKER_CHECK(fd_.valid(), "sync of a closed file");
    return sync_fd(fd_.get(), path_);
  }
  // Network file systems report at close what they could not write.
  Status close() override {
    if (const int error_number = fd_.close(); error_number != 0) return errno_error(path_, "close", error_number);
    return {};
  }

 private:
  Path path_;
  Fd fd_;
  std::uint64_t position_ = 0;
  WriteQueue::Piece* piece_ = nullptr;
};

// Whole pieces go to the device while the next is made; the file's last bytes, which are no whole block, go through the
// page cache when the file is finished.
class DirectWriter final : public WritableFile {
 public:
  DirectWriter(Path path, Fd fd, std::size_t block, std::uint64_t allocated, bool may_be_buffered)
      : path_(std::move(path)), fd_(std::move(fd)), block_(block), allocated_(allocated) {
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
  Status sync() override {
    STOKER_TRY(finish());
    return sync_fd(fd_.get(), path_);
  }
  Status close() override {
    STOKER_TRY(finish());
    if (const int error_number = fd_.close(); error_number != 0) return errno_error(path_, "close", error_number);
    return {};
  }

 private:
  [[nodiscard]] Status failure() const { return sink_.failure ? Status(*sink_.failure) : Status{}; }

  void send(std::size_t bytes) {
    if (!sink_.buffered) direct_ += bytes;
    queue_.send(*std::exchange(piece_, nullptr), sink_, position_, bytes);
    position_ += bytes;
  }

  Status finish() {
    if (std::exchange(finished_, true)) return failure();
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

  const Path path_;
  Fd fd_;
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

Result<Fd> create_fd(const Path& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  Fd fd = open_fd(path, kFlags, 0666);
  if (!fd.valid() && errno == EEXIST) {
    // Files and links only: a device or a pipe is nothing that this program made.
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return errno_error(path, "replace", errno);
    if (S_ISDIR(there.st_mode)) return errno_error(path, "replace", EISDIR);
    if (!S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode)) return no_regular_file(path);
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
  if (WritableFile::kPieceBytes % block != 0 || AlignedBuffer::kAlignment % alignment->memory != 0) return std::nullopt;
  return block;
}

}  // namespace

std::unique_ptr<WritableFile> posix_writable(Path path, Fd fd) {
  return std::make_unique<BufferedWriter>(std::move(path), std::move(fd));
}

Result<std::unique_ptr<WritableFile>> create_posix_file(const Path& path, const WriteOptions& options) {
  // Made without O_DIRECT, which some file systems refuse when the file is there already.
  STOKER_ASSIGN(Fd fd, create_fd(path));
  const bool wanted = options.direct == DirectWrites::kYes ||
                      (options.direct == DirectWrites::kWherePossible && options.bytes_most >= kDirectFileMin);
  if (!wanted) return posix_writable(path, std::move(fd));
  const int flags = ::fcntl(fd.get(), F_GETFL);
  const auto block = direct_block(fd.get());
  if (!block || flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_DIRECT) != 0) {
    if (options.direct == DirectWrites::kWherePossible) return posix_writable(path, std::move(fd));
    fd.close();
    ::unlink(path.c_str());
    return no_direct_io(path, "dataset.write_direct: auto writes through the page cache where it must");
  }
  // With its room taken at once the file does not grow with each write, which would have them wait for one another.
  std::uint64_t allocated = 0;
  if (options.bytes_least > 0) {
    if (::fallocate(fd.get(), 0, 0, static_cast<off_t>(options.bytes_least)) == 0) {
      allocated = options.bytes_least;
    } else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
      const Error full = errno_error(path, fmt::format("take room for {} bytes", options.bytes_least), errno);
      ::unlink(path.c_str());
      return full;
    }
  }
  return std::unique_ptr<WritableFile>(std::make_unique<DirectWriter>(path, std::move(fd), *block, allocated,
                                                                      options.direct == DirectWrites::kWherePossible));
}

}  // namespace stoker::io
