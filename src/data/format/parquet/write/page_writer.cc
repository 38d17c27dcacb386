#include "data/format/parquet/write/page_writer.h"

#include <limits>

#include "base/check.h"
#include "base/checksum.h"
#include "data/format/parquet/write/page_head.h"
#include "data/format/parquet/write/value_encoder.h"

namespace stoker::format::parquet {
struct PageWriter::Chunk {
  const Column& column;
  std::uint64_t key;
  std::uint64_t first_element;  // of the file
  OutputBuffer& out;
  ChunkInfo info;
};

Result<ChunkInfo> PageWriter::write(const Column& column, std::uint64_t key, std::uint64_t first_row,
                                    std::uint64_t rows, OutputBuffer& out, std::vector<PageLocation>& locations,
                                    const std::stop_token& stop) {
  Chunk chunk{column, key, first_row * column.elements_per_row(), out, {}};
  chunk.info.offset = out.position();
  chunk.info.values = rows * column.elements_per_row();
  locations.clear();

  std::uint64_t dictionary_pages = 0;
  if (column.dictionary == Dictionary::kBytes) dictionary_pages = chunk.info.values;  // all of them
  if (column.dictionary == Dictionary::kAdaptive) {
    STOKER_ASSIGN(dictionary_pages, collect_dictionary(chunk, rows, stop));
  }
  if (column.dictionary != Dictionary::kNone) STOKER_TRY(write_dictionary_page(chunk));

  PagePlan plan(column, rows);
  for (std::uint64_t page = 0; const auto span = plan.next(); ++page) {
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing a Parquet file");
    const bool dictionary_encoded = page < dictionary_pages;
    const std::uint64_t begin = out.position();
    STOKER_TRY(write_data_page(chunk, *span, dictionary_encoded));
    if (plan.pages_begin_rows()) locations.push_back({begin, out.position() - begin, span->first_row});
  }
  chunk.info.compressed_bytes = out.position() - chunk.info.offset;
  return chunk.info;
}

Result<std::uint64_t> PageWriter::collect_dictionary(const Chunk& chunk, std::uint64_t rows,
                                                     const std::stop_token& stop) {
  dictionary_.begin(chunk.column, chunk.key, chunk.first_element, chunk.info.values);
  PagePlan plan(chunk.column, rows);
  std::uint64_t pages = 0;
  while (!dictionary_.full()) {
    const auto span = plan.next();
    if (!span) break;
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing a Parquet file");
    STOKER_TRY(dictionary_.collect(span->first_element, span->elements));
    ++pages;
  }
  return pages;
}

Status PageWriter::write_dictionary_page(Chunk& chunk) {
  std::uint64_t entries = ValueEncoder::kByteEntries;
  if (chunk.column.dictionary == Dictionary::kBytes) {
    page_.begin(entries * sizeof(std::int32_t));
    STOKER_TRY(ValueEncoder::put_byte_dictionary(chunk.column, page_));
  } else {
    entries = dictionary_.entries();
    page_.begin(dictionary_.page().size());
    STOKER_TRY(page_.put(dictionary_.page()));
  }
  STOKER_TRY(put_page(chunk, PageType::kDictionary, entries, Encoding::kPlain));
  chunk.info.dictionary_bytes = chunk.out.position() - chunk.info.offset;
  return {};
}

Status PageWriter::write_data_page(Chunk& chunk, const PageSpan& span, bool dictionary_encoded) {
  const Column& column = chunk.column;
  const Encoding encoding = dictionary_encoded ? Encoding::kRleDictionary : Encoding::kPlain;
  const unsigned bits =
      column.dictionary == Dictionary::kBytes ? ValueEncoder::kByteIndexBits : dictionary_.index_bits();
  const std::uint64_t level_bytes = levels_.get(column.levels, span.elements, span.row_begins).size();
  const auto value_bytes_known = dictionary_encoded ? std::optional(ValueEncoder::index_bytes(span.elements, bits))
                                                    : ValueEncoder::plain_bytes(column, span.elements);
  // The header in front of a page holds its size. Where the size is known beforehand and nothing is compressed, the
  // values are generated right behind the header; not where the header holds their checksum.
  if (value_bytes_known && !compressor_.active() && !checksums_) {
    const std::uint64_t bytes = level_bytes + *value_bytes_known;
    STOKER_TRY(put_header(chunk, {PageType::kData, bytes, bytes, span.elements, encoding}));
    const std::uint64_t begin = chunk.out.position();
    STOKER_TRY(put_body(chunk, span, dictionary_encoded, chunk.out));
    STOKER_CHECK(chunk.out.position() - begin == bytes, "a page has another size than its header says");
    return {};
  }
  page_.begin(level_bytes + value_bytes_known.value_or(ValueEncoder::max_plain_bytes(column, span.elements)));
  STOKER_TRY(put_body(chunk, span, dictionary_encoded, page_));
  return put_page(chunk, PageType::kData, span.elements, encoding);
}

Status PageWriter::put_body(const Chunk& chunk, const PageSpan& span, bool dictionary_encoded, ByteTarget& target) {
  STOKER_TRY(target.put(levels_.get(chunk.column.levels, span.elements, span.row_begins)));
  const std::uint64_t first = chunk.first_element + span.first_element;
  if (!dictionary_encoded) return ValueEncoder::put_plain(chunk.column, chunk.key, first, span.elements, target);
  if (chunk.column.dictionary == Dictionary::kBytes) {
    return ValueEncoder::put_byte_indices(chunk.key, first, span.elements, target);
  }
  return dictionary_.put_indices(span.first_element, span.elements, target);
}

Status PageWriter::put_page(Chunk& chunk, PageType type, std::uint64_t values, Encoding encoding) {
  Bytes content = page_.bytes();
  const std::uint64_t uncompressed = content.size();
  if (compressor_.active()) {
    STOKER_ASSIGN(content, compressor_.compress(content));
  }
  if (content.size() > std::numeric_limits<std::int32_t>::max()) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("column '{}': a page of {} bytes takes {} when it is compressed, more than a "
                                        "page header can say",
                                        chunk.column.name, uncompressed, content.size()),
                 .hint = "use dataset.compression: none, or split the column"};
  }
  PageHead head{type, uncompressed, content.size(), values, encoding};
  if (checksums_) head.crc = crc32(content);
  STOKER_TRY(put_header(chunk, head));
  return chunk.out.put(content);
}

Status PageWriter::put_header(Chunk& chunk, const PageHead& head) {
  header_.clear();
  append_page_head(header_, head);
  chunk.info.uncompressed_bytes += header_.size() + head.uncompressed;
  return chunk.out.put(header_);
}

}  // namespace stoker::format::parquet
