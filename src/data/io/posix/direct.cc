#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "data/io/posix/direct_internal.h"

namespace stoker::io {
namespace {

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

}  // namespace

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

Error no_direct_io(const Path& path, std::string_view hint) {
  Error error = make_error(Code::kUnsupported, "{}: the file system ({}) does not support O_DIRECT for this file",
                           path.string(), file_system_name(path));
  error.hint = hint;
  return error;
}

}  // namespace stoker::io
