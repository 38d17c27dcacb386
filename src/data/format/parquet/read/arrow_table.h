// Decode depth `arrow`: a row group, or a part of one, through parquet::arrow, as a user of pyarrow reads it, except
// that the bytes have been fetched before.
//
// Arrow begins a row group at its first row. Of one that is cut (FileIndex::cut) it is shown, column by column, a chunk
// that consists of the wanted pages only, behind its dictionary page: each column begins at another row, and ends with
// the pages. That is why the pages must begin with a row, and a field of the table must have one column.
#pragma once

#include <memory>
#include <span>

#include "base/status.h"
#include "data/format/format.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/pages.h"

namespace stoker::format::parquet {

// One worker's reader; keeps Arrow's view of the file it read last. Not for sharing between threads.
class ArrowTableReader {
 public:
  ArrowTableReader();
  ~ArrowTableReader();
  ArrowTableReader(const ArrowTableReader&) = delete;
  ArrowTableReader& operator=(const ArrowTableReader&) = delete;

  // Rows `wanted` of a row group, from what was fetched of each leaf of the index. Sets chunk.useful_bytes and, for
  // columns without nesting other than fixed-size lists and without nulls, chunk.columns: views that are valid until
  // the next call. `verify_checksums`: of pages whose headers have one; the same in all calls.
  Status read(const std::shared_ptr<const FileIndex>& index, std::uint32_t group, RowRange wanted,
              std::span<const ColumnPagesHeld> columns, bool verify_checksums, Chunk& chunk);
  // All columns of the chunk that was read last, as decode depth `arrays` has them.
  Status complete(Chunk& chunk);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stoker::format::parquet
