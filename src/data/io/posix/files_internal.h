// Opens the files and folders of the POSIX back end.
#pragma once

#include <memory>

#include "base/fd.h"
#include "data/io/folder.h"
#include "data/io/storage.h"

namespace stoker::io {

// Of what is neither a file nor a folder.
[[nodiscard]] Error no_regular_file(const Path& path);
[[nodiscard]] Result<std::unique_ptr<ReadableFile>> open_posix_file(const Path& path, const OpenOptions& options);
// The open file, read through a memory mapping (OpenOptions::mapped), at most transfer_bytes at a time.
[[nodiscard]] Result<std::unique_ptr<ReadableFile>> map_posix_file(std::unique_ptr<ReadableFile> file, int fd,
                                                                   std::uint64_t transfer_bytes);
[[nodiscard]] Result<std::unique_ptr<WritableFile>> create_posix_file(const Path& path, const WriteOptions& options);
[[nodiscard]] Result<std::unique_ptr<LogFile>> create_posix_log(const Path& path);
// The path is for errors.
Status sync_fd(int fd, const Path& path);
Status close_fd(Fd& fd, const Path& path);

[[nodiscard]] Result<std::vector<DirEntry>> list_posix_folder(const Path& path, Sizes sizes);
[[nodiscard]] Result<std::unique_ptr<Folder>> open_posix_folder(const Path& path);
// What Storage::remove_empty_directory says when rmdir of the path ended with this errno, 0 for success.
[[nodiscard]] Result<bool> folder_removed(const Path& path, int error_number);

}  // namespace stoker::io
