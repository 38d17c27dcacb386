#include "data/format/parquet/read/parquet_file.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "data/format/arena.h"
#include "data/format/parquet/read/column_ranges.h"
#include "data/format/parquet/wire/codecs.h"
#include "data/format/parquet/wire/page_checksum.h"

namespace stoker::format::parquet {
namespace {

std::string place(const ParquetBuffer& buffer) {
  return fmt::format("{}: row group {}", buffer.path, buffer.group);
}

Error column_error(const ParquetBuffer& buffer, const Leaf& leaf, Error error) {
  return std::move(error).with_context(fmt::format("{}: column '{}'", place(buffer), leaf.name));
}

}  // namespace

ParquetFile::ParquetFile(std::unique_ptr<io::ReadableFile> file, std::shared_ptr<const FileIndex> index,
                         const Options& options)
    : file_(std::move(file)), index_(std::move(index)), path_(file_->path().string()), options_(options) {}

std::unique_ptr<ChunkBuffer> ParquetFile::make_buffer() const {
  return std::make_unique<ParquetBuffer>();
}

Status ParquetFile::fetch(std::size_t unit, std::uint64_t first_row, std::uint64_t rows, ChunkBuffer& memory,
                          io::ReadObserver* observer) {
  STOKER_CHECK(unit < index_->units.size(), "no such unit");
  const Unit& u = index_->units[unit];
  STOKER_CHECK(first_row >= u.first_row && rows <= u.rows && first_row - u.first_row <= u.rows - rows,
               "rows outside the unit");
  auto& buffer = static_cast<ParquetBuffer&>(memory);
  if (buffer.index != index_) {
    buffer.index = index_;
    buffer.path = path_;
  }
  buffer.group = index_->unit_group[unit];
  buffer.wanted = {.first = first_row - index_->groups[buffer.group].first_row, .count = rows};

  buffer.ranges.clear();
  for (std::size_t leaf = 0; leaf < index_->leaves.size(); ++leaf) {
    const ColumnRanges ranges = ranges_of(*index_, buffer.group, leaf, buffer.wanted);
    buffer.ranges.push_back(ranges.dictionary);
    buffer.ranges.push_back(ranges.pages);
  }
  buffer.plan.make(buffer.ranges, file_->alignment());
  if (buffer.plan.buffer_bytes() > chunk_memory_limit_bytes()) {
    return make_error(Code::kUnsupported, "{}: reading it would take {} of memory, more than half of what there is",
                      place(buffer), format_bytes(static_cast<double>(buffer.plan.buffer_bytes())));
  }
  const MutBytes stored = buffer.stored.resize(static_cast<std::size_t>(buffer.plan.buffer_bytes()) + kReadSlack);
  buffer.ops.clear();
  for (const PlannedRead& read : buffer.plan.reads()) {
    buffer.ops.push_back(
        {.offset = read.offset,
         .into = stored.subspan(static_cast<std::size_t>(read.at), static_cast<std::size_t>(read.bytes))});
  }
  STOKER_TRY(file_->read_many(buffer.ops, observer));
  place_columns(buffer);
  buffer.locator.point_at(*index_, buffer.group, buffer.wanted, buffer.plan, buffer.stored.bytes());
  return {};
}

void ParquetFile::place_columns(ParquetBuffer& buffer) const {
  const auto find = [&](const ByteRange& range) {
    if (range.bytes == 0) return Bytes{};
    return Bytes(buffer.stored.data() + buffer.plan.place_of(range.offset), static_cast<std::size_t>(range.bytes));
  };
  buffer.columns.resize(index_->leaves.size());
  for (std::size_t leaf = 0; leaf < buffer.columns.size(); ++leaf) {
    const ColumnRanges ranges = ranges_of(*index_, buffer.group, leaf, buffer.wanted);
    ColumnPagesHeld& column = buffer.columns[leaf];
    column.stored_dictionary = find(ranges.dictionary);
    column.stored_dictionary_offset = ranges.dictionary.offset;
    column.stored = find(ranges.pages);
    column.stored_offset = ranges.pages.offset;
    column.values = ranges.values;
    column.values_known = ranges.values_known;
    column.first_row = ranges.first_row;
    column.phase = ranges.phase;
  }
}

Status ParquetFile::decompress(ChunkBuffer& memory) {
  auto& buffer = static_cast<ParquetBuffer&>(memory);
  if (options_.depth == config::Decode::kNone || options_.depth == config::Decode::kArrow) return {};
  buffer.plain.reset();
  for (std::size_t leaf = 0; leaf < buffer.columns.size(); ++leaf) {
    auto read = read_pages(index_->chunk(buffer.group, leaf), index_->leaves[leaf], buffer.wanted,
                           options_.verify_checksums, buffer.codecs, buffer.plain, buffer.columns[leaf]);
    if (!read) return column_error(buffer, index_->leaves[leaf], std::move(read).error());
  }
  return {};
}

Status ParquetFile::decode_with_arrow(ParquetBuffer& buffer, Chunk& chunk) const {
  for (std::size_t leaf = 0; leaf < index_->leaves.size(); ++leaf) {
    auto known = check_codec(index_->chunk(buffer.group, leaf).codec);
    if (!known) return column_error(buffer, index_->leaves[leaf], std::move(known).error());
  }
  auto read = buffer.arrow.read(index_, buffer.group, buffer.wanted, buffer.columns, options_.verify_checksums, chunk);
  if (read) return {};
  // Arrow does not say where a checksum is wrong.
  for (std::size_t leaf = 0; options_.verify_checksums && leaf < buffer.columns.size(); ++leaf) {
    const ColumnPagesHeld& column = buffer.columns[leaf];
    for (const auto& [pages, offset] : {std::pair(column.stored_dictionary, column.stored_dictionary_offset),
                                        std::pair(column.stored, column.stored_offset)}) {
      if (auto checked = check_pages(pages, offset); !checked) {
        return column_error(buffer, index_->leaves[leaf], std::move(checked).error());
      }
    }
  }
  return std::move(read).error().with_context(place(buffer));
}

Status ParquetFile::decode(ChunkBuffer& memory, Chunk& chunk) {
  auto& buffer = static_cast<ParquetBuffer&>(memory);
  chunk.rows = buffer.wanted.count;
  chunk.locator = &buffer.locator;
  chunk.useful_bytes = 0;
  switch (options_.depth) {
    case config::Decode::kNone:
      chunk.columns.clear();
      for (const ColumnPagesHeld& column : buffer.columns) {
        chunk.useful_bytes += column.stored_dictionary.size() + column.stored.size();
      }
      return {};
    case config::Decode::kDecompress:
      chunk.columns.clear();
      for (const ColumnPagesHeld& column : buffer.columns) chunk.useful_bytes += column.plain_bytes;
      return {};
    case config::Decode::kArrow: return decode_with_arrow(buffer, chunk);
    case config::Decode::kArrays: break;
  }
  buffer.decoded.reset();
  chunk.columns.resize(buffer.columns.size());
  const auto cut = index_->cut.find(buffer.group);
  for (std::size_t leaf = 0; leaf < buffer.columns.size(); ++leaf) {
    const ColumnInput in{.chunk = index_->chunk(buffer.group, leaf),
                         .leaf = index_->leaves[leaf],
                         .pages = buffer.columns[leaf],
                         .group_rows = index_->groups[buffer.group].rows,
                         .wanted = buffer.wanted,
                         .lists_promised = cut != index_->cut.end() && cut->second[leaf].lists_promised};
    auto decoded = buffer.decoder.decode(in, buffer.decoded, chunk.columns[leaf]);
    if (!decoded) return column_error(buffer, in.leaf, std::move(decoded).error());
    for (const Segment& segment : chunk.columns[leaf].segments) chunk.useful_bytes += segment.values.size();
  }
  return {};
}

Status ParquetFile::complete(ChunkBuffer& memory, Chunk& chunk) {
  auto& buffer = static_cast<ParquetBuffer&>(memory);
  if (options_.depth != config::Decode::kArrow) return {};
  auto completed = buffer.arrow.complete(chunk);
  if (!completed) return std::move(completed).error().with_context(place(buffer));
  return {};
}

}  // namespace stoker::format::parquet
