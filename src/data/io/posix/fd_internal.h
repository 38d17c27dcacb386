// Opening files.
#pragma once

#include <fcntl.h>

#include <cerrno>

#include "base/fd.h"
#include "data/io/storage.h"

namespace stoker::io {

// open(2) until no signal interrupts it; not valid on failure, with errno set. O_CLOEXEC is added.
inline Fd open_fd(const Path& path, int flags, unsigned mode = 0) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return Fd(fd);
}

}  // namespace stoker::io
