// Decode depth `arrow`: a row group through parquet::arrow, as a user of pyarrow reads it, except that the bytes have
// been fetched before.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "format/format.h"
#include "format/parquet/fetch_plan.h"
#include "format/parquet/file_index.h"
#include "format/parquet/pages.h"

namespace stoker::format::parquet {

// One worker's reader; keeps Arrow's view of the file it read last. Not for sharing between threads.
class ArrowTableReader {
 public:
  ArrowTableReader();
  ~ArrowTableReader();
  ArrowTableReader(const ArrowTableReader&) = delete;
  ArrowTableReader& operator=(const ArrowTableReader&) = delete;

  // Rows `wanted` of a row group, from bytes that lie in `stored` as `plan` says. Sets chunk.useful_bytes and, for
  // columns without nesting other than fixed-size lists and without nulls, chunk.columns: views that are valid until
  // the next call. `verify_checksums`: of pages whose headers have one; the same in all calls.
  Status read(const std::shared_ptr<const FileIndex>& index, std::uint32_t group, RowRange wanted,
              const FetchPlan& plan, Bytes stored, bool verify_checksums, Chunk& chunk);
  // All columns of the chunk that was read last, as decode depth `arrays` has them.
  Status complete(Chunk& chunk);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stoker::format::parquet
