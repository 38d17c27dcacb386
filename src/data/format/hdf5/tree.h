// B-trees of version 2: records in the order of the tree.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/hdf5/meta_file.h"

namespace stoker::format::hdf5 {

// Calls visit(record) for each record of the tree, which must be of that type; at most `most` of them. Errors without
// the file's path.
[[nodiscard]] Status visit_tree(MetaFile& file, std::uint64_t address, unsigned type, std::uint64_t most,
                                const std::function<Status(Bytes record)>& visit);

}  // namespace stoker::format::hdf5
