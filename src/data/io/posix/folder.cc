// Folders of the POSIX back end: listed by path, and open ones in which files are removed.
#include "data/io/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/errno_error.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/files_internal.h"

namespace stoker::io {
namespace {

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using DirHandle = std::unique_ptr<DIR, DirCloser>;

bool has_mode(DIR* dir, const dirent& entry, mode_t type, int flags) {
  struct stat info {};
  return ::fstatat(::dirfd(dir), entry.d_name, &info, flags) == 0 && (info.st_mode & S_IFMT) == type;
}

// Symbolic links count as what they point to; a dangling one as a file.
bool is_directory(DIR* dir, const dirent& entry) {
  if (entry.d_type == DT_DIR) return true;
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return false;
  return has_mode(dir, entry, S_IFDIR, 0);
}

bool is_symlink(DIR* dir, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_LNK;
  return has_mode(dir, entry, S_IFLNK, AT_SYMLINK_NOFOLLOW);
}

std::optional<std::uint64_t> file_bytes(DIR* dir, const dirent& entry) {
  struct stat info {};
  if (::fstatat(::dirfd(dir), entry.d_name, &info, 0) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

// Takes a null pointer as the failure to open it.
Result<std::vector<DirEntry>> read_entries(DirHandle dir, const Path& path, Sizes sizes) {
  if (dir == nullptr) return errno_error(path, "list", errno);
  std::vector<DirEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back(DirEntry{.name = std::string(name),
                               .is_directory = is_directory(dir.get(), *entry),
                               .is_symlink = is_symlink(dir.get(), *entry)});
    if (sizes == Sizes::kYes) entries.back().bytes = file_bytes(dir.get(), *entry);
  }
  if (errno != 0) return errno_error(path, "list", errno);
  return entries;
}

class PosixFolder final : public Folder {
 public:
  // The path is for errors.
  PosixFolder(Path path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Result<std::vector<DirEntry>> list() override {
    Fd again = open_fd_at(fd_.get(), ".", O_RDONLY | O_DIRECTORY);
    DirHandle dir(again.valid() ? ::fdopendir(again.get()) : nullptr);
    if (dir != nullptr) (void)again.release();
    return read_entries(std::move(dir), path_, Sizes::kNo);
  }

  Result<std::unique_ptr<Folder>> open(const std::string& name) override {
    // One name at a time, and no link as the last part of it: so nothing leads out of this folder.
    Fd fd = open_fd_at(fd_.get(), entry_name(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd.valid()) return std::unique_ptr<Folder>(std::make_unique<PosixFolder>(path_ / name, std::move(fd)));
    // Of a link the kernel says either.
    return errno_error(path_ / name, "open folder", errno == ELOOP ? ENOTDIR : errno);
  }

  Status remove(const std::string& name) override {
    if (::unlinkat(fd_.get(), entry_name(name), 0) != 0 && errno != ENOENT) {
      return errno_error(path_ / name, "remove", errno);
    }
    return {};
  }

  Result<bool> remove_empty_directory(const std::string& name) override {
    const int error_number = ::unlinkat(fd_.get(), entry_name(name), AT_REMOVEDIR) == 0 ? 0 : errno;
    return folder_removed(path_ / name, error_number);
  }

 private:
  static const char* entry_name(const std::string& name) {
    STOKER_CHECK(!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos,
                 "a path is no name of an entry");
    return name.c_str();
  }

  const Path path_;
  const Fd fd_;
};

}  // namespace

Result<std::vector<DirEntry>> list_posix_folder(const Path& path, Sizes sizes) {
  return read_entries(DirHandle(::opendir(path.c_str())), path, sizes);
}

Result<std::unique_ptr<Folder>> open_posix_folder(const Path& path) {
  Fd fd = open_fd(path, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) return errno_error(path, "open folder", errno);
  return std::unique_ptr<Folder>(std::make_unique<PosixFolder>(path, std::move(fd)));
}

Result<bool> folder_removed(const Path& path, int error_number) {
  if (error_number == 0 || error_number == ENOENT) return true;
  // Something is in it, another file system is mounted on it, or it is a link to a folder.
  if (error_number == ENOTEMPTY || error_number == EEXIST || error_number == EBUSY || error_number == ENOTDIR) {
    return false;
  }
  return errno_error(path, "remove folder", error_number);
}

}  // namespace stoker::io
