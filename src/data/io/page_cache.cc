#include "data/io/page_cache.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/errno_error.h"
#include "base/units.h"
#include "data/io/posix/fd_internal.h"

namespace stoker::io {
namespace {

// A mapping of part of a file; nothing of it is touched.
class Mapping {
 public:
  Mapping(int fd, std::uint64_t offset, std::size_t bytes)
      : bytes_(bytes), data_(::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(offset))) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (valid()) ::munmap(data_, bytes_);
  }
  [[nodiscard]] bool valid() const { return data_ != MAP_FAILED; }
  [[nodiscard]] void* data() const { return data_; }

 private:
  std::size_t bytes_;
  void* data_;
};

}  // namespace

Status drop_file_cache(const Path& path) {
  const Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK);  // a pipe would be waited for
  if (!fd.valid()) return errno_error(path, "open", errno);
  // Only clean pages can be forgotten. This writes the dirty ones back without the flush of the device that fdatasync
  // costs; where it cannot, the advice below just does less.
  (void)::sync_file_range(fd.get(), 0, 0,
                          SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  // Returns the error instead of setting errno.
  if (const int error_number = ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED); error_number != 0) {
    return errno_error(path, "drop cached pages", error_number);
  }
  return {};
}

Status drop_all_caches(const Path& control) {
  // Opened first: a process without the right to drop should not pay for the sync, which waits for everybody's dirty
  // pages.
  const Fd fd = open_fd(control, O_WRONLY | O_TRUNC);
  if (!fd.valid()) return errno_error(control, "open", errno);
  ::sync();
  // 1: page cache only. Dentries and inodes (2) would have to be read again from storage too, but they are shared with
  // everything else that runs on the node.
  if (::write(fd.get(), "1\n", 2) != 2) return errno_error(control, "write", errno);
  return {};
}

Result<std::uint64_t> resident_bytes(const Path& path) {
  constexpr std::uint64_t kWindow = kGiB;              // bounds the vector
  const Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK);  // a pipe would be waited for
  if (!fd.valid()) return errno_error(path, "open", errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error(path, "stat", errno);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages;
  std::uint64_t resident = 0;
  for (std::uint64_t offset = 0; offset < size; offset += kWindow) {
    const std::size_t bytes = std::min(kWindow, size - offset);
    const Mapping mapping(fd.get(), offset, bytes);
    if (!mapping.valid()) return errno_error(path, "map", errno);
    pages.resize((bytes + page - 1) / page);
    if (::mincore(mapping.data(), bytes, pages.data()) != 0) return errno_error(path, "mincore", errno);
    resident += page * static_cast<std::uint64_t>(
                           std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; }));
  }
  return resident;
}

}  // namespace stoker::io
