// Files that lie where a data set is to be written.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "data/dataset/layout.h"
#include "data/io/storage.h"

namespace stoker::datagen {

struct Obstacles {
  std::uint64_t files = 0;
  io::Path first;  // in the order of the names; empty: none
};

// Files under names that the data set's files would have, but for those of `ours` (may be null), which is a data set
// that the new one is to replace. Folders are listed, so that what is not there costs nothing.
[[nodiscard]] Result<Obstacles> find_obstacles(io::Storage& storage, const dataset::Layout& layout,
                                               const dataset::Layout* ours);

}  // namespace stoker::datagen
