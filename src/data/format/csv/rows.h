// Lines of numbers as arrays of one type. What lines may look like: docs/formats.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "config/columns.h"
#include "data/format/arena.h"

namespace stoker::format::csv {

// Counts the lines of a text that comes in pieces. Empty ones at its end do not count.
class RowCounter {
 public:
  void add(std::string_view piece);
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  std::uint64_t ended_ = 0;  // line feeds so far
  std::uint64_t rows_ = 0;   // up to the last one that is not empty
};

struct WantedRows {
  config::DType dtype = config::DType::kUint8;
  std::uint64_t first = 0, count = 0;
  std::uint64_t in_file = 0;
};

struct ParsedRows {
  MutBytes values;           // row after row, each with as many values as the first line of the file has
  std::uint64_t fields = 0;  // of a line
};

// The wanted rows of a file's whole text, behind which kReadSlack bytes may be looked at. Errors without the file's
// path: Code::kCorrupt with line, field, what was found and what expected.
[[nodiscard]] Result<ParsedRows> parse_rows(std::string_view text, const WantedRows& wanted, Arena& arena);

// The type that values of a file whose text says no more are taken for, and the shape: int64, uint64, float64 or bool,
// the first of these that all of its values have. Code::kCorrupt where there is none.
struct TextShape {
  config::DType dtype = config::DType::kInt64;
  std::uint64_t rows = 0, fields = 0;
};
[[nodiscard]] Result<TextShape> shape_of(std::string_view text);

}  // namespace stoker::format::csv
