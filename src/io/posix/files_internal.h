// Opens the files of the POSIX back end.
#pragma once

#include <memory>

#include "io/storage.h"

namespace stoker::io {

[[nodiscard]] Result<std::unique_ptr<ReadableFile>> open_posix_file(const Path& path, const OpenOptions& options);
[[nodiscard]] Result<std::unique_ptr<WritableFile>> create_posix_file(const Path& path);

}  // namespace stoker::io
