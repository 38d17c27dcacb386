// How a configured column becomes a Parquet column (docs/formats.md, "Columns").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/columns.h"
#include "config/workload.h"
#include "data/format/parquet/wire/levels.h"
#include "data/format/parquet/wire/thrift_writer.h"
#include "data/format/values.h"

namespace stoker::format::parquet {

// parquet.thrift's numbers.
enum class PhysicalType : std::int32_t {
  kBoolean = 0,
  kInt32 = 1,
  kInt64 = 2,
  kFloat = 4,
  kDouble = 5,
  kByteArray = 6,
  kFixedLenByteArray = 7
};
enum class Encoding : std::int32_t { kPlain = 0, kRle = 3, kRleDictionary = 8 };

// How the elements of a column look in PLAIN.
enum class Layout : std::uint8_t { kFixed, kBits, kStrings, kBinaries };

// Which dictionary a column has.
enum class Dictionary : std::uint8_t {
  kNone,
  kBytes,     // 256 entries in the order of their byte pattern: the indices are the values
  kAdaptive,  // made of the values of each row group, up to a limit; PLAIN pages follow beyond it
};

struct Column {
  std::string name;
  config::DType dtype = config::DType::kFloat32;
  PhysicalType physical = PhysicalType::kFloat;
  Layout layout = Layout::kFixed;
  ValueKind values = ValueKind::kUnitFloat32;  // kFixed only
  Dictionary dictionary = Dictionary::kNone;
  bool optional = false;           // fields are OPTIONAL (but no value is null)
  std::uint64_t binary_bytes = 0;  // kBinaries: bytes of each value
  LevelShape levels;               // with the list's shape, if it is one
  std::uint64_t stream = 0;        // index in the configuration: names the column's value stream

  [[nodiscard]] std::uint64_t elements_per_row() const { return levels.elements_per_row; }
};

// Column `index` of the configuration. Code::kConfig for what a Parquet file of ours cannot hold: complex types, sizes
// below 1 or beyond Parquet's 32-bit counts.
[[nodiscard]] Result<Column> make_column(const config::ColumnSpec&, std::uint64_t index, bool dictionary);

// The columns that file g holds: those of the configuration (or the single column `data`) without the partition column,
// whose value is told by the name of the file's folder. Code::kConfig as make_column, and when names repeat or no
// column remains.
[[nodiscard]] Result<std::vector<Column>> file_columns(const config::Dataset&, std::uint64_t g);

// The list of SchemaElements, root first, as field `id` of the open struct.
void write_schema(ThriftWriter&, std::int16_t id, std::span<const Column>);
// The path of the column's leaf from the root.
[[nodiscard]] std::vector<std::string_view> leaf_path(const Column&);

// The value of the footer key "ARROW:schema": Arrow's schema in its IPC form, in base64. It is what tells a reader that
// a list has a fixed size.
[[nodiscard]] Result<std::string> arrow_schema_value(std::span<const Column>);

}  // namespace stoker::format::parquet
