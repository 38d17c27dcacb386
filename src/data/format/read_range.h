// A few bytes of a file that are looked at before its values are read: footers, headers, directories.
#pragma once

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "data/format/read_plan.h"
#include "data/io/storage.h"

namespace stoker::format {

// Reads the range into `into`, widened to the file's alignment; returns the bytes that were asked for.
[[nodiscard]] Result<MutBytes> read_range(io::ReadableFile& file, const ByteRange& range, AlignedBuffer& into,
                                          io::ReadObserver* observer);

}  // namespace stoker::format
