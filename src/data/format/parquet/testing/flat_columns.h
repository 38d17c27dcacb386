// Whole files as plain columns, read by this reader and by Arrow's low-level one, for comparison.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::format::parquet::testing {

// One leaf column of a file: all levels, all values that are there, one behind the other.
struct FlatColumn {
  std::string name;
  std::uint32_t width = 0;
  std::vector<std::int16_t> definition, repetition;
  std::vector<std::byte> values;
  std::vector<std::uint32_t> lengths;
  friend bool operator==(const FlatColumn&, const FlatColumn&) = default;
};

// Says where two lists of columns differ first; empty when they do not.
[[nodiscard]] std::string difference(const std::vector<FlatColumn>& expected, const std::vector<FlatColumn>& actual);

// Arrow's ColumnReader::ReadBatch over the whole file, 8 and 16 bit types narrowed. `names`: dotted paths or table
// fields; empty: all leaves. Code::kCorrupt with Arrow's words where it refuses the file.
[[nodiscard]] Result<std::vector<FlatColumn>> read_with_arrow(Bytes file, const std::vector<std::string>& names = {});
// Whether parquet::arrow makes a table of it.
[[nodiscard]] Status read_table_with_arrow(Bytes file);

// This reader, unit by unit. `pieces` cuts a unit's rows into what is asked for at a time (all at once when null);
// `complete`: all columns, also at decode depth `arrow`.
struct ReadOptions {
  std::function<std::vector<std::uint64_t>(const Unit&)> pieces;
  bool complete = false;
};
// `rows` at a time, and what remains of a unit.
[[nodiscard]] std::function<std::vector<std::uint64_t>(const Unit&)> pieces_of(std::uint64_t rows);
[[nodiscard]] Result<std::vector<FlatColumn>> read_with_stoker(io::Storage& storage, const io::Path& path,
                                                               const config::Workload& workload,
                                                               const ReadOptions& options = {});
// The columns of an open file.
[[nodiscard]] Result<std::vector<FlatColumn>> read_units(FileReader& file, const ReadOptions& options = {});
// Appends one chunk; writes out levels that the view leaves out.
void append_chunk(const Chunk& chunk, std::vector<FlatColumn>& columns);

}  // namespace stoker::format::parquet::testing
