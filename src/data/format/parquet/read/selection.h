// Which columns a workload reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/workload.h"

namespace stoker::format::parquet {

struct Selection {
  std::vector<std::string> names;         // of table fields or paths of leaves; empty: every column of the file
  std::vector<config::ColumnSpec> specs;  // what is configured about them; a name need not have one

  [[nodiscard]] const config::ColumnSpec* find_spec(std::string_view name) const;
};

// storage_options.columns where given, else the columns of dataset.parquet.columns that have `read`, without the column
// that partitions the data set (its value stands in the path, not in the file). Code::kConfig when columns are
// configured and none is read.
[[nodiscard]] Result<Selection> make_selection(const config::Workload&);

// The configured type as the reader names types: "int8", "list of float32".
[[nodiscard]] std::string type_text(const config::ColumnSpec&);

}  // namespace stoker::format::parquet
