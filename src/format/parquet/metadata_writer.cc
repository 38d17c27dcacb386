#include "format/parquet/metadata_writer.h"

#include <array>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "format/parquet/thrift_writer.h"

namespace stoker::format::parquet {
namespace {

using Type = ThriftWriter::Type;

// FileMetaData.version of all writers that use format 2.x features; data pages may be v1 nevertheless.
constexpr std::int32_t kFormatVersion = 2;
// In the form that the format's specification asks for, so that readers can parse it.
constexpr std::string_view kCreatedBy = "stoker version " STOKER_VERSION;

}  // namespace

void MetadataWriter::begin(std::span<const Column> columns, std::int32_t parquet_codec) {
  columns_ = columns;
  codec_ = parquet_codec;
  chunks_.clear();
  group_rows_.clear();
  offset_indexes_.clear();
}

void MetadataWriter::add_chunk(const ChunkInfo& info, std::span<const PageLocation> locations) {
  const std::size_t begin = offset_indexes_.size();
  if (!locations.empty()) {
    ThriftWriter w(offset_indexes_);
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
  }
  chunks_.push_back({info, static_cast<std::uint32_t>(offset_indexes_.size() - begin)});
}

void MetadataWriter::end_row_group(std::uint64_t rows) {
  group_rows_.push_back(rows);
  STOKER_CHECK(chunks_.size() == group_rows_.size() * columns_.size());
}

void MetadataWriter::write_chunk(const Column& column, const Entry& entry, std::uint64_t& offset_index_at) {
  const ChunkInfo& info = entry.info;
  const bool has_dictionary = info.dictionary_bytes > 0;
  ThriftWriter w(text_);
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
  w.i32(4, codec_);
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

void MetadataWriter::write_row_group(std::size_t group, std::uint64_t& offset_index_at) {
  const auto chunks = std::span(chunks_).subspan(group * columns_.size(), columns_.size());
  std::uint64_t uncompressed = 0, compressed = 0;
  for (const Entry& e : chunks) {
    uncompressed += e.info.uncompressed_bytes;
    compressed += e.info.compressed_bytes;
  }
  ThriftWriter w(text_);
  w.begin_struct();
  w.list(1, Type::kStruct, chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) write_chunk(columns_[i], chunks[i], offset_index_at);
  w.i64(2, static_cast<std::int64_t>(uncompressed));
  w.i64(3, static_cast<std::int64_t>(group_rows_[group]));
  w.i64(5, static_cast<std::int64_t>(chunks.front().info.offset));
  w.i64(6, static_cast<std::int64_t>(compressed));
  w.end_struct();
}

Status MetadataWriter::finish(const std::string& arrow_schema, OutputBuffer& out) {
  std::uint64_t offset_index_at = out.position();
  STOKER_TRY(out.put(offset_indexes_));

  const std::uint64_t footer_at = out.position();
  text_.clear();
  ThriftWriter w(text_);
  w.begin_struct();
  w.i32(1, kFormatVersion);
  write_schema(w, 2, columns_);
  w.i64(3, static_cast<std::int64_t>(std::accumulate(group_rows_.begin(), group_rows_.end(), std::uint64_t{0})));
  w.list(4, Type::kStruct, group_rows_.size());
  for (std::size_t group = 0; group < group_rows_.size(); ++group) {
    STOKER_TRY(out.put(text_));
    text_.clear();
    write_row_group(group, offset_index_at);
  }
  w.list(5, Type::kStruct, 1);
  w.begin_struct();
  w.binary(1, "ARROW:schema");
  w.binary(2, arrow_schema);
  w.end_struct();
  w.binary(6, kCreatedBy);
  w.end_struct();
  STOKER_TRY(out.put(text_));

  const std::uint64_t footer_bytes = out.position() - footer_at;
  if (footer_bytes > std::numeric_limits<std::int32_t>::max()) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format(
                     "the Parquet footer of {} row groups of {} columns takes {} bytes, more than a file may have",
                     group_rows_.size(), columns_.size(), footer_bytes),
                 .hint = "raise dataset.parquet.row_group_size"};
  }
  const auto length = static_cast<std::uint32_t>(footer_bytes);
  STOKER_TRY(out.put(std::as_bytes(std::span(&length, 1))));
  constexpr std::array kMagic{'P', 'A', 'R', '1'};
  return out.put(std::as_bytes(std::span(kMagic)));
}

}  // namespace stoker::format::parquet
