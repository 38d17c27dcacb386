#include "data/format/parquet/write/chunk_sizer.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "data/format/parquet/write/dictionary_encoder.h"
#include "data/format/parquet/write/value_encoder.h"

namespace stoker::format::parquet {
namespace {

// Values that a column can have at most. Those of 8 bits have the dictionary of all bytes.
std::uint64_t distinct_values(const Column& column) {
  if (column.layout != Layout::kFixed) return std::numeric_limits<std::uint64_t>::max();
  switch (column.values) {
    case ValueKind::kUnitFloat16: return std::uint64_t{1} << 11;
    case ValueKind::kUint16In32:
    case ValueKind::kInt16In32: return std::uint64_t{1} << 16;
    default: return std::numeric_limits<std::uint64_t>::max();
  }
}

unsigned bits_of_index(std::uint64_t entries) {
  return std::max(1U, static_cast<unsigned>(std::bit_width(entries - 1)));
}

}  // namespace

bool ChunkSizer::depends_on_values(const Column& column, const Compressor& compressor) {
  return compressor.active() || column.layout == Layout::kStrings || column.dictionary == Dictionary::kAdaptive;
}

std::uint64_t ChunkSizer::plain_bytes(const Column& column, std::uint64_t elements) const {
  return bound_ == Bound::kLeast ? ValueEncoder::min_plain_bytes(column, elements)
                                 : ValueEncoder::max_plain_bytes(column, elements);
}

std::uint64_t ChunkSizer::entries(const Column& column, std::uint64_t elements, std::uint64_t largest_page) const {
  if (bound_ == Bound::kLeast) return 1;
  // A dictionary that is not full takes one page more, all of whose values may be new.
  const std::uint64_t not_full =
      DictionaryEncoder::kLimitBytes / 2 / std::max<std::uint64_t>(1, ValueEncoder::min_plain_bytes(column, 1));
  return std::min({elements, distinct_values(column), not_full + largest_page});
}

std::uint64_t ChunkSizer::add_page(ChunkInfo& info, PageType type, std::uint64_t content, std::uint64_t values,
                                   Encoding encoding) {
  // A page that would be larger than its header can say is refused by the writer.
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int32_t>::max();
  const std::uint64_t stored =
      std::min(kLargest, bound_ == Bound::kLeast ? compressor_.least_bytes(content) : compressor_.most_bytes(content));
  head_.clear();
  PageHead head{type, content, stored, values, encoding};
  if (checksums_) head.crc = 0;
  append_page_head(head_, head);
  info.uncompressed_bytes += head_.size() + content;
  info.compressed_bytes += head_.size() + stored;
  return head_.size() + stored;
}

std::uint64_t ChunkSizer::content_bytes(const Column& column, const PageSpan& page, unsigned index_bits) {
  std::uint64_t values = plain_bytes(column, page.elements);
  if (index_bits > 0) {
    const std::uint64_t indices = ValueEncoder::index_bytes(page.elements, index_bits);
    // Which of the pages come after a dictionary that is full is for the values to say.
    if (column.dictionary == Dictionary::kBytes) {
      values = indices;
    } else {
      values = bound_ == Bound::kLeast ? std::min(values, indices) : std::max(values, indices);
    }
  }
  return levels_.get(column.levels, page.elements, page.row_begins).size() + values;
}

ChunkInfo ChunkSizer::measure(const Column& column, std::uint64_t rows, std::uint64_t offset,
                              std::vector<PageLocation>& locations) {
  ChunkInfo info{.offset = offset, .values = rows * column.elements_per_row()};
  locations.clear();
  unsigned index_bits = 0;
  if (column.dictionary == Dictionary::kBytes) {
    index_bits = ValueEncoder::kByteIndexBits;
    info.dictionary_bytes = add_page(info, PageType::kDictionary, ValueEncoder::kByteEntries * sizeof(std::int32_t),
                                     ValueEncoder::kByteEntries, Encoding::kPlain);
  } else if (column.dictionary == Dictionary::kAdaptive) {
    const std::uint64_t n = entries(column, info.values, PagePlan(column, rows).next()->elements);
    index_bits = bits_of_index(n);
    info.dictionary_bytes = add_page(info, PageType::kDictionary, plain_bytes(column, n), n, Encoding::kPlain);
  }
  const Encoding encoding = index_bits > 0 ? Encoding::kRleDictionary : Encoding::kPlain;
  PagePlan plan(column, rows);
  while (const auto page = plan.next()) {
    const std::uint64_t begin = offset + info.compressed_bytes;
    const std::uint64_t bytes =
        add_page(info, PageType::kData, content_bytes(column, *page, index_bits), page->elements, encoding);
    if (plan.pages_begin_rows()) locations.push_back({begin, bytes, page->first_row});
  }
  return info;
}

}  // namespace stoker::format::parquet
