// How a file is cut into units of about a chunk's size.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "format/parquet/file_index.h"
#include "format/parquet/footer.h"
#include "format/parquet/selection.h"
#include "io/storage.h"

namespace stoker::format::parquet {

// Fills index.units. A row group is one unit. One that would take more than `chunk_bytes` of memory (the selected
// columns, fetched, decompressed or decoded, whatever is most) is cut between pages where possible, see page_map.h; 0:
// none is cut.
// Lists are taken to have the size that `selection` configures, unless the file's own schema knows better.
Status make_units(ParsedFooter& footer, const Selection& selection, std::uint64_t chunk_bytes, io::ReadableFile& file,
                  io::ReadObserver* observer);

}  // namespace stoker::format::parquet
