// The columns of a file, as all of its readers see them: by name and type, whatever their order and however their nulls
// are stored. Files of one data set have the same. How long lists are is not in it: samples of one data set may differ
// in size (dataset.record_length_bytes_stdev).
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/thread_annotations.h"
#include "data/format/format.h"

namespace stoker::format::parquet {

// `schema_footer` is a footer of the schema and no row groups. A column of one leaf goes by its own name, the leaves of
// a nested one by their dotted paths.
[[nodiscard]] Result<std::vector<NamedColumn>> named_columns(Bytes schema_footer);

// FileReader::columns() of schemas. Files of one writer have the same bytes there, so each distinct text is looked at
// once and remembered, up to a few hundred of them. Safe from many threads.
class ColumnNumbers {
 public:
  [[nodiscard]] Result<std::uint64_t> of(Bytes schema_footer);

 private:
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::uint64_t> known_ GUARDED_BY(mutex_);
};

}  // namespace stoker::format::parquet
