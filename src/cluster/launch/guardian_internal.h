// Looks after a child when this process cannot any more: a small process that waits for the end of this one.
#pragma once

#include <sys/types.h>

#include <chrono>

#include "base/fd.h"
#include "base/status.h"

namespace stoker::launch {

// While one lives, the child that it watches does not outlive this process: when that ends in whatever way (SIGKILL, a
// crash), the child gets SIGTERM, and after `grace` its group SIGKILL. A program that is started through a launcher, on
// other hosts too, is ended by the launcher then.
class Guardian {
 public:
  // Before the child is started, so that it is watched from its first moment. kLimit where no further process can be
  // started.
  static Result<Guardian> make(std::chrono::milliseconds grace);
  // A child that leads a process group. It must not be reaped while the guardian lives.
  void watch(pid_t child) const;
  Guardian(Guardian&& other) noexcept;
  Guardian& operator=(Guardian&&) = delete;
  ~Guardian();

 private:
  Guardian(pid_t pid, Fd line) : pid_(pid), line_(std::move(line)) {}

  pid_t pid_ = -1;
  Fd line_;  // closed by the kernel when this process ends
};

// A descriptor that can be read from when the process has ended; none where the kernel has no such thing (before 5.3).
[[nodiscard]] Fd open_process(pid_t pid);

}  // namespace stoker::launch
