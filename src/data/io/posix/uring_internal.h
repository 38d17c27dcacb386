// What the rings for reading and for writing have in common.
#pragma once

#include <liburing.h>

namespace stoker::io {

// Makes a ring of the calling thread for this operation. SINGLE_ISSUER and DEFER_TASKRUN where the kernel knows them
// (6.1), a plain ring before. False when the kernel refuses: too old, or forbidden; nothing is open then.
[[nodiscard]] bool open_ring(io_uring& ring, unsigned entries, io_uring_op operation);

}  // namespace stoker::io
