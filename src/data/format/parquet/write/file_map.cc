#include "data/format/parquet/write/file_map.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/write/metadata_writer.h"
#include "data/format/parquet/write/page_head.h"
#include "data/format/parquet/write/page_plan.h"
#include "data/format/parquet/write/value_encoder.h"

namespace stoker::format::parquet {
namespace {

void append(std::vector<std::byte>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

bool is_indexed(const Column& column) {
  return column.dictionary == Dictionary::kBytes;
}

std::uint64_t value_area_bytes(const Column& column, std::uint64_t elements) {
  return is_indexed(column) ? ValueEncoder::index_bytes(elements, ValueEncoder::kByteIndexBits)
                            : *ValueEncoder::plain_bytes(column, elements);
}

}  // namespace

// What is still wanted of a range of the file, from its front.
class FileMap::Wanted {
 public:
  Wanted(std::uint64_t offset, MutBytes into) : at_(offset), out_(into) {}

  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] bool none() const { return out_.empty(); }
  // Something that ends there, and is not over yet, is wanted.
  [[nodiscard]] bool before(std::uint64_t end) const { return at_ < end && !out_.empty(); }
  // The part up to `end`, to be filled.
  [[nodiscard]] MutBytes take(std::uint64_t end) {
    const std::size_t n = std::min<std::uint64_t>(out_.size(), end - at_);
    const MutBytes part = out_.first(n);
    out_ = out_.subspan(n);
    at_ += n;
    return part;
  }
  // Of `text`, which begins at `begin` of the file.
  void copy(Bytes text, std::uint64_t begin) {
    const std::uint64_t end = begin + text.size();
    if (!before(end)) return;
    const Bytes from = text.subspan(at_ - begin);
    const MutBytes part = take(end);
    std::memcpy(part.data(), from.data(), part.size());
  }

 private:
  std::uint64_t at_;
  MutBytes out_;
};

Result<std::shared_ptr<const FileMap>> FileMap::make(const config::Workload& workload, const dataset::FileSpec& spec) {
  const config::Dataset& dataset = workload.dataset;
  STOKER_ASSIGN(const SizeRange size, parquet_file_bytes(workload, spec));
  STOKER_CHECK(size.exact() && !dataset.parquet.page_checksums, "bytes of this file depend on values");
  STOKER_ASSIGN(const Compressor none, Compressor::make(config::Compression::kNone, {}));
  const std::shared_ptr<FileMap> map(new FileMap);
  STOKER_ASSIGN(map->columns_, file_columns(dataset, spec.index));
  const auto group_rows = static_cast<std::uint64_t>(dataset.parquet.row_group_size);
  ChunkSizer sizer(none, false, Bound::kMost);
  std::vector<std::vector<ChunkFacts>> facts;
  map->tail_begin_ = kMagic.size();
  STOKER_TRY(map->add_part(group_rows, spec.rows / group_rows, sizer, facts));
  STOKER_TRY(map->add_part(spec.rows % group_rows, 1, sizer, facts));
  STOKER_TRY(map->write_tail(size.most - map->tail_begin_, facts));
  STOKER_CHECK(map->size() == size.most, "a file has another size than was computed");
  return std::shared_ptr<const FileMap>(map);
}

Status FileMap::add_part(std::uint64_t rows, std::uint64_t groups, ChunkSizer& sizer,
                         std::vector<std::vector<ChunkFacts>>& facts) {
  if (rows == 0 || groups == 0) return {};
  Part part{.begin = tail_begin_, .groups = groups, .rows = rows};
  if (!parts_.empty()) part.first_row = parts_.back().first_row + parts_.back().groups * parts_.back().rows;
  std::vector<ChunkFacts>& said = facts.emplace_back();
  for (const Column& column : columns_) {
    Chunk& chunk = part.group.chunks.emplace_back();
    chunk.begin = part.group.bytes;
    STOKER_TRY(map_chunk(column, rows, chunk));
    ChunkFacts& fact = said.emplace_back();
    fact.info = sizer.measure(column, rows, part.begin + chunk.begin, fact.pages);
    const PageRun& last = chunk.runs.back();
    STOKER_CHECK(last.begin + last.pages * last.bytes == fact.info.compressed_bytes,
                 "a chunk has another size than was computed");
    part.group.bytes += fact.info.compressed_bytes;
  }
  tail_begin_ = part.end();
  parts_.push_back(std::move(part));
  return {};
}

Status FileMap::map_chunk(const Column& column, std::uint64_t rows, Chunk& chunk) {
  if (is_indexed(column)) {
    PageBuffer page;
    page.begin(ValueEncoder::kByteEntries * sizeof(std::int32_t));
    STOKER_TRY(ValueEncoder::put_byte_dictionary(column, page));
    const std::uint64_t bytes = page.bytes().size();
    std::vector<std::byte> text;
    append_page_head(text, {PageType::kDictionary, bytes, bytes, ValueEncoder::kByteEntries, Encoding::kPlain});
    append(text, page.bytes());
    chunk.dictionary = kept(std::move(text));
  }
  std::uint64_t at = chunk.dictionary.size();
  PagePlan plan(column, rows);
  while (const auto page = plan.next()) {
    const Bytes levels = levels_.get(column.levels, page->elements, page->row_begins);
    const std::uint64_t values = value_area_bytes(column, page->elements);
    const std::uint64_t content = levels.size() + values;
    std::vector<std::byte> front;
    append_page_head(front, {PageType::kData, content, content, page->elements,
                             is_indexed(column) ? Encoding::kRleDictionary : Encoding::kPlain});
    const std::uint64_t bytes = front.size() + content;
    append(front, levels);
    if (is_indexed(column)) append(front, ValueEncoder::index_head(page->elements, ValueEncoder::kByteIndexBits));
    const Bytes shared = kept(std::move(front));
    PageRun* const last = chunk.runs.empty() ? nullptr : &chunk.runs.back();
    if (last != nullptr && last->elements == page->elements && last->front.data() == shared.data()) {
      ++last->pages;
    } else {
      chunk.runs.push_back({at, page->first_element, 1, page->elements, bytes, shared});
    }
    at += bytes;
  }
  return {};
}

Status FileMap::write_tail(std::uint64_t bytes, const std::vector<std::vector<ChunkFacts>>& facts) {
  STOKER_ASSIGN(const std::string arrow_schema, arrow_schema_value(columns_));
  MetadataWriter metadata;
  metadata.begin(columns_, 0);
  std::vector<PageLocation> pages;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    for (std::uint64_t group = 0; group < parts_[i].groups; ++group) {
      const std::uint64_t moved = group * parts_[i].group.bytes;
      for (const ChunkFacts& fact : facts[i]) {
        ChunkInfo info = fact.info;
        info.offset += moved;
        pages = fact.pages;
        for (PageLocation& page : pages) page.offset += moved;
        metadata.add_chunk(info, pages);
      }
      metadata.end_row_group(parts_[i].rows);
    }
  }
  tail_.begin(bytes);
  return metadata.finish(arrow_schema, tail_begin_, tail_);
}

