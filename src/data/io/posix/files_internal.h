// Opens the files of the POSIX back end.
#pragma once

#include <memory>

#include "base/fd.h"
#include "data/io/storage.h"

namespace stoker::io {

// Of what is neither a file nor a folder.
[[nodiscard]] Error no_regular_file(const Path& path);
[[nodiscard]] Result<std::unique_ptr<ReadableFile>> open_posix_file(const Path& path, const OpenOptions& options);
[[nodiscard]] Result<std::unique_ptr<WritableFile>> create_posix_file(const Path& path, const WriteOptions& options);
// The file behind a descriptor that is open for writing; the path is for errors.
[[nodiscard]] std::unique_ptr<WritableFile> posix_writable(Path path, Fd fd);

}  // namespace stoker::io
