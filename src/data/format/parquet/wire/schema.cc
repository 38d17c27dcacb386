#include "data/format/parquet/wire/schema.h"

#include <limits>
#include <unordered_set>

#include "config/sample_geometry.h"

namespace stoker::format::parquet {
namespace {

using config::DType;

constexpr std::int32_t kRequired = 0, kOptional = 1, kRepeated = 2;
constexpr std::int32_t kConvertedUtf8 = 0, kConvertedList = 3;

// What only the element type decides. `converted` is the ConvertedType of old readers, -1 for none; bits the width of
// the integer annotation, 0 for none.
struct TypeRow {
  DType dtype;
  PhysicalType physical;
  Layout layout;
  ValueKind values;
  std::int32_t converted;
  std::int8_t bits;
  bool is_signed;
};

constexpr TypeRow kTypes[] = {
    {DType::kUint8, PhysicalType::kInt32, Layout::kFixed, ValueKind::kUint8In32, 11, 8, false},
    {DType::kUint16, PhysicalType::kInt32, Layout::kFixed, ValueKind::kUint16In32, 12, 16, false},
    {DType::kUint32, PhysicalType::kInt32, Layout::kFixed, ValueKind::kRaw32, 13, 32, false},
    {DType::kUint64, PhysicalType::kInt64, Layout::kFixed, ValueKind::kRaw64, 14, 64, false},
    {DType::kInt8, PhysicalType::kInt32, Layout::kFixed, ValueKind::kInt8In32, 15, 8, true},
    {DType::kInt16, PhysicalType::kInt32, Layout::kFixed, ValueKind::kInt16In32, 16, 16, true},
    {DType::kInt32, PhysicalType::kInt32, Layout::kFixed, ValueKind::kRaw32, -1, 0, true},
    {DType::kInt64, PhysicalType::kInt64, Layout::kFixed, ValueKind::kRaw64, -1, 0, true},
    {DType::kFloat16, PhysicalType::kFixedLenByteArray, Layout::kFixed, ValueKind::kUnitFloat16, -1, 0, true},
    {DType::kFloat32, PhysicalType::kFloat, Layout::kFixed, ValueKind::kUnitFloat32, -1, 0, true},
    {DType::kFloat64, PhysicalType::kDouble, Layout::kFixed, ValueKind::kUnitFloat64, -1, 0, true},
    {DType::kBool, PhysicalType::kBoolean, Layout::kBits, ValueKind::kRaw8, -1, 0, true},
    {DType::kString, PhysicalType::kByteArray, Layout::kStrings, ValueKind::kRaw8, kConvertedUtf8, 0, true},
    {DType::kBinary, PhysicalType::kByteArray, Layout::kBinaries, ValueKind::kRaw8, -1, 0, true},
    {DType::kList, PhysicalType::kFloat, Layout::kFixed, ValueKind::kUnitFloat32, -1, 0, true},
};

const TypeRow* find_type(DType dtype) {
  for (const TypeRow& row : kTypes) {
    if (row.dtype == dtype) return &row;
  }
  return nullptr;
}

// Values of one row that a page header or a length field can count, with room for levels beside them.
constexpr std::int64_t kMaxRowBytes = std::numeric_limits<std::int32_t>::max() - 4096;

void write_leaf(ThriftWriter& w, const Column& column, std::string_view name) {
  const TypeRow& type = *find_type(column.dtype);
  w.begin_struct();
  w.i32(1, static_cast<std::int32_t>(type.physical));
  if (type.physical == PhysicalType::kFixedLenByteArray) w.i32(2, 2);
  w.i32(3, column.optional ? kOptional : kRequired);
  w.binary(4, name);
  if (type.converted >= 0) w.i32(6, type.converted);
  if (type.bits > 0) {
    w.field_struct(10);
    w.field_struct(10);  // LogicalType.INTEGER
    w.i8(1, type.bits);
    w.boolean(2, type.is_signed);
    w.end_struct();
    w.end_struct();
  } else if (column.dtype == DType::kString || column.dtype == DType::kFloat16) {
    w.field_struct(10);
    w.empty_struct(column.dtype == DType::kString ? 1 : 15);  // LogicalType.STRING, LogicalType.FLOAT16
    w.end_struct();
  }
  w.end_struct();
}

}  // namespace

Result<Column> make_column(const config::ColumnSpec& spec, std::uint64_t index, bool dictionary) {
  const auto refuse = [&](std::string_view what, std::string_view hint) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.parquet.columns: column '{}' ({}, size {}): {}", spec.name,
                                        config::to_string(spec.dtype), spec.size, what),
                 .hint = std::string(hint)};
  };
  const TypeRow* const type = find_type(spec.dtype);
  if (type == nullptr) {
    return refuse("Parquet has no type for it",
                  "use uint8 to uint64, int8 to int64, float16, float32, float64, bool, string, binary or list");
  }
  const bool vector = config::is_vector(spec);
  const bool sized = spec.dtype != DType::kString && spec.dtype != DType::kBool;
  if (sized && spec.size < 1) return refuse("the size must be at least 1", "");
  if (sized && spec.size > kMaxRowBytes) {
    return refuse(fmt::format("the size may be at most {}", kMaxRowBytes), "split it over several columns");
  }

  Column column;
  column.name = spec.name;
  column.dtype = spec.dtype;
  column.physical = type->physical;
  column.layout = type->layout;
  column.values = type->values;
  column.optional = dictionary;
  column.stream = index;
  column.levels.repeated = vector;
  column.levels.elements_per_row = vector ? static_cast<std::uint64_t>(spec.size) : 1;
  // One level for each OPTIONAL or REPEATED node on the path: the list itself, its repeated group, its element.
  column.levels.max_definition_level =
      static_cast<std::uint8_t>((dictionary ? 1 : 0) + (vector ? (dictionary ? 2 : 1) : 0));
  if (spec.dtype == DType::kBinary) column.binary_bytes = static_cast<std::uint64_t>(spec.size);
  const bool one_byte = spec.dtype == DType::kUint8 || spec.dtype == DType::kInt8;
  if (one_byte && (vector || dictionary)) {
    column.dictionary = Dictionary::kBytes;
  } else if (dictionary && spec.dtype != DType::kBool) {  // as other writers do, booleans have none
    column.dictionary = Dictionary::kAdaptive;
  }
  return column;
}

