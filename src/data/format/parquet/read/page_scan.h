// Finds data pages by hopping from page header to page header: one small read a page, those of many columns at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "data/format/parquet/read/file_index.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

// One column chunk to scan.
struct ScanJob {
  const ChunkIndex* chunk = nullptr;
  const Leaf* leaf = nullptr;
  std::uint64_t rows = 0;  // of its row group
  ColumnPages pages;       // the result
  bool mapped = false;     // false: broken, or rows cannot be told from headers
};

// Errors are the storage's.
Status scan_pages(std::vector<ScanJob>& jobs, io::ReadableFile& file, io::ReadObserver* observer);

}  // namespace stoker::format::parquet
