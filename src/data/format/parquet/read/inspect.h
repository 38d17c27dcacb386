// What a Parquet file says of itself (Format::inspect).
#pragma once

#include "base/status.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

[[nodiscard]] Result<FileInfo> inspect_parquet(io::Storage& storage, const io::Path& path, Detail detail);

}  // namespace stoker::format::parquet
