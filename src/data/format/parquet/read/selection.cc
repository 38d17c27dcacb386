#include "data/format/parquet/read/selection.h"

#include <algorithm>

#include "config/columns.h"

namespace stoker::format::parquet {

const config::ColumnSpec* Selection::find_spec(std::string_view name) const {
  const auto at = std::ranges::find(specs, name, &config::ColumnSpec::name);
  return at == specs.end() ? nullptr : &*at;
}

Result<Selection> make_selection(const config::Workload& workload) {
  const config::ParquetOptions& options = workload.dataset.parquet;
  Selection selection;
  selection.specs = options.columns;
  if (!workload.storage.columns.empty()) {
    for (const std::string& name : workload.storage.columns) {
      if (std::ranges::find(selection.names, name) == selection.names.end()) selection.names.push_back(name);
    }
    return selection;
  }
  for (const config::ColumnSpec& spec : options.columns) {
    if (spec.read && spec.name != options.partition_by) selection.names.push_back(spec.name);
  }
  if (!options.columns.empty() && selection.names.empty()) {
    Error error =
        make_error(Code::kConfig, "dataset.parquet.columns: none of the {} columns is read", options.columns.size());
    error.hint = "set 'read: true' on at least one column, or name columns in storage.storage_options.columns";
    return error;
  }
  return selection;
}

std::string type_text(const config::ColumnSpec& spec) {
  if (spec.dtype == config::DType::kList) return "list of float32";
  return (config::is_vector(spec) ? "list of " : "") + std::string(config::to_string(spec.dtype));
}

}  // namespace stoker::format::parquet
