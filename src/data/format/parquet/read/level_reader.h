// Definition and repetition levels: which values of a page are there, and where its rows begin.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/read/pages.h"
#include "data/format/parquet/wire/leaf.h"

namespace stoker::format::parquet {

// The levels of one kind of one page.
struct LevelStream {
  Bytes bytes;
  bool legacy = false;  // BIT_PACKED, which writers gave up in 2014: no runs, highest bit first
};

// A page, taken apart.
struct PageParts {
  LevelStream repetition, definition;  // empty where the column has no such levels
  Bytes values;
};

[[nodiscard]] Result<PageParts> split_page(const DataPage& page, const Leaf& leaf);

// True when the first `count` levels are all `level`. Looks at runs, not at levels, so it costs next to nothing in the
// usual case of one run.
[[nodiscard]] bool all_levels_are(const LevelStream& stream, std::int16_t max_level, std::int16_t level,
                                  std::uint64_t count);

// True when the first `count` repetition levels (0 or 1) are those of lists of exactly `list_size` elements, of which
// the first one already has `phase` elements before these. phase < list_size.
[[nodiscard]] bool lists_are_uniform(const LevelStream& stream, std::uint64_t list_size, std::uint64_t phase,
                                     std::uint64_t count);

// Decodes out.size() levels; Code::kCorrupt when there are fewer or one is above max_level.
Status decode_levels(const LevelStream& stream, std::int16_t max_level, std::span<std::int16_t> out);

}  // namespace stoker::format::parquet
