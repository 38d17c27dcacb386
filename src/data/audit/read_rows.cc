#include "data/audit/read_rows.h"

#include <algorithm>
#include <utility>

#include "data/format/chunk_reader.h"

namespace stoker::audit {
namespace {

Status read_chunk(format::FileReader& file, std::size_t unit, std::uint64_t rows, format::ChunkReader& chunks,
                  format::Chunk& chunk) {
  STOKER_TRY(chunks.read(file, {unit, file.units()[unit].first_row, rows}, chunk));
  return chunks.complete(file, chunk);
}

}  // namespace

config::Workload reading_workload(const format::Format& format, config::Decode decode) {
  config::Workload workload;
  workload.dataset.format = format.name;
  workload.dataset.parquet.decode = decode;
  return workload;
}

Status read_rows(format::FileReader& file, const RowsToRead& what, const ChunkFunction& take) {
  format::ChunkReader chunks;
  format::Chunk chunk;
  const auto units = file.units();
  for (std::size_t u = 0; u < units.size() && units[u].first_row < what.rows; ++u) {
    if (what.stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
    const std::uint64_t rows = std::min(units[u].rows, what.rows - units[u].first_row);
    Status status = read_chunk(file, u, rows, chunks, chunk);
    if (status.has_value()) {
      status = take(units[u].first_row, chunk);
    }
    if (status.has_value()) continue;
    if (!what.fault) return status;
    STOKER_TRY(what.fault(std::move(status).error()));
  }
  return {};
}

}  // namespace stoker::audit
