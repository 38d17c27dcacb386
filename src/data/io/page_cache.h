// The operating system's cache of file contents: what a benchmark of storage must not measure.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

inline constexpr const char* kDropCachesControl = "/proc/sys/vm/drop_caches";

// Writes back the dirty pages of one file and asks the kernel to forget all of them (posix_fadvise DONTNEED). Pages
// that another process has mapped may stay.
Status drop_file_cache(const Path& path);

// Writes dirty pages back (sync) and drops every clean page of this node; needs the right to write `control` (root),
// and is an error without it. Never runs another program.
Status drop_all_caches(const Path& control = kDropCachesControl);

// Bytes of a file that are in the page cache now, in whole pages (mincore). Linux answers "all of them" for files that
// the caller neither owns nor may write.
[[nodiscard]] Result<std::uint64_t> resident_bytes(const Path& path);

}  // namespace stoker::io
