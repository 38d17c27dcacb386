// A kernel without io_uring, for one thread.
#pragma once

#include <sys/syscall.h>

#include <cerrno>

#include "data/io/testing/refuse_calls.h"

namespace stoker::io::testing {

// False where filters cannot be set.
inline bool refuse_uring_to_this_thread() {
#ifdef __NR_io_uring_setup
  return refuse_to_this_thread({.number = __NR_io_uring_setup, .error_number = EPERM});
#else
  return false;
#endif
}

}  // namespace stoker::io::testing
