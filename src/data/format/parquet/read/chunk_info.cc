#include "data/format/parquet/read/chunk_info.h"

#include <parquet/metadata.h>
#include <parquet/statistics.h>
#include <parquet/types.h>

#include <algorithm>
#include <exception>

#include "data/format/parquet/read/page_walk.h"

namespace stoker::format::parquet {
namespace {

void add_page(const PageHeader& header, PagesInfo& pages) {
  pages.with_checksum += header.crc.has_value() ? 1 : 0;
  if (header.type == PageType::kDictionary) ++pages.dictionary;
  if (!header.is_data()) {
    pages.other += header.type == PageType::kDictionary ? 0 : 1;
    return;
  }
  pages.smallest_bytes =
      pages.data == 0 ? header.stored_bytes : std::min<std::uint64_t>(pages.smallest_bytes, header.stored_bytes);
  pages.largest_bytes = std::max<std::uint64_t>(pages.largest_bytes, header.stored_bytes);
  ++pages.data;
  pages.version2 += header.type == PageType::kDataV2 ? 1 : 0;
}

// Best effort: statistics that Arrow does not trust or cannot read are none.
void add_statistics(const ::parquet::ColumnChunkMetaData& metadata, ChunkInfo& out) {
  try {
    const auto statistics = metadata.statistics();
    if (statistics == nullptr) return;
    if (statistics->HasNullCount()) out.nulls = static_cast<std::uint64_t>(statistics->null_count());
    if (!statistics->HasMinMax()) return;
    out.min = statistics->EncodeMin();
    out.max = statistics->EncodeMax();
  } catch (const std::exception&) {
    return;
  }
}

Result<ChunkInfo> describe_chunk(const ::parquet::ColumnChunkMetaData& metadata, const ChunkIndex& chunk,
                                 const Leaf& leaf, io::ReadableFile& file) {
  ChunkInfo out;
  out.codec = to_string(chunk.codec);
  for (const auto encoding : metadata.encodings()) out.encodings.push_back(::parquet::EncodingToString(encoding));
  out.values = chunk.values;
  out.stored_bytes = chunk.bytes;
  out.plain_bytes = chunk.plain_bytes;
  out.offset_index = chunk.offset_index_bytes > 0;
  out.column_index = metadata.GetColumnIndexLocation().has_value();
  out.bloom_filter = metadata.bloom_filter_offset().has_value();
  add_statistics(metadata, out);
  // The width of a value as it is handed out, and not as it is stored.
  for (std::optional<std::string>* value : {&out.min, &out.max}) {
    if (value->has_value() && leaf.is_narrowed()) (*value)->resize(leaf.width);
  }
  STOKER_TRY(walk_pages(file, chunk, [&](const PageHeader& header) { add_page(header, out.pages); }));
  return out;
}

}  // namespace

Result<std::vector<RowGroupInfo>> describe_row_groups(const ::parquet::FileMetaData& metadata, const FileIndex& index,
                                                      io::ReadableFile& file) {
  std::vector<RowGroupInfo> groups;
  for (std::size_t g = 0; g < index.groups.size(); ++g) {
    RowGroupInfo& group = groups.emplace_back();
    group.rows = index.groups[g].rows;
    const auto stored = metadata.RowGroup(static_cast<int>(g));
    for (std::size_t c = 0; c < index.leaves.size(); ++c) {
      const Leaf& leaf = index.leaves[c];
      auto chunk = describe_chunk(*stored->ColumnChunk(static_cast<int>(leaf.column)), index.chunk(g, c), leaf, file);
      if (!chunk) {
        // Errors of the storage name the path, and there is nothing wrong with the row group.
        if (chunk.error().code == Code::kIo) return std::move(chunk).error();
        return std::move(chunk).error().with_context(fmt::format("row group {}: column '{}'", g, leaf.name));
      }
      group.columns.push_back(std::move(*chunk));
    }
  }
  return groups;
}

}  // namespace stoker::format::parquet
