// Writes a file row group by row group, each column by column, each page by page. Values come from values.h and are
// generated where they will lie, so memory is one write buffer and at most one page, whatever the size of a row group.
#include <algorithm>

#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/write/metadata_writer.h"
#include "data/format/parquet/write/page_writer.h"

namespace stoker::format::parquet {
namespace {

class ParquetWriter final : public FileWriter {
 public:
  ParquetWriter(const config::Dataset& dataset, Compressor compressor)
      : dataset_(dataset), pages_(std::move(compressor), dataset_.parquet.page_checksums) {}

  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    STOKER_ASSIGN(const std::vector<Column> columns, file_columns(dataset_, spec.index));
    const auto group_rows = static_cast<std::uint64_t>(dataset_.parquet.row_group_size);
    STOKER_TRY(check_shape(columns, spec.rows, group_rows));
    STOKER_ASSIGN(const std::string arrow_schema, arrow_schema_value(columns));
    out_.begin(file);
    metadata_.begin(columns, pages_.parquet_codec());
    STOKER_TRY(out_.put(std::as_bytes(std::span(kMagic))));

    for (std::uint64_t row = 0; row < spec.rows; row += group_rows) {
      const std::uint64_t rows = std::min(group_rows, spec.rows - row);
      for (const Column& column : columns) {
        const std::uint64_t key = column_key(spec.index, column.stream);
        STOKER_ASSIGN(const ChunkInfo info, pages_.write(column, key, row, rows, out_, locations_, stop));
        metadata_.add_chunk(info, locations_);
      }
      metadata_.end_row_group(rows);
    }
    STOKER_TRY(metadata_.finish(arrow_schema, out_.position(), out_));
    return out_.finish();
  }

 private:
  config::Dataset dataset_;
  PageWriter pages_;
  OutputBuffer out_;
  MetadataWriter metadata_;
  std::vector<PageLocation> locations_;
};

}  // namespace

Result<std::unique_ptr<FileWriter>> make_parquet_writer(const config::Workload& workload) {
  STOKER_TRY(validate_parquet(workload));
  STOKER_ASSIGN(Compressor compressor,
                Compressor::make(workload.dataset.compression, workload.dataset.compression_level));
  return std::unique_ptr<FileWriter>(std::make_unique<ParquetWriter>(workload.dataset, std::move(compressor)));
}

std::optional<std::string> parquet_codec_library(const config::Workload& workload) {
  const auto compressor = Compressor::make(workload.dataset.compression, workload.dataset.compression_level);
  return compressor ? compressor->library() : std::nullopt;
}

}  // namespace stoker::format::parquet
