// Compares one decoded column with the generator's stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/format/format.h"
#include "data/format/parquet/wire/schema.h"

namespace stoker::format::parquet {

// The first place where a column is not what the writer wrote.
struct Difference {
  std::uint64_t row = 0;      // of the chunk
  std::uint64_t element = 0;  // of the row: of a list, or the byte of a binary
  std::string found, expected;
};

// Generates the stream again, a block at a time, and compares the block with where the values lie: nothing is done per
// value unless it is a string. Keeps its memory; not for sharing between threads.
class ColumnChecker {
 public:
  ColumnChecker();

  // `view` holds `rows` rows of `column`, of which the first is row `first_row` of the file whose stream has `key`.
  // Nothing when each value is the generator's.
  [[nodiscard]] std::optional<Difference> check(const Column& column, std::uint64_t key, std::uint64_t first_row,
                                                std::uint64_t rows, const ColumnView& view);

 private:
  [[nodiscard]] std::optional<Difference> check_fixed(const Column& column, std::uint64_t key, std::uint64_t first_row,
                                                      const ColumnView& view);
  [[nodiscard]] std::optional<Difference> check_binaries(const Column& column, std::uint64_t key,
                                                         std::uint64_t first_row, const ColumnView& view);
  [[nodiscard]] std::optional<Difference> check_strings(std::uint64_t key, std::uint64_t first_row,
                                                        const ColumnView& view);

  std::vector<std::byte> block_, bits_;
  std::vector<std::uint32_t> lengths_;  // of the strings in block_
};

// Bytes of one element as views have it: 8 and 16 bit types are not widened, booleans are bytes, 0 for byte arrays.
[[nodiscard]] std::uint32_t view_width(const Column&);

}  // namespace stoker::format::parquet
