// Which storage a workload names, and which a path: the one place that chooses.
#pragma once

#include <memory>

#include "base/status.h"
#include "config/workload.h"
#include "data/io/storage.h"

namespace stoker::storages {

// The storage of storage.storage_type. Code::kUnsupported for one that this build has not got; Code::kConfig where it
// cannot hold the workload's data set.
[[nodiscard]] Result<std::unique_ptr<io::Storage>> open_storage(const config::Workload& workload);
// Whether open_storage() would succeed. No I/O.
[[nodiscard]] Status check_storage(const config::Workload& workload);

// What a path lies on that is given without a workload. Code::kUnsupported for a URI.
[[nodiscard]] Result<std::unique_ptr<io::Storage>> open_storage_of(const io::Path& path);

}  // namespace stoker::storages
