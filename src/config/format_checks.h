// What only one format has, checked: the rows of formats.cc name these. Code::kConfig.
#pragma once

#include "base/status.h"
#include "config/workload.h"

namespace stoker::config {

[[nodiscard]] Status check_image(const Workload&);
[[nodiscard]] Status check_hdf5(const Workload&);
[[nodiscard]] Status check_parquet(const Workload&);

// What is refused because keys do not go together.
[[nodiscard]] Error refuse(std::string message, std::string hint);

}  // namespace stoker::config
