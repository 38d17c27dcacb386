// What there is to say of the column chunks of a file.
#pragma once

#include <vector>

#include "base/status.h"
#include "data/format/file_info.h"
#include "data/format/parquet/read/file_index.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

// Of every row group, in order. `index` is that of all columns, `metadata` the whole footer. Reads every page header;
// what is wrong with one is Code::kCorrupt with row group, column and place, without the path.
[[nodiscard]] Result<std::vector<RowGroupInfo>> describe_row_groups(const ::parquet::FileMetaData& metadata,
                                                                    const FileIndex& index, io::ReadableFile& file);

}  // namespace stoker::format::parquet
