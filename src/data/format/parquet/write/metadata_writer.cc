#include "data/format/parquet/write/metadata_writer.h"

#include <numeric>

#include "base/check.h"

namespace stoker::format::parquet {

void MetadataWriter::begin(std::span<const Column> columns, std::int32_t parquet_codec) {
  columns_ = columns;
  codec_ = parquet_codec;
  chunks_.clear();
  group_rows_.clear();
  offset_indexes_.clear();
}

void MetadataWriter::add_chunk(const ChunkInfo& info, std::span<const PageLocation> locations) {
  chunks_.push_back({info, append_offset_index(offset_indexes_, locations)});
}

void MetadataWriter::end_row_group(std::uint64_t rows) {
  group_rows_.push_back(rows);
  STOKER_CHECK(chunks_.size() == group_rows_.size() * columns_.size());
}

Status MetadataWriter::finish(const std::string& arrow_schema, std::uint64_t position, ByteTarget& out) {
  std::uint64_t offset_index_at = position;
  STOKER_TRY(out.put(offset_indexes_));

  std::uint64_t footer_bytes = 0;
  text_.clear();
  const auto put_text = [&]() -> Status {
    footer_bytes += text_.size();
    STOKER_TRY(out.put(text_));
    text_.clear();
    return {};
  };
  ThriftWriter w(text_);
  write_footer_head(w, columns_, std::accumulate(group_rows_.begin(), group_rows_.end(), std::uint64_t{0}),
                    group_rows_.size());
  for (std::size_t group = 0; group < group_rows_.size(); ++group) {
    STOKER_TRY(put_text());
    append_row_group(text_, columns_, codec_, std::span(chunks_).subspan(group * columns_.size(), columns_.size()),
                     group_rows_[group], offset_index_at);
  }
  write_footer_tail(w, arrow_schema);
  STOKER_TRY(put_text());
  STOKER_TRY(append_file_end(text_, footer_bytes, group_rows_.size(), columns_.size()));
  return put_text();
}

}  // namespace stoker::format::parquet
