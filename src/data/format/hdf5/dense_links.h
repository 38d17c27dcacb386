// Links of a group that has more of them than fit into its header: records of a B-tree, and a fractal heap that has
// the links themselves.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/hdf5/meta_file.h"
#include "data/format/hdf5/root_group.h"

namespace stoker::format::hdf5 {

// Those that a link info message leads to are added to `root`; none where the group has no heap. Errors without the
// file's path.
[[nodiscard]] Status read_dense_links(MetaFile& file, Bytes link_info, RootGroup& root);

}  // namespace stoker::format::hdf5
