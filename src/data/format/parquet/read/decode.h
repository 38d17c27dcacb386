// From the pages of a column to its ColumnView: the rows asked for, in the column's own type, without a copy where the
// encoding allows.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "data/format/arena.h"
#include "data/format/format.h"
#include "data/format/parquet/read/arrow_values.h"
#include "data/format/parquet/read/dictionary_table.h"
#include "data/format/parquet/read/page_cuts.h"

namespace stoker::format::parquet {

// Decodes columns one after the other; keeps its memory. Not for sharing between threads.
class ColumnDecoder {
 public:
  // Values that are no views of the pages go to `arena`. `out` is overwritten, its vectors are reused.
  Status decode(const ColumnInput& in, Arena& arena, ColumnView& out);

 private:
  Status decode_cut(const ColumnInput& in, const PageCut& cut, Arena& arena, ColumnView& out);
  Status decode_indices(const ColumnInput& in, const PageCut& cut, Arena& arena, ColumnView& out);
  Status decode_texts(const PageCut& cut, Arena& arena, ColumnView& out);
  // Room for the cut's values, right behind that of the cut before.
  MutBytes take_room(const PageCut& cut, const ColumnView& out);

  PageCuts cuts_;
  std::vector<DictionaryTable::Text> texts_;
  DictionaryTable dictionary_;
  bool dictionary_built_ = false;  // of this column
  MutBytes room_;                  // what is left for fixed-width values that are no views
  ArrowValues arrow_;
};

}  // namespace stoker::format::parquet
