// Local and parallel file systems through the POSIX calls.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/errno_error.h"
#include "data/io/folder.h"
#include "data/io/page_cache.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/files_internal.h"
#include "data/io/posix/read_queue_internal.h"
#include "data/io/posix/write_queue_internal.h"

namespace stoker::io {
namespace {

class PosixStorage final : public Storage {
 public:
  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override {
    return open_posix_file(path, options);
  }
  std::unique_ptr<ReadQueue> make_read_queue(const ReadQueueOptions& options, ReadObserver* observer) override {
    return make_posix_read_queue(options, observer);
  }
  Result<std::unique_ptr<WritableFile>> create(const Path& path, const WriteOptions& options) override {
    return create_posix_file(path, options);
  }
  Result<std::unique_ptr<LogFile>> create_log(const Path& path) override { return create_posix_log(path); }

  Result<bool> create_if_absent(const Path& path, std::string_view text) override {
    const auto fill = [&](int fd) -> Status {
      STOKER_TRY(write_all(fd, path, std::as_bytes(std::span(text)), 0));
      return sync_fd(fd, path);
    };
    // Where the file system can, the file gets its name when it has its text: a process that is killed in between
    // leaves nothing.
    const Path folder = path.parent_path().empty() ? Path(".") : path.parent_path();
    if (Fd fd = open_fd(folder, O_WRONLY | O_TMPFILE, 0644); fd.valid()) {
      const std::string self = fmt::format("/proc/self/fd/{}", fd.get());
      STOKER_TRY(fill(fd.get()));
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
      if (errno == EEXIST) return false;
    }
    Fd fd = open_fd(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    if (!fd.valid()) {
      if (errno == EEXIST) return false;
      return errno_error(path, "create", errno);
    }
    Status filled = fill(fd.get());
    if (filled) filled = close_fd(fd, path);
    if (!filled) {
      ::unlink(path.c_str());
      return filled.error();
    }
    return true;
  }

  Result<std::uint64_t> file_size(const Path& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return errno_error(path, "stat", errno);
    if (S_ISDIR(info.st_mode)) return make_error(Code::kCorrupt, "{}: is a folder, expected a file", path.string());
    if (!S_ISREG(info.st_mode)) return no_regular_file(path);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Result<bool> exists(const Path& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return errno_error(path, "stat", errno);
  }

  using Storage::list;
  Result<std::vector<DirEntry>> list(const Path& path, Sizes sizes) override { return list_posix_folder(path, sizes); }

  Status make_directories(const Path& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return errno_error(path, "create directory", error.value());
    return {};
  }

  Status remove(const Path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error(path, "remove", errno);
    return {};
  }

  Result<bool> remove_empty_directory(const Path& path) override {
    return folder_removed(path, ::rmdir(path.c_str()) == 0 ? 0 : errno);
  }

  Result<std::unique_ptr<Folder>> open_folder(const Path& path) override { return open_posix_folder(path); }

  Result<std::optional<SpaceInfo>> space(const Path& path) override {
    Path existing = path.empty() ? Path(".") : path;
    struct statvfs info {};
    while (::statvfs(existing.c_str(), &info) != 0) {
      if (errno != ENOENT && errno != ENOTDIR) return errno_error(existing, "free space", errno);
      const Path parent = existing.parent_path();
      if (parent == existing) return errno_error(existing, "free space", ENOENT);
      existing = parent.empty() ? Path(".") : parent;
    }
    if (info.f_blocks == 0) return std::optional<SpaceInfo>();  // some file systems over the network
    return std::optional(
        SpaceInfo{.free_bytes = std::uint64_t{info.f_bavail} * info.f_frsize,
                  .free_inodes = info.f_files == 0 ? std::nullopt : std::optional(std::uint64_t{info.f_favail}),
                  .block_bytes = std::max<std::uint64_t>(1, info.f_frsize)});
  }

  Status flush(const Path& folder) override {
    const Fd fd = open_fd(folder.empty() ? Path(".") : folder, O_RDONLY | O_DIRECTORY);
    if (!fd.valid()) return errno_error(folder, "open", errno);
    if (::syncfs(fd.get()) != 0) return errno_error(folder, "syncfs", errno);
    return {};
  }

  Status forget(const Path& path) override { return drop_file_cache(path); }
  Result<std::uint64_t> kept_bytes(const Path& path) override { return resident_bytes(path); }

  [[nodiscard]] std::string describe_reads(const OpenOptions& options) const override {
    if (options.mapped) return "posix, memory mapping";
    return options.direct ? fmt::format("posix, O_DIRECT, {}", direct_mechanism()) : "posix, buffered";
  }
  [[nodiscard]] std::string describe_writes(bool direct) const override {
    return direct ? fmt::format("posix, O_DIRECT, {}", direct_write_mechanism()) : "posix, buffered";
  }
};

}  // namespace

std::unique_ptr<Storage> make_posix_storage() {
  return std::make_unique<PosixStorage>();
}

}  // namespace stoker::io
