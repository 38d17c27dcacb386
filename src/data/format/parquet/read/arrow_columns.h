// From Arrow's arrays to the columns that decode depth `arrays` makes of the same file: levels, and values in the
// column's own type. For comparing the two; copies every value.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/format/format.h"
#include "data/format/parquet/wire/leaf.h"

namespace arrow {
class Table;
}
namespace parquet::arrow {
struct SchemaManifest;
}

namespace stoker::format::parquet {

// Keeps the memory of the columns it made last. Not for sharing between threads.
class ArrowColumns {
 public:
  // `table` was read with the columns of `leaves`, by a reader that has this manifest. `out` becomes one view per leaf,
  // in their order, valid until the next call. Decimals of variable length come in 16 or 32 bytes each, whatever the
  // file spends on them. Code::kUnsupported names a type of Arrow's that no column of a Parquet file should become.
  Status make(const ::arrow::Table& table, const ::parquet::arrow::SchemaManifest& manifest,
              std::span<const Leaf> leaves, std::vector<ColumnView>& out);

 private:
  std::vector<std::vector<std::byte>> values_;  // of each leaf
};

}  // namespace stoker::format::parquet
