// The schema of a file, through Arrow.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/selection.h"
#include "data/format/parquet/wire/leaf.h"

namespace stoker::format::parquet {

struct FileSchema {
  std::vector<Leaf> leaves;      // the selected ones, in the file's order
  std::uint32_t leaf_count = 0;  // of the whole file
  std::string type_difference;   // of the selected columns, against Selection::specs
};

// `footer` is a FileMetaData; its row groups may have been left out. Code::kConfig lists all selected columns that the
// file does not have, and those it has.
[[nodiscard]] Result<FileSchema> read_schema(Bytes footer, const Selection& selection);

// True when the program of that name wrote chunk sizes that lack the dictionary page's header (PARQUET-816).
[[nodiscard]] bool writes_short_chunks(const std::string& created_by);

// Sets Leaf::list_size of the list columns whose Arrow schema has fixed-size lists. `footer` as above, with the value
// of its ARROW:schema key given apart. Best effort: a schema that Arrow cannot read promises nothing.
void promise_fixed_lists(Bytes footer, const std::string& arrow_schema, std::vector<Leaf>& leaves);

// The whole footer as Arrow has it, for decode depth `arrow`.
[[nodiscard]] Result<std::shared_ptr<::parquet::FileMetaData>> read_arrow_metadata(Bytes footer);

}  // namespace stoker::format::parquet
