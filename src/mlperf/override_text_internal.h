// Values as text that the engine's override grammar reads back as the same values.
#pragma once

#include <string>
#include <vector>

#include "config/columns.h"

namespace stoker::mlperf::internal {

// For dataset.parquet.columns.
[[nodiscard]] std::string columns_value(const std::vector<config::ColumnSpec>& columns);

}  // namespace stoker::mlperf::internal