void FileMap::read(std::span<const std::uint64_t> keys, std::uint64_t offset, MutBytes into) const {
  STOKER_CHECK(offset <= size() && into.size() <= size() - offset, "a range outside the file");
  Wanted wanted(offset, into);
  wanted.copy(std::as_bytes(std::span(kMagic)), 0);
  for (const Part& part : parts_) {
    while (wanted.before(part.end())) read_group(keys, part, (wanted.at() - part.begin) / part.group.bytes, wanted);
  }
  wanted.copy(tail_.bytes(), tail_begin_);
}

void FileMap::read_group(std::span<const std::uint64_t> keys, const Part& part, std::uint64_t group,
                         Wanted& wanted) const {
  const std::uint64_t begin = part.begin + group * part.group.bytes;
  const std::uint64_t first_row = part.first_row + group * part.rows;
  const std::vector<Chunk>& chunks = part.group.chunks;
  const auto first = std::ranges::upper_bound(chunks, wanted.at() - begin, {}, &Chunk::begin) - 1;
  for (auto chunk = first; chunk != chunks.end() && !wanted.none(); ++chunk) {
    const auto i = static_cast<std::size_t>(chunk - chunks.begin());
    read_chunk(columns_[i], *chunk, keys[i], first_row * columns_[i].elements_per_row(), begin + chunk->begin, wanted);
  }
}

void FileMap::read_chunk(const Column& column, const Chunk& chunk, std::uint64_t key, std::uint64_t first_element,
                         std::uint64_t begin, Wanted& wanted) {
  wanted.copy(chunk.dictionary, begin);
  if (wanted.none()) return;
  auto run = std::ranges::upper_bound(chunk.runs, wanted.at() - begin, {}, &PageRun::begin) - 1;
  for (; run != chunk.runs.end() && !wanted.none(); ++run) {
    const std::uint64_t run_begin = begin + run->begin;
    for (std::uint64_t page = (wanted.at() - run_begin) / run->bytes; page < run->pages && !wanted.none(); ++page) {
      const std::uint64_t page_begin = run_begin + page * run->bytes;
      wanted.copy(run->front, page_begin);
      const std::uint64_t place = wanted.at() - (page_begin + run->front.size());
      const std::uint64_t first = first_element + run->first_element + page * run->elements;
      const MutBytes out = wanted.take(page_begin + run->bytes);
      if (out.empty()) return;
      if (is_indexed(column)) {
        ValueEncoder::fill_byte_indices(key, first, run->elements, place, out);
      } else {
        ValueEncoder::fill_plain(column, key, first, run->elements, place, out);
      }
    }
  }
}

}  // namespace stoker::format::parquet
