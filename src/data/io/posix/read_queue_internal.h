// The queue of a thread that reads files of this back end.
#pragma once

#include <memory>

#include "data/io/posix/read_internal.h"
#include "data/io/read_queue.h"

namespace stoker::io {

[[nodiscard]] std::unique_ptr<ReadQueue> make_posix_read_queue(const ReadQueueOptions& options, ReadObserver* observer);

// Past the page cache, on a ring of the calling thread that lives as long as it, or by blocking calls: for reads that
// belong to no queue.
[[nodiscard]] Status read_direct(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer);

}  // namespace stoker::io
