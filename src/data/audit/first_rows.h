// The first rows of a file, to be looked at.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "data/audit/data_files.h"
#include "data/format/file_info.h"
#include "data/io/storage.h"
#include "results/json.h"

namespace stoker::audit {

// One object per row: the values of its leaf columns by name, lists as arrays (value_json.h). Of a list with more than
// 1,000 elements in one row an object with the first of them ("first") and their number ("elements").
[[nodiscard]] Result<std::vector<results::Json>> first_rows(io::Storage& storage, const DataFile& file,
                                                            const format::FileInfo& info, std::uint64_t rows,
                                                            const std::stop_token& stop);

}  // namespace stoker::audit
