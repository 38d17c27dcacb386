// Files being written, front to back.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "base/errno_error.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/files_internal.h"

namespace stoker::io {
namespace {

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Path path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Status append(Bytes data) override {
    STOKER_CHECK(fd_.valid(), "append to a closed file");
    while (!data.empty()) {
      const ssize_t n = ::write(fd_.get(), data.data(), data.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        const int error_number = n < 0 ? errno : EIO;
        return errno_error(path_, fmt::format("write of {} bytes at offset {}", data.size(), position_), error_number);
      }
      position_ += static_cast<std::uint64_t>(n);
      data = data.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  Status sync() override {
    STOKER_CHECK(fd_.valid(), "sync of a closed file");
    int rc = 0;
    do {
      rc = ::fsync(fd_.get());
    } while (rc != 0 && errno == EINTR);
    if (rc != 0) return errno_error(path_, "fsync", errno);
    return {};
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
};

}  // namespace

std::unique_ptr<WritableFile> posix_writable(Path path, Fd fd) {
  return std::make_unique<PosixWritableFile>(std::move(path), std::move(fd));
}

Result<std::unique_ptr<WritableFile>> create_posix_file(const Path& path) {
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
  return posix_writable(path, std::move(fd));
}

}  // namespace stoker::io
