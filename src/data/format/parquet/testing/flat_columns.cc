#include "data/format/parquet/testing/flat_columns.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"

namespace stoker::format::parquet::testing {
namespace {

template <class T>
void append_bytes(std::vector<std::byte>& out, const T& value, std::size_t bytes = sizeof(T)) {
  const auto* at = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), at, at + bytes);
}

std::size_t narrowed_bytes(const ::parquet::ColumnDescriptor& column) {
  const auto& logical = column.logical_type();
  if (logical == nullptr || !logical->is_int()) return 4;
  return std::min(4, static_cast<const ::parquet::IntLogicalType&>(*logical).bit_width() / 8);
}

template <class DType>
void read_chunk(::parquet::ColumnReader& untyped, const ::parquet::ColumnDescriptor& column, std::int64_t wanted,
                FlatColumn& out) {
  using T = typename DType::c_type;
  auto& reader = static_cast<::parquet::TypedColumnReader<DType>&>(untyped);
  constexpr std::int64_t kBatch = 1024;
  const auto memory = std::make_unique<T[]>(kBatch);
  std::vector<std::int16_t> definition(kBatch), repetition(kBatch);
  std::int64_t done = 0;
  while (reader.HasNext()) {
    std::int64_t values = 0;
    const std::int64_t levels = reader.ReadBatch(kBatch, definition.data(), repetition.data(), memory.get(), &values);
    if (levels == 0 && values == 0) break;
    done += levels;
    if (column.max_definition_level() > 0)
      out.definition.insert(out.definition.end(), definition.begin(), definition.begin() + levels);
    if (column.max_repetition_level() > 0)
      out.repetition.insert(out.repetition.end(), repetition.begin(), repetition.begin() + levels);
    for (std::int64_t i = 0; i < values; ++i) {
      const T& value = memory[static_cast<std::size_t>(i)];
      if constexpr (std::is_same_v<T, ::parquet::ByteArray>) {
        const auto* at = reinterpret_cast<const std::byte*>(value.ptr);
        out.values.insert(out.values.end(), at, at + value.len);
        out.lengths.push_back(value.len);
      } else if constexpr (std::is_same_v<T, ::parquet::FixedLenByteArray>) {
        const auto* at = reinterpret_cast<const std::byte*>(value.ptr);
        out.values.insert(out.values.end(), at, at + column.type_length());
      } else if constexpr (std::is_same_v<T, std::int32_t>) {
        append_bytes(out.values, value, narrowed_bytes(column));
      } else {
        append_bytes(out.values, value);
      }
    }
  }
  if (done != wanted)
    throw ::parquet::ParquetException("column chunk has another number of values than the footer says");
}

void read_chunk(::parquet::ColumnReader& reader, const ::parquet::ColumnDescriptor& column, std::int64_t wanted,
                FlatColumn& out) {
  switch (column.physical_type()) {
    case ::parquet::Type::BOOLEAN: return read_chunk<::parquet::BooleanType>(reader, column, wanted, out);
    case ::parquet::Type::INT32: return read_chunk<::parquet::Int32Type>(reader, column, wanted, out);
    case ::parquet::Type::INT64: return read_chunk<::parquet::Int64Type>(reader, column, wanted, out);
    case ::parquet::Type::INT96: return read_chunk<::parquet::Int96Type>(reader, column, wanted, out);
    case ::parquet::Type::FLOAT: return read_chunk<::parquet::FloatType>(reader, column, wanted, out);
    case ::parquet::Type::DOUBLE: return read_chunk<::parquet::DoubleType>(reader, column, wanted, out);
    case ::parquet::Type::BYTE_ARRAY: return read_chunk<::parquet::ByteArrayType>(reader, column, wanted, out);
    case ::parquet::Type::FIXED_LEN_BYTE_ARRAY: return read_chunk<::parquet::FLBAType>(reader, column, wanted, out);
    default: throw ::parquet::ParquetException("unknown type");
  }
}

