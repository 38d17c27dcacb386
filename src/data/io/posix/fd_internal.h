// Opening files.
#pragma once

#include <fcntl.h>

#include <cerrno>

#include "base/fd.h"
#include "data/io/storage.h"

namespace stoker::io {

// openat(2) until no signal interrupts it; not valid on failure, with errno set. O_CLOEXEC is added.
inline Fd open_fd_at(int folder, const char* path, int flags, unsigned mode = 0) {
  int fd = -1;
  do {
    fd = ::openat(folder, path, flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return Fd(fd);
}

inline Fd open_fd(const Path& path, int flags, unsigned mode = 0) {
  return open_fd_at(AT_FDCWD, path.c_str(), flags, mode);
}

}  // namespace stoker::io
