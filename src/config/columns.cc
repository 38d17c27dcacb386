#include "config/columns.h"

#include <array>
#include <utility>

namespace stoker::config {
namespace {

struct TypeRow {
  DType dtype;
  std::string_view name;
  std::uint64_t bytes;
};

// A generated string is "s_" and the decimal digits of a uniform number below 2^31: 12 bytes on average.
constexpr std::array kTypes = {
    TypeRow{DType::kUint8, "uint8", 1},         TypeRow{DType::kUint16, "uint16", 2},
    TypeRow{DType::kUint32, "uint32", 4},       TypeRow{DType::kUint64, "uint64", 8},
    TypeRow{DType::kInt8, "int8", 1},           TypeRow{DType::kInt16, "int16", 2},
    TypeRow{DType::kInt32, "int32", 4},         TypeRow{DType::kInt64, "int64", 8},
    TypeRow{DType::kFloat16, "float16", 2},     TypeRow{DType::kFloat32, "float32", 4},
    TypeRow{DType::kFloat64, "float64", 8},     TypeRow{DType::kBool, "bool", 1},
    TypeRow{DType::kComplex64, "complex64", 8}, TypeRow{DType::kComplex128, "complex128", 16},
    TypeRow{DType::kString, "string", 12},      TypeRow{DType::kBinary, "binary", 1},
    TypeRow{DType::kList, "list", 4},
};

constexpr bool rows_follow_the_enumeration() {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (static_cast<std::size_t>(kTypes[i].dtype) != i) return false;
  }
  return true;
}
static_assert(rows_follow_the_enumeration());

const TypeRow& row_of(DType dtype) {
  return kTypes[static_cast<std::size_t>(dtype)];
}

}  // namespace

std::uint64_t element_bytes(DType dtype) {
  return row_of(dtype).bytes;
}

std::string_view to_string(DType dtype) {
  return row_of(dtype).name;
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

bool is_vector(const ColumnSpec& column) {
  switch (column.dtype) {
    case DType::kList: return true;
    case DType::kString:
    case DType::kBinary:
    case DType::kBool: return false;
    default: return column.size > 1;
  }
}

std::uint64_t row_bytes(const ColumnSpec& column) {
  const bool sized = column.dtype != DType::kString && column.dtype != DType::kBool;
  return element_bytes(column.dtype) * (sized ? static_cast<std::uint64_t>(column.size) : 1);
}

std::uint64_t row_bytes(std::span<const ColumnSpec> columns) {
  std::uint64_t sum = 0;
  for (const ColumnSpec& column : columns) sum += row_bytes(column);
  return sum;
}

std::uint64_t read_row_bytes(std::span<const ColumnSpec> columns) {
  std::uint64_t sum = 0;
  for (const ColumnSpec& column : columns) sum += column.read ? row_bytes(column) : 0;
  return sum;
}

}  // namespace stoker::config
