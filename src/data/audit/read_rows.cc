#include "data/audit/read_rows.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "data/format/samples.h"

namespace stoker::audit {
namespace {

// A reader remembers files for another visit, and here there is none: after so many bytes of them a new one is cheaper
// than what it remembers. Large files have one each.
constexpr std::uint64_t kBytesPerReader = 4 * kMiB;

config::Workload reading_workload(const format::Format& format, config::Decode decode, std::uint64_t rows,
                                  config::DType dtype) {
  config::Workload workload;
  workload.dataset.format = format.name;
  workload.dataset.record_element_type = dtype;
  workload.dataset.parquet.decode = decode;
  if (rows > 0) workload.dataset.num_samples_per_file = static_cast<std::int64_t>(rows);
  return workload;
}

Status read_chunk(format::FileReader& file, std::size_t unit, std::uint64_t rows, format::ChunkReader& chunks,
                  format::Chunk& chunk) {
  STOKER_TRY(chunks.read(file, {unit, file.units()[unit].first_row, rows}, chunk));
  return chunks.complete(file, chunk);
}

// What its elements are taken for where the file leaves that open.
config::DType element_type(const format::FileInfo& info, const config::Workload* workload) {
  if (workload != nullptr) return workload->dataset.record_element_type;
  if (info.columns.empty()) return config::DType::kUint8;
  return format::element_type(info.columns.front().values, info.columns.front().width).value_or(config::DType::kUint8);
}

}  // namespace

Result<std::unique_ptr<format::FileReader>> RowReader::open(const DataFile& file, const format::FileInfo& info) {
  const config::DType dtype = element_type(info, workload_);
  // A file that does not say how many it has is told what was counted, or what its data set says.
  const std::uint64_t rows = info.rows > 0 ? info.rows : file.rows;
  if (format_ != file.format) chunks_ = {};
  if (reader_ == nullptr || format_ != file.format || rows_ != rows || dtype_ != dtype || bytes_ >= kBytesPerReader) {
    format_ = file.format;
    rows_ = rows;
    dtype_ = dtype;
    bytes_ = 0;
    STOKER_ASSIGN(reader_, format_->make_reader(reading_workload(*format_, decode_, rows_, dtype), storage_));
  }
  bytes_ += info.file_bytes;
  return reader_->open(file.path, nullptr);
}

Status RowReader::read(format::FileReader& file, const RowsToRead& what, const ChunkFunction& take) {
  const auto units = file.units();
  for (std::size_t u = 0; u < units.size() && units[u].first_row < what.rows; ++u) {
    if (what.stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
    const std::uint64_t rows = std::min(units[u].rows, what.rows - units[u].first_row);
    Status status = read_chunk(file, u, rows, chunks_, chunk_);
    if (status.has_value()) {
      status = take(units[u].first_row, chunk_);
    }
    if (status.has_value()) continue;
    if (!what.fault) return status;
    STOKER_TRY(what.fault(std::move(status).error()));
  }
  return {};
}

}  // namespace stoker::audit