Result<std::vector<Column>> file_columns(const config::Dataset& dataset, std::uint64_t g) {
  const std::vector<config::ColumnSpec> specs = config::parquet_columns(dataset, g);
  const std::string& partition = dataset.parquet.partition_by;
  std::unordered_set<std::string_view> names;
  std::vector<Column> columns;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name.empty()) {
      return make_error(Code::kConfig, "dataset.parquet.columns: column {} has an empty name", i);
    }
    if (!names.insert(specs[i].name).second) {
      return make_error(Code::kConfig, "dataset.parquet.columns: column '{}' is given twice", specs[i].name);
    }
    if (specs[i].name == partition) continue;
    STOKER_ASSIGN(Column column, make_column(specs[i], i, dataset.parquet.dictionary));
    columns.push_back(std::move(column));
  }
  if (!partition.empty() && !names.contains(partition)) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.parquet.partition_by: found '{}', expected a column of "
                                        "dataset.parquet.columns",
                                        partition),
                 .hint = "add the column, or remove partition_by"};
  }
  if (columns.empty()) {
    return Error{
        .code = Code::kConfig,
        .message = fmt::format("dataset.parquet.partition_by: '{}' is the only column, so nothing would be left "
                               "in the files",
                               partition),
        .hint = "add a second column"};
  }
  return columns;
}

void write_schema(ThriftWriter& w, std::int16_t id, std::span<const Column> columns) {
  std::size_t elements = 1;
  for (const Column& c : columns) elements += c.levels.repeated ? 3 : 1;
  w.list(id, ThriftWriter::Type::kStruct, elements);
  w.begin_struct();
  w.i32(3, kRequired);
  w.binary(4, "schema");
  w.i32(5, static_cast<std::int32_t>(columns.size()));
  w.end_struct();
  for (const Column& c : columns) {
    if (!c.levels.repeated) {
      write_leaf(w, c, c.name);
      continue;
    }
    w.begin_struct();
    w.i32(3, c.optional ? kOptional : kRequired);
    w.binary(4, c.name);
    w.i32(5, 1);
    w.i32(6, kConvertedList);
    w.field_struct(10);
    w.empty_struct(3);  // LogicalType.LIST
    w.end_struct();
    w.end_struct();
    w.begin_struct();
    w.i32(3, kRepeated);
    w.binary(4, "list");
    w.i32(5, 1);
    w.end_struct();
    write_leaf(w, c, "element");
  }
}

std::vector<std::string_view> leaf_path(const Column& column) {
  if (column.levels.repeated) return {column.name, "list", "element"};
  return {column.name};
}

}  // namespace stoker::format::parquet
