// How a file is cut into units of about a chunk's size.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/footer.h"
#include "data/format/parquet/read/selection.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

// Fills index.units. A row group is one unit. One that would take more than `chunk_bytes` of memory (the selected
// columns, fetched, decompressed or decoded, whatever is most) is cut between pages where possible, see page_map.h.
// Lists are taken to have the size that `selection` configures, unless the file's own schema knows better.
// Depth `arrow` needs more (see arrow_table.h): pages that begin with a row, and fields of one selected column each.
// Says how many row groups are larger than a chunk and stay whole.
Result<std::size_t> make_units(ParsedFooter& footer, const Selection& selection, std::uint64_t chunk_bytes,
                               config::Decode depth, io::ReadableFile& file, io::ReadObserver* observer);

}  // namespace stoker::format::parquet
