// Files opened for reading: through the page cache, and around it (O_DIRECT).
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/errno_error.h"
#include "base/hash.h"
#include "base/units.h"
#include "data/io/posix/fd_internal.h"
#include "data/io/posix/files_internal.h"
#include "data/io/posix/read_internal.h"

namespace stoker::io {
namespace {

// Measured on local NVMe: 256 KiB to 1 MiB per pread cost the least CPU per byte, on cold and on cached files.
constexpr std::uint64_t kTransferBytes = kMiB;
constexpr std::size_t kFallbackAlignment = 4096;

struct DirectAlignment {
  std::size_t offset = kFallbackAlignment;
  std::size_t memory = kFallbackAlignment;
};

// What direct reads of the file must be aligned to; nothing when the file system says that it has none for this file
// (it would take the requests and go through its cache).
std::optional<DirectAlignment> direct_alignment(int fd) {
#ifdef STATX_DIOALIGN
  struct statx info {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) == 0 && (info.stx_mask & STATX_DIOALIGN) != 0) {
    if (info.stx_dio_offset_align == 0) return std::nullopt;
    return DirectAlignment{info.stx_dio_offset_align, std::max<std::size_t>(info.stx_dio_mem_align, 1)};
  }
#else
  (void)fd;
#endif
  return DirectAlignment{};
}

// The name of the file system that holds `path`, for messages.
std::string file_system_name(const Path& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return "unknown";
  struct Known {
    std::uint32_t magic;
    std::string_view name;
  };
  static constexpr Known kKnown[] = {
      {0xEF53, "ext4"},         {0x58465342, "xfs"},      {0x01021994, "tmpfs"}, {0x858458F6, "ramfs"},
      {0x6969, "nfs"},          {0x0BD00BD0, "lustre"},   {0x47504653, "gpfs"},  {0x65735546, "fuse"},
      {0x794C7630, "overlay"},  {0x9123683E, "btrfs"},    {0x2FC12FC1, "zfs"},   {0xF2F52010, "f2fs"},
      {0x00C36400, "ceph"},     {0x19830326, "beegfs"},   {0xFF534D42, "cifs"},  {0xFE534D42, "smb2"},
      {0x73717368, "squashfs"}, {0xCA451A4E, "bcachefs"}, {0x01021997, "9p"},    {0x4D44, "msdos"},
      {0x2011BAB0, "exfat"},    {0x9FA0, "proc"},         {0xF15F, "ecryptfs"},  {0xAAD7AAEA, "panfs"},
      {0xE0F5E1E2, "erofs"},
  };
  const auto magic = static_cast<std::uint32_t>(info.f_type);
  for (const Known& known : kKnown) {
    if (known.magic == magic) return std::string(known.name);
  }
  return fmt::format("type {:#x}", magic);
}

Error no_direct_io(const Path& path) {
  Error error = make_error(Code::kUnsupported, "{}: the file system ({}) does not support O_DIRECT for this file",
                           path.string(), file_system_name(path));
  error.hint =
      "turn direct I/O off (reader.odirect: False, storage_type: local_fs), or move the data to a file system "
      "that supports it";
  return error;
}

// Not the number of the inode: some network file systems give a file another one each time.
std::uint64_t version_of(const struct stat& info) {
  const std::uint64_t version =
      derive_seed(static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  return version == 0 ? 1 : version;
}

class BufferedFile final : public ReadableFile {
 public:
  BufferedFile(Path path, Fd fd, const struct stat& info, std::uint64_t transfer_bytes)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        size_(static_cast<std::uint64_t>(info.st_size)),
        version_(version_of(info)),
        transfer_bytes_(transfer_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::uint64_t version() const override { return version_; }
  [[nodiscard]] std::size_t alignment() const override { return 1; }
  Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
    const ReadTarget target{.fd = fd_.get(), .path = path_, .size = size_};
    return read_buffered(target, ops, transfer_bytes_, observer);
  }
  [[nodiscard]] const Path& path() const override { return path_; }

 private:
  Path path_;
  Fd fd_;
  std::uint64_t size_;
  std::uint64_t version_;
  std::size_t transfer_bytes_;
};

class DirectFile final : public ReadableFile {
 public:
  DirectFile(Path path, Fd fd, const struct stat& info, DirectAlignment alignment)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        size_(static_cast<std::uint64_t>(info.st_size)),
        version_(version_of(info)),
        alignment_(alignment) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::uint64_t version() const override { return version_; }
  [[nodiscard]] std::size_t alignment() const override { return std::max(alignment_.offset, alignment_.memory); }
  Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
    const ReadTarget target{.fd = fd_.get(),
                            .path = path_,
                            .size = size_,
                            .offset_align = alignment_.offset,
                            .memory_align = alignment_.memory};
    if (std::optional<Status> status = read_direct_uring(target, ops, observer)) return *std::move(status);
    return read_direct_pread(target, ops, observer);
  }
  [[nodiscard]] const Path& path() const override { return path_; }

 private:
  Path path_;
  Fd fd_;
  std::uint64_t size_;
  std::uint64_t version_;
  DirectAlignment alignment_;
};

}  // namespace

Error no_regular_file(const Path& path) {
  return make_error(Code::kCorrupt, "{}: is a pipe or a device, expected a file", path.string());
}

Result<std::unique_ptr<ReadableFile>> open_posix_file(const Path& path, const OpenOptions& options) {
  // Without O_NONBLOCK a pipe would be waited for, whatever signal comes; for files it means nothing.
  Fd fd = open_fd(path, O_RDONLY | O_NONBLOCK | (options.direct ? O_DIRECT : 0));
  if (!fd.valid()) {
    const int error_number = errno;
    if (options.direct && error_number == EINVAL) return no_direct_io(path);
    return errno_error(path, "open", error_number);
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error(path, "stat", errno);
  if (S_ISDIR(info.st_mode)) return errno_error(path, "open", EISDIR);
  if (!S_ISREG(info.st_mode)) return no_regular_file(path);
  if (!options.direct) {
    const std::uint64_t transfer_bytes = options.transfer_bytes != 0 ? options.transfer_bytes : kTransferBytes;
    return std::unique_ptr<ReadableFile>(std::make_unique<BufferedFile>(path, std::move(fd), info, transfer_bytes));
  }
  const std::optional<DirectAlignment> alignment = direct_alignment(fd.get());
  if (!alignment) return no_direct_io(path);
  return std::unique_ptr<ReadableFile>(std::make_unique<DirectFile>(path, std::move(fd), info, *alignment));
}

}  // namespace stoker::io