std::uint32_t width_of(const ::parquet::ColumnDescriptor& column) {
  switch (column.physical_type()) {
    case ::parquet::Type::BOOLEAN: return 1;
    case ::parquet::Type::INT32: return static_cast<std::uint32_t>(narrowed_bytes(column));
    case ::parquet::Type::FLOAT: return 4;
    case ::parquet::Type::INT64:
    case ::parquet::Type::DOUBLE: return 8;
    case ::parquet::Type::INT96: return 12;
    case ::parquet::Type::FIXED_LEN_BYTE_ARRAY: return static_cast<std::uint32_t>(column.type_length());
    default: return 0;
  }
}

std::shared_ptr<::arrow::io::BufferReader> as_arrow_file(Bytes file) {
  return std::make_shared<::arrow::io::BufferReader>(std::make_shared<::arrow::Buffer>(
      reinterpret_cast<const std::uint8_t*>(file.data()), static_cast<std::int64_t>(file.size())));
}

::parquet::ReaderProperties checking_pages() {
  ::parquet::ReaderProperties properties = ::parquet::default_reader_properties();
  properties.set_page_checksum_verification(true);
  return properties;
}

}  // namespace

std::string difference(const std::vector<FlatColumn>& expected, const std::vector<FlatColumn>& actual) {
  if (expected.size() != actual.size()) return fmt::format("{} columns, not {}", actual.size(), expected.size());
  const auto first = [](const auto& a, const auto& b) { return std::ranges::mismatch(a, b).in1 - a.begin(); };
  for (std::size_t c = 0; c < expected.size(); ++c) {
    const FlatColumn& a = expected[c];
    const FlatColumn& b = actual[c];
    if (a == b) continue;
    std::string text = fmt::format("column {} '{}' (not '{}'):", c, b.name, a.name);
    if (a.width != b.width) text += fmt::format(" width {}, not {};", b.width, a.width);
    if (a.definition != b.definition) {
      text += fmt::format(" {} definition levels, not {}, first difference at {};", b.definition.size(),
                          a.definition.size(), first(a.definition, b.definition));
    }
    if (a.repetition != b.repetition) {
      text += fmt::format(" {} repetition levels, not {}, first difference at {};", b.repetition.size(),
                          a.repetition.size(), first(a.repetition, b.repetition));
    }
    if (a.values != b.values) {
      text += fmt::format(" {} bytes of values, not {}, first difference at {};", b.values.size(), a.values.size(),
                          first(a.values, b.values));
    }
    if (a.lengths != b.lengths) text += fmt::format(" {} lengths, not {};", b.lengths.size(), a.lengths.size());
    return text;
  }
  return {};
}

Result<std::vector<FlatColumn>> read_with_arrow(Bytes file, const std::vector<std::string>& names) {
  try {
    const auto reader = ::parquet::ParquetFileReader::Open(as_arrow_file(file), checking_pages());
    const auto metadata = reader->metadata();
    std::vector<FlatColumn> columns;
    for (int c = 0; c < metadata->num_columns(); ++c) {
      const ::parquet::ColumnDescriptor& column = *metadata->schema()->Column(c);
      const std::string path = column.path()->ToDotString();
      const std::string& root = metadata->schema()->GetColumnRoot(c)->name();
      if (!names.empty() && std::ranges::find(names, path) == names.end() &&
          std::ranges::find(names, root) == names.end())
        continue;
      FlatColumn& out = columns.emplace_back();
      out.name = path;
      out.width = width_of(column);
      for (int g = 0; g < metadata->num_row_groups(); ++g) {
        const std::int64_t values = metadata->RowGroup(g)->ColumnChunk(c)->num_values();
        if (values > 0) read_chunk(*reader->RowGroup(g)->Column(c), column, values, out);
      }
    }
    return columns;
  } catch (const std::exception& e) {
    return make_error(Code::kCorrupt, "Arrow: {}", e.what());
  }
}

