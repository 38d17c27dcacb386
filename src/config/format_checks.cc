#include "config/format_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/did_you_mean.h"
#include "base/error_number.h"

namespace stoker::config {
namespace {

Status check_partition(const ParquetOptions& p) {
  if (p.partition_by.empty()) return {};
  const auto column = std::ranges::find(p.columns, p.partition_by, &ColumnSpec::name);
  if (column == p.columns.end()) {
    std::vector<std::string_view> names;
    for (const ColumnSpec& c : p.columns) names.push_back(c.name);
    return refuse(
        fmt::format("dataset.parquet.partition_by: found '{}', expected a column of dataset.parquet.columns{}",
                    p.partition_by, did_you_mean_text(p.partition_by, names)),
        "add the column, or remove partition_by");
  }
  const DType t = column->dtype;
  const bool fits =
      t == DType::kString || t == DType::kBool || (t >= DType::kUint8 && t <= DType::kInt64 && !is_vector(*column));
  if (!fits) {
    return refuse(
        fmt::format("dataset.parquet.partition_by: column '{}' is {}{}, expected a single integer, a string or a bool",
                    p.partition_by, to_string(t), is_vector(*column) ? " (a list)" : ""),
        "choose another column");
  }
  if (p.columns.size() == 1) {
    return refuse(
        fmt::format("dataset.parquet.partition_by: '{}' is the only column, so nothing would be left in the files",
                    p.partition_by),
        "add a second column");
  }
  return {};
}

}  // namespace

Error refuse(std::string message, std::string hint) {
  return Error{.code = Code::kConfig,
               .message = std::move(message),
               .hint = std::move(hint),
               .number = ErrorNumber::kIncompatible};
}

Status check_image(const Workload& w) {
  const Dataset& d = w.dataset;
  if (d.record_dims.size() <= 2) return {};
  return refuse(
      fmt::format("dataset.format {}: dataset.record_dims has more than 2 dimensions: found {}, expected at most 2",
                  to_string(d.format), d.record_dims.size()),
      "give two dimensions, or use another format");
}

Status check_hdf5(const Workload& w) {
  const Dataset& d = w.dataset;
  const std::int64_t parts = d.hdf5.num_dset_per_record;
  if (parts <= 1) return {};
  if (d.record_dims.empty()) {
    return refuse(fmt::format("dataset.hdf5.num_dset_per_record: found {}, but dataset.record_dims is empty", parts),
                  "give the shape of a record in dataset.record_dims");
  }
  if (d.record_dims.front() % parts != 0) {
    return refuse(fmt::format("dataset.record_dims: the first dimension, {}, is not a multiple of "
                              "dataset.hdf5.num_dset_per_record, {}",
                              d.record_dims.front(), parts),
                  "choose a divisor of the first dimension");
  }
  return {};
}

Status check_parquet(const Workload& w) {
  const ParquetOptions& p = w.dataset.parquet;
  if (!p.columns.empty()) {
    std::vector<std::string_view> names;
    for (const ColumnSpec& c : p.columns) names.push_back(c.name);
    for (const std::string& wanted : w.storage.columns) {
      if (std::ranges::find(names, wanted) == names.end()) {
        return refuse(fmt::format("storage.storage_options.columns: no column '{}' in dataset.parquet.columns{}",
                                  wanted, did_you_mean_text(wanted, names)),
                      "name columns of the data set");
      }
    }
    const bool none = w.storage.columns.empty() && std::ranges::none_of(p.columns, &ColumnSpec::read);
    if (none) {
      return refuse(fmt::format("dataset.parquet.columns: {} read: False",
                                p.columns.size() == 1 ? std::string("the only column has")
                                                      : fmt::format("all {} columns have", p.columns.size())),
                    "set read: True on the columns that training needs");
    }
  }
  return check_partition(p);
}

}  // namespace stoker::config
