// What a worker needs to make values of the bytes of a Parquet file: one per worker, for all files it reads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/format/arena.h"
#include "data/format/format.h"
#include "data/format/parquet/read/arrow_table.h"
#include "data/format/parquet/read/decode.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/pages.h"
#include "data/format/parquet/read/value_locator.h"
#include "data/format/parquet/wire/codecs.h"

namespace stoker::format::parquet {

struct ParquetScratch final : Scratch {
  // Of the chunk at hand. The index is kept alive because views of the chunk carry names out of it.
  std::shared_ptr<const FileIndex> index;
  std::string path;
  std::uint32_t group = 0;
  RowRange wanted;  // of the row group
  std::vector<ColumnPagesHeld> columns;

  Arena plain;    // decompressed pages
  Arena decoded;  // values that are not views
  Codecs codecs;
  ColumnDecoder decoder;
  ArrowTableReader arrow;
  PageLocator locator;
};

}  // namespace stoker::format::parquet
