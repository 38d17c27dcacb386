#include <algorithm>
#include <unordered_set>

#include "config/sample_geometry.h"
#include "format/parquet/compressor.h"
#include "format/parquet/parquet_internal.h"
#include "format/parquet/schema.h"

namespace stoker::format::parquet {
namespace {

// A column whose values can name a folder: one integer, string or bool per row.
bool can_partition(const config::ColumnSpec& column) {
  using config::DType;
  switch (column.dtype) {
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
    case DType::kUint64:
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64: return !config::is_vector(column);
    case DType::kString:
    case DType::kBool: return true;
    default: return false;
  }
}

Status check_partition(const std::vector<config::ColumnSpec>& columns, const std::string& name) {
  const auto found = std::ranges::find(columns, name, &config::ColumnSpec::name);
  if (found == columns.end()) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format(
                     "dataset.parquet.partition_by: there is no column '{}' in dataset.parquet.columns", name),
                 .hint = "name one of the columns, or leave the key out"};
  }
  if (!can_partition(*found)) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format(
                     "dataset.parquet.partition_by: column '{}' is {} (size {}); a partition column holds one "
                     "integer, string or bool per row",
                     name, config::to_string(found->dtype), found->size),
                 .hint = "choose another column"};
  }
  if (columns.size() == 1) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format(
                     "dataset.parquet.partition_by: column '{}' is the only one, and a partition column is left out "
                     "of the files, so that nothing would remain",
                     name),
                 .hint = "add a column to dataset.parquet.columns"};
  }
  return {};
}

}  // namespace

Status validate_parquet(const config::Workload& workload) {
  const config::Dataset& dataset = workload.dataset;
  const config::ParquetOptions& options = dataset.parquet;
  STOKER_TRY(Compressor::make(dataset.compression, dataset.compression_level));
  if (options.row_group_size < 1) {
    return make_error(Code::kConfig, "dataset.parquet.row_group_size: {} rows; a row group has at least 1",
                      options.row_group_size);
  }
  if (options.generation_batch_size < 0) {
    return make_error(Code::kConfig, "dataset.parquet.generation_batch_size: {} rows; 0 (no limit) is the least",
                      options.generation_batch_size);
  }

  // Of file 0; where samples differ in size between files, the writer looks at each again.
  const std::vector<config::ColumnSpec> columns = config::parquet_columns(dataset, 0);
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name.empty()) {
      return make_error(Code::kConfig, "dataset.parquet.columns: column {} has an empty name", i);
    }
    if (!names.insert(columns[i].name).second) {
      return make_error(Code::kConfig, "dataset.parquet.columns: column '{}' is given twice", columns[i].name);
    }
    STOKER_TRY(make_column(columns[i], i, options.dictionary));
  }
  if (!options.partition_by.empty()) STOKER_TRY(check_partition(columns, options.partition_by));
  return {};
}

}  // namespace stoker::format::parquet
