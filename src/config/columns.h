// Element types and the columns of a tabular data set: what data set sizing and the Parquet format both need.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stoker::config {

// numpy's names, and the three of dataset.parquet.columns that numpy does not have. `kList` is float32 with `size`
// elements, always a list even for size 1.
enum class DType {
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat16,
  kFloat32,
  kFloat64,
  kBool,
  kComplex64,
  kComplex128,
  kString,
  kBinary,
  kList
};

// Bytes of one element; kString: 12, what a generated one takes on average (spec: workload 4.1); kBinary: 1; kList: 4.
[[nodiscard]] std::uint64_t element_bytes(DType);
[[nodiscard]] std::string_view to_string(DType);
[[nodiscard]] std::optional<DType> parse_dtype(std::string_view name);

struct ColumnSpec {
  std::string name = "data";
  DType dtype = DType::kFloat32;
  std::int64_t size = 1;  // elements per row; bytes per row for kBinary; ignored for kString and kBool
  bool read = true;
  friend bool operator==(const ColumnSpec&, const ColumnSpec&) = default;
};

// True when a row of the column is a list of `size` elements (size > 1 of a numeric type, or dtype list).
[[nodiscard]] bool is_vector(const ColumnSpec&);
// Bytes of one row of the column, as results count them.
[[nodiscard]] std::uint64_t row_bytes(const ColumnSpec&);
[[nodiscard]] std::uint64_t row_bytes(std::span<const ColumnSpec>);
// The same over the columns that are read.
[[nodiscard]] std::uint64_t read_row_bytes(std::span<const ColumnSpec>);

}  // namespace stoker::config
