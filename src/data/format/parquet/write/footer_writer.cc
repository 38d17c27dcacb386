#include "data/format/parquet/write/footer_writer.h"

#include <limits>

namespace stoker::format::parquet {
namespace {

using Type = ThriftWriter::Type;

// FileMetaData.version of all writers that use format 2.x features; data pages may be v1 nevertheless.
constexpr std::int32_t kFormatVersion = 2;
// In the form that the format's specification asks for, so that readers can parse it.
constexpr std::string_view kCreatedBy = "stoker version " STOKER_VERSION;

void write_chunk(ThriftWriter& w, const Column& column, std::int32_t codec, const ChunkEntry& entry,
                 std::uint64_t& offset_index_at) {
  const ChunkInfo& info = entry.info;
  const bool has_dictionary = info.dictionary_bytes > 0;
  w.begin_struct();
  w.i64(2, static_cast<std::int64_t>(info.offset));
  w.field_struct(3);
  w.i32(1, static_cast<std::int32_t>(column.physical));
  w.list(2, Type::kI32, has_dictionary ? 3 : 2);
  w.element(static_cast<std::int32_t>(Encoding::kPlain));
  w.element(static_cast<std::int32_t>(Encoding::kRle));
  if (has_dictionary) w.element(static_cast<std::int32_t>(Encoding::kRleDictionary));
  const std::vector<std::string_view> path = leaf_path(column);
  w.list(3, Type::kBinary, path.size());
  for (const std::string_view part : path) w.element(part);
  w.i32(4, codec);
  w.i64(5, static_cast<std::int64_t>(info.values));
  w.i64(6, static_cast<std::int64_t>(info.uncompressed_bytes));
  w.i64(7, static_cast<std::int64_t>(info.compressed_bytes));
  w.i64(9, static_cast<std::int64_t>(info.offset + info.dictionary_bytes));
  if (has_dictionary) w.i64(11, static_cast<std::int64_t>(info.offset));
  w.end_struct();
  if (entry.offset_index_bytes > 0) {
    w.i64(4, static_cast<std::int64_t>(offset_index_at));
    w.i32(5, static_cast<std::int32_t>(entry.offset_index_bytes));
    offset_index_at += entry.offset_index_bytes;
  }
  w.end_struct();
}

}  // namespace

std::uint32_t append_offset_index(std::vector<std::byte>& out, std::span<const PageLocation> locations) {
  if (locations.empty()) return 0;
  const std::size_t begin = out.size();
  ThriftWriter w(out);
  w.begin_struct();
  w.list(1, Type::kStruct, locations.size());
  for (const PageLocation& page : locations) {
    w.begin_struct();
    w.i64(1, static_cast<std::int64_t>(page.offset));
    w.i32(2, static_cast<std::int32_t>(page.bytes));
    w.i64(3, static_cast<std::int64_t>(page.first_row));
    w.end_struct();
  }
  w.end_struct();
  return static_cast<std::uint32_t>(out.size() - begin);
}

void append_row_group(std::vector<std::byte>& out, std::span<const Column> columns, std::int32_t codec,
                      std::span<const ChunkEntry> chunks, std::uint64_t rows, std::uint64_t& offset_index_at) {
  std::uint64_t uncompressed = 0, compressed = 0;
  for (const ChunkEntry& chunk : chunks) {
    uncompressed += chunk.info.uncompressed_bytes;
    compressed += chunk.info.compressed_bytes;
  }
  ThriftWriter w(out);
  w.begin_struct();
  w.list(1, Type::kStruct, chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) write_chunk(w, columns[i], codec, chunks[i], offset_index_at);
  w.i64(2, static_cast<std::int64_t>(uncompressed));
  w.i64(3, static_cast<std::int64_t>(rows));
  w.i64(5, static_cast<std::int64_t>(chunks.front().info.offset));
  w.i64(6, static_cast<std::int64_t>(compressed));
  w.end_struct();
}

void write_footer_head(ThriftWriter& w, std::span<const Column> columns, std::uint64_t rows, std::uint64_t row_groups) {
  w.begin_struct();
  w.i32(1, kFormatVersion);
  write_schema(w, 2, columns);
  w.i64(3, static_cast<std::int64_t>(rows));
  w.list(4, Type::kStruct, row_groups);
}

void write_footer_tail(ThriftWriter& w, std::string_view arrow_schema) {
  w.list(5, Type::kStruct, 1);
  w.begin_struct();
  w.binary(1, "ARROW:schema");
  w.binary(2, arrow_schema);
  w.end_struct();
  w.binary(6, kCreatedBy);
  w.end_struct();
}

Status append_file_end(std::vector<std::byte>& out, std::uint64_t footer_bytes, std::uint64_t row_groups,
                       std::size_t columns) {
  if (footer_bytes > std::numeric_limits<std::int32_t>::max()) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format(
                     "the Parquet footer of {} row groups of {} columns takes {} bytes, more than a file may have",
                     row_groups, columns, footer_bytes),
                 .hint = "raise dataset.parquet.row_group_size"};
  }
  const auto length = static_cast<std::uint32_t>(footer_bytes);
  const auto append = [&](Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  append(std::as_bytes(std::span(&length, 1)));
  append(std::as_bytes(std::span(kMagic)));
  return {};
}

}  // namespace stoker::format::parquet