Status read_table_with_arrow(Bytes file) {
  try {
    ::parquet::arrow::FileReaderBuilder builder;
    const auto error = [](const ::arrow::Status& status) {
      return make_error(Code::kCorrupt, "Arrow: {}", status.message());
    };
    if (const auto status = builder.Open(as_arrow_file(file), checking_pages()); !status.ok()) return error(status);
    auto reader = builder.Build();
    if (!reader.ok()) return error(reader.status());
    std::shared_ptr<::arrow::Table> table;
    const auto status = (*reader)->ReadTable().Value(&table);
    if (!status.ok()) return error(status);
    return {};
  } catch (const std::exception& e) {
    return make_error(Code::kCorrupt, "Arrow: {}", e.what());
  }
}

void append_chunk(const Chunk& chunk, std::vector<FlatColumn>& columns) {
  columns.resize(chunk.columns.size());
  for (std::size_t c = 0; c < chunk.columns.size(); ++c) {
    const ColumnView& view = chunk.columns[c];
    FlatColumn& out = columns[c];
    out.name = view.name;
    out.width = view.width;
    for (const Segment& segment : view.segments)
      out.values.insert(out.values.end(), segment.values.begin(), segment.values.end());
    out.lengths.insert(out.lengths.end(), view.lengths.begin(), view.lengths.end());
    const std::uint64_t per_row = std::max<std::uint64_t>(view.list_size, 1);
    if (view.definition_levels.empty() && view.max_definition_level > 0) {
      out.definition.insert(out.definition.end(), chunk.rows * per_row, view.max_definition_level);
    }
    out.definition.insert(out.definition.end(), view.definition_levels.begin(), view.definition_levels.end());
    if (view.repetition_levels.empty() && view.max_repetition_level > 0) {
      for (std::uint64_t i = 0; i < chunk.rows * per_row; ++i) out.repetition.push_back(i % per_row == 0 ? 0 : 1);
    }
    out.repetition.insert(out.repetition.end(), view.repetition_levels.begin(), view.repetition_levels.end());
  }
}

std::function<std::vector<std::uint64_t>(const Unit&)> pieces_of(std::uint64_t rows) {
  return [rows](const Unit& unit) {
    std::vector<std::uint64_t> pieces(static_cast<std::size_t>(unit.rows / rows), rows);
    if (unit.rows % rows != 0) pieces.push_back(unit.rows % rows);
    return pieces;
  };
}

Result<std::vector<FlatColumn>> read_units(FileReader& file, const ReadOptions& options) {
  std::vector<FlatColumn> columns;
  ChunkReader chunks;
  Chunk chunk;
  std::uint64_t expected_row = 0;
  for (std::size_t u = 0; u < file.units().size(); ++u) {
    const Unit& unit = file.units()[u];
    if (unit.first_row != expected_row || unit.rows == 0) return make_error(Code::kInternal, "units are not gapless");
    expected_row += unit.rows;
    std::uint64_t row = unit.first_row;
    for (const std::uint64_t rows : options.pieces ? options.pieces(unit) : std::vector<std::uint64_t>{unit.rows}) {
      STOKER_TRY(chunks.fetch(file, {u, row, rows}));
      STOKER_TRY(chunks.decompress(file));
      STOKER_TRY(chunks.decode(file, chunk));
      if (options.complete) STOKER_TRY(chunks.complete(file, chunk));
      if (chunk.rows != rows) return make_error(Code::kInternal, "a chunk has the wrong number of rows");
      append_chunk(chunk, columns);
      row += rows;
    }
  }
  if (expected_row != file.rows()) return make_error(Code::kInternal, "units do not hold all rows");
  return columns;
}

Result<std::vector<FlatColumn>> read_with_stoker(io::Storage& storage, const io::Path& path,
                                                 const config::Workload& workload, const ReadOptions& options) {
  STOKER_ASSIGN(const auto reader, make_parquet_reader(workload, storage));
  STOKER_ASSIGN(const auto file, reader->open(path, nullptr));
  return read_units(*file, options);
}

}  // namespace stoker::format::parquet::testing
