// CPU time, which goes on only while a thread has a core.
#pragma once

#include "base/clock.h"

namespace stoker {

// Of the calling thread, user and system, since it began. A system call: for once per chunk, not once per row.
[[nodiscard]] Nanos thread_cpu_time();

}  // namespace stoker
