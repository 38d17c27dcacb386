// Files opened for reading: through the page cache, and around it (O_DIRECT).
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>

#include "base/check.h"
#include "base/errno_error.h"
#include "base/hash.h"
#include "base/units.h"
#include "data/io/posix/direct_internal.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/files_internal.h"
#include "data/io/posix/read_internal.h"
#include "data/io/posix/read_queue_internal.h"
#include "data/io/request_bytes.h"

namespace stoker::io {
namespace {

constexpr std::string_view kWithoutDirectReads =
    "turn direct I/O off (reader.odirect: False, storage_type: local_fs), or move the data to a file system that "
    "supports it";

// Not the number of the inode: some network file systems give a file another one each time. Links tell of a file that
// is read under a name which another has taken since.
std::uint64_t version_of(const struct stat& info) {
  const std::uint64_t version =
      derive_seed(static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  return version < 2 ? version + 2 : version;
}

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

class File final : public PosixFile {
 public:
  // Buffered where transfer_bytes is not 0.
  File(Path path, Fd fd, const struct stat& info, std::uint64_t transfer_bytes, DirectAlignment alignment)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        linked_(info.st_nlink > 0),
        version_(version_of(info)),
        target_{.fd = fd_.get(),
                .path = path_,
                .size = static_cast<std::uint64_t>(info.st_size),
                .offset_align = alignment.offset,
                .memory_align = alignment.memory,
                .transfer_bytes = transfer_bytes,
                .id = next_id(),
                .device = info.st_dev} {}

  [[nodiscard]] std::uint64_t size() const override { return target_.size; }
  [[nodiscard]] std::uint64_t version() const override { return version_; }
  [[nodiscard]] std::uint64_t version_now() const override {
    struct stat now {};
    const bool there = ::fstat(fd_.get(), &now) == 0 && (now.st_nlink > 0 || !linked_);
    return there ? version_of(now) : version_ ^ 1;
  }
  [[nodiscard]] std::size_t alignment() const override { return std::max(target_.offset_align, target_.memory_align); }
  Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
    return target_.transfer_bytes != 0 ? read_buffered(target_, ops, observer) : read_direct(target_, ops, observer);
  }
  [[nodiscard]] const Path& path() const override { return path_; }
  [[nodiscard]] const ReadTarget& target() const override { return target_; }

 private:
  const Path path_;
  const Fd fd_;
  const bool linked_;  // some file systems never say
  const std::uint64_t version_;
  const ReadTarget target_;
};

}  // namespace

Error no_regular_file(const Path& path) {
  return make_error(Code::kCorrupt, "{}: is a pipe or a device, expected a file", path.string());
}

Result<std::unique_ptr<ReadableFile>> open_posix_file(const Path& path, const OpenOptions& options) {
  STOKER_CHECK(!options.direct || !options.mapped, "a mapping is of the page cache");
  // Without O_NONBLOCK a pipe would be waited for, whatever signal comes; for files it means nothing.
  Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK | (options.direct ? O_DIRECT : 0));
  if (!fd.valid()) {
    const int error_number = errno;
    if (options.direct && error_number == EINVAL) return no_direct_io(path, kWithoutDirectReads);
    return errno_error(path, "open", error_number);
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error(path, "stat", errno);
  if (S_ISDIR(info.st_mode)) return errno_error(path, "open", EISDIR);
  if (!S_ISREG(info.st_mode)) return no_regular_file(path);
  if (!options.direct) {
    const std::uint64_t transfer_bytes = options.transfer_bytes != 0 ? options.transfer_bytes : kBufferedRequestBytes;
    const int number = fd.get();
    auto file = std::make_unique<File>(path, std::move(fd), info, transfer_bytes, DirectAlignment{1, 1});
    if (options.mapped) return map_posix_file(std::move(file), number, transfer_bytes);
    return std::unique_ptr<ReadableFile>(std::move(file));
  }
  const std::optional<DirectAlignment> alignment = direct_alignment(fd.get());
  if (!alignment) return no_direct_io(path, kWithoutDirectReads);
  return std::unique_ptr<ReadableFile>(std::make_unique<File>(path, std::move(fd), info, 0, *alignment));
}

}  // namespace stoker::io
