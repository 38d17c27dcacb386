// What a file says of itself, without its values: schema, row groups, and how the columns are stored. Names and texts
// are as they stand in the file: print them through base/printable.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoker::format {

enum class Repetition : std::uint8_t { kRequired, kOptional, kRepeated };

// A node of the schema, in depth-first order.
struct SchemaNode {
  std::string name;
  std::uint32_t depth = 0;  // 0: a field of the table
  Repetition repetition = Repetition::kRequired;
  std::string physical;  // how its values are stored ("INT32"); empty for a group
  std::string logical;   // what they mean ("Int(bitWidth=8, isSigned=true)"); empty: nothing is said
  friend bool operator==(const SchemaNode&, const SchemaNode&) = default;
};

// How the bytes of a ColumnView's values are to be read.
enum class ValueType : std::uint8_t {
  kBool,          // 1 byte, 0 or 1
  kSigned,        // width bytes, two's complement
  kUnsigned,      // width bytes
  kFloat,         // width bytes, IEEE 754: 2, 4 or 8
  kText,          // UTF-8, if the writer is honest
  kBinary,        // width bytes, or of variable length
  kDecimal,       // the unscaled value, as kSigned
  kDecimalBytes,  // the unscaled value, two's complement in big endian: width bytes, or of variable length
  kInt96,         // 12 bytes: nanoseconds of the day (8), Julian day (4)
};

// What a definition level says of an entry of a column.
struct LevelInfo {
  std::uint8_t missing = 0;  // of the nodes on the column's path, how many are not there
  std::uint8_t lists = 0;    // of the repeated ones, how many have an element there
  bool empty_list = false;   // the first that is not there is repeated: a list without elements
};

// A leaf column, in the order of a chunk's columns.
struct ColumnInfo {
  std::string name;  // dotted path
  std::string type;  // in the words of dataset.parquet.columns where those have one
  ValueType values = ValueType::kBinary;
  std::uint32_t width = 0;                // as ColumnView::width
  std::int32_t precision = 0, scale = 0;  // decimals
  // By definition level: the last one is that of values that are there, and the only one where nothing can be missing.
  std::vector<LevelInfo> levels;
};

// The pages of a column chunk, as their headers have them.
struct PagesInfo {
  std::uint64_t data = 0, dictionary = 0, other = 0;
  std::uint64_t version2 = 0;                           // of the data pages
  std::uint64_t with_checksum = 0;                      // of all pages
  std::uint64_t smallest_bytes = 0, largest_bytes = 0;  // of data pages, as stored, without their headers
};

// One column in one row group.
struct ChunkInfo {
  std::string codec;
  std::vector<std::string> encodings;  // of its pages and levels, as the footer lists them
  std::uint64_t values = 0;            // nulls and empty lists included
  std::uint64_t stored_bytes = 0, plain_bytes = 0;
  PagesInfo pages;
  bool offset_index = false, column_index = false, bloom_filter = false;
  // Statistics, where there are any; the values as a ColumnView has them.
  std::optional<std::uint64_t> nulls;
  std::optional<std::string> min, max;
};

struct RowGroupInfo {
  std::uint64_t rows = 0;
  std::vector<ChunkInfo> columns;  // as FileInfo::columns
};

// Metadata that the writer added.
struct KeyInfo {
  std::string name;
  std::uint64_t value_bytes = 0;
};

struct FileInfo {
  std::uint64_t file_bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t num_row_groups = 0;
  std::vector<SchemaNode> schema;
  std::vector<ColumnInfo> columns;
  // Detail::kStorage only.
  std::string created_by, version;
  std::vector<KeyInfo> keys;
  std::vector<RowGroupInfo> row_groups;
};

}  // namespace stoker::format
