// What a storage takes from a writer that does nothing but write: files of the size of a workload's, in the pieces that
// writers are lent, until all of it is on the storage.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::ceilings {

struct WriteSettings {
  io::Path folder;  // that is there
  bool direct = false;
  unsigned threads = 1;
  std::uint64_t file_bytes = 0;  // of each; at least 1
  double seconds = 2;            // no new piece after that
  std::uint64_t bytes_most = 0;  // of all threads together
};

struct WriteMeasured {
  std::uint64_t bytes = 0, pieces = 0;
  Nanos wall{0};  // the flush included
  Nanos flush{0};
  Nanos cpu{0};
  std::uint64_t direct_bytes = 0;
};

// Bytes of no pattern, other ones in each block of 4 KiB, so that no storage saves itself the writing. The files are
// removed again, also after an error. Code::kUnsupported where direct writes are not possible.
[[nodiscard]] Result<WriteMeasured> measure_writes(io::Storage&, const Clock&, const WriteSettings&,
                                                   const std::stop_token&);

}  // namespace stoker::ceilings
