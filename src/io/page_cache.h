// The operating system's cache of file contents: what a benchmark of storage must not measure. All results are values:
// a run whose caches could not be dropped says so in its summary.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/status.h"
#include "io/storage.h"

namespace stoker::io {

struct CacheDropReport {
  bool dropped_all = false;         // the whole page cache of this node was dropped
  std::uint64_t files_advised = 0;  // else: so many files whose pages the kernel was asked to forget
  std::string what_failed;          // empty: nothing
};

inline constexpr const char* kDropCachesControl = "/proc/sys/vm/drop_caches";

// Writes back the dirty pages of one file and asks the kernel to forget all of them (posix_fadvise DONTNEED). Pages
// that another process has mapped may stay.
Status drop_file_cache(const Path& path);

// Writes dirty pages back (sync) and drops every clean page of this node; needs the right to write `control` (root),
// and is an error without it. Never runs another program.
Status drop_all_caches(const Path& control = kDropCachesControl);

// Drops the whole cache if permitted, else advises each of the files path_of(0) ... path_of(files - 1). Never fails as
// a whole: the report says what did not work. One call per node is enough. Takes as long as the files need to open.
[[nodiscard]] CacheDropReport drop_caches(std::uint64_t files, const std::function<Path(std::uint64_t)>& path_of,
                                          const Path& control = kDropCachesControl);

// Bytes of a file that are in the page cache now, in whole pages (mincore). Linux answers "all of them" for files that
// the caller neither owns nor may write.
[[nodiscard]] Result<std::uint64_t> resident_bytes(const Path& path);

}  // namespace stoker::io
