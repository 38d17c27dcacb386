// What a configuration may ask of Parquet files.
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/wire/compressor.h"
#include "data/format/parquet/wire/schema.h"

namespace stoker::format::parquet {

Status validate_parquet(const config::Workload& workload) {
  const config::Dataset& dataset = workload.dataset;
  const config::ParquetOptions& options = dataset.parquet;
  STOKER_TRY(Compressor::make(dataset.compression, dataset.compression_level));
  if (options.row_group_size < 1) {
    return make_error(Code::kConfig, "dataset.parquet.row_group_size: found {}, expected at least 1 row",
                      options.row_group_size);
  }
  if (options.generation_batch_size < 0) {
    return make_error(Code::kConfig,
                      "dataset.parquet.generation_batch_size: found {}, expected 0 (no limit) or more rows",
                      options.generation_batch_size);
  }
  // Of file 0; where samples differ in size between files, the writer looks at each again.
  STOKER_TRY(file_columns(dataset, 0));
  return {};
}

}  // namespace stoker::format::parquet
