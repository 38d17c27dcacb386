// Memory for reads through the page cache that all threads of a process have together.
//
// Such a read is a copy by the CPU, and costs twice as much where its target is in no cache. A thread holds memory from
// when its reads are sent until they are decoded, and most threads of many ranks wait for something else at any time:
// with memory of its own each would come back to what the others have driven out of the caches. So what was given back
// on a core last is lent on it first, to whichever thread, and there are only as many blocks as are held at a time.
#pragma once

#include <memory>

#include "data/io/read_queue.h"

namespace stoker::io {

// A pool for any thread. Its blocks are registered with no ring: for files that demand no alignment.
[[nodiscard]] std::unique_ptr<LeasePool> make_shared_lease_pool();

}  // namespace stoker::io
